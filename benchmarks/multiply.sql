-- Makes a catalogue larger: copy number `copy` of each Item that was loaded, as large as that, of another place, moment and
-- cloud cover; with its row among the products.
WITH loaded AS MATERIALIZED (
    SELECT
        i.id, i.collection, i.geometry, i.datetime, i.content,
        row_number() OVER (ORDER BY i.id) - 1 AS n, count(*) OVER () AS total
    FROM pgstac.items AS i
    WHERE i.id NOT LIKE '%%\_copy%%'
), made AS MATERIALIZED (
    SELECT
        one.id || '_copy' || %(copy)s::int AS id, one.collection, place.geometry,
        date_trunc('milliseconds', at.datetime) AS datetime, one.content,
        -- More of them clear than cloudy.
        round(100 * (((one.n * 7919 + %(copy)s::int * 104729) %% 100003) / 100003.0) ^ 2, 6) AS cloud_cover
    FROM loaded AS one
    JOIN loaded AS place ON place.n = (one.n * 7 + %(copy)s::int * 131) %% one.total
    JOIN loaded AS at ON at.n = (one.n * 11 + %(copy)s::int * 257) %% one.total
), items AS (
    INSERT INTO pgstac.items (id, collection, geometry, datetime, end_datetime, content)
    SELECT
        id, collection, geometry, datetime, datetime,
        content || jsonb_build_object(
            'bbox', jsonb_build_array(st_xmin(geometry), st_ymin(geometry), st_xmax(geometry), st_ymax(geometry)),
            'properties', (content -> 'properties') || jsonb_build_object(
                'datetime', moment, 'start_datetime', moment, 'end_datetime', moment,
                'eo:cloud_cover', cloud_cover
            )
        )
    FROM made
    CROSS JOIN LATERAL to_char(datetime AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS moment
)
INSERT INTO swath.products (collection, item_id, uuid, datetime, created, updated)
SELECT collection, id, gen_random_uuid(), datetime, now(), now() FROM made

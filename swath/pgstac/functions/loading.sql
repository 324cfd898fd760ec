-- What the loader has the database do for a batch, as functions: a connection plans what is in them once, and planning
-- it anew for each batch cost more than a small batch did. Plans are made without knowing how large a batch or a table
-- is, and kept when it has grown: so those for many rows are to look up each by an index, whatever the tables hold.

-- Where the Items of collections that begin in those months go: the table of the collection with the stac_version that
-- pgSTAC gives its Items when they do not say one, and the partition that covers the month, if there is one. Left out
-- are collections that there are not.
CREATE OR REPLACE FUNCTION swath.homes_of(collections text[], months timestamptz[])
RETURNS TABLE (collection text, month timestamptz, home text, stac_version text, partition text)
LANGUAGE plpgsql STABLE
SET plan_cache_mode TO force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT
        asked.collection, asked.month, '_items_' || c.key,
        -- As pgstac.collection_base_item has it, which would be planned anew for each collection.
        coalesce(
            (SELECT b.base_item FROM pgstac.base_items AS b WHERE b.collection = c.id ORDER BY b.id LIMIT 1),
            c.base_item
        ) ->> 'stac_version',
        ps.partition
    FROM unnest(collections, months) AS asked (collection, month)
    JOIN pgstac.collections AS c ON c.id = asked.collection
    LEFT JOIN pgstac.partition_stats AS ps
        ON ps.collection = asked.collection AND ps.partition_dtrange @> asked.month;
END
$$;

-- Keeps collections from being partitioned anew until the transaction ends. Those that are, at this moment, are named
-- in an error: whoever came for them is to come again later.
CREATE OR REPLACE FUNCTION swath.enter_collections(collections text[])
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    moved text;
BEGIN
    SELECT string_agg(id, ', ') INTO moved
    FROM (SELECT DISTINCT unnest(collections) AS id ORDER BY 1) AS wanted
    WHERE NOT pg_try_advisory_xact_lock_shared(hashtextextended('swath:collection:' || id, 0));
    IF moved IS NOT NULL THEN
        RAISE EXCEPTION 'Items are being moved to other partitions: %', moved
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
END
$$;

-- Takes the rows of Items that are about to be written, and returns what is to be known of each: its revision, when it
-- was first catalogued, and where it lay before. Others who write one of them wait here, in one order.
--
-- Not returned: Items that are in the catalogue as they are, and those made of something older than what is there.
CREATE OR REPLACE FUNCTION swath.claim_products(collections text[], batch jsonb, at timestamptz, again boolean)
RETURNS TABLE (collection text, item_id text, revision integer, created timestamptz, previous timestamptz)
LANGUAGE plpgsql
SET plan_cache_mode TO force_generic_plan SET enable_seqscan TO off SET enable_hashjoin TO off SET enable_mergejoin TO off
AS $$
#variable_conflict use_column
BEGIN
    PERFORM swath.enter_collections(collections);
    RETURN QUERY
    INSERT INTO swath.products AS p
        (collection, item_id, uuid, datetime, digest, as_of, sequencer, created, updated)
    SELECT collection, item_id, uuid, datetime, digest, coalesce(as_of, '-infinity'), sequencer, at, at
    FROM jsonb_to_recordset(batch) AS r (
        collection text, item_id text, uuid uuid, datetime timestamptz, digest uuid, as_of timestamptz, sequencer text
    )
    ORDER BY collection COLLATE "C", item_id COLLATE "C"
    ON CONFLICT (collection, item_id) DO UPDATE SET
        uuid = excluded.uuid,
        datetime = excluded.datetime,
        revision = p.revision + 1,
        digest = excluded.digest,
        as_of = greatest(p.as_of, excluded.as_of),
        sequencer = CASE WHEN excluded.as_of >= p.as_of THEN excluded.sequencer ELSE p.sequencer END,
        created = CASE WHEN p.deleted IS NULL THEN p.created ELSE excluded.created END,
        updated = excluded.updated,
        deleted = NULL,
        previous = CASE WHEN p.deleted IS NULL THEN p.datetime END
    WHERE (
            -- Without a date it was not made of objects, and takes the place of anything.
            excluded.as_of = '-infinity'
            OR excluded.as_of > p.as_of
            OR (excluded.as_of = p.as_of AND (excluded.sequencer = '' OR excluded.sequencer >= p.sequencer))
        )
        AND (again OR p.digest IS DISTINCT FROM excluded.digest OR p.deleted IS NOT NULL)
    RETURNING collection, item_id, revision, created, previous;
END
$$;

-- What pgSTAC keeps of the Items in its partitions, widened to what arrived: no partition is read. Where nothing grows,
-- nothing is written.
CREATE OR REPLACE FUNCTION swath.widen_statistics(ranges jsonb)
RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode TO force_generic_plan SET enable_seqscan TO off SET enable_hashjoin TO off SET enable_mergejoin TO off
AS $$
BEGIN
    WITH arrived AS (
        SELECT *
        FROM jsonb_to_recordset(ranges) AS a (
            partition text, first timestamptz, last timestamptz, first_end timestamptz, last_end timestamptz,
            west float8, south float8, east float8, north float8
        )
    ), growing AS (
        SELECT ps.partition
        FROM pgstac.partition_stats AS ps
        JOIN arrived AS a USING (partition)
        WHERE ps.dtrange IS NULL OR isempty(ps.dtrange)
           OR a.first < lower(ps.dtrange) OR a.last > upper(ps.dtrange)
           OR a.first_end < lower(ps.edtrange) OR a.last_end > upper(ps.edtrange)
           OR (a.west IS NOT NULL AND (
               ps.spatial IS NULL
               OR a.west < st_xmin(ps.spatial) OR a.south < st_ymin(ps.spatial)
               OR a.east > st_xmax(ps.spatial) OR a.north > st_ymax(ps.spatial)
           ))
        -- In one order, so that two batches cannot wait for each other.
        ORDER BY ps.partition
        FOR NO KEY UPDATE OF ps
    )
    UPDATE pgstac.partition_stats AS ps
    SET dtrange = tstzrange(least(lower(ps.dtrange), a.first), greatest(upper(ps.dtrange), a.last), '[]'),
        edtrange = tstzrange(least(lower(ps.edtrange), a.first_end), greatest(upper(ps.edtrange), a.last_end), '[]'),
        spatial = CASE
            WHEN a.west IS NULL THEN ps.spatial
            -- Without a reference system, as pgSTAC's own st_extent leaves it.
            ELSE st_envelope(st_collect(st_setsrid(ps.spatial, 0), st_makeenvelope(a.west, a.south, a.east, a.north)))
        END,
        last_updated = now()
    FROM growing
    JOIN arrived AS a USING (partition)
    WHERE ps.partition = growing.partition;
END
$$;

-- Widens the extents of collections to what arrived. `extents` is a JSON array of
-- {id, west, south, east, north, start, end}, one element per collection.
--
-- A collection that ships with Swath starts with the extent of its mission, marked `provisional`; the first Items
-- replace that, all later ones widen it. Every value is computed from the row as it is once its lock is held, so
-- concurrent writers cannot undo each other; a collection whose extent does not grow is neither locked nor written.
-- Open ends of an interval (null) and bounding boxes with heights are left as they are.
CREATE OR REPLACE FUNCTION swath.widen_extents(extents jsonb)
RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode TO force_generic_plan SET enable_seqscan TO off SET enable_hashjoin TO off SET enable_mergejoin TO off
AS $$
BEGIN
    WITH arrived AS (
        SELECT *
        FROM jsonb_to_recordset(extents) AS a (
            id text, west float8, south float8, east float8, north float8, "start" timestamptz, "end" timestamptz
        )
    ), growing AS (
        SELECT c.id
        FROM pgstac.collections AS c
        JOIN arrived AS a USING (id)
        WHERE coalesce(c.private @> '{"swath": {"extent": "provisional"}}', false)
           OR (
               jsonb_array_length(c.content #> '{extent,spatial,bbox,0}') = 4
               AND (
                   a.west < (c.content #>> '{extent,spatial,bbox,0,0}')::float8
                   OR a.south < (c.content #>> '{extent,spatial,bbox,0,1}')::float8
                   OR a.east > (c.content #>> '{extent,spatial,bbox,0,2}')::float8
                   OR a.north > (c.content #>> '{extent,spatial,bbox,0,3}')::float8
               )
           )
           OR a."start" < (c.content #>> '{extent,temporal,interval,0,0}')::timestamptz
           OR a."end" > (c.content #>> '{extent,temporal,interval,0,1}')::timestamptz
        -- In one order, so that two batches cannot wait for each other.
        ORDER BY c.id
        FOR NO KEY UPDATE OF c
    )
    UPDATE pgstac.collections AS c
    SET content = jsonb_set(
            c.content,
            '{extent}',
            CASE
                WHEN coalesce(c.private @> '{"swath": {"extent": "provisional"}}', false) THEN
                    jsonb_build_object(
                        'spatial', jsonb_build_object(
                            'bbox', jsonb_build_array(jsonb_build_array(a.west, a.south, a.east, a.north))
                        ),
                        'temporal', jsonb_build_object(
                            'interval', jsonb_build_array(jsonb_build_array(
                                to_char(a."start" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                                to_char(a."end" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                            ))
                        )
                    )
                ELSE
                    jsonb_set(
                        jsonb_set(
                            c.content -> 'extent',
                            '{spatial,bbox,0}',
                            CASE
                                WHEN jsonb_array_length(c.content #> '{extent,spatial,bbox,0}') = 4 THEN
                                    jsonb_build_array(
                                        least(a.west, (c.content #>> '{extent,spatial,bbox,0,0}')::float8),
                                        least(a.south, (c.content #>> '{extent,spatial,bbox,0,1}')::float8),
                                        greatest(a.east, (c.content #>> '{extent,spatial,bbox,0,2}')::float8),
                                        greatest(a.north, (c.content #>> '{extent,spatial,bbox,0,3}')::float8)
                                    )
                                ELSE c.content #> '{extent,spatial,bbox,0}'
                            END
                        ),
                        '{temporal,interval,0}',
                        jsonb_build_array(
                            CASE
                                WHEN a."start" < (c.content #>> '{extent,temporal,interval,0,0}')::timestamptz THEN
                                    to_jsonb(to_char(a."start" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
                                ELSE c.content #> '{extent,temporal,interval,0,0}'
                            END,
                            CASE
                                WHEN a."end" > (c.content #>> '{extent,temporal,interval,0,1}')::timestamptz THEN
                                    to_jsonb(to_char(a."end" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
                                ELSE c.content #> '{extent,temporal,interval,0,1}'
                            END
                        )
                    )
            END
        ),
        private = CASE
            WHEN coalesce(c.private @> '{"swath": {"extent": "provisional"}}', false)
                THEN jsonb_set(c.private, '{swath,extent}', '"data"')
            ELSE c.private
        END
    FROM growing
    JOIN arrived AS a USING (id)
    WHERE c.id = growing.id;
END
$$;

-- Searching Items: a page at a time, each Item as the bytes of its JSON, placed by the values of its sort keys.
--
-- What is asked is translated by pgSTAC's own builders, so that every filter means the same as in pgstac.search().
-- Nothing is written, nothing is put together per asset: Items lie flat (see seed_collections.sql), and their stored
-- JSON is passed on as it is. Items of collections with a base item are hydrated by pgSTAC, one by one.

-- Texts in a JSON array. As a query in another function it would be planned or started anew each time.
CREATE OR REPLACE FUNCTION swath.texts(given jsonb)
RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    texts text[] := '{}';
BEGIN
    FOR place IN 0 .. jsonb_array_length(given) - 1 LOOP
        texts := texts || (given ->> place);
    END LOOP;
    RETURN texts;
END
$$;

-- The time between two moments, or of one; open ends are `..`.
CREATE OR REPLACE FUNCTION swath.period(given text)
RETURNS tstzrange
LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
    ends text[] := string_to_array(given, '/');
BEGIN
    RETURN tstzrange(nullif(ends[1], '..')::timestamptz, nullif(ends[cardinality(ends)], '..')::timestamptz, '[]');
END
$$;

-- What a search asks for, as a condition on Items: what pgstac.stac_search_to_where() says of it. Filters are pgSTAC's to
-- translate. What needs no translation is written here: each function in SQL that pgSTAC calls is planned anew in every
-- transaction, which takes longer than many a search.
CREATE OR REPLACE FUNCTION swath.condition(search jsonb)
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pgstac, public AS $$
DECLARE
    parts text[] := '{}';
    box jsonb := search -> 'bbox';
    period tstzrange := swath.period(search ->> 'datetime');
BEGIN
    IF search ?| '{query,q,geometry}' OR NOT search -> 'filter' @? '$.**.op' THEN
        RETURN stac_search_to_where(search);
    END IF;
    IF search ? 'ids' THEN
        parts := parts || swath.one_of('id', swath.texts(search -> 'ids'));
    END IF;
    IF search ? 'collections' THEN
        parts := parts || swath.one_of('collection', swath.texts(search -> 'collections'));
    END IF;
    IF NOT upper_inf(period) THEN
        parts := parts || format('datetime <= %L', upper(period));
    END IF;
    IF NOT lower_inf(period) THEN
        parts := parts || format('end_datetime >= %L', lower(period));
    END IF;
    IF search ?| '{bbox,intersects}' AND period IS NOT NULL THEN
        -- Follows from the above; in these words the index on areas and periods finds it.
        parts := parts || format('tstzrange(datetime, greatest(datetime, end_datetime), ''[]'') && %L', period);
    END IF;
    IF search ? 'intersects' THEN
        parts := parts || format('st_intersects(geometry, %L)', st_geomfromgeojson(search ->> 'intersects'));
    ELSIF search ? 'bbox' THEN
        parts := parts || format(
            'st_intersects(geometry, %L)',
            st_makeenvelope(
                (box ->> 0)::float8, (box ->> 1)::float8, (box ->> 2)::float8, (box ->> 3)::float8, 4326
            )
        );
    END IF;
    IF search ? 'filter' THEN
        parts := parts || cql2_query(search -> 'filter', NULL, to_text_array(search -> 'collections'));
    END IF;
    RETURN coalesce(nullif(array_to_string(parts, ' AND '), ''), 'TRUE');
END
$$;

-- The condition that a column is one of these.
CREATE OR REPLACE FUNCTION swath.one_of(name text, given text[])
RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE
        WHEN cardinality(given) = 1 THEN format('%I = %L', name, given[1])
        ELSE format('%I = ANY (%L)', name, given)
    END;
END
$$;

-- The keys of an order, ties broken by collection and id. `optional` keys may be null: they sort after every value,
-- and before when descending.
CREATE OR REPLACE FUNCTION swath.sort_keys(sortby jsonb, collections text[])
RETURNS TABLE (expression text, descending boolean, optional boolean)
LANGUAGE sql STABLE AS $$
    SELECT
        coalesce(named.as_column, (SELECT q.expression FROM pgstac.queryable(key.value ->> 'field', collections) AS q)),
        pgstac.parse_sort_dir(key.value ->> 'direction') = 'DESC',
        named.as_column IS NULL OR named.as_column = 'geometry'
    FROM jsonb_array_elements(pgstac.sortby_with_tiebreakers(sortby)) WITH ORDINALITY AS key (value, place)
    CROSS JOIN LATERAL (SELECT pgstac.queryable_column(key.value ->> 'field')) AS named (as_column)
    ORDER BY key.place
$$;

-- Conditions that together hold for what follows the given values of the keys: first all of the first condition, then
-- all of the second. Each bounds the first key by itself, so that an index on it starts where the last page ended.
CREATE OR REPLACE FUNCTION swath.following(expressions text[], descending boolean[], optional boolean[], after text[])
RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    first text := expressions[1];
    bound text := format(CASE WHEN descending[1] THEN '%s <= %L' ELSE '%s >= %L' END, first, after[1]);
    beyond text := 'FALSE';
BEGIN
    FOR place IN REVERSE cardinality(expressions)..2 LOOP
        beyond := format(
            CASE
                WHEN after[place] IS NULL AND descending[place] THEN '(%1$s IS NOT NULL OR (%1$s IS NULL AND %3$s))'
                WHEN after[place] IS NULL THEN '(%1$s IS NULL AND %3$s)'
                WHEN descending[place] THEN '(%1$s < %2$L OR (%1$s = %2$L AND %3$s))'
                WHEN optional[place] THEN '(%1$s > %2$L OR %1$s IS NULL OR (%1$s = %2$L AND %3$s))'
                ELSE '(%1$s > %2$L OR (%1$s = %2$L AND %3$s))'
            END,
            expressions[place], after[place], beyond
        );
    END LOOP;
    IF after[1] IS NULL THEN
        RETURN array_remove(ARRAY[
            format('%s IS NULL AND %s', first, beyond),
            CASE WHEN descending[1] THEN format('%s IS NOT NULL', first) END
        ], NULL);
    END IF;
    RETURN array_remove(ARRAY[
        format(
            CASE WHEN descending[1] THEN '%1$s AND (%2$s < %3$L OR %4$s)' ELSE '%1$s AND (%2$s > %3$L OR %4$s)' END,
            bound, first, after[1], beyond
        ),
        CASE WHEN optional[1] AND NOT descending[1] THEN format('%s IS NULL', first) END
    ], NULL);
END
$$;

-- A segment of a URL's path, with what may not stand in one as it is percent-encoded.
CREATE OR REPLACE FUNCTION swath.path_segment(given text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (
        SELECT string_agg(
            CASE
                WHEN letter ~ '[A-Za-z0-9._~:@!$&''()*+,;=-]' THEN letter
                ELSE regexp_replace(upper(encode(convert_to(letter, 'UTF8'), 'hex')), '(..)', '%\1', 'g')
            END,
            '' ORDER BY place
        )
        FROM regexp_split_to_table(given, '') WITH ORDINALITY AS part (letter, place)
    );
END
$$;

-- The address of a collection or an Item, as JSON. The planner puts functions like this one in their caller's place,
-- if nothing in them is a query.
CREATE OR REPLACE FUNCTION swath.address(root text, collection text, id text DEFAULT NULL)
RETURNS json
LANGUAGE sql STABLE AS $$
    SELECT to_json(
        root || '/collections/'
        || CASE WHEN collection ~ '^[A-Za-z0-9_.:-]*$' THEN collection ELSE swath.path_segment(collection) END
        || coalesce('/items/' || CASE WHEN id ~ '^[A-Za-z0-9_.:-]*$' THEN id ELSE swath.path_segment(id) END, '')
    )
$$;

-- The links that every Item has, without the brackets of their array.
CREATE OR REPLACE FUNCTION swath.item_links(root text, collection text, id text)
RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT concat(
        '{"rel":"root","type":"application/json","href":', to_json(root || '/'),
        '},{"rel":"parent","type":"application/json","href":', swath.address(root, collection),
        '},{"rel":"collection","type":"application/json","href":', swath.address(root, collection),
        '},{"rel":"self","type":"application/geo+json","href":', swath.address(root, collection, id), '}'
    )
$$;

-- Those of an Item's own links that do not place it in a catalogue.
CREATE OR REPLACE FUNCTION swath.own_links(links jsonb, root text)
RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_agg(
        CASE
            WHEN link ->> 'href' ~ '^[A-Za-z][A-Za-z0-9+.-]*:' THEN link
            ELSE link || jsonb_build_object('href', root || '/' || ltrim(link ->> 'href', '/'))
        END ORDER BY place
    ), '[]')
    FROM jsonb_array_elements(links) WITH ORDINALITY AS each (link, place)
    WHERE link ->> 'rel' NOT IN ('self', 'item', 'parent', 'collection', 'root', 'items', 'child')
$$;

-- The Item as one document, with all its links; for Items that cannot be passed on as they are stored.
CREATE OR REPLACE FUNCTION swath.item_document(id text, collection text, geometry geometry, content jsonb, base jsonb, root text)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT whole || jsonb_build_object(
        'links',
        ('[' || swath.item_links(root, collection, id) || ']')::jsonb
        || swath.own_links(coalesce(whole -> 'links', '[]'), root)
    )
    FROM (
        SELECT
            CASE
                WHEN jsonb_typeof(base -> 'assets') = 'object' THEN pgstac.content_hydrate(stored, base, '{}')
                WHEN stored ->> 'stac_version' = '𒍟※' THEN stored - 'stac_version'
                ELSE jsonb_build_object('stac_version', base -> 'stac_version') || stored
            END
        FROM (
            SELECT jsonb_build_object(
                'type', 'Feature', 'id', id, 'collection', collection, 'geometry', st_asgeojson(geometry, 20)::jsonb
            ) || (content - 'pgstac:base_item')
        ) AS item (stored)
    ) AS item (whole)
$$;

-- Where the entries of the stored links begin in the bytes of `content`, if only the box stands before them.
CREATE OR REPLACE FUNCTION swath.links_at(content jsonb)
RETURNS int
LANGUAGE sql IMMUTABLE AS $$
    SELECT 13 + coalesce(length('"bbox": , ' || (content -> 'bbox')::text), 0)
$$;

-- Whether the bytes of `content` are the Item's own but for its links: nothing to be put together from a base item,
-- nothing of the catalogue's among the links, and the links where links_at says.
CREATE OR REPLACE FUNCTION swath.is_flat(content jsonb, bytes bytea, base jsonb)
RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_typeof(base -> 'assets'), 'null') <> 'object'
       AND NOT content ?| '{id,type,collection,geometry,pgstac:base_item}'
       AND coalesce(content ->> 'stac_version', '') <> '𒍟※'
       AND substring(bytes FROM swath.links_at(content) - 10 FOR 10) = '"links": ['
       AND (
           content -> 'links' = '[]'
           OR NOT (
               content @? '$.links[*].rel ? (@ like_regex "^(self|item|parent|collection|root|items|child)$")'
               OR content @? '$.links[*].href ? (!(@ like_regex "^[A-Za-z][A-Za-z0-9+.-]*:"))'
           )
       )
$$;

-- The bytes of an Item's JSON. `bytes` are those of `content`, as jsonb_send makes them.
CREATE OR REPLACE FUNCTION swath.item_bytes(
    id text, collection text, geometry geometry, content jsonb, bytes bytea, base jsonb, root text
)
RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN swath.is_flat(content, bytes, base) THEN
            convert_to(
                concat(
                    '{"type":"Feature","id":', to_json(id), ',"collection":', to_json(collection),
                    ',"geometry":', coalesce(st_asgeojson(geometry, 20), 'null'),
                    ',"stac_version":' || CASE WHEN NOT content ? 'stac_version' THEN (base -> 'stac_version')::text END,
                    ',"bbox":' || (content -> 'bbox')::text,
                    ',"links":[', swath.item_links(root, collection, id),
                    CASE WHEN content -> 'links' <> '[]' THEN ',' END
                ),
                'UTF8'
            ) || substring(bytes FROM swath.links_at(content))
        ELSE convert_to(swath.item_document(id, collection, geometry, content, base, root)::text, 'UTF8')
    END
$$;

-- Conditions on moments that hold for partitions in turn, for some at a time: for one, then twice as many, and so on.
-- Planning a search reads each partition it may touch; most find enough in the first. `bounds` are where partitions
-- begin, in order.
CREATE OR REPLACE FUNCTION swath.in_steps(bounds timestamptz[], descending boolean)
RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    steps text[] := '{}';
    last CONSTANT int := cardinality(bounds);
    taken int := 0;
    width int := 1;
    low int;
    high int;
BEGIN
    WHILE taken < last LOOP
        width := least(width, last - taken);
        low := CASE WHEN descending THEN last - taken - width ELSE taken END + 1;
        high := low + width;
        steps := steps || coalesce(
            nullif(concat_ws(
                ' AND ',
                CASE WHEN bounds[low] > '-infinity' THEN format('datetime >= %L', bounds[low]) END,
                CASE WHEN high <= last THEN format('datetime < %L', bounds[high]) END
            ), ''),
            'TRUE'
        );
        taken := taken + width;
        width := 2 * width;
    END LOOP;
    -- Where there is nothing, what is asked for is looked at nevertheless: it may make no sense.
    RETURN coalesce(nullif(steps, '{}'), '{FALSE}');
END
$$;

-- Where the partitions begin that may hold Items of these collections: that lie in a period or reach into it, and begin
-- between two moments. What is null is not asked for.
CREATE OR REPLACE FUNCTION swath.bounds_of(collections text[], period tstzrange, earliest timestamptz, latest timestamptz)
RETURNS timestamptz[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    latest := least(latest, upper(period));
    RETURN ARRAY(
        SELECT DISTINCT lower(ps.partition_dtrange) AS bound
        FROM pgstac.partition_stats AS ps
        WHERE (collections IS NULL OR ps.collection = ANY (collections))
          AND (latest IS NULL OR lower(ps.partition_dtrange) <= latest)
          AND (earliest IS NULL OR upper(ps.partition_dtrange) > earliest)
          AND coalesce(upper(ps.partition_dtrange) > lower(period) OR upper(ps.edtrange) >= lower(period), true)
        ORDER BY bound
    );
END
$$;

-- What is known of where the Items of these ids lie, as a condition; null unless all of them are known.
CREATE OR REPLACE FUNCTION swath.place_of(ids text[], collections text[])
RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    place record;
BEGIN
    SELECT count(DISTINCT p.item_id) AS known, array_agg(DISTINCT p.collection) AS found, min(p.datetime), max(p.datetime)
    INTO place
    FROM swath.products AS p
    WHERE p.item_id = ANY (ids) AND p.deleted IS NULL AND (collections IS NULL OR p.collection = ANY (collections));
    IF place.known < cardinality(ids) THEN
        RETURN NULL;
    END IF;
    RETURN format('%s AND datetime BETWEEN %L AND %L', swath.one_of('collection', place.found), place.min, place.max);
END
$$;

-- What the Items of a collection have in common: what pgstac.collection_base_item() says, by plans that are kept.
CREATE OR REPLACE FUNCTION swath.base_item(of_collection text, number int)
RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF number IS NOT NULL THEN
        RETURN (SELECT b.base_item FROM pgstac.base_items AS b WHERE b.collection = of_collection AND b.id = number);
    END IF;
    RETURN coalesce(
        (SELECT b.base_item FROM pgstac.base_items AS b WHERE b.collection = of_collection ORDER BY b.id LIMIT 1),
        (SELECT c.base_item FROM pgstac.collections AS c WHERE c.id = of_collection)
    );
END
$$;

-- One page of a search. `search` is what pgstac.search() takes, but for its token: `after` holds the sort keys of the
-- Item the page follows, or precedes when `back`; then the Items come last first.
--
-- Items are whole, or what `search.form` says: `product`, what there is to say of a product as a whole; `keys`, nothing,
-- for those who only need the place of the last.
--
-- A page ends after `search.limit` Items or when its next Item would take it over `most_bytes`; if there is more, a row
-- without an Item says so.
CREATE OR REPLACE FUNCTION swath.search_items(search jsonb, root text, most_bytes bigint, after text[], back boolean)
RETURNS TABLE (keys text[], item bytea)
-- Its own statements find a row or a few by a key, whatever is asked: planning them anew takes longer than they do.
LANGUAGE plpgsql STABLE SET search_path = pgstac, public SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    collections text[] := swath.texts(search -> 'collections');
    ids text[] := swath.texts(search -> 'ids');
    wanted int := (search ->> 'limit')::int;
    fields jsonb := search -> 'fields';
    form text := coalesce(search ->> 'form', 'item');
    period tstzrange := swath.period(search ->> 'datetime');
    condition text := swath.condition(search);
    expressions text[] := '{datetime,collection,id}';
    descending boolean[] := ARRAY[NOT back, NOT back, NOT back];
    optional boolean[] := '{false,false,false}';
    place_keys text := 'datetime::text, collection, id';
    ordering text := CASE WHEN back THEN 'datetime, collection, id' ELSE 'datetime DESC, collection DESC, id DESC' END;
    -- In the order of the page: all of the first part comes before all of the second.
    parts text[] := '{TRUE}';
    earliest timestamptz;
    latest timestamptz;
    part text;
    found record;
    content jsonb;
    bytes bytea;
    base jsonb;
    base_for text := '';
    taken int := 0;
    total bigint := 0;
BEGIN
    IF search ? 'sortby' THEN
        SELECT
            array_agg(k.expression), array_agg(k.descending <> back), array_agg(k.optional),
            string_agg(format('(%s)::text', k.expression), ', '),
            string_agg(k.expression || CASE WHEN k.descending <> back THEN ' DESC' ELSE '' END, ', ')
        INTO expressions, descending, optional, place_keys, ordering
        FROM swath.sort_keys(search -> 'sortby', collections) AS k;
    END IF;
    IF ids IS NOT NULL THEN
        condition := concat_ws(' AND ', swath.place_of(ids, collections), condition);
    ELSIF expressions[1] = 'datetime' THEN
        IF descending[1] THEN
            latest := after[1];
        ELSE
            earliest := after[1];
        END IF;
        parts := swath.in_steps(swath.bounds_of(collections, period, earliest, latest), descending[1]);
    ELSIF period IS NOT NULL THEN
        -- In one step, from the first on.
        parts := swath.in_steps((swath.bounds_of(collections, period, NULL, NULL))[:1], false);
    END IF;
    IF after IS NOT NULL THEN
        parts := ARRAY(
            SELECT format('%s AND (%s)', step, following)
            FROM unnest(parts) AS step, unnest(swath.following(expressions, descending, optional, after)) AS following
        );
    END IF;
    FOREACH part IN ARRAY parts LOOP
        FOR found IN EXECUTE concat(
            'SELECT id, collection, geometry, content, ARRAY[', place_keys, '] AS keys FROM pgstac.items WHERE (', part,
            ') AND (', condition, ') ORDER BY ', ordering, ' LIMIT ', wanted + 1 - taken
        ) LOOP
            IF taken = wanted THEN
                item := NULL;
                RETURN NEXT;
                RETURN;
            END IF;
            -- Taken out of its storage once.
            content := CASE WHEN form <> 'keys' THEN found.content || '{}' END;
            IF form = 'item' AND (base_for <> found.collection OR content ? 'pgstac:base_item') THEN
                base := swath.base_item(found.collection, (content ->> 'pgstac:base_item')::int);
                base_for := CASE WHEN content ? 'pgstac:base_item' THEN '' ELSE found.collection END;
            END IF;
            IF form = 'keys' THEN
                item := '{}'::bytea;
            ELSIF form = 'product' THEN
                item := swath.item_product(found.id, found.collection, found.geometry, content);
            ELSIF fields IS NULL THEN
                bytes := jsonb_send(content);
                item := swath.item_bytes(found.id, found.collection, found.geometry, content, bytes, base, root);
            ELSE
                item := swath.item_fields(found.id, found.collection, found.geometry, content, base, root, fields);
            END IF;
            keys := found.keys;
            total := total + length(item);
            IF taken > 0 AND total > most_bytes THEN
                item := NULL;
                RETURN NEXT;
                RETURN;
            END IF;
            taken := taken + 1;
            RETURN NEXT;
        END LOOP;
    END LOOP;
END
$$;

-- What there is to say of a product as a whole: its Item without the files inside it, which are most of it.
CREATE OR REPLACE FUNCTION swath.item_product(id text, collection text, geometry geometry, content jsonb)
RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT convert_to(
        concat(
            '{"id":', to_json(id), ',"collection":', to_json(collection),
            ',"geometry":', coalesce(st_asgeojson(geometry, 20), 'null'),
            ',"properties":', content -> 'properties',
            ',"links":', coalesce(content -> 'links', '[]'),
            ',"assets":', jsonb_strip_nulls(jsonb_build_object(
                'Product', content #> '{assets,Product}',
                'quicklook', content #> '{assets,quicklook}',
                'thumbnail', content #> '{assets,thumbnail}'
            )), '}'
        ),
        'UTF8'
    )
$$;

-- The bytes of an Item's JSON with the members that `fields` asks for.
-- Source: https://github.com/stac-api-extensions/fields#includeexclude-semantics
CREATE OR REPLACE FUNCTION swath.item_fields(
    id text, collection text, geometry geometry, content jsonb, base jsonb, root text, fields jsonb
)
RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT convert_to(
        jsonb_strip_nulls(
            pgstac.jsonb_fields(swath.item_document(id, collection, geometry, content, base, root), fields)
        )::text,
        'UTF8'
    )
$$;

-- How many Items match: counted when that costs no more than `budget` (in the planner's units), else estimated.
-- Volatile, as estimate() is.
CREATE OR REPLACE FUNCTION swath.count_items(search jsonb, budget float8)
RETURNS TABLE (matched bigint, estimated boolean)
LANGUAGE plpgsql SET search_path = pgstac, public AS $$
DECLARE
    condition text := swath.condition(search);
    expected record;
BEGIN
    SELECT * INTO expected FROM swath.estimate(condition);
    estimated := expected.cost > budget;
    IF estimated THEN
        matched := expected.items;
    ELSE
        EXECUTE format('SELECT count(*) FROM pgstac.items WHERE %s', condition) INTO matched;
    END IF;
    RETURN NEXT;
END
$$;

-- The bytes of one Item's JSON, none if there is no such Item.
CREATE OR REPLACE FUNCTION swath.item(of_collection text, with_id text, root text)
RETURNS bytea
LANGUAGE plpgsql STABLE SET search_path = pgstac, public AS $$
DECLARE
    -- Planned anew for each: a plan that is kept locks all partitions there are, to look into one.
    by_key CONSTANT text := 'SELECT id, collection, geometry, content FROM pgstac.items WHERE collection = $1 AND id = $2';
    at timestamptz := (SELECT p.datetime FROM swath.products AS p WHERE p.collection = of_collection AND p.item_id = with_id);
    found record;
    content jsonb;
    bytes bytea;
    base jsonb;
BEGIN
    -- Its moment says which partition it lies in.
    EXECUTE by_key || ' AND datetime = $3' INTO found USING of_collection, with_id, at;
    IF found.id IS NULL THEN
        EXECUTE by_key INTO found USING of_collection, with_id;
    END IF;
    IF found.id IS NULL THEN
        RETURN NULL;
    END IF;
    content := found.content || '{}';
    bytes := jsonb_send(content);
    base := swath.base_item(found.collection, (content ->> 'pgstac:base_item')::int);
    RETURN swath.item_bytes(found.id, found.collection, found.geometry, content, bytes, base, root);
END
$$;

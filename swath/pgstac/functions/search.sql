-- Searching Items: a page at a time, each Item as the bytes of its JSON, placed by the values of its sort keys.
--
-- What is asked is translated by pgSTAC's own builders, so that every filter means the same as in pgstac.search().
-- Nothing is written, nothing is put together per asset: Items lie flat (see seed_collection.sql), and their stored
-- JSON is passed on as it is. Items of collections with a base item are hydrated by pgSTAC, one by one.

-- What a search asks for, as a condition on Items: what pgstac.stac_search_to_where() says of it. Filters are pgSTAC's to
-- translate. What needs no translation is written here: each function in SQL that pgSTAC calls is planned anew in every
-- transaction, which takes longer than many a search.
CREATE OR REPLACE FUNCTION swath.condition(search jsonb)
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pgstac, public AS $$
DECLARE
    parts text[] := '{}';
    box float8[];
    period tstzrange;
BEGIN
    IF search ?| '{query,q,geometry}' OR NOT search -> 'filter' @? '$.**.op' THEN
        RETURN stac_search_to_where(search);
    END IF;
    IF search ? 'ids' THEN
        parts := parts || swath.one_of('id', ARRAY(SELECT jsonb_array_elements_text(search -> 'ids')));
    END IF;
    IF search ? 'collections' THEN
        parts := parts || swath.one_of('collection', ARRAY(SELECT jsonb_array_elements_text(search -> 'collections')));
    END IF;
    IF search ? 'datetime' THEN
        period := parse_dtrange(search -> 'datetime');
        parts := parts || format(
            CASE WHEN upper_inc(period) THEN 'datetime <= %L' ELSE 'datetime < %L' END || ' AND end_datetime >= %L',
            upper(period), lower(period)
        );
        IF search ?| '{bbox,intersects}' THEN
            -- Follows from the above; in these words the index on areas and periods finds it.
            parts := parts || format(
                'tstzrange(datetime, greatest(datetime, end_datetime), ''[]'') && tstzrange(%L, %L, ''[]'')',
                lower(period), upper(period)
            );
        END IF;
    END IF;
    IF search ? 'intersects' THEN
        parts := parts || format('st_intersects(geometry, %L)', st_geomfromgeojson(search ->> 'intersects'));
    ELSIF search ? 'bbox' THEN
        box := ARRAY(SELECT jsonb_array_elements_text(search -> 'bbox'));
        parts := parts || format('st_intersects(geometry, %L)', st_makeenvelope(box[1], box[2], box[3], box[4], 4326));
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

-- Conditions that hold for all moments in turn, those of some partitions at a time: one, then twice as many, and so on.
-- Planning a search reads each partition it may touch; most find enough in the first. `bounds` are where partitions
-- begin, in order.
CREATE OR REPLACE FUNCTION swath.in_steps(bounds timestamptz[], descending boolean)
RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    steps text[] := '{}';
    edge timestamptz;
    until text := '';
    taken int := 0;
    width int := 1;
    last int := coalesce(cardinality(bounds), 0);
BEGIN
    WHILE taken < last LOOP
        taken := least(taken + width, last);
        width := 2 * width;
        IF descending THEN
            steps := steps || (format('datetime >= %L', bounds[last - taken + 1]) || until);
            edge := bounds[last - taken + 1];
            until := format(' AND datetime < %L', edge);
        ELSE
            steps := steps || (format('datetime < %L', bounds[taken]) || until);
            edge := bounds[taken];
            until := format(' AND datetime >= %L', edge);
        END IF;
    END LOOP;
    RETURN steps || CASE
        WHEN edge IS NULL THEN 'TRUE'
        WHEN descending THEN format('datetime < %L', edge)
        ELSE format('datetime >= %L', edge)
    END;
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
    IF place.known < (SELECT count(DISTINCT id) FROM unnest(ids) AS id) THEN
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
    collections text[] := CASE
        WHEN search ? 'collections' THEN ARRAY(SELECT jsonb_array_elements_text(search -> 'collections'))
    END;
    wanted int := (search ->> 'limit')::int;
    fields jsonb := search -> 'fields';
    form text := coalesce(search ->> 'form', 'item');
    condition text := swath.condition(search);
    expressions text[] := '{datetime,collection,id}';
    descending boolean[] := ARRAY[NOT back, NOT back, NOT back];
    optional boolean[] := '{false,false,false}';
    -- In the order of the page: all of the first part comes before all of the second.
    parts text[] := '{TRUE}';
    bounds timestamptz[];
    until timestamptz;
    part text;
    page text;
    found record;
    content jsonb;
    bytes bytea;
    base jsonb;
    base_for text := '';
    taken int := 0;
    total bigint := 0;
BEGIN
    IF search ? 'sortby' THEN
        SELECT array_agg(k.expression), array_agg(k.descending <> back), array_agg(k.optional)
        INTO expressions, descending, optional
        FROM swath.sort_keys(search -> 'sortby', collections) AS k;
    END IF;
    IF search ? 'ids' THEN
        condition := concat_ws(' AND ', swath.place_of(ARRAY(SELECT jsonb_array_elements_text(search -> 'ids')), collections), condition);
    ELSIF expressions[1] = 'datetime' THEN
        bounds := (
            SELECT array_agg(DISTINCT lower(p.partition_dtrange) ORDER BY lower(p.partition_dtrange))
            FROM pgstac.partition_stats AS p
            WHERE (collections IS NULL OR p.collection = ANY (collections)) AND lower(p.partition_dtrange) > '-infinity'
        );
        IF bounds IS NOT NULL AND descending[1] THEN
            until := least(after[1]::timestamptz, upper(parse_dtrange(search -> 'datetime')));
            bounds := ARRAY(SELECT bound FROM unnest(bounds) AS bound WHERE bound <= until OR until IS NULL);
        ELSIF bounds IS NOT NULL AND after IS NOT NULL THEN
            bounds := ARRAY(SELECT bound FROM unnest(bounds) AS bound WHERE bound > after[1]::timestamptz);
        END IF;
        parts := swath.in_steps(bounds, descending[1]);
    END IF;
    IF after IS NOT NULL THEN
        parts := ARRAY(
            SELECT format('%s AND (%s)', step, following)
            FROM unnest(parts) AS step, unnest(swath.following(expressions, descending, optional, after)) AS following
        );
    END IF;
    SELECT format(
        'SELECT id, collection, geometry, content, ARRAY[%s] AS keys FROM pgstac.items WHERE (%s) AND (%%s) ORDER BY %s',
        replace(string_agg(format('(%s)::text', k.e), ', ' ORDER BY k.n), '%', '%%'),
        replace(condition, '%', '%%'),
        replace(string_agg(format(CASE WHEN k.d THEN '%s DESC' ELSE '%s' END, k.e), ', ' ORDER BY k.n), '%', '%%')
    )
    INTO page
    FROM unnest(expressions, descending) WITH ORDINALITY AS k (e, d, n);
    FOREACH part IN ARRAY parts LOOP
        FOR found IN EXECUTE format(page || ' LIMIT %s', part, wanted + 1 - taken) LOOP
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
            IF taken = wanted OR (taken > 0 AND total > most_bytes) THEN
                item := NULL;
                RETURN NEXT;
                RETURN;
            END IF;
            taken := taken + 1;
            RETURN NEXT;
        END LOOP;
        EXIT WHEN taken > wanted;
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
    found record;
    content jsonb;
    bytes bytea;
    base jsonb;
BEGIN
    -- Its moment says which partition it lies in.
    SELECT i.id, i.collection, i.geometry, i.content
    INTO found
    FROM swath.products AS p
    JOIN pgstac.items AS i ON i.datetime = p.datetime
    WHERE p.collection = of_collection AND p.item_id = with_id AND i.collection = of_collection AND i.id = with_id;
    IF found.id IS NULL THEN
        SELECT i.id, i.collection, i.geometry, i.content
        INTO found
        FROM pgstac.items AS i
        WHERE i.collection = of_collection AND i.id = with_id;
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

-- How many Items a condition holds for, as the planner expects, and what finding them costs in its units.
-- Volatile, because EXPLAIN is refused to functions that are not.
--
-- Of a table that was filled just now, and not analysed yet, the planner knows no more than its size: then a sample of
-- pages is counted instead.
CREATE OR REPLACE FUNCTION swath.estimate(condition text, OUT items float8, OUT cost float8)
LANGUAGE plpgsql SET search_path = pgstac, public AS $$
DECLARE
    sampled_pages CONSTANT float8 := 500;
    plan jsonb;
    pages float8;
    fresh boolean;
    share float8;
BEGIN
    EXECUTE format('EXPLAIN (FORMAT json) SELECT FROM pgstac.items WHERE %s', condition) INTO plan;
    items := plan #>> '{0,Plan,Plan Rows}';
    cost := plan #>> '{0,Plan,Total Cost}';
    SELECT sum(pg_relation_size(c.oid) / 8192.0), bool_or(c.relpages = 0 AND pg_relation_size(c.oid) > 0)
    INTO pages, fresh
    FROM pg_class AS c
    WHERE c.relnamespace = 'pgstac'::regnamespace
      AND c.relname IN (
          SELECT table_name #>> '{}' FROM jsonb_path_query(plan, 'strict $.**."Relation Name"') AS table_name
      );
    IF fresh THEN
        share := least(1, sampled_pages / pages);
        EXECUTE format(
            'SELECT count(*) / %1$L::float8 FROM pgstac.items TABLESAMPLE SYSTEM (%2$L) WHERE %3$s',
            share, 100 * share, condition
        ) INTO items;
    END IF;
END
$$;

-- How many Items a search is expected to find. Of the two ends of a period, each by itself, the planner expects up to a
-- quarter of all Items in between, so it is asked for the period as one range as well; the ends leave out partitions.
CREATE OR REPLACE FUNCTION swath.estimate_search(search jsonb, OUT items float8, OUT cost float8)
LANGUAGE plpgsql SET search_path = pgstac, public AS $$
DECLARE
    period tstzrange := swath.period(search ->> 'datetime');
BEGIN
    SELECT found.items, found.cost INTO items, cost FROM swath.estimate(swath.condition(search)) AS found;
    IF period IS NOT NULL THEN
        items := least(items, (SELECT found.items FROM swath.estimate(format(
            '%s AND tstzrange(datetime, greatest(datetime, end_datetime), ''[]'') && %L',
            swath.condition(search - 'datetime'), period
        )) AS found));
    END IF;
END
$$;

-- The same answer as pgSTAC's own function of this name, which computes the index's name anew for each index it looks
-- at. Each partition that is made asks it about every queryable, under a lock: with the queryables of all missions that
-- took seconds. pgSTAC's own is no less right, only slower. Of two that begin with the same column, the one of fewer is
-- the queryable's: the other finds areas and periods together.
CREATE OR REPLACE FUNCTION pgstac.reference_index(q pgstac.queryables) RETURNS regclass LANGUAGE sql STABLE AS $$
    WITH wanted AS MATERIALIZED (SELECT pgstac.reference_index_name(q) AS name)
    SELECT i.indexrelid
    FROM wanted
    CROSS JOIN pg_index AS i
    JOIN pg_class AS c ON c.oid = i.indexrelid
    LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = to_regclass('pgstac.queryable_index_template')
      AND (c.relname = wanted.name OR a.attname = q.name)
    ORDER BY i.indnatts
    LIMIT 1
$$;

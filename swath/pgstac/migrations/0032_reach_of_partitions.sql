-- How far the Items of each partition reach in time, whoever writes them: searches of a period leave out partitions that
-- end before it. The loader says so itself, and pypgstac after each load; pgSTAC's functions that create Items do not.
CREATE FUNCTION swath.items_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pgstac, public AS $$
DECLARE
    ranges jsonb := (
        SELECT jsonb_agg(to_jsonb(reach))
        FROM (
            SELECT
                ps.partition, min(n.datetime) AS first, max(n.datetime) AS last,
                min(n.end_datetime) AS first_end, max(n.end_datetime) AS last_end
            FROM inserted AS n
            JOIN partition_stats AS ps ON ps.collection = n.collection AND ps.partition_dtrange @> n.datetime
            GROUP BY ps.partition
        ) AS reach
    );
BEGIN
    PERFORM swath.widen_statistics(coalesce(ranges, '[]'));
    RETURN NULL;
END
$$;

-- After pgSTAC's own, in the order of names: that one writes the rows of partitions that are new.
CREATE TRIGGER swath_items_inserted AFTER INSERT ON pgstac.items
REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION swath.items_inserted();

-- Those of the Items that are there. Ranges are widened, not replaced: a writer may have widened one meanwhile to Items
-- that are not seen here.
DO $$
DECLARE
    part text;
BEGIN
    FOR part IN SELECT ps.partition FROM pgstac.partition_stats AS ps ORDER BY 1 LOOP
        EXECUTE format(
            'UPDATE pgstac.partition_stats AS ps
             SET dtrange = coalesce(range_merge(ps.dtrange, reach.begins), reach.begins),
                 edtrange = coalesce(range_merge(ps.edtrange, reach.ends), reach.ends)
             FROM (
                 SELECT
                     tstzrange(min(datetime), max(datetime), ''[]'') AS begins,
                     tstzrange(min(end_datetime), max(end_datetime), ''[]'') AS ends
                 FROM pgstac.%1$I
                 HAVING count(*) > 0
             ) AS reach
             WHERE ps.partition = %1$L',
            part
        );
    END LOOP;
END
$$;

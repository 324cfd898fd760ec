-- Writes what became of objects: `batch` is a JSON array in the shape of the ledger. Planned anew each time: which index
-- finds what is replaced depends on what the ledger holds, and a plan made while it is empty reads all of it for each row.
CREATE OR REPLACE FUNCTION swath.record(batch jsonb)
RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode TO force_custom_plan
AS $$
BEGIN
    -- What those that were catalogued replace: older versions of the same objects, and other products that described
    -- the same Items or Collections.
    WITH replacing AS (
        SELECT bucket, key, version, product, collection, item_id
        FROM jsonb_to_recordset(batch)
            AS r (bucket text, key text, version text, product text, state text, collection text, item_id text)
        WHERE state = 'CATALOGUED'
    ), replaced AS (
        SELECT l.bucket, l.key, l.version, r.product
        FROM replacing AS r
        JOIN swath.ledger AS l ON l.bucket = r.bucket AND l.key = r.key AND l.version <> r.version
        WHERE l.state IN ('CATALOGUED', 'QUARANTINED', 'RECEIVED')
        UNION
        SELECT l.bucket, l.key, l.version, r.product
        FROM (SELECT DISTINCT bucket, product, collection, item_id FROM replacing) AS r
        JOIN swath.ledger AS l ON l.item_id = r.item_id AND l.collection = r.collection
        WHERE l.state = 'CATALOGUED' AND (l.bucket, l.product) <> (r.bucket, r.product)
        UNION
        SELECT l.bucket, l.key, l.version, r.product
        FROM (SELECT bucket, product, collection FROM replacing WHERE item_id IS NULL) AS r
        JOIN swath.ledger AS l ON l.item_id IS NULL AND l.collection = r.collection
        WHERE l.state = 'CATALOGUED' AND (l.bucket, l.product) <> (r.bucket, r.product)
    )
    UPDATE swath.ledger AS l
    SET state = 'SUPERSEDED', reason = 'replaced', detail = 'by ' || replaced.product, updated = clock_timestamp()
    FROM replaced
    WHERE (l.bucket, l.key, l.version) = (replaced.bucket, replaced.key, replaced.version);

    -- A settled row is not un-settled by a later hint (RECEIVED); everything else takes the newer word. Saying the same
    -- again changes nothing, but for a quarantined object, which was tried again: `updated` says when. A deleted object
    -- stays deleted, unless what is told of was written after that.
    INSERT INTO swath.ledger AS l
        (bucket, key, version, size, modified, sequencer, product, state, reason, detail, collection, item_id)
    SELECT bucket, key, version, size, modified, sequencer, product, state, reason, detail, collection, item_id
    FROM jsonb_to_recordset(batch) AS r (
        bucket text, key text, version text, size bigint, modified timestamptz, sequencer text, product text,
        state text, reason text, detail text, collection text, item_id text
    )
    ORDER BY bucket, key, version
    ON CONFLICT (bucket, key, version) DO UPDATE SET
        product = excluded.product, state = excluded.state, reason = excluded.reason, detail = excluded.detail,
        collection = excluded.collection, item_id = excluded.item_id, updated = clock_timestamp(),
        modified = CASE WHEN l.state = 'DELETED' THEN excluded.modified ELSE l.modified END,
        sequencer = greatest(l.sequencer, excluded.sequencer),
        removed = NULL
    WHERE CASE
        WHEN l.state = 'DELETED' THEN
            excluded.modified >= date_trunc('second', l.removed)
            AND (excluded.sequencer = '' OR excluded.sequencer > l.sequencer)
            AND excluded.state <> 'SUPERSEDED'
        WHEN excluded.state = 'QUARANTINED' THEN true
        ELSE excluded.state <> 'RECEIVED'
            AND (l.state, l.reason, l.detail, l.collection, l.item_id) IS DISTINCT FROM
                (excluded.state, excluded.reason, excluded.detail, excluded.collection, excluded.item_id)
    END;
END
$$;

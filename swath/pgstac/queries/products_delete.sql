-- Marks Items as deleted, and returns where each lies; not those made of something newer than what was removed.
WITH going AS (
    SELECT p.collection, p.item_id, r.as_of, r.sequencer
    FROM swath.products AS p
    JOIN jsonb_to_recordset(%(rows)s) AS r (collection text, item_id text, as_of timestamptz, sequencer text)
        USING (collection, item_id)
    WHERE p.deleted IS NULL
      AND (
          r.as_of IS NULL
          OR r.as_of > p.as_of
          OR (r.as_of = p.as_of AND (r.sequencer = '' OR r.sequencer >= p.sequencer))
      )
    -- In the order of those who write them.
    ORDER BY p.collection COLLATE "C", p.item_id COLLATE "C"
    FOR NO KEY UPDATE OF p
)
UPDATE swath.products AS p
SET deleted = %(now)s,
    updated = %(now)s,
    revision = p.revision + 1,
    as_of = greatest(p.as_of, g.as_of),
    sequencer = CASE WHEN g.as_of >= p.as_of THEN g.sequencer ELSE p.sequencer END
FROM going AS g
WHERE p.collection = g.collection AND p.item_id = g.item_id
RETURNING p.collection, p.item_id, p.uuid, p.revision, p.datetime

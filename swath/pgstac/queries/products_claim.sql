SELECT collection, item_id, revision, created, previous
FROM swath.claim_products(%(collections)s, %(rows)s, %(now)s, %(again)s)

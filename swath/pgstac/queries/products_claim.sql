SELECT collection, item_id, revision, created, previous FROM swath.claim_products(%(rows)s, %(now)s, %(again)s)

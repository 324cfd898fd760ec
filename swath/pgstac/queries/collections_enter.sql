SELECT swath.enter_collections(%(collections)s)

SELECT collection, month, home, stac_version, partition FROM swath.homes_of(%(collections)s, %(months)s)

SELECT swath.record(%(rows)s)

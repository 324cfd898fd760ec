SELECT swath.widen_extents(%(extents)s)

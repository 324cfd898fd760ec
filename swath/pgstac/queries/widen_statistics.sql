SELECT swath.widen_statistics(%(ranges)s)

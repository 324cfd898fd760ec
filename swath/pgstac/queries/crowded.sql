-- Whether more than three quarters of the server's connections are taken. Some of its own processes
-- are counted, too.
SELECT count(*) > 0.75 * current_setting('max_connections')::int
FROM pg_stat_get_backend_idset()

-- Items by where and when they were taken, in one index: of a million Items some thousand touch a small area, and twenty of
-- them a month. On the partitioned table, so that every partition that is made has it, too.
--
-- A period that ends before it begins counts as its beginning: a range cannot be made of it.
CREATE INDEX items_by_area_and_period ON pgstac.items
USING gist (geometry, tstzrange(datetime, greatest(datetime, end_datetime), '[]'));

-- So that pgSTAC takes it for one that every partition has, not for one too many.
CREATE INDEX ON pgstac.queryable_index_template
USING gist (geometry, tstzrange(datetime, greatest(datetime, end_datetime), '[]'));

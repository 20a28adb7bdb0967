-- migrate:up

-- How the reporter may be reached (sealed `schemas.report.WayBack`, subject report, field `way_back`), apart from the
-- facts: the notifier may know this much and no more. Null where a contact said nothing new of it.
alter table ingest.reports add column way_back bytea;
alter table ingest.updates add column way_back bytea;

create view ingest.for_notifier_ways_back as
select report_id, 1 as version, way_back, received_at from ingest.reports where way_back is not null
union all
select report_id, version, way_back, received_at from ingest.updates where way_back is not null;

grant select on ingest.for_notifier_ways_back to hotline_notifier;

-- migrate:down

-- migrate:up

-- Which of the five places of a report its area is of. A form asks for the area where the child is now; a system may
-- know another one only.
alter table ingest.reports add column area_place text not null default 'now'
    check (area_place in ('now', 'incident', 'home', 'carers', 'registration'));

create or replace view ingest.for_triage_reports as
select r.report_id, s.version, s.kind, r.channel, r.jurisdiction, r.area_system, r.area_edition, r.area_code,
       r.language, r.reporter_role, s.danger_now, r.answers, r.facts, r.time_zone, r.happened_at,
       r.first_known_at, r.told_at, r.began_at, r.received_at, r.linked_report_id, r.is_canary, r.correlation_id,
       r.reference_token, r.area_place
from ingest.reports r
join ingest.report_states s using (report_id);

-- migrate:down

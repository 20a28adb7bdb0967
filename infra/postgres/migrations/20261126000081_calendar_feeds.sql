-- migrate:up

-- The address of a calendar of one person's own shifts: who made it, and who ended it. Of the address a keyed HMAC is
-- kept alone. One runs at a time; the next one ends it.
create table triage.calendar_feeds (
    feed_id uuid primary key,
    person_id uuid not null references triage.people,
    token_hmac bytea not null unique,
    made_by uuid not null references triage.people,
    made_at timestamptz not null,
    ended_by uuid references triage.people,
    ended_at timestamptz,
    check ((ended_by is null) = (ended_at is null))
);
create unique index calendar_feeds_running on triage.calendar_feeds (person_id) where ended_at is null;

create view triage.for_notifier_feeds as
select f.feed_id, f.person_id, f.token_hmac, p.language
  from triage.calendar_feeds f join triage.people p using (person_id)
 where f.ended_at is null and p.is_active;

grant select, insert, update (ended_by, ended_at) on triage.calendar_feeds to hotline_triage;
grant select on triage.for_notifier_feeds to hotline_notifier;

-- migrate:down

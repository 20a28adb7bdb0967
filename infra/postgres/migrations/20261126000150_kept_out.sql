-- migrate:up

-- Who is kept out of a case. The notifier opens its facts to none of them from the moment in which that is kept: also where
-- nobody is called anew for it, and before the event that tells of it has come.
create view triage.for_notifier_exclusions as
    select case_id, person_id from triage.exclusions;

grant select on triage.for_notifier_exclusions to hotline_notifier;

-- migrate:down

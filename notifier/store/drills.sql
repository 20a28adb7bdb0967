-- name: is_at_real_work$
-- Whether a team is called for an immediate case now, or anything else immediate, that is no exercise.
select exists (select from notifier.escalations e join notifier.subjects s using (subject_id)
                where e.team_id = :team_id and e.next_due_at is not null and e.urgency = 'immediate'
                  and s.subject_kind <> 'drill' and not s.is_canary);

-- name: hurry_drills!
-- Drills of these teams are looked at at once: they give way.
update notifier.escalations e set next_due_at = :now
  from notifier.subjects s
 where s.subject_id = e.subject_id and s.subject_kind = 'drill' and e.next_due_at is not null
   and e.team_id = any(:teams::uuid[]);

-- name: end_feeds$
-- End the running address of somebody's calendar; gives it, if there was one.
update triage.calendar_feeds set ended_by = :by, ended_at = :now
 where person_id = :person_id and ended_at is null returning feed_id;

-- name: add_feed!
-- Somebody's calendar has an address.
insert into triage.calendar_feeds (feed_id, person_id, token_hmac, made_by, made_at)
values (:feed_id, :person_id, :token_hmac, :by, :now);

-- name: find_feeds
-- Who has an address that runs, since when.
select person_id, made_at from triage.calendar_feeds where ended_at is null order by made_at, feed_id;

-- name: swept_at$
-- When the provider's lists were last swept completely.
select swept_at from notifier.sweeps;

-- name: set_swept_at!
-- Note a complete sweep.
insert into notifier.sweeps (swept_at) values (:swept_at)
on conflict (only_row) do update set swept_at = excluded.swept_at;

-- name: known_inbound
-- Which of these reached us already.
select provider_sid from notifier.inbound where provider_sid = any(:sids::text[]);

-- name: keep_tokens!
-- Keep the tokens of a report in place of those it had, and the key under which they were made.
with gone as (
    delete from triage.match_tokens m
     where m.report_id = :report_id
       and not exists (select from unnest(:tokens::bytea[], :kinds::text[]) as new (token, kind)
                        where new.token = m.token and new.kind = m.kind)
), kept as (
    insert into triage.match_tokens (report_id, token, kind, key_version)
    select :report_id, new.token, new.kind, :key_version
      from unnest(:tokens::bytea[], :kinds::text[]) as new (token, kind)
    on conflict (report_id, token, kind) do nothing
)
update triage.case_reports set tokens_key = :key_version where report_id = :report_id;

-- name: keep_tokens_key!
-- Remember that a report was looked at under a key and gave no new tokens.
update triage.case_reports set tokens_key = :key_version where report_id = :report_id;

-- name: find_without_tokens
-- Reports whose tokens were made under another key, or under none; canaries have none. A few at a time.
select r.report_id, r.case_id from triage.case_reports r
 where r.tokens_key is null or r.tokens_key < :key_version or r.tokens_key > :key_version
 limit 20;

-- name: find_alike
-- Cases whose reports carry one of these tokens, and by which of what kind. A token that more than `most` reports
-- carry is common and passed over; no more than that of any token is ever read. Canaries are left out.
with carried as (
    select asked.token, m.report_id, m.kind
      from unnest(:tokens::bytea[]) as asked (token)
     cross join lateral (select t.report_id, t.kind from triage.match_tokens t
                          where t.token = asked.token limit :most::int + 1) m
), rare as (
    select token from carried group by token having count(distinct report_id) <= :most::int
)
select c.case_id, c.opened_at, jsonb_agg(distinct jsonb_build_array(encode(k.token, 'hex'), k.kind)) as shared
  from carried k join rare using (token) join triage.case_reports r using (report_id) join triage.cases c using (case_id)
 where c.case_id <> :case_id and not c.is_canary
 group by c.case_id, c.opened_at;

-- One row per line of the access log that asked for a page; bots are told by their name.
-- @materialized view
select
    visits.received_at,
    visits.remote_address,
    visits.remote_user as account_id,
    regexp_replace(visits.cookie, '^uid=', '') as cookie_id,
    visits.path,
    visits.status,
    visits.referrer,
    visits.user_agent,
    coalesce(visits.user_agent ilike '%bot%' or visits.user_agent ilike '%spider%', false) as is_bot
from raw.web_visits as visits
where visits.method = 'GET'

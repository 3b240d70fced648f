-- One row per line of the access log that asked for a page. Bots are told by their name.
-- @materialized view
select
    visits.received_at,
    visits.client_address,
    visits.remote_user as account_id,
    regexp_replace(visits.cookie, '^uid=', '') as cookie_id,
    visits.path,
    visits.status,
    visits.referrer,
    visits.user_agent,
    visits.agent_kind,                                     -- app, phone, tablet, desktop or bot
    visits.is_bot
from raw.web_visits as visits
where visits.method = 'GET'

-- One row per line of the two access logs.
select
    'combined' as export, received_at, client_address, remote_user, method, path, status, agent_kind, is_bot, cookie,
    cast(null as double) as request_seconds
from raw.combined
union all
select 'custom', received_at, client_address, cast(null as text), method, path, status, agent_kind, is_bot, cast(null as text), request_seconds
from raw.custom

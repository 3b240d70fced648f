-- One row per call of the call centre.
-- @key call_id
select
    calls.call_id,
    calls.ticket_id,
    phone_key(calls."caller.phone", $region) as caller_key,
    calls.started_at,
    calls.direction,
    calls.duration_seconds,
    calls.waited_seconds,
    calls.agent_id
from raw.service_calls as calls

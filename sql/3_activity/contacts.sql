-- One row per service ticket, with the resolved customer and how long each step took.
-- @key ticket_id
select
    tickets.ticket_id,
    records.customer_id,                                                      -- @not_null
    tickets.created_at,
    cast(to_local_time(tickets.created_at at time zone $timezone) as date) as contact_date,
    tickets.channel,
    tickets.kind,
    tickets.kind = 'complaint' as is_complaint,
    tickets.subject,
    tickets.agent_id,
    tickets.brand,
    tickets.status,
    tickets.reopened_count,
    cast(date_part('epoch', tickets.first_reply_at) - date_part('epoch', tickets.created_at) as bigint) / 60 as first_reply_minutes,
    cast(date_part('epoch', tickets.solved_at) - date_part('epoch', tickets.created_at) as bigint) / 60 as resolution_minutes,
    calls.duration_seconds as call_seconds,
    calls.waited_seconds as call_waited_seconds
from staging.tickets as tickets
left join master.customer_records as records
    on records.source = 'service' and records.source_key = tickets.ticket_id
left join (
    select calls.ticket_id, sum(calls.duration_seconds) as duration_seconds, sum(calls.waited_seconds) as waited_seconds
    from staging.calls as calls
    group by calls.ticket_id
) as calls on calls.ticket_id = tickets.ticket_id
where cast(to_local_time(tickets.created_at at time zone $timezone) as date) <= $as_of

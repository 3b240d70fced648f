-- One row per customer, channel and purpose: the consent that holds. Accounts of one customer may differ: then the most
-- restrictive counts.
-- @key customer_id, channel, purpose
with latest as (
    select
        consents.account_id,
        consents.channel,
        consents.purpose,
        consents.state,
        consents.changed_at,
        row_number() over (
            partition by consents.account_id, consents.channel, consents.purpose
            order by consents.changed_at desc, consents.consent_id
        ) as place
    from staging.consents as consents
    where cast(to_local_time(consents.changed_at at time zone $timezone) as date) <= $as_of
)

select
    records.customer_id,
    latest.channel,
    latest.purpose,
    case when max(case when latest.state = 'withdrawn' then 1 else 0 end) = 1 then 'withdrawn' else 'granted' end as state,
    max(latest.changed_at) as changed_at
from latest
inner join master.customer_records as records
    on records.source = 'shop' and records.source_key = latest.account_id
where latest.place = 1
group by records.customer_id, latest.channel, latest.purpose

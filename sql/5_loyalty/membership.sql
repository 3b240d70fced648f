-- One row per customer in the loyalty programme: tier, points earned and burned.
-- @key customer_id
with entries as (
    select
        points.member_no,
        sum(case when points.points > 0 then points.points else 0 end) as points_earned,
        sum(case when points.points < 0 then -points.points else 0 end) as points_burned,
        max(points.happened_at) as last_entry_at
    from staging.points as points
    where cast(to_local_time(points.happened_at at time zone $timezone) as date) <= $as_of
    group by points.member_no
)

select
    records.customer_id,
    min(members.joined_on) as joined_on,
    case max(case members.tier when 'gold' then 3 when 'silver' then 2 else 1 end) when 3 then 'gold' when 2 then 'silver' else 'standard' end
        as tier,                                                              -- the best of the customer's cards
    sum(1) as card_count,
    coalesce(sum(entries.points_earned), 0) as points_earned,
    coalesce(sum(entries.points_burned), 0) as points_burned,
    max(entries.last_entry_at) as last_entry_at
from staging.members as members
inner join master.customer_records as records
    on records.source = 'loyalty' and records.source_key = members.member_no
left join entries on entries.member_no = members.member_no
group by records.customer_id

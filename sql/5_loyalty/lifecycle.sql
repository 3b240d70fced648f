-- One row per customer: where the customer stands, by orders and by what sales people expect.
-- @key customer_id
with deals as (
    select
        opportunities.customer_id,
        max(case when opportunities.sales_stage = 'won' then 1 else 0 end) as is_won,
        max(case when opportunities.sales_stage in ('qualified', 'negotiation') then 1 else 0 end) as is_negotiating
    from activity.opportunities as opportunities
    where opportunities.customer_id is not null
    group by opportunities.customer_id
)

select
    customers.customer_id,
    case
        when rfm.customer_id is not null or deals.is_won = 1 then 'closed'
        when deals.is_negotiating = 1 then 'negotiating'
        else 'potential'
    end as deal_status,                                                       -- @in ('closed', 'negotiating', 'potential') @label zh 成交状态
    case
        when rfm.customer_id is null then 'prospect'
        when rfm.recency_days > $lapsed_days then 'lapsed'
        when cast((date_part('epoch', $as_of) - date_part('epoch', rfm.first_order_date)) / 86400 as bigint) <= $new_customer_days then 'new'
        when rfm.order_count = 1 then 'trial'
        else 'active'
    end as lifecycle_stage,                                                   -- prospect, new, trial, active or lapsed
    coalesce(rfm.order_count >= 2, false) as is_repeat_customer,
    cast((date_part('epoch', $as_of) - date_part('epoch', rfm.first_order_date)) / 86400 as bigint) as tenure_days
from master.customers as customers
left join loyalty.rfm as rfm on rfm.customer_id = customers.customer_id
left join deals on deals.customer_id = customers.customer_id

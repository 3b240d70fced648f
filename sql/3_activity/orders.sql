-- One row per order, with the resolved customer. An order of a store names a member, one of the web shop an account.
-- @key order_id
select
    orders.order_id,
    coalesce(by_account.customer_id, by_member.customer_id) as customer_id,   -- null where the order names nobody we know
    orders.ordered_at,
    cast(to_local_time(orders.ordered_at at time zone $timezone) as date) as order_date,   -- local date
    orders.status,
    orders.status in ('paid', 'completed') as is_sale,                        -- neither cancelled nor returned
    orders.channel,
    orders.payment_method,
    orders.amount,
    orders.discount,
    orders.freight,
    orders.paid_amount,                                                       -- CNY
    orders.promotion_code is not null as is_promotion,
    cast(date_part('epoch', orders.delivered_at) - date_part('epoch', orders.ordered_at) as bigint) / 60 as delivery_minutes
from staging.orders as orders
left join master.customer_records as by_account
    on by_account.source = 'shop' and by_account.source_key = orders.account_id
left join master.customer_records as by_member
    on by_member.source = 'loyalty' and by_member.source_key = orders.member_no
where cast(to_local_time(orders.ordered_at at time zone $timezone) as date) <= $as_of

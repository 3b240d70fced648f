-- One row per order of the web shop and the stores.
-- @key order_id
-- @check row_count >= 1 warn
select
    orders.order_id,
    orders.account_id,
    orders.member_no,
    orders.ordered_at,
    orders.status,
    orders.channel,
    orders.payment_method,
    orders.amount,
    orders.discount,
    orders.freight,
    orders.paid_amount,                                    -- CNY, after discount, with freight  @check paid_amount >= 0 warn
    orders.promotion_code,
    orders.delivered_at
from raw.shop_orders as orders

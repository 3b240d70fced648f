-- One row per line of an order.
-- @key order_id, line
select
    items.order_id,                                        -- @references staging.orders(order_id) warn
    items.line,
    items.sku,
    items.category,
    items.brand,
    items.quantity,                                        -- @range 1..1000 warn
    items.unit_price,
    items.line_amount
from raw.shop_order_items as items

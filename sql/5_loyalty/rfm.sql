-- One row per customer who bought: recency, frequency and monetary value in quintiles, 5 is best (Hughes).
-- Ties can be broken or kept. `_score` breaks them by the customer's id: five groups of equal size. `_score_tied` keeps
-- them: equal values have the score of the best among them (cume_dist), and groups differ in size. Both are the same in
-- every run.
-- @key customer_id
with bought as (
    select
        orders.customer_id,
        max(orders.order_date) as last_order_date,
        min(orders.order_date) as first_order_date,
        sum(1) as order_count,
        sum(orders.paid_amount) as paid_amount
    from activity.orders as orders
    where orders.is_sale and orders.customer_id is not null and orders.order_date <= $as_of
    group by orders.customer_id
),

scored as (
    select
        bought.*,
        ntile(5) over (order by bought.last_order_date, bought.customer_id) as recency_score,
        ntile(5) over (order by bought.order_count, bought.customer_id) as frequency_score,
        ntile(5) over (order by bought.paid_amount, bought.customer_id) as monetary_score,
        cume_dist() over (order by bought.last_order_date) as recency_share,
        cume_dist() over (order by bought.order_count) as frequency_share,
        cume_dist() over (order by bought.paid_amount) as monetary_share
    from bought
)

select
    scored.customer_id,                                                       -- @references master.customers(customer_id)
    scored.first_order_date,
    scored.last_order_date,
    cast((date_part('epoch', $as_of) - date_part('epoch', scored.last_order_date)) / 86400 as bigint) as recency_days,           -- days from the last order to the night
    scored.order_count,
    scored.paid_amount,                                                       -- CNY
    scored.paid_amount / scored.order_count as average_order_amount,          -- CNY
    scored.recency_score,                                                     -- 1 to 5, ties broken by id  @range 1..5
    scored.frequency_score,                                                   -- 1 to 5, ties broken by id  @range 1..5
    scored.monetary_score,                                                    -- 1 to 5, ties broken by id  @range 1..5
    cast(ceil(scored.recency_share * 5) as bigint) as recency_score_tied,     -- 1 to 5, equal values equal  @range 1..5
    cast(ceil(scored.frequency_share * 5) as bigint) as frequency_score_tied, -- 1 to 5, equal values equal  @range 1..5
    cast(ceil(scored.monetary_share * 5) as bigint) as monetary_score_tied,   -- 1 to 5, equal values equal  @range 1..5
    case
        when scored.recency_score >= 4 and scored.frequency_score >= 4 and scored.monetary_score >= 4 then 'champion'
        when scored.recency_score >= 4 and scored.frequency_score <= 2 then 'new_or_returning'
        when scored.recency_score >= 3 and scored.frequency_score >= 3 then 'loyal'
        when scored.recency_score <= 2 and scored.frequency_score >= 4 then 'at_risk'
        when scored.recency_score <= 2 and scored.frequency_score <= 2 then 'lapsing'
        else 'regular'
    end as rfm_segment
from scored

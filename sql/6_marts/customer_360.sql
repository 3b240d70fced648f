-- One row per customer: the master, activity, satisfaction and loyalty side by side, for BI.
-- @key customer_id
with visits as (
    select
        visits.customer_id,
        sum(1) as visit_count,
        sum(visits.page_count) as page_view_count,
        max(visits.started_at) as last_visit_at
    from activity.visits as visits
    where visits.customer_id is not null
    group by visits.customer_id
),

posts as (
    select posts.customer_id, sum(1) as post_count, sum(case when posts.is_reply then 1 else 0 end) as reply_count
    from activity.posts as posts
    where posts.customer_id is not null
    group by posts.customer_id
),

consents as (
    select
        consents.customer_id,
        max(case when consents.channel = 'email' then consents.state end) as consent_email,
        max(case when consents.channel = 'sms' then consents.state end) as consent_sms,
        max(case when consents.channel = 'phone' then consents.state end) as consent_phone
    from activity.consents as consents
    where consents.purpose = 'marketing'
    group by consents.customer_id
)

select
    customers.customer_id,
    $as_of as as_of,                                                          -- the night
    customers.full_name,
    customers.gender,
    customers.birth_date,
    customers.phone,
    customers.email,
    customers.province,
    customers.city,
    customers.source_count,
    customers.record_count,
    customers.profile_fill,
    lifecycle.deal_status,
    lifecycle.lifecycle_stage,
    lifecycle.is_repeat_customer,
    lifecycle.tenure_days,
    rfm.first_order_date,
    rfm.last_order_date,
    rfm.recency_days,
    coalesce(rfm.order_count, 0) as order_count,                              -- orders neither cancelled nor returned
    coalesce(rfm.paid_amount, 0) as paid_amount,                              -- CNY
    rfm.average_order_amount,
    rfm.recency_score,
    rfm.frequency_score,
    rfm.monetary_score,
    rfm.rfm_segment,
    scores.csat_last,
    scores.csat_shrunk,
    scores.csat_n,
    scores.nps_last,
    scores.nps_class,
    scores.ces_last,
    coalesce(service.ticket_count, 0) as ticket_count,
    coalesce(service.tickets_12m, 0) as tickets_12m,
    coalesce(service.open_ticket_count, 0) as open_ticket_count,
    coalesce(service.complaint_count, 0) as complaint_count,
    service.first_reply_median_minutes,
    service.resolution_median_minutes,
    membership.tier,
    membership.points_earned,
    membership.points_burned,
    coalesce(visits.visit_count, 0) as visit_count,                           -- visits that are known to be the customer's
    coalesce(visits.page_view_count, 0) as page_view_count,
    visits.last_visit_at,
    coalesce(posts.post_count, 0) as post_count,
    coalesce(posts.reply_count, 0) as reply_count,
    consents.consent_email,                                                   -- granted, withdrawn, or null: never asked
    consents.consent_sms,
    consents.consent_phone
from master.customers as customers
left join loyalty.lifecycle as lifecycle on lifecycle.customer_id = customers.customer_id
left join loyalty.rfm as rfm on rfm.customer_id = customers.customer_id
left join loyalty.membership as membership on membership.customer_id = customers.customer_id
left join satisfaction.customer_scores as scores on scores.customer_id = customers.customer_id
left join satisfaction.service as service on service.customer_id = customers.customer_id
left join visits on visits.customer_id = customers.customer_id
left join posts on posts.customer_id = customers.customer_id
left join consents on consents.customer_id = customers.customer_id

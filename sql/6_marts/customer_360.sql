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
    customers.full_name,                                                      -- the name as it is shown
    customers.gender,                                                         -- male, female, or null
    customers.birth_date,
    customers.phone,                                                          -- E.164
    customers.email,                                                          -- lower case
    customers.province,
    customers.city,
    households.group_id as household_id,                                      -- the head of the household; null where the customer is alone
    coalesce(households.group_size, 1) as household_size,                     -- customers of the household
    customers.source_count,                                                   -- systems that have a record of the customer
    customers.record_count,                                                   -- records that are the customer
    customers.profile_fill,                                                   -- share of the profile's fields that are filled, 0 to 1
    lifecycle.deal_status,                                                    -- closed, negotiating or potential
    lifecycle.lifecycle_stage,                                                -- prospect, new, trial, active or lapsed
    lifecycle.is_repeat_customer,                                             -- more than one order
    lifecycle.tenure_days,                                                    -- days since the first order
    rfm.first_order_date,
    rfm.last_order_date,
    rfm.recency_days,                                                         -- days since the last order
    coalesce(rfm.order_count, 0) as order_count,                              -- orders neither cancelled nor returned
    coalesce(rfm.paid_amount, 0) as paid_amount,                              -- CNY
    rfm.average_order_amount,                                                 -- CNY
    rfm.recency_score,                                                        -- 1 to 5, 5 is most recent
    rfm.frequency_score,                                                      -- 1 to 5, 5 is most orders
    rfm.monetary_score,                                                       -- 1 to 5, 5 is most paid
    rfm.rfm_segment,                                                          -- the segment of the three scores
    scores.csat_last,                                                         -- the last answer on satisfaction, 1 to 5
    scores.csat_shrunk,                                                       -- satisfaction, shrunk towards the segment's where answers are few
    scores.csat_n,                                                            -- answers behind it
    scores.nps_last,                                                          -- the last answer on recommending, 0 to 10
    scores.nps_class,                                                         -- promoter, passive or detractor
    scores.ces_last,                                                          -- the last answer on effort
    coalesce(service.ticket_count, 0) as ticket_count,
    coalesce(service.tickets_12m, 0) as tickets_12m,
    coalesce(service.open_ticket_count, 0) as open_ticket_count,
    coalesce(service.complaint_count, 0) as complaint_count,
    service.first_reply_median_minutes,                                       -- median over the customer's tickets
    service.resolution_median_minutes,                                        -- median over the customer's solved tickets
    membership.tier,                                                          -- of the loyalty club
    membership.points_earned,
    membership.points_burned,
    coalesce(visits.visit_count, 0) as visit_count,                           -- visits that are known to be the customer's
    coalesce(visits.page_view_count, 0) as page_view_count,
    visits.last_visit_at,                                                     -- UTC
    coalesce(posts.post_count, 0) as post_count,
    coalesce(posts.reply_count, 0) as reply_count,
    consents.consent_email,                                                   -- granted, withdrawn, or null: never asked
    consents.consent_sms,                                                     -- the same for text messages
    consents.consent_phone                                                    -- the same for calls
from master.customers as customers
left join loyalty.lifecycle as lifecycle on lifecycle.customer_id = customers.customer_id
left join loyalty.rfm as rfm on rfm.customer_id = customers.customer_id
left join loyalty.membership as membership on membership.customer_id = customers.customer_id
left join satisfaction.customer_scores as scores on scores.customer_id = customers.customer_id
left join satisfaction.service as service on service.customer_id = customers.customer_id
left join identity.groups as households on households.kind = 'household' and households.customer_id = customers.customer_id
left join visits on visits.customer_id = customers.customer_id
left join posts on posts.customer_id = customers.customer_id
left join consents on consents.customer_id = customers.customer_id

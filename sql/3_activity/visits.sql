-- One row per visit: page views of one visitor with less than thirty minutes between them. Bots are left out.
-- An anonymous visit is resolved when its cookie was seen with exactly one account.
-- @key visitor_id, started_at
with views as (
    select
        coalesce(views.cookie_id, views.client_address || ' ' || coalesce(views.user_agent, '')) as visitor_id,
        views.cookie_id,
        views.account_id,
        views.received_at,
        views.status,
        views.path,
        views.referrer
    from staging.page_views as views
    where not views.is_bot and cast(to_local_time(views.received_at at time zone $timezone) as date) <= $as_of
),

cookie_owners as (
    select views.cookie_id, min(views.account_id) as account_id
    from views
    where views.cookie_id is not null and views.account_id is not null
    group by views.cookie_id
    having min(views.account_id) = max(views.account_id)
),

gaps as (
    select
        views.*,
        case
            when date_part('epoch', views.received_at)
                - date_part('epoch', lag(views.received_at) over (partition by views.visitor_id order by views.received_at, views.path))
                < 1800 then 0
            else 1
        end as is_start
    from views
),

numbered as (
    select
        gaps.*,
        sum(gaps.is_start) over (
            partition by gaps.visitor_id order by gaps.received_at, gaps.path rows between unbounded preceding and current row
        ) as visit_number
    from gaps
),

visits as (
    select
        numbered.visitor_id,
        numbered.visit_number,
        min(numbered.cookie_id) as cookie_id,
        -- Two accounts in one visit are a shared computer: nobody's visit.
        case when min(numbered.account_id) = max(numbered.account_id) then min(numbered.account_id) end as account_id,
        min(numbered.received_at) as started_at,
        max(numbered.received_at) as ended_at,
        sum(1) as page_count,
        sum(case when numbered.status >= 400 then 1 else 0 end) as error_count,
        sum(case when numbered.path like '/support%' then 1 else 0 end) as support_page_count,
        max(case when numbered.path = '/cart' then 1 else 0 end) = 1 as has_cart
    from numbered
    group by numbered.visitor_id, numbered.visit_number
)

select
    visits.visitor_id,                                                        -- the cookie, else address and browser
    visits.started_at,
    visits.ended_at,
    coalesce(visits.account_id, cookie_owners.account_id) as account_id,
    records.customer_id,                                                      -- null where nobody is known
    case
        when visits.account_id is not null then 'logged_in'
        when cookie_owners.account_id is not null then 'cookie'
    end as resolved_by,
    visits.page_count,
    visits.error_count,
    visits.support_page_count,
    visits.has_cart
from visits
left join cookie_owners on cookie_owners.cookie_id = visits.cookie_id
left join master.customer_records as records
    on records.source = 'shop' and records.source_key = coalesce(visits.account_id, cookie_owners.account_id)

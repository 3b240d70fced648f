-- One row per customer who turned to service: how much, and how fast it was answered.
-- @key customer_id
select
    contacts.customer_id,
    sum(1) as ticket_count,
    sum(case when contacts.contact_date > $as_of - interval '365' day then 1 else 0 end) as tickets_12m,
    sum(case when contacts.status = 'open' then 1 else 0 end) as open_ticket_count,
    sum(case when contacts.is_complaint then 1 else 0 end) as complaint_count,
    sum(case when contacts.reopened_count > 0 then 1 else 0 end) as reopened_ticket_count,
    median(contacts.first_reply_minutes) as first_reply_median_minutes,
    median(contacts.resolution_minutes) as resolution_median_minutes,         -- closed tickets only
    max(contacts.created_at) as last_contact_at
from activity.contacts as contacts
group by contacts.customer_id

-- One row per post or reply of the community, with the resolved customer.
-- @key post_id
select
    posts.post_id,
    records.customer_id,
    posts.parent_id,
    posts.parent_id is not null as is_reply,
    posts.created_at,
    posts.board,
    posts.text,
    posts.like_count
from staging.posts as posts
left join master.customer_records as records
    on records.source = 'shop' and records.source_key = posts.account_id
where cast(to_local_time(posts.created_at at time zone $timezone) as date) <= $as_of

-- One row per post or reply of the community.
-- @key post_id
select
    posts.post_id,
    posts.parent_id,
    posts."author.account_id" as account_id,
    posts.created_at,
    posts.board,
    posts.text,
    posts.likes as like_count
from raw.community_posts as posts

-- One row per entry of the points ledger.
-- @key entry_id
select
    points.entry_id,
    points.member_no,
    parse_timestamp(points.happened_at, $timezone) as happened_at,
    points.kind,
    points.points
from raw.loyalty_points as points

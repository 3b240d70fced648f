-- One row, where the truth is known: how well records were matched, pair by pair.
-- A pair of records is right when both are of one person; precision is the share of joined pairs that are right, recall the
-- share of right pairs that were joined.
with labelled as (
    select owners.customer_id, truth.person_id
    from staging.truth as truth
    inner join identity.customer_records as owners on owners.record_id = truth.record_id
),

joined as (
    select sum(sizes.n * (sizes.n - 1) / 2) as pair_count
    from (select sum(1) as n from labelled group by labelled.customer_id) as sizes
),

right_pairs as (
    select sum(sizes.n * (sizes.n - 1) / 2) as pair_count
    from (select sum(1) as n from labelled group by labelled.person_id) as sizes
),

both as (
    select sum(sizes.n * (sizes.n - 1) / 2) as pair_count, sum(sizes.n) as record_count
    from (select sum(1) as n from labelled group by labelled.customer_id, labelled.person_id) as sizes
)

select
    both.record_count,                                                        -- records whose person is known
    right_pairs.pair_count as true_pairs,
    joined.pair_count as joined_pairs,
    both.pair_count as correct_pairs,
    round(cast(both.pair_count as double) / cast(nullif(joined.pair_count, 0) as double), 4) as precision,
    round(cast(both.pair_count as double) / cast(nullif(right_pairs.pair_count, 0) as double), 4) as recall
from both
cross join joined
cross join right_pairs
where both.record_count > 0

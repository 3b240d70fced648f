-- One row per damage, where the truth is known: how many of a damaged record's true partners it was joined with.
-- @key damage
with labelled as (
    select
        truth.record_id,
        owners.customer_id,
        truth.person_id,
        truth.damages
    from staging.truth as truth
    inner join identity.customer_records as owners on owners.record_id = truth.record_id
),

partners as (
    select
        labelled.damages,
        sum(1) over (partition by labelled.person_id) - 1 as true_partners,
        sum(1) over (partition by labelled.person_id, labelled.customer_id) - 1 as found_partners
    from labelled
),

single as (
    select unnest(string_to_array(partners.damages, ';')) as damage, partners.true_partners, partners.found_partners
    from partners
)

select
    single.damage,
    sum(1) as record_count,
    sum(single.true_partners) as true_partners,
    sum(single.found_partners) as found_partners,
    round(cast(sum(single.found_partners) as double) / cast(nullif(sum(single.true_partners), 0) as double), 4) as recall
from single
group by single.damage

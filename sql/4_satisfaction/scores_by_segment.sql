-- One row per question and segment: CSAT, NPS and CES with how many voted and a 95 % interval.
-- Every resolved customer has one vote. CSAT is the share of 4 and 5 of 5, CES the share of 5 to 7 of 7 (Wilson interval),
-- NPS the share of 9 and 10 less that of 0 to 6 of 10, from -100 to 100 (adjusted Wald interval).
-- @key question, dimension, segment
with votes as (
    select
        answers.question,
        answers.score,
        coalesce(customers.province, 'unknown') as province,
        coalesce(customers.gender, 'unknown') as gender,
        case when customers.source_count >= 3 then '3 or more' else cast(customers.source_count as text) end as sources
    from activity.answers as answers
    inner join master.customers as customers on customers.customer_id = answers.customer_id
    where answers.is_vote
),

segmented as (
    select votes.question, votes.score, 'all' as dimension, 'all' as segment from votes
    union all
    select votes.question, votes.score, 'province', votes.province from votes
    union all
    select votes.question, votes.score, 'gender', votes.gender from votes
    union all
    select votes.question, votes.score, 'sources', votes.sources from votes
),

counted as (
    select
        segmented.question,
        segmented.dimension,
        segmented.segment,
        sum(1) as vote_count,
        sum(
            case
                when segmented.question = 'csat' and segmented.score >= 4 then 1
                when segmented.question = 'ces' and segmented.score >= 5 then 1
                when segmented.question = 'nps' and segmented.score >= 9 then 1
                else 0
            end
        ) as positive_count,
        sum(case when segmented.question = 'nps' and segmented.score <= 6 then 1 else 0 end) as detractor_count
    from segmented
    group by segmented.question, segmented.dimension, segmented.segment
)

select
    counted.question,                                                         -- csat, ces or nps
    counted.dimension,                                                        -- what the segment is of
    counted.segment,
    counted.vote_count as n,                                                  -- customers who voted  @check n >= 1
    case
        when counted.question = 'nps'
            then 100.0 * cast(counted.positive_count - counted.detractor_count as double) / cast(counted.vote_count as double)
        else cast(counted.positive_count as double) / cast(counted.vote_count as double)
    end as value,                                                             -- a share from 0 to 1; NPS from -100 to 100
    case
        when counted.question = 'nps' then nps_low(counted.positive_count, counted.detractor_count, counted.vote_count)
        else wilson_low(counted.positive_count, counted.vote_count)
    end as lo95,                                                              -- lower end of the 95 % interval
    case
        when counted.question = 'nps' then nps_high(counted.positive_count, counted.detractor_count, counted.vote_count)
        else wilson_high(counted.positive_count, counted.vote_count)
    end as hi95,                                                              -- upper end of the 95 % interval
    case when counted.question = 'nps' then 'adjusted Wald' else 'Wilson' end as method
from counted

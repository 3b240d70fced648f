-- One row per customer who answered a survey: the last scores, and a CSAT that few answers do not throw about:
-- (good answers + prior answers x share of all) / (answers + prior answers).
-- @key customer_id
with overall as (
    select scores.value as csat_share
    from satisfaction.scores_by_segment as scores
    where scores.question = 'csat' and scores.dimension = 'all'
),

answered as (
    select
        answers.customer_id,
        max(case when answers.question = 'csat' and answers.is_vote then answers.score end) as csat_last,
        sum(case when answers.question = 'csat' then 1 else 0 end) as csat_n,
        sum(case when answers.question = 'csat' and answers.score >= 4 then 1 else 0 end) as csat_good,
        max(case when answers.question = 'nps' and answers.is_vote then answers.score end) as nps_last,
        max(case when answers.question = 'ces' and answers.is_vote then answers.score end) as ces_last,
        max(answers.answered_at) as last_answer_at
    from activity.answers as answers
    group by answers.customer_id
)

select
    answered.customer_id,                                                     -- @references master.customers(customer_id)
    answered.csat_last,                                                       -- last CSAT, 1 to 5
    answered.csat_n,                                                          -- CSAT answers of the customer
    case
        when answered.csat_n > 0
            then (cast(answered.csat_good as double) + cast($csat_prior_answers as double) * overall.csat_share)
                / cast(answered.csat_n + $csat_prior_answers as double)
    end as csat_shrunk,                                                       -- share of good answers, shrunk to that of all  @range 0..1
    answered.nps_last,                                                        -- last answer to "would you recommend us", 0 to 10
    case
        when answered.nps_last >= 9 then 'promoter'
        when answered.nps_last >= 7 then 'passive'
        when answered.nps_last is not null then 'detractor'
    end as nps_class,
    answered.ces_last,                                                        -- last CES, 1 to 7
    answered.last_answer_at
from answered
left join overall on true

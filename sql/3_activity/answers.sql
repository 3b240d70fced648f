-- One row per answer of a survey, with the resolved customer. `is_vote` marks the one that counts: the latest of each
-- customer to each question, so that a merge never doubles a voice.
-- @key answer_id
select
    answers.answer_id,
    records.customer_id,                                                      -- @not_null
    answers.question,
    answers.score,
    answers.about,
    answers.asked_at,
    answers.answered_at,
    row_number() over (
        partition by records.customer_id, answers.question
        order by answers.answered_at desc, answers.answer_id
    ) = 1 as is_vote                                                          -- the customer's one vote on the question
from staging.answers as answers
left join master.customer_records as records
    on records.source = 'survey' and records.source_key = answers.respondent_id
where cast(to_local_time(answers.answered_at at time zone $timezone) as date) <= $as_of

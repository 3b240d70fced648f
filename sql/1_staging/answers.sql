-- One row per answer of a survey.
-- @key answer_id
select
    answers.answer_id,
    answers.respondent_id,
    answers.question,                                      -- nps (0 to 10), csat (1 to 5) or ces (1 to 7)
    answers.score,                                         -- @range 0..10
    answers.about,
    answers.asked_at,
    answers.answered_at
from raw.survey_answers as answers

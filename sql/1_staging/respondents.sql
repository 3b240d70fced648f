-- One row per respondent of a survey wave: who answered, as the answers have it.
-- @key respondent_id
with numbered as (
    select
        answers.respondent_id,
        normalize_person_name(answers.name) as full_name,
        answers.mobile as phone_raw,
        normalize_email(answers.email) as email,
        answers.account_id,
        answers.answered_at,
        row_number() over (partition by answers.respondent_id order by answers.answer_id) as answer_number
    from raw.survey_answers as answers
)

select
    numbered.respondent_id,
    numbered.full_name,
    numbered.phone_raw,
    numbered.email,
    numbered.account_id,
    numbered.answered_at
from numbered
where numbered.answer_number = 1

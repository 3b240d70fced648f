-- One person has one vote: a merge must not double a voice.
select answers.customer_id, answers.question
from activity.answers as answers
where answers.is_vote
group by answers.customer_id, answers.question
having sum(1) > 1

-- One row per record of the three systems: nothing is changed, so nothing is written.
-- @key record_id
-- @materialized view
select people.record_id, people.name, people.phone, people.email, people.birth_date, people.city
from raw.people as people

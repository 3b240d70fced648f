-- One row per record of the three systems.
-- @key record_id
select people.record_id, people.name, people.phone, people.email, people.birth_date, people.city
from raw.people as people

-- One row per record.
-- @key record_id
with people as (
    select
        people.unique_id as record_id,
        people.unique_id as source_key,
        lower(people.first_name) as first_name,
        lower(people.surname) as surname,
        people.dob as birth_date,
        lower(people.city) as city,
        email_key(people.email) as email_key
    from raw.people as people
)

select
    people.*,
    -- Names are swapped now and then: the two in the order of the alphabet.
    case when people.first_name < people.surname then people.first_name || ' ' || people.surname else people.surname || ' ' || people.first_name end as names_key,
    case when people.first_name < people.surname then substr(people.first_name, 1, 2) || substr(people.surname, 1, 2)
        else substr(people.surname, 1, 2) || substr(people.first_name, 1, 2) end as name_starts,
    substr(people.birth_date, 6) as birth_day,
    substr(people.first_name, 1, 2) as first_name_start,
    substr(people.surname, 1, 3) as surname_start,
    substr(people.birth_date, 1, 4) as birth_year,
    substr(people.email_key, 1, 6) as email_start
from people

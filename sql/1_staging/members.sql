-- One row per member of the loyalty programme.
-- @key member_no
select
    members.member_no,
    normalize_person_name(members.name) as full_name,
    parse_date(members.birthday) as birth_date,
    members.mobile as phone_raw,
    normalize_resident_id(members.id_card) as resident_id,
    regexp_replace(members.city, '市$', '') as city,
    members.tier,                                          -- @in ('standard', 'silver', 'gold')
    members.account_id,
    members.joined_on,
    members.updated_at
from raw.loyalty_members as members

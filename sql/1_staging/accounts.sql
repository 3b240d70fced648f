-- One row per account of the web shop.
-- @key account_id
select
    accounts.account_id,
    accounts.nickname,
    normalize_person_name(accounts.real_name) as full_name,
    case accounts.gender when 'male' then 'male' when 'female' then 'female' end as gender,
    parse_date(accounts.birthday) as birth_date,
    accounts.mobile as phone_raw,
    normalize_email(accounts.email) as email,
    regexp_replace(accounts.city, '市$', '') as city,
    accounts.address,
    accounts.registered_at as created_at,
    accounts.updated_at
from raw.shop_accounts as accounts

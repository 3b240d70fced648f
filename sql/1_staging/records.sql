-- One row per record about a person, of every source, in one shape: what identity compares.
-- Trust says whose word counts when sources differ: a checked identity first, what a caller said last.
-- @key record_id
with sources as (
    select
        'crm' as source, customers.crm_id as source_key, 80 as trust,
        customers.full_name, customers.phone_raw, customers.email, customers.birth_date, customers.gender,
        customers.resident_id, cast(null as text) as account_id, customers.crm_id,
        customers.province, customers.city, customers.address, customers.occupation, customers.updated_at
    from staging.customers as customers
    union all
    select
        'shop' as source, accounts.account_id as source_key, 70 as trust,
        accounts.full_name, accounts.phone_raw, accounts.email, accounts.birth_date, accounts.gender,
        cast(null as text), accounts.account_id, cast(null as text),
        cast(null as text), accounts.city, accounts.address, cast(null as text), accounts.updated_at
    from staging.accounts as accounts
    union all
    select
        'loyalty' as source, members.member_no as source_key, 75 as trust,
        members.full_name, members.phone_raw, cast(null as text), members.birth_date, cast(null as text),
        members.resident_id, members.account_id, cast(null as text),
        cast(null as text), members.city, cast(null as text), cast(null as text), members.updated_at
    from staging.members as members
    union all
    select
        'leads' as source, leads.lead_id as source_key, 40 as trust,
        leads.full_name, leads.phone_raw, leads.email, cast(null as date), cast(null as text),
        cast(null as text), cast(null as text), leads.converted_crm_id,
        cast(null as text), cast(null as text), cast(null as text), cast(null as text), leads.created_at
    from staging.leads as leads
    union all
    select
        'service' as source, tickets.ticket_id as source_key, 30 as trust,
        tickets.full_name, tickets.phone_raw, tickets.email, cast(null as date), cast(null as text),
        cast(null as text), tickets.account_id, cast(null as text),
        cast(null as text), cast(null as text), cast(null as text), cast(null as text), tickets.created_at
    from staging.tickets as tickets
    union all
    select
        'survey' as source, respondents.respondent_id as source_key, 35 as trust,
        respondents.full_name, respondents.phone_raw, respondents.email, cast(null as date), cast(null as text),
        cast(null as text), respondents.account_id, cast(null as text),
        cast(null as text), cast(null as text), cast(null as text), cast(null as text), respondents.answered_at
    from staging.respondents as respondents
),

keyed as (
    select
        sources.*,
        person_name_key(sources.full_name) as name_key,
        person_name_readings(sources.full_name)[1] as name_reading,
        normalize_phone(sources.phone_raw, $region) as phone,
        phone_key(sources.phone_raw, $region) as phone_key,
        coalesce(phone_key(sources.phone_raw, $region), masked_phone(sources.phone_raw, $region)) as phone_told,
        email_key(sources.email) as email_key
    from sources
),

-- How many names a phone has: with more than one it is a family's, or was given to somebody else.
phones as (
    select keyed.phone_key, count(distinct keyed.name_reading) as name_count
    from keyed
    where keyed.phone_key is not null
    group by keyed.phone_key
)

select
    keyed.source || ':' || keyed.source_key as record_id,  -- unique over all sources
    keyed.source,                                          -- the system: crm, shop, loyalty, leads, service or survey
    keyed.source_key,                                      -- the record's key in its system
    keyed.trust,                                           -- whose word counts, 100 is most
    keyed.full_name,                                       -- as it is shown
    keyed.name_key,                                        -- as it is matched, never shown
    keyed.name_reading,                                    -- how the name is read
    keyed.phone,                                           -- E.164
    keyed.phone_key,                                       -- as it is matched; null for shared and masked numbers
    keyed.phone_told,                                      -- the same, and of masked numbers what they tell
    right(keyed.phone_told, 4) as phone_end,               -- its last four digits
    substr(keyed.phone_key, 1, length(keyed.phone_key) - 4) as phone_start,  -- what stands before them
    phones.name_count as phone_name_count,                 -- names that the phone has on all records
    keyed.email,                                           -- as it is shown
    keyed.email_key,                                       -- as it is matched
    keyed.birth_date,
    keyed.gender,
    keyed.resident_id,                                     -- verified number of the identity card
    keyed.account_id,                                      -- the web shop's account that the record names
    keyed.crm_id,                                          -- the CRM's customer that the record names
    keyed.province,
    keyed.city,
    keyed.address,
    address_key(keyed.address) as address_key,             -- region, road, number and unit, as far as they are given
    keyed.occupation,
    keyed.updated_at                                       -- when the source changed it last
from keyed
left join phones on phones.phone_key = keyed.phone_key

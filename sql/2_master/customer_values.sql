-- One row per value that a record gives to a customer: the proof of the master, and what an undone merge gives back.
-- A value is chosen by its quality, then the trust of its source, then its date; ties end by the record's id.
-- Province, city and address travel together: an address is never mixed from two records.
-- @key customer_id, attribute, record_id
with owned as (
    select
        owners.customer_id,
        records.record_id,
        records.source,
        records.trust,
        records.updated_at,
        records.full_name,
        records.phone,
        records.email,
        arrow_cast(records.birth_date, 'Utf8') as birth_date,
        records.gender,
        records.resident_id,
        records.occupation,
        records.province,
        records.city,
        records.address,
        -- What cannot be matched is a poor value, and so is a city without an address.
        case when records.name_key is not null then 1 else 0 end as name_quality,
        case when records.phone_key is not null then 1 else 0 end as phone_quality,
        case when records.email_key is not null then 1 else 0 end as email_quality,
        case when records.address is not null then 1 else 0 end as place_quality
    from staging.records as records
    inner join identity.customer_records as owners on owners.record_id = records.record_id
),

-- The record that each field of a customer is taken from.
chosen as (
    select
        owned.customer_id,
        most_trusted(owned.full_name, owned.name_quality * 1000 + owned.trust, owned.updated_at, owned.record_id) as full_name,
        most_trusted(owned.phone, owned.phone_quality * 1000 + owned.trust, owned.updated_at, owned.record_id) as phone,
        most_trusted(owned.email, owned.email_quality * 1000 + owned.trust, owned.updated_at, owned.record_id) as email,
        most_trusted(owned.birth_date, owned.trust, owned.updated_at, owned.record_id) as birth_date,
        most_trusted(owned.gender, owned.trust, owned.updated_at, owned.record_id) as gender,
        most_trusted(owned.resident_id, owned.trust, owned.updated_at, owned.record_id) as resident_id,
        most_trusted(owned.occupation, owned.trust, owned.updated_at, owned.record_id) as occupation,
        most_trusted(
            coalesce(owned.address, owned.city, owned.province),
            owned.place_quality * 1000 + owned.trust, owned.updated_at, owned.record_id
        ) as place
    from owned
    group by owned.customer_id
),

listed as (
    select
        owned.customer_id,
        owned.record_id,
        owned.source,
        owned.trust,
        owned.updated_at,
        unnest([
            struct('full_name' as attribute, owned.full_name as value, owned.name_quality as quality, chosen.full_name['record_id'] as chosen_id),
            struct('phone' as attribute, owned.phone as value, owned.phone_quality as quality, chosen.phone['record_id'] as chosen_id),
            struct('email' as attribute, owned.email as value, owned.email_quality as quality, chosen.email['record_id'] as chosen_id),
            struct('birth_date' as attribute, owned.birth_date as value, 1 as quality, chosen.birth_date['record_id'] as chosen_id),
            struct('gender' as attribute, owned.gender as value, 1 as quality, chosen.gender['record_id'] as chosen_id),
            struct('resident_id' as attribute, owned.resident_id as value, 1 as quality, chosen.resident_id['record_id'] as chosen_id),
            struct('occupation' as attribute, owned.occupation as value, 1 as quality, chosen.occupation['record_id'] as chosen_id),
            struct('province' as attribute, owned.province as value, owned.place_quality as quality, chosen.place['record_id'] as chosen_id),
            struct('city' as attribute, owned.city as value, owned.place_quality as quality, chosen.place['record_id'] as chosen_id),
            struct('address' as attribute, owned.address as value, 1 as quality, chosen.place['record_id'] as chosen_id)
        ]) as field
    from owned
    inner join chosen on chosen.customer_id = owned.customer_id
),

given as (
    select
        listed.customer_id,
        listed.field['attribute'] as attribute,
        listed.field['value'] as value,
        listed.field['quality'] as quality,
        listed.field['chosen_id'] as chosen_id,
        listed.source,
        listed.record_id,
        listed.trust,
        listed.updated_at
    from listed
    where listed.field['value'] is not null
)

select
    given.customer_id,                                     -- the customer's lasting id
    given.attribute,                                       -- the field
    given.value,                                           -- the value that the record gives, as text  @not_null
    given.source,                                          -- the system that the value comes from
    given.record_id,                                       -- the record that the value comes from
    case
        when given.record_id <> given.chosen_id then 'kept_aside'
        when given.quality = 0 then 'best_of_poor_ones'
        else 'most_trusted_then_latest'
    end as rule,                                           -- why the master shows it, or that it is kept for an undone merge
    given.record_id = given.chosen_id as is_chosen,        -- whether the master shows it
    given.trust,                                           -- trust of the source, 100 is most
    given.updated_at                                       -- when the source changed it last
from given

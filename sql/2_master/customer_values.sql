-- One row per value that a record gives to a customer: the proof of the master, and what an undone merge gives back.
-- A value is chosen by its quality, then the trust of its source, then its date; ties end by the record's id.
-- Province, city and address travel together: an address is never mixed from two records.
-- @key customer_id, attribute, record_id
with listed as (
    select
        owners.customer_id,
        records.*,
        unnest([
            'full_name', 'phone', 'email', 'birth_date', 'gender', 'resident_id', 'occupation', 'province', 'city', 'address'
        ]) as attribute
    from staging.records as records
    inner join identity.customer_records as owners on owners.record_id = records.record_id
),

given as (
    select
        listed.customer_id,
        listed.attribute,
        case when listed.attribute in ('province', 'city') then 'address' else listed.attribute end as attribute_group,
        case listed.attribute
            when 'full_name' then listed.full_name
            when 'phone' then listed.phone
            when 'email' then listed.email
            when 'birth_date' then cast(listed.birth_date as text)
            when 'gender' then listed.gender
            when 'resident_id' then listed.resident_id
            when 'occupation' then listed.occupation
            when 'province' then listed.province
            when 'city' then listed.city
            when 'address' then listed.address
        end as value,
        case listed.attribute
            when 'full_name' then case when listed.name_key is not null then 1 else 0 end
            when 'phone' then case when listed.phone_key is not null then 1 else 0 end
            when 'email' then case when listed.email_key is not null then 1 else 0 end
            when 'province' then case when listed.address is not null then 1 else 0 end
            when 'city' then case when listed.address is not null then 1 else 0 end
            else 1
        end as quality,
        listed.source,
        listed.record_id,
        listed.trust,
        listed.updated_at
    from listed
),

chosen as (
    select
        given.customer_id,
        given.attribute_group,
        most_trusted(given.value, given.quality * 1000 + given.trust, given.updated_at, given.record_id) as best
    from given
    group by given.customer_id, given.attribute_group
)

select
    given.customer_id,                                     -- the customer's lasting id
    given.attribute,                                       -- the field
    given.value,                                           -- the value that the record gives, as text  @not_null
    given.source,                                          -- the system that the value comes from
    given.record_id,                                       -- the record that the value comes from
    case
        when given.record_id <> chosen.best['record_id'] then 'kept_aside'
        when given.quality = 0 then 'best_of_poor_ones'
        else 'most_trusted_then_latest'
    end as rule,                                           -- why the master shows it, or that it is kept for an undone merge
    given.record_id = chosen.best['record_id'] as is_chosen, -- whether the master shows it
    given.trust,                                           -- trust of the source, 100 is most
    given.updated_at                                       -- when the source changed it last
from given
inner join chosen on chosen.customer_id = given.customer_id and chosen.attribute_group = given.attribute_group
where given.value is not null

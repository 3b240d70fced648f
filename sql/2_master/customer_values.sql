-- One row per value that a record gives to a customer: the proof of the master, and what an undone merge gives back.
-- A value is chosen by its quality, then the trust of its source, then its date; ties end by the record's id.
-- Province, city and address travel together: an address is never mixed from two records.
-- @key customer_id, attribute, record_id
with attributes as (
    select *
    from (
        values
        ('full_name', 'full_name'), ('phone', 'phone'), ('email', 'email'), ('birth_date', 'birth_date'), ('gender', 'gender'),
        ('resident_id', 'resident_id'), ('occupation', 'occupation'), ('province', 'address'), ('city', 'address'), ('address', 'address')
    ) as listed (attribute, attribute_group)
),

given as (
    select
        owners.customer_id,
        attributes.attribute,
        attributes.attribute_group,
        case attributes.attribute
            when 'full_name' then records.full_name
            when 'phone' then records.phone
            when 'email' then records.email
            when 'birth_date' then cast(records.birth_date as text)
            when 'gender' then records.gender
            when 'resident_id' then records.resident_id
            when 'occupation' then records.occupation
            when 'province' then records.province
            when 'city' then records.city
            when 'address' then records.address
        end as value,
        case attributes.attribute_group
            when 'full_name' then case when records.name_key is not null then 1 else 0 end
            when 'phone' then case when records.phone_key is not null then 1 else 0 end
            when 'email' then case when records.email_key is not null then 1 else 0 end
            when 'address' then case when records.address is not null then 1 else 0 end
            else 1
        end as quality,
        records.source,
        records.record_id,
        records.trust,
        records.updated_at
    from staging.records as records
    inner join identity.customer_records as owners on owners.record_id = records.record_id
    cross join attributes
),

ranked as (
    select
        given.*,
        dense_rank() over (
            partition by given.customer_id, given.attribute_group
            order by given.quality desc, given.trust desc, given.updated_at desc nulls last, given.record_id
        ) as place,
        min(given.value) over (partition by given.customer_id, given.attribute) as smallest_value,
        max(given.value) over (partition by given.customer_id, given.attribute) as greatest_value
    from given
    where given.value is not null
)

select
    ranked.customer_id,                                    -- the customer's lasting id
    ranked.attribute,                                      -- the field
    ranked.value,                                          -- the value that the record gives, as text  @not_null
    ranked.source,                                         -- the system that the value comes from
    ranked.record_id,                                      -- the record that the value comes from
    case
        when ranked.smallest_value = ranked.greatest_value then 'all_agree'
        else 'quality_then_trust_then_latest'
    end as rule,                                           -- how the choice was made
    ranked.place = 1 as is_chosen,                         -- whether the master shows it
    ranked.trust,                                          -- trust of the source, 100 is most
    ranked.updated_at                                      -- when the source changed it last
from ranked

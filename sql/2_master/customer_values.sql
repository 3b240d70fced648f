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

ranked as (
    select
        given.*,
        dense_rank() over (
            partition by given.customer_id, given.attribute_group
            order by given.quality desc, given.trust desc, given.updated_at desc nulls last, given.record_id
        ) as place
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
        when ranked.place > 1 then 'kept_aside'
        when ranked.quality = 0 then 'best_of_poor_ones'
        else 'most_trusted_then_latest'
    end as rule,                                           -- why the master shows it, or that it is kept for an undone merge
    ranked.place = 1 as is_chosen,                         -- whether the master shows it
    ranked.trust,                                          -- trust of the source, 100 is most
    ranked.updated_at                                      -- when the source changed it last
from ranked

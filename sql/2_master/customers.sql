-- One row per customer: the best value of each field. Where each comes from is in master.customer_values.
-- @key customer_id
-- @check row_count >= 1
-- @label zh 客户
with chosen as (
    select
        customer_values.customer_id,
        max(case when customer_values.attribute = 'full_name' then customer_values.value end) as full_name,
        max(case when customer_values.attribute = 'phone' then customer_values.value end) as phone,
        max(case when customer_values.attribute = 'email' then customer_values.value end) as email,
        max(case when customer_values.attribute = 'birth_date' then customer_values.value end) as birth_date,
        max(case when customer_values.attribute = 'gender' then customer_values.value end) as gender,
        max(case when customer_values.attribute = 'resident_id' then customer_values.value end) as resident_id,
        max(case when customer_values.attribute = 'occupation' then customer_values.value end) as occupation,
        max(case when customer_values.attribute = 'province' then customer_values.value end) as province,
        max(case when customer_values.attribute = 'city' then customer_values.value end) as city,
        max(case when customer_values.attribute = 'address' then customer_values.value end) as address
    from master.customer_values as customer_values
    where customer_values.is_chosen
    group by customer_values.customer_id
),

spread as (
    select
        by_source.customer_id,
        sum(by_source.record_count) as record_count,
        sum(1) as source_count,
        min(by_source.customer_since) as customer_since,
        max(by_source.updated_at) as updated_at
    from (
        select
            records.customer_id,
            records.source,
            sum(1) as record_count,
            min(records.customer_since) as customer_since,
            max(records.updated_at) as updated_at
        from master.customer_records as records
        group by records.customer_id, records.source
    ) as by_source
    group by by_source.customer_id
)

select
    spread.customer_id,                                    -- lasting id, survives re-runs and merges  @label zh 客户编号
    chosen.full_name,                                      -- best known name  @label zh 姓名
    surname(chosen.full_name) as surname,                  -- family name, where it can be told
    chosen.gender,                                         -- male or female, as a source says
    cast(chosen.birth_date as date) as birth_date,         -- best known birth date
    chosen.phone,                                          -- E.164  @label zh 电话
    chosen.email,                                          -- as it is written
    chosen.resident_id,                                    -- verified number of the identity card
    chosen.occupation,                                     -- as a source says
    chosen.province,                                       -- of the same record as the address
    chosen.city,                                           -- of the same record as the address
    chosen.address,                                        -- best known address
    spread.source_count,                                   -- systems that know the customer
    spread.record_count,                                   -- records that are this customer
    cast(
        (case when chosen.full_name is not null then 1 else 0 end)
        + (case when chosen.phone is not null then 1 else 0 end)
        + (case when chosen.email is not null then 1 else 0 end)
        + (case when chosen.birth_date is not null then 1 else 0 end)
        + (case when chosen.gender is not null then 1 else 0 end)
        + (case when chosen.address is not null then 1 else 0 end) as double
    ) / 6 as profile_fill,                                 -- share of six core fields that are known, 0 to 1  @range 0..1
    spread.customer_since,                                 -- the night on which the id was made
    spread.updated_at                                      -- the latest change of any record
from spread
left join chosen on chosen.customer_id = spread.customer_id

-- One row per customer of the CRM: our names, cleaned values.
-- @key crm_id
select
    customers."客户编号" as crm_id,
    normalize_person_name(customers."姓名") as full_name,
    case customers."性别" when '男' then 'male' when '女' then 'female' end as gender,
    parse_date(customers."出生日期") as birth_date,
    customers."手机号码" as phone_raw,
    normalize_email(customers."电子邮箱") as email,
    normalize_resident_id(customers."证件号码") as resident_id,
    customers."省份" as province,
    regexp_replace(customers."城市", '市$', '') as city,
    customers."地址" as address,
    customers."职业" as occupation,
    customers."单位" as company_name,
    customers."客户经理" as account_manager,
    customers."登记时间" as created_at,
    customers."更新时间" as updated_at
from raw.crm_customers as customers

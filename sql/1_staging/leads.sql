-- One row per lead of the sales people.
-- @key lead_id
select
    leads."线索编号" as lead_id,
    normalize_person_name(leads."联系人") as full_name,
    leads."手机" as phone_raw,
    normalize_email(leads."邮箱") as email,
    leads."公司" as company_name,
    leads."来源" as lead_source,
    leads."意向产品" as interest,
    leads."状态" as status,
    leads."创建时间" as created_at,
    leads."转化客户编号" as converted_crm_id
from raw.crm_leads as leads

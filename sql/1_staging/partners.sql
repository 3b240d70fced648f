-- One row per partner: distributors, agents, service partners.
-- @key partner_id
select
    partners.partner_id,
    partners.partner_name,
    organization_name_key(partners.partner_name) as partner_name_key,
    partners.role,                                         -- @in ('distributor', 'agent', 'service_partner')
    normalize_credit_code(partners.credit_code) as credit_code,
    partners.contact_name,
    normalize_phone(partners.contact_phone, $region) as contact_phone,
    partners.province,
    partners.city,
    partners.joined_on
from raw.partners as partners

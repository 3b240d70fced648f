-- One row per sales opportunity, with the resolved customer.
-- @key opportunity_id
select
    opportunities.opportunity_id,
    records.customer_id,
    opportunities.sales_stage,
    opportunities.expected_amount,
    opportunities.expected_on,
    opportunities.owner,
    opportunities.created_at
from staging.opportunities as opportunities
left join master.customer_records as records
    on records.source = 'crm' and records.source_key = opportunities.crm_id
where cast(to_local_time(opportunities.created_at at time zone $timezone) as date) <= $as_of

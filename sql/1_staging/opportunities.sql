-- One row per opportunity of the sales people.
-- @key opportunity_id
select
    opportunities."商机编号" as opportunity_id,
    opportunities."客户编号" as crm_id,
    case opportunities."阶段"
        when '初步接触' then 'contact'
        when '需求确认' then 'qualified'
        when '报价谈判' then 'negotiation'
        when '赢单' then 'won'
        when '输单' then 'lost'
    end as sales_stage,                                    -- @not_null warn
    opportunities."预计金额" as expected_amount,
    opportunities."预计成交日期" as expected_on,
    opportunities."负责人" as owner,
    opportunities."创建时间" as created_at
from raw.crm_opportunities as opportunities

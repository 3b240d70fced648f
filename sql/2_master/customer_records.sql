-- One row per record of every source, with the customer it belongs to.
-- @key record_id
select
    records.record_id,
    records.source,
    records.source_key,
    owners.customer_id,                                    -- lasting id, survives re-runs and merges  @not_null
    owners.customer_since,                                 -- the night on which the id was made
    records.updated_at
from staging.records as records
inner join identity.customer_records as owners on owners.record_id = records.record_id

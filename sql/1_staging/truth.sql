-- One row per record whose person is known, where the truth is there at all.
-- @key record_id
select
    truth.source || ':' || truth.source_key as record_id,
    truth.person_id,
    coalesce(truth.damages, 'none') as damages             -- what was done to the record, with semicolons between
from raw.truth as truth

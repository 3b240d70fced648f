-- One row per consent that was given or withdrawn.
-- @key consent_id
select
    consents.consent_id,
    consents.account_id,
    consents.channel,
    consents.purpose,
    consents.state,
    consents.changed_at
from raw.consents as consents

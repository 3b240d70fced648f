-- One row per service ticket, whatever the channel, with who asked as the ticket has it.
-- @key ticket_id
select
    tickets.ticket_id,
    normalize_person_name(tickets."requester.name") as full_name,
    tickets."requester.phone" as phone_raw,
    normalize_email(tickets."requester.email") as email,
    tickets."requester.account_id" as account_id,
    tickets.created_at,
    tickets.first_reply_at,
    tickets.solved_at,
    tickets.status,
    tickets.reopened as reopened_count,
    tickets.channel,
    tickets.kind,                                          -- complaint, question, request or suggestion
    tickets.subject,
    tickets.agent_id,
    tickets."product.brand" as brand
from raw.service_tickets as tickets

-- A customer of the master has at least one record, and every record is of a customer of the master.
select coalesce(customers.customer_id, records.customer_id) as customer_id
from master.customers as customers
full join master.customer_records as records on records.customer_id = customers.customer_id
where customers.customer_id is null or records.customer_id is null

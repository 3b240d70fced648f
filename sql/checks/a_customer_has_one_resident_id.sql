-- Two different identity cards are two persons.
-- @warn
select customer_values.customer_id
from master.customer_values as customer_values
where customer_values.attribute = 'resident_id'
group by customer_values.customer_id
having min(customer_values.value) <> max(customer_values.value)

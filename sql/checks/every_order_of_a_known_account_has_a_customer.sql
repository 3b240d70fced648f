-- An order that names an account of the shop belongs to that account's customer.
select orders.order_id
from activity.orders as orders
inner join staging.orders as source on source.order_id = orders.order_id
inner join staging.accounts as accounts on accounts.account_id = source.account_id
where orders.customer_id is null

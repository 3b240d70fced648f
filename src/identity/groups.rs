//! Groups of customers: a household, or an organisation with its branches. A group is not a merge: its customers stay customers,
//! and what holds them together is declared and listed like any other evidence.

use chrono::NaiveDate;
use datafusion::common::Result;
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::prelude::SessionContext;
use hashbrown::HashMap;

use super::blocking::{Blocks, Choice, Summary};
use super::bound::Bound;
use super::condition;
use super::memo::Memo;
use super::records::Records;
use super::rules::{Group, rule_named};

/// A customer of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The index of the kind of group.
    pub kind: usize,
    /// The customer by whose id the group goes: its head, or the oldest of those that could be.
    pub head: u32,
    /// The customer.
    pub customer: u32,
    /// How many customers the group has.
    pub size: u32,
}

/// Two customers that a rule groups, and the records that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupLink {
    /// The index of the kind of group.
    pub kind: usize,
    /// The customer whose id comes first.
    pub left_customer: u32,
    /// The other.
    pub right_customer: u32,
    /// A record of the first.
    pub left: u32,
    /// A record of the other.
    pub right: u32,
    /// Whether the group would be too large: then none is made of its customers.
    pub is_refused: bool,
}

/// What was grouped.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    /// By kind, head and customer.
    pub members: Vec<Member>,
    /// By kind and customers.
    pub links: Vec<GroupLink>,
    /// What the blocks of each kind brought.
    pub summaries: Vec<Summary>,
    /// How many groups of each kind would have been too large.
    pub too_large: Vec<u64>,
}

/// Customers, as far as grouping looks at them.
pub struct Customers<'a> {
    /// The customer of each record.
    pub of_record: &'a [u32],
    /// The place of each customer's id among all ids.
    pub places: &'a [u32],
    /// The night that each customer's id was made.
    pub since: &'a [NaiveDate],
}

/// Groups the customers by every rule.
pub fn find(
    session: &SessionContext,
    records: &Records,
    rules: &[Group],
    customers: &Customers,
) -> Result<Groups> {
    let mut groups = Groups::default();
    for (kind, rule) in rules.iter().enumerate() {
        let (mut links, summary) = links(session, records, kind, rule, customers)?;
        groups.summaries.push(summary);
        let mut parent: HashMap<u32, u32> = HashMap::new();
        let mut sizes: HashMap<u32, usize> = HashMap::new();
        for link in &links {
            let (one, other) = (
                root(&mut parent, link.left_customer),
                root(&mut parent, link.right_customer),
            );
            if one != other {
                let size = |of: u32| sizes.get(&of).copied().unwrap_or(1);
                let together = size(one) + size(other);
                parent.insert(other, one);
                sizes.insert(one, together);
                sizes.remove(&other);
            }
        }
        // Which of its customers a group that is too large would keep, nothing tells: it keeps none.
        sizes.retain(|_, size| *size <= rule.max_size);
        for link in &mut links {
            link.is_refused = !sizes.contains_key(&root(&mut parent, link.left_customer));
        }
        let of_refused = links.iter().filter(|link| link.is_refused);
        let mut refused: Vec<u32> = of_refused
            .map(|link| root(&mut parent, link.left_customer))
            .collect();
        refused.sort_unstable();
        refused.dedup();
        groups.too_large.push(refused.len() as u64);
        let may_lead = match &rule.head {
            Some(head) => {
                let of = format!("the head of {}", rule.name);
                let holds = condition::over_records_sql(session, records, head);
                holds.map_err(|error| error.context(of))?
            }
            None => vec![true; records.len()],
        };
        // By root: the customers, those first that may be the head, the oldest first.
        let mut leads: HashMap<u32, bool> = HashMap::new();
        for (customer, may_lead) in customers.of_record.iter().zip(may_lead) {
            if sizes.contains_key(&root(&mut parent, *customer)) {
                *leads.entry(*customer).or_default() |= may_lead;
            }
        }
        let mut by_root: HashMap<u32, Vec<u32>> = HashMap::new();
        for customer in leads.keys() {
            let root = root(&mut parent, *customer);
            by_root.entry(root).or_default().push(*customer);
        }
        for mut members in by_root.into_values() {
            members.sort_unstable_by_key(|customer| {
                let at = *customer as usize;
                (!leads[customer], customers.since[at], customers.places[at])
            });
            let (head, size) = (members[0], members.len() as u32);
            groups
                .members
                .extend(members.into_iter().map(|customer| Member {
                    kind,
                    head,
                    customer,
                    size,
                }));
        }
        groups.links.extend(links);
    }
    let place = |customer: u32| customers.places[customer as usize];
    groups
        .members
        .sort_unstable_by_key(|member| (member.kind, place(member.head), place(member.customer)));
    Ok(groups)
}

/// Links from which on those that say the same are taken out on the way.
const MANY: usize = 1_000_000;

/// Which customers a rule groups, each two once, in the order of their ids; and what its blocks brought.
fn links(
    session: &SessionContext,
    records: &Records,
    kind: usize,
    rule: &Group,
    customers: &Customers,
) -> Result<(Vec<GroupLink>, Summary)> {
    let condition = condition::plan(session, &records.batch.schema(), &rule.condition)?;
    let memo = Memo::default();
    let of = rule_named("group", &rule.name);
    let mut keys = condition.key_numbers(session, records, &memo, &of)?;
    let rest = match &condition.rest {
        Some(rest) => Some(Bound::new(session, records, rest, &memo, &of)?),
        None => None,
    };
    let blocks = Blocks::new(
        &rule.name,
        condition.key_columns(),
        &mut keys,
        None,
        rule.max_block,
    );
    let place = |customer: u32| customers.places[customer as usize];
    let found = |left: &[u32], right: &[u32]| {
        let holds = match &rest {
            Some(rest) => rest.evaluate_both_ways(records, left, right)?,
            None => vec![true; left.len()],
        };
        let pairs = left.iter().zip(right).zip(holds);
        let links = pairs.filter(|(_, holds)| *holds).map(|((left, right), _)| {
            let owner = |record: &u32| customers.of_record[*record as usize];
            let mut ends = [(owner(left), *left), (owner(right), *right)];
            ends.sort_by_key(|(customer, _)| place(*customer));
            GroupLink {
                kind,
                left_customer: ends[0].0,
                right_customer: ends[1].0,
                left: ends[0].1,
                right: ends[1].1,
                is_refused: false,
            }
        });
        Ok(links
            .filter(|link| link.left_customer != link.right_customer)
            .collect::<Vec<_>>())
    };
    let each_once = |links: &mut Vec<GroupLink>| {
        links.sort_unstable_by_key(|link| {
            let (left, right) = (place(link.left_customer), place(link.right_customer));
            (left, right, link.left, link.right)
        });
        links.dedup_by_key(|link| (link.left_customer, link.right_customer));
    };
    let pool = &session.runtime_env().memory_pool;
    let memory = MemoryConsumer::new("groups").register(pool);
    let (mut links, mut most) = (Vec::new(), MANY);
    blocks.for_each_batch(&[], Choice::ALL, found, |some| {
        links.extend(some);
        if links.len() > most {
            each_once(&mut links);
            most = (2 * links.len()).max(MANY);
        }
        memory.try_resize(links.capacity() * size_of::<GroupLink>())
    })?;
    each_once(&mut links);
    Ok((links, blocks.summary))
}

fn root(parent: &mut HashMap<u32, u32>, mut customer: u32) -> u32 {
    while let Some(above) = parent.get(&customer).copied() {
        if let Some(next) = parent.get(&above).copied() {
            parent.insert(customer, next);
        }
        customer = above;
    }
    customer
}

//! Clusters against independent oracles: without never rules and caps they are the connected components, found here by a naive search;
//! with them, what joining links one by one gives that looks at all pairs of two clusters each time.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, StringArray};
use arrow::datatypes::Schema;
use datafusion::prelude::SessionContext;
use onefold::identity::bound::Bound;
use onefold::identity::clusters::{Fate, Link, Never, build};
use onefold::identity::condition::plan_whole;
use onefold::identity::memo::Memo;
use onefold::identity::records::{NONE, Records};
use proptest::prelude::*;

fn records(count: usize) -> Records {
    let ids: StringArray = (0..count)
        .map(|number| Some(format!("r{number:03}")))
        .collect();
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    let batch =
        RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options).unwrap();
    Records {
        ids,
        batch,
        origins: Default::default(),
    }
}

/// The smallest record that each record can reach.
fn reachable(count: usize, edges: &[(u32, u32)]) -> Vec<u32> {
    (0..count as u32)
        .map(|start| {
            let mut seen = BTreeSet::from([start]);
            let mut frontier = vec![start];
            while let Some(at) = frontier.pop() {
                for (left, right) in edges {
                    for (from, to) in [(left, right), (right, left)] {
                        if *from == at && seen.insert(*to) {
                            frontier.push(*to);
                        }
                    }
                }
            }
            *seen.first().unwrap()
        })
        .collect()
}

fn links(edges: &[(u32, u32)], weights: &[u8]) -> Vec<Link> {
    edges
        .iter()
        .zip(weights)
        .map(|((left, right), weight)| Link {
            left: *left,
            right: *right,
            is_certain: false,
            is_steward: false,
            rule: 0,
            weight: f64::from(*weight),
            pattern: 0,
        })
        .collect()
}

/// What records know: a card, and an age.
type Known = (Option<u8>, Option<i64>);

/// Records, and never rules over them: two cards, which is asked of clusters by value, and a far age, which is asked pair by pair.
fn knowing(known: &[Known]) -> (Records, Vec<Never>) {
    let cards = known
        .iter()
        .map(|(card, _)| card.map(|card| card.to_string()));
    let cards: ArrayRef = Arc::new(cards.collect::<StringArray>());
    let ages = known.iter().map(|(_, age)| *age);
    let ages: ArrayRef = Arc::new(ages.collect::<Int64Array>());
    let columns = [("card", cards, true), ("age", ages, true)];
    let records = Records {
        batch: RecordBatch::try_from_iter_with_nullable(columns).unwrap(),
        ..records(known.len())
    };
    let values = known.iter().map(|(card, _)| card.map_or(NONE, u32::from));
    let values: Vec<u32> = values.collect();
    let session = SessionContext::new();
    let never = [
        ("cards", "l.card <> r.card", Some(values)),
        ("ages", "l.age + 3 < r.age", None),
    ];
    let never = never.map(|(name, condition, values)| {
        let whole = plan_whole(&session, &records.batch.schema(), condition).unwrap();
        let memo = Memo::default();
        Never {
            narrows: true,
            columns: Vec::new(),
            name: name.to_string(),
            condition: Bound::new(&session, &records, &whole, &memo, name).unwrap(),
            values,
        }
    });
    (records, never.into())
}

/// The rules that hold two records apart, asked plainly.
fn holding(known: &[Known], apart: &[(u32, u32)], (one, other): (u32, u32)) -> Vec<&'static str> {
    let [(card, age), (another_card, another_age)] = [one, other].map(|at| known[at as usize]);
    let cards = card.zip(another_card);
    let ages = age.zip(another_age);
    let rules = [
        ("steward", apart.contains(&(one.min(other), one.max(other)))),
        ("cards", cards.is_some_and(|(one, other)| one != other)),
        (
            "ages",
            ages.is_some_and(|(one, other)| one.abs_diff(other) > 3),
        ),
    ];
    let rules = rules.into_iter().filter(|(_, holds)| *holds);
    rules.map(|(rule, _)| rule).collect()
}

proptest! {
    #[test]
    fn clusters_under_never_rules_are_what_joining_one_by_one_gives(
        known in proptest::collection::vec((proptest::option::weighted(0.4, 0..3_u8), proptest::option::weighted(0.5, 0..7_i64)), 16),
        edges in proptest::collection::btree_set((0..16_u32, 0..16_u32), 0..60),
        weights in proptest::collection::vec(any::<u8>(), 60),
        apart in proptest::collection::btree_set((0..16_u32, 0..16_u32), 0..4),
        cap in 3..17_usize,
    ) {
        let ordered = |pairs: BTreeSet<(u32, u32)>| pairs.into_iter().filter(|(left, right)| left < right).collect::<Vec<_>>();
        let (edges, apart) = (ordered(edges), ordered(apart));
        let (records, never) = knowing(&known);
        let links = links(&edges, &weights);
        let (found, fates) = build(&records, &links, |_| true, &never, &apart, cap).unwrap();
        let mut clusters: Vec<BTreeSet<u32>> = (0..16).map(|record| BTreeSet::from([record])).collect();
        let mut order: Vec<usize> = (0..links.len()).collect();
        order.sort_by_key(|at| (std::cmp::Reverse(weights[*at]), edges[*at]));
        for at in order {
            let (left, right) = edges[at];
            let place = |record: u32| clusters.iter().position(|cluster| cluster.contains(&record)).unwrap();
            let (one, other) = (place(left), place(right));
            let holding = |pair| holding(&known, &apart, pair);
            let mut pairs = clusters[one].iter().flat_map(|a| clusters[other].iter().map(|b| (*a, *b)));
            match fates[at].as_ref().unwrap() {
                Fate::Redundant => prop_assert_eq!(one, other),
                Fate::Joined => {
                    prop_assert!(one != other && clusters[one].len() + clusters[other].len() <= cap);
                    prop_assert_eq!(pairs.find(|pair| !holding(*pair).is_empty()), None);
                    let moved = std::mem::take(&mut clusters[other]);
                    clusters[one].extend(moved);
                }
                Fate::Refused(refusal) => match refusal.of {
                    None => prop_assert!(clusters[one].len() + clusters[other].len() > cap),
                    Some((a, b)) => {
                        prop_assert!(clusters[one].contains(&a) && clusters[other].contains(&b));
                        prop_assert!(holding((a, b)).contains(&refusal.by.as_str()));
                    }
                },
            }
        }
        let smallest = (0..16).map(|record| *clusters.iter().find(|cluster| cluster.contains(&record)).unwrap().first().unwrap());
        prop_assert_eq!(found, smallest.collect::<Vec<_>>());
    }

    #[test]
    fn clusters_are_what_a_naive_search_finds(edges in proptest::collection::vec((0..30_u32, 0..30_u32), 0..40), weights in proptest::collection::vec(any::<u8>(), 40)) {
        let edges: Vec<(u32, u32)> = edges.into_iter().filter(|(l, r)| l < r).collect();
        let (found, _) = build(&records(30), &links(&edges, &weights), |_| true, &[], &[], 1000).unwrap();
        prop_assert_eq!(found, reachable(30, &edges));
    }

    #[test]
    fn the_order_of_links_does_not_matter(edges in proptest::collection::vec((0..20_u32, 0..20_u32), 0..30), weights in proptest::collection::vec(any::<u8>(), 30), cap in 2..6_usize) {
        let edges: Vec<(u32, u32)> = edges.into_iter().filter(|(l, r)| l < r).collect::<BTreeSet<_>>().into_iter().collect();
        let forward = links(&edges, &weights);
        let mut backward = forward.clone();
        backward.reverse();
        let (one, fates) = build(&records(20), &forward, |_| true, &[], &[], cap).unwrap();
        let (other, _) = build(&records(20), &backward, |_| true, &[], &[], cap).unwrap();
        prop_assert_eq!(&one, &other);
        for cluster in one.iter().collect::<BTreeSet<_>>() {
            prop_assert!(one.iter().filter(|other| *other == cluster).count() <= cap);
        }
        let joined = fates.iter().filter(|fate| **fate == Some(Fate::Joined)).count();
        prop_assert_eq!(20 - joined, one.iter().collect::<BTreeSet<_>>().len());
    }
}

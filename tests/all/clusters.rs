//! Clusters against an independent oracle: without never rules and caps they are the connected components, found here by a
//! naive search.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions, StringArray};
use arrow::datatypes::Schema;
use onefold::identity::clusters::{Fate, Link, build};
use onefold::identity::records::Records;
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

proptest! {
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

//! The links of the published night.

use std::collections::{BTreeMap, VecDeque};

use datafusion::prelude::SessionContext;
use serde::{Serialize, Serializer};

use super::{as_number, rows};
use crate::fault;
use crate::identity::matching::STEWARD;

/// A link as it is published; what is null is empty.
#[derive(Serialize)]
pub(super) struct Edge {
    #[serde(rename = "left_id")]
    pub(super) left: String,
    #[serde(rename = "right_id")]
    pub(super) right: String,
    pub(super) kind: String,
    pub(super) rule: String,
    /// In bits, the prior included.
    #[serde(serialize_with = "as_number")]
    pub(super) weight: String,
    pub(super) levels: String,
    pub(super) fate: String,
    pub(super) refused_by: String,
    /// The two records of which that holds.
    #[serde(rename = "refused_of", serialize_with = "both_or_none")]
    held_apart: [String; 2],
    /// Those of the two that stand in for a record of a steward's decision that is away, and that record.
    stand_ins: Vec<[String; 2]>,
}

/// Null where nothing was refused.
fn both_or_none<S: Serializer>(both: &[String; 2], serializer: S) -> Result<S::Ok, S::Error> {
    let is_any = both.iter().any(|record| !record.is_empty());
    is_any.then_some(both).serialize(serializer)
}

/// The links that meet a condition, the certain ones first, then the strongest.
pub(super) async fn edges(session: &SessionContext, condition: &str) -> fault::Result<Vec<Edge>> {
    let sql = format!(
        "select left_id, right_id, kind, rule, cast(round(weight, 1) as text), levels, fate, refused_by, refused_left_id, refused_right_id from identity.links
         where {condition} order by kind, weight desc, left_id, right_id"
    );
    let edges = rows(session, &sql).await?.into_iter().filter_map(|row| {
        let [
            left,
            right,
            kind,
            rule,
            weight,
            levels,
            fate,
            refused_by,
            first,
            second,
        ] = <[String; 10]>::try_from(row).ok()?;
        Some(Edge {
            left,
            right,
            kind,
            rule,
            weight,
            levels,
            fate,
            refused_by,
            held_apart: [first, second],
            stand_ins: Vec::new(),
        })
    });
    let mut edges: Vec<Edge> = edges.collect();
    let is_refused = |edge: &&mut Edge| edge.refused_by == STEWARD;
    if edges.iter().any(|edge| edge.refused_by == STEWARD) {
        // An older onefold published none.
        let stand_ins = "select stand_in_id, record_id from identity.stand_ins where stand_in_id <> record_id order by 1, 2";
        let stand_ins = rows(session, stand_ins).await.unwrap_or_default();
        let stand_ins = stand_ins
            .into_iter()
            .filter_map(|row| <[String; 2]>::try_from(row).ok());
        let stand_ins: Vec<[String; 2]> = stand_ins.collect();
        for edge in edges.iter_mut().filter(is_refused) {
            let of_edge = stand_ins
                .iter()
                .filter(|[record, _]| edge.held_apart.contains(record));
            edge.stand_ins = of_edge.cloned().collect();
        }
    }
    Ok(edges)
}

impl Edge {
    /// What refused it, and of which records that holds.
    pub(super) fn refusal(&self) -> String {
        let [left, right] = &self.held_apart;
        let by = match (left.as_str(), right.as_str()) {
            ("", _) => self.refused_by.clone(),
            (one, other) if one == self.left && other == self.right => self.refused_by.clone(),
            (one, other) => format!("{}, which holds of {one} and {other}", self.refused_by),
        };
        let stand_ins = self.stand_ins.iter();
        let stand_ins = stand_ins
            .map(|[record, away]| format!("; {record} stands in for {away}, which is away"));
        format!("{by}{}", stand_ins.collect::<String>())
    }

    pub(super) fn text(&self) -> String {
        let by = match self.kind.as_str() {
            "certain" => format!("certain by {}", self.rule),
            _ => format!("scored {} bits, brought by {}", self.weight, self.rule),
        };
        format!(
            "  {} - {}: {by}\n      {}",
            self.left, self.right, self.levels
        )
    }
}

/// The links by which two records of one customer hang together.
pub(super) fn path(edges: Vec<Edge>, from: &str, to: &str) -> Vec<Edge> {
    let on_path: Vec<usize> = places_on_path(&edges, from, to);
    let mut edges: Vec<Option<Edge>> = edges.into_iter().map(Some).collect();
    let path = on_path.into_iter().filter_map(|at| edges[at].take());
    path.collect()
}

fn places_on_path(edges: &[Edge], from: &str, to: &str) -> Vec<usize> {
    let mut reached: BTreeMap<&str, Option<usize>> = BTreeMap::from([(from, None)]);
    let mut queue = VecDeque::from([from]);
    while let Some(record) = queue.pop_front() {
        for (at, edge) in edges.iter().enumerate() {
            let next = match record {
                _ if edge.left == record => edge.right.as_str(),
                _ if edge.right == record => edge.left.as_str(),
                _ => continue,
            };
            if !reached.contains_key(next) {
                reached.insert(next, Some(at));
                queue.push_back(next);
            }
        }
    }
    let mut path = Vec::new();
    let mut record = to;
    while let Some(Some(at)) = reached.get(record) {
        let edge = &edges[*at];
        path.push(*at);
        record = if edge.left == record {
            &edge.right
        } else {
            &edge.left
        };
    }
    path.reverse();
    path
}

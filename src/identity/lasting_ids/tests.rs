//! Nights after nights: who keeps which id, and what leads where.

use proptest::prelude::*;

use super::*;

fn night(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 7, day).unwrap()
}

fn ids(records: &[&str]) -> StringArray {
    StringArray::from(records.to_vec())
}

fn cause(left: u32, right: u32, rule: &str) -> Cause<'_> {
    Cause {
        left,
        right,
        rule,
        strength: (false, true, 1.0),
    }
}

fn assigned<'a>(
    records: &[&str],
    clusters: &[u32],
    joined: &[Cause<'a>],
    refused: &[Cause<'a>],
    history: &'a History,
    day: u32,
) -> Assigned<'a> {
    let (joined, refused) = (joined.iter().copied(), refused.iter().copied());
    assign(
        &ids(records),
        clusters,
        joined,
        refused,
        history,
        night(day),
    )
    .unwrap()
}

/// What the next night knows.
fn after(records: &[&str], assigned: &Assigned) -> History {
    let mut place = vec![NONE; assigned.ids.len()];
    for (at, redirect) in assigned.redirects.iter().enumerate() {
        place[redirect.id as usize] = at as u32;
    }
    let at = |id: u32| if id == NONE { NONE } else { place[id as usize] };
    let redirects = || assigned.redirects.iter();
    let sorted = || redirects().map(|redirect| redirect.id as usize);
    History {
        stand_ins: Vec::new(),
        said: Vec::new(),
        former_said: Vec::new(),
        ids: sorted().map(|id| Some(assigned.ids.value(id))).collect(),
        targets: redirects().map(|redirect| at(redirect.customer)).collect(),
        merged_into: redirects()
            .map(|redirect| at(redirect.merged_into))
            .collect(),
        is_retired: redirects().map(|redirect| redirect.is_retired).collect(),
        since: sorted().map(|id| assigned.since[id]).collect(),
        living: Owned {
            records: ids(records),
            customers: assigned.customers.iter().map(|id| at(*id)).collect(),
            came_on: assigned.came_on.clone(),
        },
        former: Owned {
            records: assigned.former.iter().map(|it| Some(it.record)).collect(),
            customers: assigned.former.iter().map(|it| at(it.customer)).collect(),
            came_on: assigned.former.iter().map(|it| it.came_on).collect(),
        },
        gone_since: assigned.former.iter().map(|it| it.gone_since).collect(),
        merged: {
            let known = ids(records);
            let merged = || assigned.merged.iter();
            Owned {
                records: merged()
                    .map(|(record, _)| Some(record.id(&known)))
                    .collect(),
                customers: merged().map(|(_, own)| at(own.id)).collect(),
                came_on: merged().map(|(_, own)| own.merged_on).collect(),
            }
        },
        came_to_own: assigned.merged.iter().map(|(_, own)| own.came_on).collect(),
        came_later: assigned
            .merged
            .iter()
            .map(|(_, own)| own.came_later)
            .collect(),
        moved: Owned::default(),
        changes: None,
    }
}

fn customers(assigned: &Assigned) -> Vec<String> {
    let id = |customer: &u32| assigned.ids.value(*customer as usize).to_string();
    assigned.customers.iter().map(id).collect()
}

fn redirect(assigned: &Assigned, old: &str) -> Option<String> {
    let id = |id: u32| assigned.ids.value(id as usize).to_string();
    let mut redirects = assigned.redirects.iter();
    let found = redirects.find(|redirect| id(redirect.id) == old).unwrap();
    (!found.is_retired).then(|| id(found.customer))
}

#[test]
fn no_change_in_input_changes_no_id() {
    let none = History::default();
    let first = assigned(&["a", "b", "c"], &[0, 0, 2], &[], &[], &none, 1);
    let history = after(&["a", "b", "c"], &first);
    let second = assigned(&["a", "b", "c"], &[0, 0, 2], &[], &[], &history, 2);
    assert_eq!(customers(&first), customers(&second));
    assert_eq!(second.changes, []);
}

#[test]
fn a_merge_keeps_the_older_id_and_redirects_the_other() {
    let none = History::default();
    let first = assigned(&["a"], &[0], &[], &[], &none, 1);
    let history = after(&["a"], &first);
    let second = assigned(&["a", "b"], &[0, 1], &[], &[], &history, 2);
    let history = after(&["a", "b"], &second);
    let joined = [cause(0, 1, "same_phone")];
    let third = assigned(&["a", "b"], &[0, 0], &joined, &[], &history, 3);
    assert_eq!(customers(&third)[1], customers(&first)[0]);
    let merged = &third.changes[0];
    assert_eq!(merged.kind, Kind::Merged);
    assert_eq!(third.cause(merged), Some(&joined[0]));
    let old = &customers(&second)[1];
    assert_eq!(redirect(&third, old).as_ref(), Some(&customers(&first)[0]));
}

#[test]
fn a_split_leaves_the_id_with_the_larger_part() {
    let none = History::default();
    let first = assigned(&["a", "b", "c"], &[0, 0, 0], &[], &[], &none, 1);
    let history = after(&["a", "b", "c"], &first);
    let second = assigned(&["a", "b", "c"], &[0, 1, 1], &[], &[], &history, 2);
    assert_eq!(customers(&second)[1], customers(&first)[0]);
    assert_ne!(customers(&second)[0], customers(&first)[0]);
    assert_eq!(second.changes[0].kind, Kind::Split);
}

#[test]
fn of_two_parts_as_large_the_one_that_joined_others_leaves_the_id() {
    let none = History::default();
    let records = ["a", "b", "c", "d"];
    let first = assigned(&records, &[0, 0, 2, 2], &[], &[], &none, 1);
    let history = after(&records, &first);
    // a and c are one now; b and d are what they were.
    let second = assigned(&records, &[0, 1, 0, 3], &[], &[], &history, 2);
    assert_eq!(customers(&second)[1], customers(&first)[1]);
    assert_eq!(customers(&second)[3], customers(&first)[3]);
}

#[test]
fn a_split_names_the_rule_that_refused_the_link() {
    let none = History::default();
    let first = assigned(&["a", "b", "c"], &[0, 0, 0], &[], &[], &none, 1);
    let history = after(&["a", "b", "c"], &first);
    let refused = [cause(0, 2, "steward")];
    let second = assigned(&["a", "b", "c"], &[0, 1, 1], &[], &refused, &history, 2);
    assert_eq!(second.cause(&second.changes[0]), Some(&refused[0]));
}

#[test]
fn undoing_a_split_in_the_same_night_brings_the_larger_customer_back() {
    let none = History::default();
    let records = ["a", "b", "c"];
    let whole = assigned(&records, &[0, 0, 0], &[], &[], &none, 1);
    let history = after(&records, &whole);
    let split = assigned(&records, &[0, 1, 1], &[], &[], &history, 1);
    assert_eq!(split.counts(), BTreeMap::from([("split".to_string(), 1)]));
    let history = after(&records, &split);
    let again = assigned(&records, &[0, 0, 0], &[], &[], &history, 1);
    assert_eq!(again.counts(), BTreeMap::from([("merged".to_string(), 1)]));
    assert_eq!(customers(&again), customers(&whole));
}

#[test]
fn a_customer_without_records_is_retired_and_returns_with_its_record() {
    let none = History::default();
    let first = assigned(&["a"], &[0], &[], &[], &none, 1);
    let gone = customers(&first)[0].clone();
    let history = after(&["a"], &first);
    let second = assigned(&["b"], &[0], &[], &[], &history, 2);
    assert_eq!(redirect(&second, &gone), None);
    assert_eq!(second.former[0].record, "a");
    let history = after(&["b"], &second);
    let third = assigned(&["a", "b"], &[0, 1], &[], &[], &history, 3);
    assert_eq!(
        customers(&third),
        [gone.clone(), customers(&second)[0].clone()]
    );
    assert_eq!(third.changes[0].kind, Kind::Returned);
    assert_eq!(redirect(&third, &gone), Some(gone));
}

#[test]
fn an_id_that_was_merged_follows_its_customer_out_and_back_in() {
    let none = History::default();
    let first = assigned(&["a"], &[0], &[], &[], &none, 1);
    let history = after(&["a"], &first);
    let second = assigned(&["a", "b"], &[0, 1], &[], &[], &history, 2);
    let (kept, merged) = (customers(&second)[0].clone(), customers(&second)[1].clone());
    let history = after(&["a", "b"], &second);
    let third = assigned(&["a", "b"], &[0, 0], &[], &[], &history, 3);
    let history = after(&["a", "b"], &third);
    let without = assigned(&["c"], &[0], &[], &[], &history, 4);
    assert_eq!(redirect(&without, &merged), None);
    let history = after(&["c"], &without);
    let back = assigned(&["a", "c"], &[0, 1], &[], &[], &history, 5);
    assert_eq!(redirect(&back, &kept), Some(kept.clone()));
    assert_eq!(redirect(&back, &merged), Some(kept));
    assert_eq!(back.counts()["returned"], 1);
}

#[test]
fn a_retired_id_whose_record_returns_to_an_older_customer_goes_there() {
    let none = History::default();
    let first = assigned(&["a"], &[0], &[], &[], &none, 1);
    let history = after(&["a"], &first);
    let second = assigned(&["a", "b"], &[0, 1], &[], &[], &history, 2);
    let history = after(&["a", "b"], &second);
    let third = assigned(&["a"], &[0], &[], &[], &history, 3);
    let history = after(&["a"], &third);
    let fourth = assigned(&["a", "b"], &[0, 0], &[], &[], &history, 4);
    assert_eq!(fourth.counts(), BTreeMap::from([("merged".to_string(), 1)]));
    let [kept, retired] = [0, 1].map(|at| customers(&second)[at].clone());
    assert_eq!(redirect(&fourth, &retired), Some(kept));
    // Nothing more is said of it on the nights that follow.
    let history = after(&["a", "b"], &fourth);
    let fifth = assigned(&["a", "b"], &[0, 0], &[], &[], &history, 5);
    assert_eq!(fifth.changes, []);
}

#[test]
fn an_undone_merge_gives_each_part_its_id_back() {
    let none = History::default();
    let records = ["a", "b", "c", "d"];
    // a is as old as the others, and alone; the others are more.
    let first = assigned(&records, &[0, 1, 1, 1], &[], &[], &none, 1);
    for (merged, parted) in [([0, 0, 0, 0], [0, 1, 1, 1]), ([0, 1, 1, 0], [0, 1, 1, 3])] {
        let history = after(&records, &first);
        let second = assigned(&records, &merged, &[], &[], &history, 2);
        let history = after(&records, &second);
        // Nights go by.
        let third = assigned(&records, &merged, &[], &[], &history, 3);
        assert_eq!((third.changes.len(), third.moved.len()), (0, 0));
        assert_eq!(customers(&third), customers(&second));
        let history = after(&records, &third);
        let fourth = assigned(&records, &parted, &[], &[], &history, 4);
        assert_eq!(customers(&fourth)[..3], customers(&first)[..3]);
        if merged == [0; 4] {
            assert_eq!(customers(&fourth), customers(&first));
            assert_eq!(fourth.counts(), BTreeMap::from([("split".to_string(), 1)]));
            assert_eq!(fourth.merged, []);
            for id in customers(&first) {
                assert_eq!(redirect(&fourth, &id), Some(id));
            }
        }
    }
}

#[test]
fn a_merge_of_merges_is_undone_one_by_one() {
    let none = History::default();
    let records = ["a", "b", "c"];
    let first = assigned(&records, &[0, 1, 2], &[], &[], &none, 1);
    let history = after(&records, &first);
    let second = assigned(&records, &[0, 1, 1], &[], &[], &history, 2);
    let history = after(&records, &second);
    let third = assigned(&records, &[0, 0, 0], &[], &[], &history, 3);
    let history = after(&records, &third);
    let fourth = assigned(&records, &[0, 1, 1], &[], &[], &history, 4);
    assert_eq!(customers(&fourth), customers(&second));
    for id in customers(&first) {
        assert_eq!(redirect(&fourth, &id), redirect(&second, &id));
    }
    let history = after(&records, &fourth);
    let fifth = assigned(&records, &[0, 1, 2], &[], &[], &history, 5);
    assert_eq!(customers(&fifth), customers(&first));
}

#[test]
fn records_that_came_after_a_merge_go_where_their_cluster_goes() {
    let none = History::default();
    let first = assigned(&["c"], &[0], &[], &[], &none, 1);
    let history = after(&["c"], &first);
    let second = assigned(&["c", "x"], &[0, 1], &[], &[], &history, 2);
    let history = after(&["c", "x"], &second);
    let merged = assigned(&["c", "x"], &[0, 0], &[], &[], &history, 3);
    let history = after(&["c", "x"], &merged);
    let records = ["c", "n", "x"];
    let third = assigned(&records, &[0, 0, 0], &[], &[], &history, 4);
    let history = after(&records, &third);
    let parted = assigned(&records, &[0, 1, 1], &[], &[], &history, 5);
    let [of_c, of_x] = [0, 1].map(|at| customers(&second)[at].clone());
    assert_eq!(customers(&parted), [of_c, of_x.clone(), of_x]);
}

#[test]
fn records_that_are_away_when_a_merge_is_made_or_undone_go_with_their_own() {
    let none = History::default();
    let all = ["c", "w1", "w2"];
    let first = assigned(&all, &[0, 1, 1], &[], &[], &none, 1);
    let ids = customers(&first);
    for is_away_at_merge in [true, false] {
        let mut history = after(&all, &first);
        if is_away_at_merge {
            let away = assigned(&["c", "w1"], &[0, 1], &[], &[], &history, 2);
            history = after(&["c", "w1"], &away);
        }
        let few = ["c", "w1"];
        let (records, clusters): (&[&str], &[u32]) = match is_away_at_merge {
            true => (&few, &[0, 0]),
            false => (&all, &[0, 0, 0]),
        };
        let merged = assigned(records, clusters, &[], &[], &history, 3);
        let history = after(records, &merged);
        // w2 is away while the merge is undone, and comes back alone.
        let undone = assigned(&few, &[0, 1], &[], &[], &history, 4);
        assert_eq!(customers(&undone), ids[..2]);
        let history = after(&few, &undone);
        let back = assigned(&all, &[0, 1, 1], &[], &[], &history, 5);
        assert_eq!(customers(&back), ids);
        let alone = assigned(&["c", "w2"], &[0, 1], &[], &[], &history, 5);
        assert_eq!(customers(&alone), [ids[0].clone(), ids[2].clone()]);
    }
}

#[test]
fn a_merge_of_a_merge_is_undone_with_most_of_its_records_away() {
    let none = History::default();
    let all = ["i1", "i2", "i3", "l", "x1", "x2"];
    let first = assigned(&all, &[0, 0, 0, 3, 4, 4], &[], &[], &none, 1);
    let history = after(&all, &first);
    let [of_i, of_l, of_x] = [0, 3, 4].map(|at| customers(&first)[at].clone());
    let second = assigned(&all, &[0, 0, 0, 3, 3, 3], &[], &[], &history, 2);
    assert_eq!(redirect(&second, &of_l), Some(of_x.clone()));
    let history = after(&all, &second);
    let few = &all[..4];
    let third = assigned(few, &[0, 0, 0, 3], &[], &[], &history, 3);
    let history = after(few, &third);
    let fourth = assigned(few, &[0, 0, 0, 0], &[], &[], &history, 4);
    let history = after(few, &fourth);
    // The last merge is undone, the one before holds.
    let fifth = assigned(few, &[0, 0, 0, 3], &[], &[], &history, 5);
    assert_eq!(customers(&fifth), customers(&third));
    for id in [of_i, of_l, of_x] {
        assert_eq!(redirect(&fifth, &id), redirect(&third, &id));
    }
    let history = after(few, &fifth);
    let sixth = assigned(&all, &[0, 0, 0, 3, 3, 3], &[], &[], &history, 6);
    assert_eq!(customers(&sixth), customers(&second));
}

#[test]
fn an_id_goes_to_its_own_records_before_those_that_went_through_it() {
    let none = History::default();
    let records = ["b1", "b2", "c", "e"];
    let first = assigned(&records, &[0, 0, 2, 3], &[], &[], &none, 1);
    let history = after(&records, &first);
    let second = assigned(&records, &[0, 0, 0, 3], &[], &[], &history, 2);
    let history = after(&records, &second);
    // c goes from b to e, all become one, and all part.
    let third = assigned(&records, &[0, 0, 2, 2], &[], &[], &history, 3);
    let history = after(&records, &third);
    let fourth = assigned(&records, &[0, 0, 0, 0], &[], &[], &history, 4);
    let history = after(&records, &fourth);
    let fifth = assigned(&records, &[0, 0, 2, 3], &[], &[], &history, 5);
    assert_eq!(customers(&fifth), customers(&first));
}

/// The night of each of these clusterings, one after the other: the customers of the last.
fn after_nights(records: &[&str], nights: &[&[u32]]) -> (Vec<String>, History) {
    let mut history = History::default();
    let mut last = Vec::new();
    for (day, clusters) in (1..).zip(nights) {
        let known = history.clone();
        let records = &records[..clusters.len()];
        let found = assigned(records, clusters, &[], &[], &known, day);
        (last, history) = (customers(&found), after(records, &found));
    }
    (last, history)
}

/// A night of these records, sorted, those with one label together: their customers.
fn night_of(history: &History, day: u32, labels: &[(&str, u32)]) -> (Vec<String>, History) {
    let records: Vec<&str> = labels.iter().map(|(record, _)| *record).collect();
    let first = |label| labels.iter().position(|(_, other)| *other == label);
    let clusters = labels
        .iter()
        .map(|(_, label)| first(*label).unwrap() as u32);
    let clusters: Vec<u32> = clusters.collect();
    let found = assigned(&records, &clusters, &[], &[], history, day);
    (customers(&found), after(&records, &found))
}

#[test]
fn who_was_there_first_is_known_after_an_undone_night() {
    // e joins g, g goes away, c joins e.
    let begin: [&[(&str, u32)]; 6] = [
        &[("a", 0)],
        &[("a", 0), ("g", 1)],
        &[("a", 0), ("c", 2), ("e", 3), ("g", 1)],
        &[("a", 0), ("c", 2), ("e", 1), ("g", 1)],
        &[("a", 0), ("c", 2), ("e", 1)],
        &[("a", 0), ("c", 1), ("e", 1)],
    ];
    let detour: [&[(&str, u32)]; 2] = [&[("a", 0), ("c", 0), ("e", 0)], begin[5]];
    let apart = [("a", 0), ("c", 1), ("e", 2)];
    let last = |nights: &[&[(&str, u32)]]| {
        let mut history = History::default();
        for (day, labels) in (1..).zip(nights) {
            history = night_of(&history, day, labels).1;
        }
        night_of(&history, 20, &apart).0
    };
    assert_eq!(last(&[&begin[..], &detour[..]].concat()), last(&begin));
}

#[test]
fn an_undone_chain_is_the_same_in_any_order_of_its_records() {
    // d, then r, then q beside it; q goes into r, all become one, and r parts first.
    for [d, r, q] in [["p", "r", "q"], ["z", "r", "q"], ["p", "q", "r"]] {
        let mut history = History::default();
        let mut next = |day: u32, labels: &[(&str, u32)]| {
            let mut labels = labels.to_vec();
            labels.sort_unstable();
            let (found, after) = night_of(&history, day, &labels);
            history = after;
            let of = labels.iter().map(|(record, _)| record.to_string());
            of.zip(found).collect::<HashMap<_, _>>()
        };
        next(1, &[(d, 0)]);
        next(2, &[(d, 0), (r, 1)]);
        let apart = next(3, &[(d, 0), (r, 1), (q, 2)]);
        next(4, &[(d, 0), (r, 1), (q, 1)]);
        next(5, &[(d, 0), (r, 0), (q, 0)]);
        next(6, &[(d, 0), (q, 0), (r, 1)]);
        assert_eq!(next(7, &[(d, 0), (q, 1), (r, 2)]), apart);
    }
}

#[test]
fn a_stranger_does_not_take_the_id_of_a_customer_whose_own_record_is_away() {
    let (_, history) = after_nights(&["b", "d"], &[&[0, 1], &[0, 0]]);
    let away = assigned(&["d"], &[0], &[], &[], &history, 3);
    let id = customers(&away)[0].clone();
    let history = after(&["d"], &away);
    let records = ["d", "m1", "m2"];
    let beside = assigned(&records, &[0, 1, 1], &[], &[], &history, 4);
    let history = after(&records, &beside);
    let wrong = assigned(&records, &[0, 0, 0], &[], &[], &history, 5);
    let history = after(&records, &wrong);
    let undone = assigned(&records, &[0, 1, 1], &[], &[], &history, 6);
    assert_eq!(customers(&undone), customers(&beside));
    assert_eq!(customers(&undone)[0], id);
}

#[test]
fn of_two_parts_with_other_ids_the_one_that_was_there_first_keeps_the_id() {
    // g begins it, e and k go into it, and g is away; then a and c are one with them for a night.
    let all = ["a", "c", "e", "g", "k"];
    let none = History::default();
    let first = assigned(&all, &[0, 0, 2, 3, 4], &[], &[], &none, 1);
    let history = after(&all, &first);
    let second = assigned(&all, &[0, 0, 2, 2, 2], &[], &[], &history, 2);
    let history = after(&all, &second);
    let few = ["a", "c", "e", "k"];
    let third = assigned(&few, &[0, 0, 2, 2], &[], &[], &history, 3);
    let history = after(&few, &third);
    let wrong = assigned(&few, &[0, 0, 0, 0], &[], &[], &history, 4);
    let history = after(&few, &wrong);
    let undone = assigned(&few, &[0, 0, 2, 2], &[], &[], &history, 5);
    assert_eq!(customers(&undone), customers(&third));
}

#[test]
fn a_record_that_came_later_does_not_begin_an_id_by_a_merge_that_is_undone() {
    let all = ["a", "n", "x", "z"];
    // z, a and x; x goes into a, and n comes to them.
    let detours: [&[&[u32]]; 2] = [&[], &[&[0, 0, 0, 0], &[0, 0, 0, 3]]];
    let parted = detours.map(|detour| {
        let none = History::default();
        let first = assigned(&["z"], &[0], &[], &[], &none, 1);
        let history = after(&["z"], &first);
        let second = assigned(&["a", "z"], &[0, 1], &[], &[], &history, 2);
        let history = after(&["a", "z"], &second);
        let few = ["a", "x", "z"];
        let third = assigned(&few, &[0, 1, 2], &[], &[], &history, 3);
        let history = after(&few, &third);
        let fourth = assigned(&few, &[0, 0, 2], &[], &[], &history, 4);
        let mut history = after(&few, &fourth);
        let of_a_and_x = [customers(&third)[0].clone(), customers(&third)[1].clone()];
        for (day, clusters) in (5..).zip([&[0, 0, 0, 3][..]].iter().chain(detour)) {
            let known = history.clone();
            let found = assigned(&all, clusters, &[], &[], &known, day);
            history = after(&all, &found);
        }
        let parted = assigned(&all, &[0, 1, 1, 3], &[], &[], &history, 8);
        let [of_a, of_x] = of_a_and_x;
        assert_eq!(customers(&parted)[..3], [of_a, of_x.clone(), of_x]);
        customers(&parted)
    });
    assert_eq!(parted[0], parted[1]);
}

#[test]
fn an_id_whose_records_moved_on_leads_to_them() {
    let none = History::default();
    let records = ["c", "d", "x"];
    let first = assigned(&records, &[0, 1, 2], &[], &[], &none, 1);
    let history = after(&records, &first);
    let merged = assigned(&records, &[0, 1, 0], &[], &[], &history, 2);
    let history = after(&records, &merged);
    let moved = assigned(&records, &[0, 1, 1], &[], &[], &history, 3);
    let [of_c, of_d, of_x] = [0, 1, 2].map(|at| customers(&first)[at].clone());
    assert_eq!(
        customers(&moved),
        [of_c.clone(), of_d.clone(), of_d.clone()]
    );
    assert_eq!(redirect(&moved, &of_x), Some(of_d));
    assert_eq!(redirect(&moved, &of_c), Some(of_c));
}

#[test]
fn a_record_that_moves_is_told() {
    let none = History::default();
    let records = ["a", "b", "c", "d", "e"];
    let first = assigned(&records, &[0, 0, 0, 3, 3], &[], &[], &none, 1);
    let history = after(&records, &first);
    let second = assigned(&records, &[0, 0, 2, 2, 2], &[], &[], &history, 2);
    assert_eq!(second.changes, []);
    let from = |at: usize| second.ids.value(second.moved[at].1 as usize).to_string();
    assert_eq!((second.moved.len(), second.moved[0].0), (1, 2));
    assert_eq!(from(0), customers(&first)[0]);
    // What moved is of its new customer from then on; a run of the same night says it again.
    let mut history = after(&records, &second);
    history.moved = Owned {
        records: ids(&["c"]),
        customers: vec![history.customer("a").unwrap()],
        came_on: vec![night(2)],
    };
    let again = assigned(&records, &[0, 0, 2, 2, 2], &[], &[], &history, 2);
    let from = |at: usize| again.ids.value(again.moved[at].1 as usize).to_string();
    assert_eq!(
        (again.moved.len(), from(0)),
        (1, customers(&first)[0].clone())
    );
    history.moved = Owned::default();
    let third = assigned(&records, &[0, 0, 2, 2, 2], &[], &[], &history, 3);
    assert_eq!((third.moved.len(), third.merged.len()), (0, 0));
}

#[test]
fn of_two_parts_as_large_the_one_that_was_living_keeps_the_id() {
    let none = History::default();
    let first = assigned(&["a", "b"], &[0, 0], &[], &[], &none, 1);
    let history = after(&["a", "b"], &first);
    // a is away, and comes back as another person.
    let second = assigned(&["b"], &[0], &[], &[], &history, 2);
    let history = after(&["b"], &second);
    let third = assigned(&["a", "b"], &[0, 1], &[], &[], &history, 3);
    assert_eq!(customers(&third)[1], customers(&first)[0]);
    assert_ne!(customers(&third)[0], customers(&first)[0]);
}

#[test]
fn an_id_does_not_follow_a_record_that_visited_it_for_a_night() {
    let none = History::default();
    let records = ["a1", "a2", "x", "y", "z1", "z2"];
    let apart = [0, 0, 0, 3, 4, 4];
    let first = assigned(&records, &apart, &[], &[], &none, 1);
    let history = after(&records, &first);
    let second = assigned(&records, &[0, 0, 2, 2, 4, 4], &[], &[], &history, 2);
    assert_eq!(
        customers(&second)[2..4],
        [customers(&first)[3].clone(), customers(&first)[3].clone()]
    );
    let history = after(&records, &second);
    // x is back where it was, and y is with the others.
    let third = assigned(&records, &[0, 0, 0, 3, 3, 3], &[], &[], &history, 3);
    assert_eq!(customers(&third)[..3], customers(&first)[..3]);
    let history = after(&records, &third);
    let fourth = assigned(&records, &apart, &[], &[], &history, 4);
    assert_eq!(customers(&fourth), customers(&first));
}

#[test]
fn an_id_stays_with_the_record_that_it_was_made_for() {
    let none = History::default();
    let first = assigned(&["y"], &[0], &[], &[], &none, 1);
    let history = after(&["y"], &first);
    let records = ["n1", "n2", "y"];
    let second = assigned(&records, &[0; 3], &[], &[], &history, 6);
    assert_eq!(second.came_on, [night(6), night(6), night(1)]);
    let history = after(&records, &second);
    // Two came to it by mistake, and go together.
    let third = assigned(&records, &[0, 0, 2], &[], &[], &history, 11);
    assert_eq!(customers(&third)[2], customers(&first)[0]);
    // After some weeks they had been it more than the first one has.
    let late = assigned(&records, &[0, 0, 2], &[], &[], &history, 28);
    assert_eq!(customers(&late)[0], customers(&first)[0]);
    // Away, a record is still known to have been there first.
    let away = assigned(&["n1"], &[0], &[], &[], &history, 7);
    let history = after(&["n1"], &away);
    let back = assigned(&["n1", "y"], &[0, 1], &[], &[], &history, 8);
    assert_eq!(customers(&back)[1], customers(&first)[0]);
    // A night away is no night with the customer.
    assert_eq!(back.came_on, [night(8), night(2)]);
    // Away for longer than it was there, it comes behind the one that stayed.
    let history = after(&["n1"], &away);
    let back = assigned(&["n1", "y"], &[0, 1], &[], &[], &history, 28);
    assert_eq!(customers(&back)[0], customers(&first)[0]);
}

#[test]
fn an_undone_merge_gives_back_the_days_of_the_records() {
    let none = History::default();
    let first = assigned(&["b"], &[0], &[], &[], &none, 1);
    let history = after(&["b"], &first);
    let records = ["a", "b"];
    let second = assigned(&records, &[0, 1], &[], &[], &history, 2);
    let history = after(&records, &second);
    let merged = assigned(&records, &[0, 0], &[], &[], &history, 20);
    assert_eq!(merged.came_on, [night(20), night(1)]);
    let history = after(&records, &merged);
    let undone = assigned(&records, &[0, 1], &[], &[], &history, 21);
    assert_eq!(undone.came_on, [night(2), night(1)]);
    // Newcomers do not take the id.
    let history = after(&records, &undone);
    let records = ["a", "b", "n1", "n2"];
    let joined = assigned(&records, &[0, 1, 0, 0], &[], &[], &history, 22);
    let history = after(&records, &joined);
    let split = assigned(&records, &[0, 1, 2, 2], &[], &[], &history, 24);
    assert_eq!(customers(&split)[0], customers(&second)[0]);
}

#[test]
fn the_part_of_a_split_is_no_visitor_of_its_new_id() {
    let none = History::default();
    let first = assigned(&["a1", "a2", "a3", "b1", "b2"], &[0; 5], &[], &[], &none, 1);
    let history = after(&["a1", "a2", "a3", "b1", "b2"], &first);
    // b1 and b2 split off, and a new record is with them.
    let records = ["a1", "a2", "a3", "b0", "b1", "b2"];
    let second = assigned(&records, &[0, 0, 0, 3, 3, 3], &[], &[], &history, 2);
    let history = after(&records, &second);
    let third = assigned(&records, &[0, 0, 0, 3, 4, 4], &[], &[], &history, 3);
    assert_eq!(customers(&third)[4..], customers(&second)[4..]);
    assert_ne!(customers(&third)[3], customers(&second)[3]);
}

#[test]
fn a_record_that_is_away_is_known_by_those_of_its_customer() {
    let none = History::default();
    let records = ["a", "b", "c"];
    let first = assigned(&records, &[0, 1, 0], &[], &[], &none, 1);
    let history = after(&records, &first);
    let of_a = history.customer("a").unwrap();
    assert_eq!(history.customer("c"), Some(of_a));
    assert_ne!(history.customer("b"), Some(of_a));
    let second = assigned(&["b", "c"], &[0, 1], &[], &[], &history, 2);
    let history = after(&["b", "c"], &second);
    let of_a = history.customer("a").unwrap();
    assert_eq!(history.records_of(&[of_a].into())[&of_a], ["c", "a"]);
    assert_eq!(history.customer("unknown"), None);
}

proptest! {
    /// Records come, go, merge and part as they like; 9 is a record that is away.
    #[test]
    fn ids_stay_sound_whatever_happens(
        nights in proptest::collection::vec(proptest::collection::vec(0..10_usize, 7), 1..8),
    ) {
        const ALL: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
        let mut history = History::default();
        // The records that each id ever had.
        let mut ever: HashMap<String, Vec<&str>> = HashMap::new();
        for (day, labels) in nights.iter().enumerate() {
            let here: Vec<usize> = (0..ALL.len()).filter(|at| labels[*at] < 7).collect();
            let records: Vec<&str> = here.iter().map(|at| ALL[*at]).collect();
            let first = |label: usize| here.iter().position(|at| labels[*at] == label).unwrap() as u32;
            let clusters: Vec<u32> = here.iter().map(|at| first(labels[*at])).collect();
            let found = assigned(&records, &clusters, &[], &[], &history, day as u32 + 1);
            let ids = customers(&found);
            for one in 0..ids.len() {
                for other in 0..one {
                    prop_assert_eq!(ids[one] == ids[other], clusters[one] == clusters[other]);
                }
                prop_assert_eq!(redirect(&found, &ids[one]), Some(ids[one].clone()));
            }
            let places = found.places();
            for led in &found.redirects {
                let target = found.redirects[places[led.customer as usize] as usize];
                prop_assert_eq!(target.customer, led.customer);
                prop_assert_eq!(led.is_retired, !found.customers.contains(&led.customer));
            }
            for (id, record) in ids.iter().zip(&records) {
                ever.entry(id.clone()).or_default().push(record);
            }
            // Where all records that an id had are here, it leads to one of theirs.
            for (id, of_id) in &ever {
                let place = |record: &&str| records.iter().position(|other| other == record);
                let places: Vec<_> = of_id.iter().map(place).collect();
                let target = redirect(&found, id);
                let is_theirs = |place: &Option<usize>| Some(&ids[place.unwrap()]) == target.as_ref();
                prop_assert!(places.contains(&None) || places.iter().any(is_theirs), "{id} leads to {target:?}");
            }
            let mut kinds: Vec<_> = found.changes.iter().map(|change| (change.customer, change.kind)).collect();
            kinds.sort_unstable();
            prop_assert!(kinds.windows(2).all(|pair| pair[0] != pair[1]));
            prop_assert!(found.former.iter().all(|it| !records.contains(&it.record)));
            let known = super::tests::ids(&records);
            let merged: Vec<&str> = found.merged.iter().map(|(record, _)| record.id(&known)).collect();
            prop_assert!(merged.windows(2).all(|pair| pair[0] < pair[1]));
            history = after(&records, &found);
            // The same again: nothing happens.
            let again = assigned(&records, &clusters, &[], &[], &history, day as u32 + 2);
            prop_assert_eq!((again.changes.len(), again.moved.len()), (0, 0));
            prop_assert_eq!(customers(&again), ids);
        }
    }

    /// After any nights, some customers are one for a night, and then what they were.
    #[test]
    fn a_wrong_merge_that_is_undone_leaves_no_trace(
        nights in proptest::collection::vec(proptest::collection::vec((0..4_usize).prop_map(Some), 6), 1..7),
        joins in proptest::collection::vec(0..3_usize, 4),
    ) {
        const ALL: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
        // Those that are there, and their clusters.
        let there = |labels: &[Option<usize>]| -> (Vec<&str>, Vec<u32>) {
            let there = ALL.into_iter().zip(labels).filter_map(|(record, label)| Some((record, (*label)?)));
            let (records, labels): (Vec<&str>, Vec<usize>) = there.unzip();
            let first = |label: &usize| labels.iter().position(|other| other == label).unwrap() as u32;
            let clusters = labels.iter().map(first).collect();
            (records, clusters)
        };
        let after_all = |nights: &[Vec<Option<usize>>]| {
            let mut history = History::default();
            let mut last = Vec::new();
            for (day, (records, clusters)) in (1..).zip(nights.iter().map(|labels| there(labels))) {
                let known = history.clone();
                let found = assigned(&records, &clusters, &[], &[], &known, day);
                (last, history) = (customers(&found), after(&records, &found));
            }
            (last, history)
        };
        let last = nights.last().unwrap();
        let joined: Vec<Option<usize>> = last.iter().map(|label| Some(joins[(*label)?])).collect();
        let (before, known) = after_all(&nights);
        let undone: Vec<Vec<Option<usize>>> = nights.iter().chain([&joined, last]).cloned().collect();
        let (undone, history) = after_all(&undone);
        prop_assert_eq!(before, undone);
        let traces = |history: &History| {
            let merged = history.merged.customers.clone();
            let nights = (history.merged.came_on.clone(), history.came_to_own.clone());
            let details = (history.came_later.clone(), nights);
            (history.targets.clone(), history.merged_into.clone(), merged, details)
        };
        prop_assert_eq!(traces(&known), traces(&history));
    }

    /// All are one for a night, and then what they were.
    #[test]
    fn what_was_one_for_a_night_is_what_it_was(labels in proptest::collection::vec(0..5_usize, 1..8)) {
        const ALL: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
        let records = &ALL[..labels.len()];
        let first = |label: usize| labels.iter().position(|other| *other == label).unwrap() as u32;
        let clusters: Vec<u32> = labels.iter().map(|label| first(*label)).collect();
        let none = History::default();
        let before = assigned(records, &clusters, &[], &[], &none, 1);
        let history = after(records, &before);
        let one = assigned(records, &vec![0; labels.len()], &[], &[], &history, 2);
        let history = after(records, &one);
        let undone = assigned(records, &clusters, &[], &[], &history, 3);
        prop_assert_eq!(customers(&undone), customers(&before));
        prop_assert!(undone.merged.is_empty());
    }
}

#[test]
fn an_id_that_is_taken_is_not_given_again() {
    let none = History::default();
    let first = assigned(&["a"], &[0], &[], &[], &none, 1);
    let mut history = after(&["a"], &first);
    // The record is forgotten, its id is not.
    history.living = Owned::default();
    let second = assigned(&["a"], &[0], &[], &[], &history, 2);
    assert_ne!(customers(&second), customers(&first));
}

//! `onefold train`

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::{PipelineArguments, block_on, night_options, print};
use crate::fault::{Fault, Result};
use crate::identity::clusters::Fate;
use crate::identity::crowds::{Crowds, crowds};
use crate::identity::expected;
use crate::identity::matching::{Matched, Matcher};
use crate::identity::model::{FEWEST_LABELS, Model, Trained};
use crate::identity::model_file;
use crate::pipeline::identity::{more_than_certain, refused_by_lists};
use crate::pipeline::prepare::model_path;
use crate::pipeline::run::records::{self, NightRecords};
use crate::pipeline::truth::{self, Truth};
use crate::report::text::{count, plural};

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArguments,
    /// Learn from labels: a Parquet or csv file with record_id (or source, source_key) and person_id, or of pairs that are one person, left_id and right_id
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let options = night_options(&arguments.pipeline, true);
    let text = block_on(options.options.limits.threads, async move {
        let night = records::of_tonight(options, "trained").await?;
        let labels = match &arguments.labels {
            Some(file) => Some(truth::read(file, &night.records).await?),
            None => None,
        };
        let coverage = labels.as_ref().map(Truth::coverage);
        let path = model_path(&night.loaded);
        let work = move |night: &mut NightRecords| {
            let (matcher, _) = night.matcher()?;
            let pairs = labels.as_ref().map(Truth::pairs);
            let matches = labels.as_ref().and_then(Truth::matches);
            let model = matcher.train(pairs.as_deref().unwrap_or_default(), matches)?;
            let scored = matcher.run(model)?;
            let model = &scored.matched.model;
            if !model.has_learned() {
                let is_any_seen = model.comparisons.iter().any(|trained| trained.is_estimated);
                return Ok(Err(nothing_learned(is_any_seen)));
            }
            let is_counted = model.comparisons.iter().any(|trained| trained.is_counted);
            let by = match is_counted {
                true => "labels",
                false => "expectation_maximisation",
            };
            let text = model_file::text(model, &scored.shares, matcher.records.len(), by);
            let is_measured = |trained: &Trained| trained.is_estimated || trained.is_counted;
            let expected = match model.comparisons.iter().any(is_measured) {
                true => expected(&matcher, &scored.matched)?,
                false => NOTHING_EXPECTED.to_string(),
            };
            let crowds = crowded(&crowds(&matcher, &scored.matched)?);
            let table = table(&matcher, model, &scored.shares);
            let mut told = format!("{table}{crowds}\n\n{expected}");
            let matched = &scored.matched;
            let doubts = refused_by_lists(matched).into_iter();
            let recall = matcher.book().certain_recall;
            for doubt in doubts.chain(more_than_certain(&matcher.records, matched, recall)) {
                told.push_str(&format!("\n\n{doubt}"));
            }
            if let Some(pairs) = pairs {
                told.push_str(&format!("\n\n{}", labels_used(model, pairs.len())));
                if let Some(matches) = matches {
                    told.push_str(&format!(
                        "; the labels tell of every record, so that how many matches there are is counted too: {}",
                        count(matches)
                    ));
                }
            }
            Ok(Ok((told, text, matcher.records.len())))
        };
        let (mut told, text, records) = night.with("the training", work).await??;
        if let Some(coverage) = coverage {
            told.push_str(&format!(
                "\n\n{coverage}; onefold evaluate --truth counts on them what is expected above"
            ));
        }
        model_file::write(&path, &text).map_err(|error| {
            Fault::failed(format!("could not write {}: {error}", path.display())).hint(
                "the model that is there stays as it is; model under [identity] names another file",
            )
        })?;
        Ok(format!(
            "{told}\n\ntrained on {}; wrote {}",
            plural(records as u64, "record"),
            path.display()
        ))
    })?;
    print(&text)
}

/// What stands in place of precision and recall where every weight is assumed.
const NOTHING_EXPECTED: &str = "no comparison could be estimated: what to expect is not known. Where there is one column, certain rules over its levels \
    (organization_level(l.name, r.name) in ('exact', 'folded')) are what links records; train --labels counts weights";

/// Why no model was made; the one that is there stays as it is.
fn nothing_learned(is_any_seen: bool) -> Box<Fault> {
    match is_any_seen {
        true => Fault::failed("there is nothing to learn from: no pair of tonight's records looks like one person")
            .hint("the model stays as it is; look at the exports, and at the pairs of the rules: onefold check --blocking"),
        false => Fault::failed("there is nothing to learn from: no comparison reads what a blocking rule leaves open, so that all pairs look alike")
            .hint("the model stays as it is; compare another column, add a blocking rule of others than those that are compared, or train with --labels"),
    }
}

/// What was learned from labels.
fn labels_used(model: &Model, pairs: usize) -> String {
    let rest = model.comparisons.iter();
    let rest = rest.filter(|trained| !trained.is_counted);
    let rest: Vec<&str> = rest.map(|trained| trained.name.as_str()).collect();
    let pairs = plural(pairs as u64, "labelled pair");
    match (rest.len(), rest.len() == model.comparisons.len()) {
        (0, _) => format!("m is counted on {pairs}"),
        (_, false) => format!(
            "m is counted on {pairs}, but not of {}: fewer than {FEWEST_LABELS} of them have values on both sides",
            rest.join(", ")
        ),
        (_, true) => format!(
            "{pairs} told nothing: fewer than {FEWEST_LABELS} of them have values on both sides; m is what training without labels gives"
        ),
    }
}

/// What the model itself expects at several thresholds, without any label: if its probabilities are right, so are these.
fn expected(matcher: &Matcher, matched: &Matched) -> datafusion::common::Result<String> {
    let expected = expected::expected(matcher, matched)?;
    let mut lines = vec![format!(
        "{:<10} {:>10} {:>12} {:>9} {:>9} {:>9}   expected by the model, of the pairs within customers",
        "threshold", "pairs", "by a third", "precision", "recall", "F1"
    )];
    for at in &expected {
        lines.push(format!(
            "{:<10} {:>10} {:>12} {:>9.4} {:>9.4} {:>9.4}",
            at.threshold, at.pairs, at.through_others, at.precision, at.recall, at.f1
        ));
    }
    let mut best = &expected[0];
    for at in &expected {
        if at.f1 > best.f1 {
            best = at;
        }
    }
    lines.push(format!("the best balance is expected from {} on; a master that must not join two persons wants more", best.threshold));
    lines.extend(refused(matched));
    Ok(lines.join("\n"))
}

/// Which rules refuse how many of the likely pairs.
fn refused(matched: &Matched) -> Option<String> {
    /// Rules that are named.
    const MOST: usize = 3;
    let mut by_rule: BTreeMap<&str, u64> = BTreeMap::new();
    for fate in matched.fates.iter().flatten() {
        if let Fate::Refused(refusal) = fate {
            *by_rule.entry(refusal.by.as_str()).or_default() += 1;
        }
    }
    let all: u64 = by_rule.values().sum();
    let mut rules: Vec<(&str, u64)> = by_rule.into_iter().collect();
    rules.sort_by_key(|(_, pairs)| Reverse(*pairs));
    let named = rules.iter().take(MOST);
    let named = named.map(|(rule, pairs)| format!("{rule} {}", count(*pairs)));
    let named = named.collect::<Vec<_>>().join(", ");
    (all > 0).then(|| {
        format!(
            "{} refused ({named}), which the recall above leaves out: where they are one person's, a rule forbids too much; after a run, identity.links has them (fate = 'refused')",
            match all {
                1 => "1 likely pair is".to_string(),
                all => format!("{} are", plural(all, "likely pair")),
            }
        )
    })
}

/// That customers would be several persons, where many would.
fn crowded(crowds: &[Crowds]) -> String {
    /// Where names are badly typed, one in ten looks so; of colleagues, one in four.
    const FEWEST: u64 = 3;
    const MOST: f64 = 0.15;
    let many = crowds.iter().filter(|found| {
        found.crowded >= FEWEST && found.crowded as f64 > MOST * found.customers as f64
    });
    let told = many.map(|Crowds { comparison, customers, crowded }| {
        format!(
            "\n\nof {} of three records or more, {} would have three names that have nothing in common ({comparison}): look at some with onefold why; where colleagues of a company or families are taken for one person, the precision below is expected too high, and veto = [\"else\"] of {comparison}, and a never rule over the names, keep them apart",
            plural(*customers, "customer"),
            count(*crowded)
        )
    });
    told.collect()
}

/// The model as a table, with what could not be estimated, and what looks wrong; with the share of each level among the links.
fn table(matcher: &Matcher, model: &Model, shares: &[Vec<f64>]) -> String {
    let width = |names: &mut dyn Iterator<Item = &String>| {
        let widths = names.map(|name| name.chars().count());
        widths.max().unwrap_or_default().max(16)
    };
    let names = width(&mut model.comparisons.iter().map(|trained| &trained.name));
    let of_levels = model.comparisons.iter().flat_map(|trained| &trained.levels);
    let levels = width(&mut of_levels.into_iter());
    let mut lines = vec![format!(
        "{:<names$} {:<levels$} {:>10} {:>12} {:>7}",
        "comparison", "level", "m", "u", "bits"
    )];
    for (of, trained) in model.comparisons.iter().enumerate() {
        for (at, level) in trained.levels.iter().enumerate() {
            let name = if at == 0 { trained.name.as_str() } else { "" };
            // What nobody has is worth what is assumed of it.
            let is_seen = shares.get(of).is_none_or(|shares| shares[at] > 0.0);
            let is_last = at + 1 == trained.levels.len();
            lines.push(format!(
                "{name:<names$} {level:<levels$} {:>10.6} {:>12.8} {:>+7.1}{}",
                trained.m[at],
                trained.u[at],
                trained.weights[at],
                if is_seen || is_last {
                    ""
                } else {
                    "   no link has it"
                }
            ));
        }
    }
    let named = |is_meant: &dyn Fn(&Trained) -> bool| {
        let trained = model.comparisons.iter().filter(|trained| is_meant(trained));
        let names: Vec<&str> = trained.map(|trained| trained.name.as_str()).collect();
        names.join(", ")
    };
    // As much as is told of it.
    if model.possible < 0.95 {
        lines.push(format!(
            "\nof all pairs, one in {:.1} may be of one person: across and never rules leave no more, and the prior and u are of these",
            1.0 / model.possible
        ));
    }
    let missing = matcher.prepared.iter().filter_map(|comparison| {
        let missing = comparison.missing()?;
        (missing >= 0.01).then(|| format!("{} {:.0} %", comparison.name, missing * 100.0))
    });
    let missing: Vec<String> = missing.collect();
    if !missing.is_empty() {
        lines.push(format!(
            "\nrecords without a value that can be read: {}; where an export has more, the stage loses it: onefold show {}",
            missing.join(", "),
            matcher.book().records
        ));
    }
    let assumed = named(&|trained| !trained.is_estimated);
    if !assumed.is_empty() {
        lines.push(format!(
            "\ncould not be estimated, and stands as assumed: {assumed}; no blocking rule that does without it brings enough pairs in which it is seen (what is made of the same column of an export counts as one with it)"
        ));
    }
    let biased = named(&|trained| trained.is_biased);
    if !biased.is_empty() {
        lines.push(format!(
            "\nagreement may be rated too high: {biased}; only blocking rules that hold a part of it equal bring enough pairs in which it is seen"
        ));
    }
    // Of two facts each rule holds one, and what is left alone tells nothing of how often matches differ in it.
    const FEWEST_COMPARISONS: usize = 3;
    let is_told_by_one_another = matcher.prepared.len() >= FEWEST_COMPARISONS
        || model
            .comparisons
            .iter()
            .any(|trained| trained.is_counted || !trained.is_estimated);
    if !is_told_by_one_another {
        lines.push(format!(
            "\nwith {} the pairs do not tell how often one person's records differ: \"else\" speaks too strongly against, and the recall below is expected too high; compare a third fact, be it a weak one (a country, the domain of an e-mail), or train with --labels",
            plural(matcher.prepared.len() as u64, "comparison")
        ));
    }
    // One person's records rarely differ in what the two know of the person, and hardly ever in a name or a date.
    const OFTEN: f64 = 0.25;
    const OFTEN_OF_NAMES: f64 = 0.1;
    const OFTEN_OF_LINKS: f64 = 0.03;
    /// From here on it is no families: the values are badly typed.
    const MOST_OF_LINKS: f64 = 0.3;
    let comparisons = || matcher.prepared.iter().zip(&model.comparisons);
    let differing = comparisons().filter(|(prepared, trained)| {
        let often = if prepared.is_of_person {
            OFTEN_OF_NAMES
        } else {
            OFTEN
        };
        trained.is_estimated && trained.m.last() > Some(&often)
    });
    let differing: Vec<&str> = differing
        .map(|(_, trained)| trained.name.as_str())
        .collect();
    let differing = differing.join(", ");
    if !differing.is_empty() {
        lines.push(format!(
            "\nrecords of one person often differ here, by this model: {differing}; if they do not, a blocking rule brings too many strangers, or the kind does not understand the values"
        ));
    }
    let strangers = comparisons()
        .zip(shares)
        .filter_map(|((prepared, trained), shares)| {
            let share = shares.last().copied()?;
            let is_open = prepared.is_of_person && !prepared.vetoes(shares.len() - 1);
            (is_open && share > OFTEN_OF_LINKS && share < MOST_OF_LINKS)
                .then(|| format!("{} ({:.0} %)", trained.name, share * 100.0))
        });
    let strangers: Vec<String> = strangers.collect();
    if !strangers.is_empty() {
        lines.push(format!(
            "\nof so many links the two are \"else\" here: {}; families who share a phone and an address look so, and then the precision below is expected too high: look at some with onefold why; a never rule over two facts keeps them apart, as other names and other birth dates, or veto = [\"else\"]",
            strangers.join(", ")
        ));
    }
    lines.join("\n")
}

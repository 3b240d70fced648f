//! The end of a run in five seconds of reading.

use std::io::Write;
use std::path::Path;

use super::record::{IdentityRecord, Record};
use super::text::{bytes, count, plural, seconds};

/// Prints the summary to standard error.
pub fn print(record: &Record, output: &Path) {
    let _ = writeln!(std::io::stderr(), "\n{}", text(record, output));
}

/// Prints what a person should know of a run that failed, beside why it did.
pub fn print_warnings(record: &Record) {
    for warning in warnings(record) {
        let _ = writeln!(std::io::stderr(), "{warning}");
    }
}

/// A line for each warning.
fn warnings(record: &Record) -> impl Iterator<Item = String> + '_ {
    let warnings = record.warnings.iter();
    warnings.map(|warning| format!("  warning    {warning}"))
}

/// How many records are how many customers.
pub fn customers(identity: &IdentityRecord) -> String {
    let (records, customers) = (
        plural(identity.records, "record"),
        plural(identity.customers, "customer"),
    );
    match identity.records {
        1 => format!("{records} is {customers}"),
        _ => format!("{records} are {customers}"),
    }
}

/// How many ids changed, by the kind of change; none where nothing did.
pub fn id_changes(identity: &IdentityRecord) -> Option<String> {
    let changes = identity.id_changes.iter();
    let changes = changes.map(|(change, number)| format!("{} {change}", count(*number)));
    let moved = (identity.moved_records > 0).then(|| {
        let moved = plural(identity.moved_records, "record");
        format!("{moved} moved to another customer")
    });
    let changes: Vec<String> = changes.chain(moved).collect();
    (!changes.is_empty()).then(|| changes.join(", "))
}

/// The summary's text.
pub fn text(record: &Record, output: &Path) -> String {
    let mut lines = vec![format!(
        "{}, night of {} ({})",
        record.pipeline, record.as_of, record.status
    )];
    let rows: u64 = record
        .exports
        .iter()
        .map(|export| export.summary.rows)
        .sum();
    let rejects: u64 = record
        .exports
        .iter()
        .map(|export| export.summary.rejects)
        .sum();
    let run = output.join("runs").join(&record.run_id);
    let mut read = format!(
        "{} from {}",
        plural(rows, "row"),
        plural(record.exports.len() as u64, "export")
    );
    if rejects > 0 {
        read.push_str(&format!(
            "; {} set aside, each with its reason in {}",
            count(rejects),
            run.join("rejects").display()
        ));
    }
    lines.push(format!("  read       {read}"));
    let mut reasons: Vec<(String, u64)> = record
        .exports
        .iter()
        .flat_map(|export| {
            export
                .summary
                .reasons
                .iter()
                .map(|(reason, count)| (format!("{}: {reason}", export.name), *count))
        })
        .collect();
    reasons.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(&right.0)));
    /// Reasons of rejects that are told; the others are in run.json.
    const TOLD: usize = 5;
    for (reason, number) in reasons.iter().take(TOLD) {
        lines.push(format!("             {:>6} x {reason}", count(*number)));
    }
    if reasons.len() > TOLD {
        lines.push(format!(
            "             and {} more in run.json",
            plural((reasons.len() - TOLD) as u64, "reason")
        ));
    }
    if let Some(identity) = &record.identity {
        lines.push(format!(
            "  matched    {}; {} to review{}, {} guarded, {} refused",
            customers(identity),
            plural(identity.review_pairs, "pair"),
            match identity.joined_review_pairs {
                0 => String::new(),
                joined => format!(" ({} of one customer already)", count(joined)),
            },
            plural(identity.shared_values, "shared value"),
            plural(identity.refused_links, "link"),
        ));
        let changes = id_changes(identity).unwrap_or("none changed".to_string());
        lines.push(format!("  ids        {changes}"));
        if !identity.groups.is_empty() {
            let groups = identity.groups.iter();
            let told = groups.map(|(kind, number)| format!("{kind}: {}", count(*number)));
            lines.push(format!(
                "  groups     {}",
                told.collect::<Vec<_>>().join(", ")
            ));
        }
    }
    let failed = record
        .checks
        .iter()
        .filter(|check| check.failures > 0)
        .count() as u64;
    lines.push(match failed {
        0 => format!(
            "  checked    {} passed",
            plural(record.checks.len() as u64, "check")
        ),
        _ => format!(
            "  checked    {}; {} as a warning",
            plural(record.checks.len() as u64, "check"),
            plural(failed, "failure")
        ),
    });
    if record.status == "published" {
        lines.push(format!(
            "  published  {}, {} in {}",
            plural(record.published_tables as u64, "table"),
            bytes(record.published_bytes),
            output.join("current").display()
        ));
    }
    let reused = record.stages.iter().filter(|stage| stage.is_reused).count();
    let again = if reused > 0 {
        format!(", {reused} of {} stages unchanged", record.stages.len())
    } else {
        String::new()
    };
    lines.push(format!(
        "  took       {}, {} at most{again}",
        seconds(record.seconds),
        bytes(record.peak_memory_bytes)
    ));
    lines.extend(warnings(record));
    for (table, text) in &record.shown {
        lines.push(format!("\n{table}"));
        lines.extend(text.lines().map(|line| format!("  {line}")));
    }
    lines.join("\n")
}

//! Retention: old versions are collected, never the published one, nor a young one.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Where this process spills what does not fit its memory.
pub fn spill_folder(output: &Path) -> std::path::PathBuf {
    output
        .join(".cache/spill")
        .join(std::process::id().to_string())
}

const A_MONTH: Duration = Duration::from_secs(30 * 86_400);

/// Removes what a killed run left behind: hidden versions and hidden links.
pub fn clean(output: &Path) -> io::Result<()> {
    let versions = output.join("versions");
    for entry in fs::read_dir(&versions).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with('.') {
            fs::remove_dir_all(entry.path())?;
        }
    }
    let own = spill_folder(output);
    for entry in fs::read_dir(output.join(".cache/spill"))
        .into_iter()
        .flatten()
        .flatten()
    {
        if entry.path() != own {
            fs::remove_dir_all(entry.path())?;
        }
    }
    for entry in fs::read_dir(output)?.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(".current-") || name.starts_with("current.json#") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Removes versions beyond the `keep` newest that are older than `keep_for`, with the reports of their runs.
pub fn collect(
    output: &Path,
    published: &str,
    keep: usize,
    keep_for: Duration,
) -> io::Result<Vec<String>> {
    let mut versions: Vec<String> = fs::read_dir(output.join("versions"))?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    // Run ids sort by time.
    versions.sort_unstable_by(|a, b| b.cmp(a));
    let mut removed = Vec::new();
    for version in versions.into_iter().skip(keep.max(1)) {
        let folder = output.join("versions").join(&version);
        let age = SystemTime::now()
            .duration_since(fs::metadata(&folder)?.modified()?)
            .unwrap_or_default();
        if version == published || age < keep_for {
            continue;
        }
        // Hidden first, so that a reader who lists versions never sees half of one.
        let hidden = output.join("versions").join(format!(".old-{version}"));
        fs::rename(&folder, &hidden)?;
        fs::remove_dir_all(&hidden)?;
        let report = output.join("runs").join(&version);
        if report.exists() {
            fs::remove_dir_all(report)?;
        }
        removed.push(version);
    }
    // Runs that published nothing keep their reports for a month.
    for entry in fs::read_dir(output.join("runs"))?.flatten() {
        let age = SystemTime::now()
            .duration_since(entry.metadata()?.modified()?)
            .unwrap_or_default();
        if age > A_MONTH.max(keep_for) && !output.join("versions").join(entry.file_name()).exists()
        {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(removed)
}

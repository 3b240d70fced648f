//! Progress on standard error: a live bar on a terminal, one line per step elsewhere.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How a run tells what it is doing.
pub struct Progress {
    bar: Option<ProgressBar>,
    is_json: bool,
    is_quiet: bool,
}

/// A step that is going on.
pub struct Step {
    started: Instant,
    name: String,
}

impl Progress {
    /// Progress over some steps. On a terminal it is a bar; with `is_json` every step is a JSON line.
    pub fn new(steps: u64, is_json: bool, is_quiet: bool) -> Self {
        let is_live = std::io::stderr().is_terminal() && !is_json && !is_quiet;
        let bar = is_live.then(|| {
            let bar = ProgressBar::new(steps);
            let style =
                ProgressStyle::with_template("{spinner} [{bar:24}] {pos}/{len} {msg} ({elapsed})");
            bar.set_style(
                style
                    .unwrap_or_else(|_| ProgressStyle::default_bar())
                    .progress_chars("=> "),
            );
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self {
            bar,
            is_json,
            is_quiet,
        }
    }

    /// Says that a step starts.
    pub fn start(&self, name: &str) -> Step {
        if let Some(bar) = &self.bar {
            bar.set_message(name.to_string());
        }
        Step {
            started: Instant::now(),
            name: name.to_string(),
        }
    }

    /// Says that a step ended, and what came of it. Gives the seconds it took.
    pub fn end(&self, step: &Step, outcome: &str) -> f64 {
        let seconds = step.started.elapsed().as_secs_f64();
        if let Some(bar) = &self.bar {
            bar.println(format!(
                "  {:<34} {:>8}  {outcome}",
                step.name,
                super::text::seconds(seconds)
            ));
            bar.inc(1);
        } else if self.is_json {
            let line =
                serde_json::json!({ "step": step.name, "seconds": seconds, "outcome": outcome });
            let _ = writeln!(std::io::stderr(), "{line}");
        } else if !self.is_quiet {
            let _ = writeln!(
                std::io::stderr(),
                "  {:<34} {:>8}  {outcome}",
                step.name,
                super::text::seconds(seconds)
            );
        }
        seconds
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A spinner that stands on a terminal while something is done, and is gone with it.
pub struct Waiting(Option<ProgressBar>);

impl Waiting {
    /// Says what is being done, and for how long; elsewhere than on a terminal, nothing.
    pub fn on(what: &str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
            let bar = ProgressBar::new_spinner()
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
                .with_message(what.to_string());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self(bar)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

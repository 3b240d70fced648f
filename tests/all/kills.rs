//! A run that is killed changes nothing that was published, and the next one succeeds.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::workdir::{Workdir, project, tables};

#[cfg(unix)]
#[test]
fn ten_kills_leave_the_night_before_whole() {
    let work = Workdir::new();
    let pipeline = project()
        .join("pipelines/customers.toml")
        .display()
        .to_string();
    let started = Instant::now();
    work.run(&["run", &pipeline, "--output", "warehouse", "--quiet"]);
    let whole = started.elapsed();
    // What is published is what the pointer names: the link may follow it a moment later.
    let published = || {
        let pointer = fs::read_to_string(work.path("warehouse/current.json")).unwrap();
        let pointer: serde_json::Value = serde_json::from_str(&pointer).unwrap();
        let directory = pointer["directory"].as_str().unwrap();
        tables(&work.path("warehouse").join(directory))
    };
    let mut before = published();
    let mut pointer = fs::read_to_string(work.path("warehouse/current.json")).unwrap();
    let mut killed = 0;
    for round in 0..10_u32 {
        // Another night each time, so that every stage has work to do.
        let night = format!("2026-07-{:02}", round + 2);
        let mut child = work
            .command(&[
                "run",
                &pipeline,
                "--output",
                "warehouse",
                "--quiet",
                "--force",
                "--as-of",
                &night,
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(
            whole.mul_f64(f64::from(round * 37 % 100 + 5) / 100.0)
                + Duration::from_millis(u64::from(std::process::id() % 50)),
        );
        let _ = child.kill();
        let ended_by_itself = child.wait().unwrap().success();
        killed += u32::from(!ended_by_itself);
        let now = fs::read_to_string(work.path("warehouse/current.json")).unwrap();
        if ended_by_itself || now != pointer {
            // It was faster than the kill: the new night is the one to be kept whole.
            pointer = now;
            before = published();
        } else {
            assert!(published() == before, "after kill {round}");
        }
        let rows = work.query("select count(*) > 900 as whole from marts.customer_360");
        assert_eq!(rows, "whole\ntrue", "after kill {round}");
    }
    assert!(
        killed >= 5,
        "only {killed} of 10 runs were killed before they ended"
    );
    work.run(&[
        "run",
        &pipeline,
        "--output",
        "warehouse",
        "--quiet",
        "--as-of",
        "2026-07-12",
    ]);
    let hidden = fs::read_dir(work.path("warehouse/versions"))
        .unwrap()
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with('.'));
    assert!(!hidden, "a killed run's version was left behind");
}

#[cfg(unix)]
#[test]
fn a_run_that_is_asked_to_stop_says_so_with_its_exit_code() {
    let work = Workdir::new();
    let pipeline = project()
        .join("pipelines/customers.toml")
        .display()
        .to_string();
    let child = work
        .command(&["run", &pipeline, "--output", "warehouse"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(400));
    let asked = std::process::Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(asked.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(143),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!work.path("warehouse/current.json").exists());
}

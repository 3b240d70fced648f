//! How much memory a run may use, and how much it did.

use std::fs;

/// The limit for the engine's own memory where none is given: half of what the cgroup or the machine has, in bytes.
pub fn default_limit() -> usize {
    let cgroup = fs::read_to_string("/sys/fs/cgroup/memory.max")
        .ok()
        .and_then(|text| text.trim().parse::<u64>().ok());
    let machine = fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| kibibytes(&text, "MemTotal:"));
    let available = cgroup.into_iter().chain(machine).min().unwrap_or(4 << 30);
    usize::try_from(available / 2).unwrap_or(usize::MAX)
}

/// Keeps the system from giving this process huge pages: the allocator gives memory back and takes it again all the time, and
/// clearing two megabytes for each took a fifth of a run.
pub fn avoid_huge_pages() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!(%error, "huge pages stay on");
    }
}

/// Begins the program again, with an allocator that gives back what is free sooner than after the whole second that it
/// waits by itself: many a step of a run is shorter. It reads that from the environment, before the program begins; what is set there
/// already stays. Where it cannot be begun again, it goes on as it is.
pub fn give_back_early() {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        use std::path::Path;
        use std::{env, process};
        const DELAY: &str = "MIMALLOC_PURGE_DELAY";
        let mut arguments = env::args_os();
        let (None, Ok(program), Some(name)) =
            (env::var_os(DELAY), env::current_exe(), arguments.next())
        else {
            return;
        };
        // Some bundles begin a program by its loader, which would not know what to begin again.
        if program.file_name() == Path::new(&name).file_name() {
            let mut again = process::Command::new(program);
            let _ = again.arg0(name).args(arguments).env(DELAY, "700").exec();
        }
    }
}

/// The most memory that this process has held so far, in bytes; 0 where the system does not tell.
pub fn peak() -> u64 {
    fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|text| kibibytes(&text, "VmHWM:"))
        .unwrap_or(0)
}

fn kibibytes(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.starts_with(key))?;
    line.split_whitespace()
        .nth(1)?
        .parse::<u64>()
        .ok()
        .map(|kibibytes| kibibytes * 1024)
}

/// Reads a size like `1.5GiB`, `800MB` or a number of bytes.
pub fn parse_size(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor: f64 = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => {
            return Err(format!(
                "\"{text}\" is no size; write one like 2GiB or 800MB"
            ));
        }
    };
    match digits.trim().parse::<f64>() {
        Ok(number) if number > 0.0 => Ok((number * factor) as usize),
        _ => Err(format!(
            "\"{text}\" is no size; write one like 2GiB or 800MB"
        )),
    }
}

//! One run at a time: a lock on the output, freed by the system when its holder ends, however it ends.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use crate::fault::{Fault, Kind, Result};

/// The lock; it is free again when this is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Takes the lock of an output.
pub fn take(output: &Path) -> Result<Lock> {
    let path = output.join(".lock");
    let cannot = |error: std::io::Error| {
        Fault::failed(format!("could not lock {}: {error}", output.display()))
            .hint("the output must be a folder that this user may write to")
    };
    fs::create_dir_all(output).map_err(cannot)?;
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(cannot)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            return Err(Fault::new(
                Kind::TryLater,
                format!(
                    "another run, or a plan, is at work in {} ({})",
                    output.display(),
                    holder.trim()
                ),
            )
            .hint("wait for it to end, then run again"));
        }
        Err(TryLockError::Error(error)) => return Err(cannot(error)),
    }
    file.set_len(0)
        .and_then(|()| writeln!(file, "process {}", std::process::id()))
        .map_err(cannot)?;
    Ok(Lock { _file: file })
}

//! Libraries that take a file apart may panic where its bytes are not what they expect. A damaged export is a fault with its
//! name, and no end of the run in the middle of a sentence.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use super::Source;
use crate::fault::{Fault, Result};

thread_local! {
    /// Whether a panic on this thread is caught, and need not be told.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs what a library does with a file; a panic in it is a fault of the file.
pub fn guarded<T>(source: &Source, work: impl FnOnce() -> Result<T>) -> Result<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IS_GUARDED.get() {
                usual(info);
            }
        }));
    });
    let before = IS_GUARDED.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    IS_GUARDED.set(before);
    outcome.unwrap_or_else(|_| {
        Err(Fault::failed(format!(
            "could not read {}: its inner structure is broken",
            source.name
        ))
        .hint("the file is damaged or cut off; fetch it again"))
    })
}

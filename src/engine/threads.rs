//! Threads for one step of a run. They end with it: a thread keeps memory that it has freed for itself, and a run takes one step
//! after the other.

use std::io;

use tokio::runtime::{Builder, Handle};

/// Does some work on threads of its own, as many as there are where it is called from.
pub fn in_own_threads<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let threads = rayon::current_num_threads();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    match pool.stack_size(STACK).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

/// Runs plans on threads of their own, as many as there are where it is called from, and waits for them; not to be called where
/// nobody may wait.
pub fn run_in_own_threads<T>(plans: impl Future<Output = T>) -> io::Result<T> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(Handle::current().metrics().num_workers())
        .thread_stack_size(STACK)
        .enable_all()
        .build()?;
    Ok(runtime.block_on(plans))
}

/// Bytes of the stack of a thread that plans and runs: nested SQL goes deep.
pub const STACK: usize = 8 << 20;

//! The program `onefold`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    onefold::engine::memory::give_back_early();
    onefold::engine::memory::avoid_huge_pages();
    onefold::cli::main()
}

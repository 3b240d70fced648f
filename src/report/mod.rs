//! What a run did: for a person on the terminal, for a program in `run.json` and `events.jsonl`.

pub mod evaluation;
pub mod progress;
pub mod record;
pub mod summary;
pub mod table;
pub mod text;

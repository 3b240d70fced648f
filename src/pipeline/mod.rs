//! The pipeline: its file as types, what is made ready before a run, and the run itself, top to bottom on one screen.

pub mod decisions;
pub mod file;
pub mod identity;
pub mod identity_history;
pub mod identity_records;
pub mod prepare;
pub mod reuse;
pub mod rule_book;
pub mod run;
pub mod truth;

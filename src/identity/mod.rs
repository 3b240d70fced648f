//! Who is who: which records of all sources are the same person or organisation.
//!
//! ```text
//! records -> guard -> certain rules ----------------------\
//!                 \-> blocking -> comparison -> model -> links -> clusters -> lasting ids -> groups -> identity.*
//! ```
//!
//! A name alone never merges, and a shared phone never merges: evidence is weighed (Fellegi and Sunter, 1969) and kept,
//! so that every link can be explained and undone.

pub mod blocking;
pub mod bound;
pub mod candidates;
pub mod clusters;
pub mod comparison;
pub mod condition;
pub mod contents;
pub mod crowds;
mod equal_pairs;
pub mod evaluate;
pub mod expected;
pub mod explain;
pub mod grouping;
pub mod groups;
pub mod guard;
pub mod history;
pub mod lasting_ids;
pub mod matching;
pub mod memo;
pub mod model;
pub mod model_file;
mod new_ids;
pub mod pairs;
mod random_pairs;
pub mod rarity;
pub mod reading;
pub mod ready;
pub mod records;
pub mod rekeyed;
pub mod rules;
pub mod side_by_side;
pub mod sieve;
pub mod sketch;
pub mod suggest;
pub mod tables;
mod within_lists;

//! onefold folds fragmented customer records into one customer master, every night, with proof for every value.
//!
//! ```text
//! exports -> raw -> staging -> identity -> master -> activity -> metrics -> published Parquet
//! ```
//!
//! The words, each with one meaning:
//!
//! - An **export** is a file, or several alike, that another system wrote: `raw.<name>`.
//! - A **record** is one row about a person or an organisation in one source.
//! - A **pair** is two records that are compared; a **link** is a pair that a rule or a score joins.
//! - A **cluster** is the records that links hold together; a **customer** is a cluster with a lasting id.
//! - A **stage** is one SQL file that makes one table.
//! - A **run** computes one **night**: it publishes a whole, checked version, or changes nothing.
//!
//! The modules:

pub mod cli;
pub mod engine;
pub mod exports;
pub mod functions;
pub mod identity;
pub mod pipeline;
pub mod publish;
pub mod report;
pub mod stages;

pub mod fault;
pub mod generate;

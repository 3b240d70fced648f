//! All integration tests in one binary, so that the engine is linked once.

mod accountable;
mod buckets;
mod clusters;
mod demo;
mod drafts;
mod exports;
mod faults;
mod formats;
mod golden;
mod groups;
mod kills;
mod nights;
mod properties;
mod publishing;
mod readers;
mod readme;
mod sql;
mod stewards;
mod training;
mod weights;
mod workdir;

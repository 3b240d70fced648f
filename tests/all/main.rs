//! All integration tests in one binary, so that the engine is linked once.

mod workdir;

mod clusters;
mod demo;
mod exports;
mod faults;
mod formats;
mod golden;
mod kills;
mod properties;
mod publishing;
mod readme;
mod sql;

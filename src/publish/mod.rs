//! Publishing: nothing is public before it is checked, and what is public is always whole.
//!
//! ```text
//! lock -> hidden version -> audit -> flush -> rename -> replace pointer -> swap link -> collect old versions
//! ```
//!
//! A crash at any point leaves the night before as it was.

pub mod audit;
pub mod lock;
pub mod manifest;
pub mod retention;
pub mod version;

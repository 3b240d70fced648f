//! Publishing: nothing is public before it is checked, and what is public is always whole.
//!
//! ```text
//! lock -> hidden version -> flush -> audit -> rename -> swap link -> replace pointer -> collect old versions
//! ```
//!
//! A crash at any point leaves the night before as it was.

pub mod audit;
pub mod lock;
pub mod manifest;
pub mod retention;
pub mod version;

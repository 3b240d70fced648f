//! The engine: a DataFusion session that knows our functions and our limits, and the one way tables are written.

pub mod compact;
pub mod memory;
pub mod session;
pub mod threads;
pub mod write;

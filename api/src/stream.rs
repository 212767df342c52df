//! What a client follows while it happens.

pub mod item;
pub mod sse;
pub mod watch;

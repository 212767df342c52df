//! What a client follows while it happens.

pub mod item;
pub mod resume;
pub mod sse;
pub mod watch;

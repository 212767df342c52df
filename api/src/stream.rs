//! What a client follows while it happens.

pub mod item;
pub mod watch;

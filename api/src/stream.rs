//! What a client follows while it happens.

pub mod watch;

//! The server: connections and their end, and what holds for every request.

mod accept;
mod connections;
mod crowd;
mod lingering;
mod measure;
mod page;
mod protocol;
mod router;

pub use accept::{serve, serve_status};

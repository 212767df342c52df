//! The HTTP API: uploads, jobs, transcripts, and their events as SSE. It holds no speech code.
//!
//! [`routes`](mod@routes) lists every route once; each action is a file of its own, and OpenAPI is made from them.
//! [`problem`] turns every error into its answer. Work that a worker does is only rung for, on the queue; what it has
//! done is read from the store, and [`watch`](mod@watch) follows it as it comes.

mod app;
mod extract;
mod fields;
mod file_name;
mod form;
mod line;
mod lingering;
mod measure;
mod media_type;
mod models;
mod page;
mod pieces;
mod problem;
mod router;
mod routes;
mod serve;
mod space;
mod speakers;
mod sweep;
mod text;
mod title;
mod tus;
mod upload;
mod watch;
mod wishes;

pub use app::{App, ReadyCheck};
pub use models::{Fetching, ModelShelf, ModelState, ShelfError};
pub use serve::{serve, serve_status};

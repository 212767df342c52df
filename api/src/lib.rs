//! The HTTP API: uploads, jobs, transcripts, and their events as SSE. It holds no speech code.
//!
//! [`routes`](mod@routes) lists every route once; each action is a file of its own, and OpenAPI is made from them.
//! [`problem`] turns every error into its answer. The queue notifies workers of a job; what they have
//! done is read from the store, and [`stream`](mod@stream) follows it as it happens.

mod access;
mod app;
mod extract;
pub mod hostile;
mod intake;
mod models;
mod problem;
mod routes;
mod server;
mod stream;
mod text;

pub use app::{App, ReadyCheck};
pub use models::{Fetching, ModelManager, ModelManagerError, ModelState};
pub use server::{serve, serve_status};

//! How things look to people.

mod follow;
mod text;

pub use follow::{Outcome, doing, follow};
pub use text::{clock, coverage, segment};

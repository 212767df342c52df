//! How things look to people.

mod follow;
mod minutes;
mod text;

pub use follow::{Outcome, doing, follow};
pub use minutes::{Form, Starts, minutes, starts};
pub use text::{clock, printable, segment};

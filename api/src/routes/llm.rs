//! Who writes the minutes.

pub mod check;
pub mod list;

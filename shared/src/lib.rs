//! What the API and the workers both say: values first, then the seams to the world outside.

pub mod event;
pub mod job;
pub mod minutes;
pub mod segment;

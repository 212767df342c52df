//! Who may do what: the job that a request is about, and the page that it comes from.

pub mod job;
pub mod origin;

//! What can be done with jobs.

pub mod audio;
pub mod cancel;
pub mod change;
pub mod chat;
pub mod create;
pub mod delete;
pub mod errors;
pub mod events;
pub mod list;
pub mod minutes;
pub mod peaks;
pub mod retry;
pub mod segments;
pub mod show;
pub mod summaries;
pub mod transcript;

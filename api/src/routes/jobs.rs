//! What can be done with jobs.

pub mod audio;
pub mod cancel;
pub mod chat;
pub mod create;
pub mod delete;
pub mod errors;
pub mod events;
pub mod list;
pub mod minutes;
pub mod rename;
pub mod retry;
pub mod show;
pub mod summaries;
pub mod transcript;

//! The commands, one file each.

pub mod ask;
pub mod config;
pub mod doctor;
pub mod healthcheck;
pub mod jobs;
pub mod migrate;
#[cfg(feature = "worker")]
pub mod models;
mod output;
pub mod serve;
pub mod transcribe;
pub mod watch;
#[cfg(feature = "worker")]
pub mod worker;

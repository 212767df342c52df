//! What the API and the workers both say: values first, then the seams to the world outside.

pub mod blobs;
pub mod bus;
pub mod chat;
pub mod config;
pub mod edit;
pub mod event;
pub mod housekeeping;
pub mod http;
mod id;
pub mod job;
pub mod llm;
pub mod metrics;
pub mod minutes;
pub mod peaks;
pub mod plain;
pub mod queue;
pub mod redis;
pub mod segment;
pub mod store;
mod subtitles;
pub mod transcript;
pub mod upload;
pub mod worker;

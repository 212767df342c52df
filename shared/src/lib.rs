//! The values that every part of the program speaks of. They travel; what can be done with them stands in the crates
//! beside this one.
//!
//! ```
//! use shared::{job::{JobId, JobStatus}, segment::Segment};
//!
//! let id: JobId = JobId::new();
//! assert_eq!(id.to_string().parse::<JobId>()?, id);
//! assert!(JobStatus::Completed.is_final());
//! let segment = Segment { number: 1, end: 1.5, text: "Hello.".into(), ..Segment::default() };
//! assert_eq!(serde_json::to_value(&segment)?["segment_number"], 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod backoff;
pub mod blob;
pub mod chat;
pub mod counts;
pub mod coverage;
pub mod edit;
pub mod event;
mod id;
pub mod job;
pub mod language;
pub mod minutes;
pub mod peaks;
pub mod segment;
pub mod topic;
pub mod upload;
mod words;
pub mod worker;

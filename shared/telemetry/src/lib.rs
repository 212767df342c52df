//! What the program measures of itself, and the beginning of every client for other people's servers.
//!
//! ```
//! use telemetry::metrics::METRICS;
//!
//! METRICS.uploads.inc();
//! assert!(METRICS.text().contains("seogi_uploads_total 1"));
//! ```

pub mod http;
pub mod metrics;

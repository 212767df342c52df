//! A segment: one timed piece of a transcript.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was said between two moments of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Segment {
    /// Place in the transcript, from 1, without gaps.
    #[serde(rename = "segment_number")]
    pub number: u64,
    /// Begin in seconds of recording time.
    pub start: f64,
    /// End in seconds of recording time.
    pub end: f64,
    /// The words, trimmed.
    pub text: String,
}

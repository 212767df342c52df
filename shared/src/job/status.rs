//! How far a job has come.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::word_enum;

word_enum! {
    /// How far a job has come.
    JobStatus {
        /// Accepted, not begun.
        Pending = "PENDING",
        /// A worker is, or was, decoding and transcribing it.
        Processing = "PROCESSING",
        /// All text is there, the summary is not yet.
        Transcribed = "TRANSCRIBED",
        /// Text and summary are there.
        Completed = "COMPLETED",
        /// Ended by a failure; what had been transcribed is kept.
        Failed = "FAILED",
        /// Ended by a person.
        Cancelled = "CANCELLED",
    }
}

impl JobStatus {
    /// Whether nothing more happens without a person asking for it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

word_enum! {
    /// Where the audio comes from.
    JobType {
        /// A recording that was uploaded whole.
        Batch = "BATCH",
        /// A live session.
        Realtime = "REALTIME",
    }
}

word_enum! {
    /// What a worker does with a job at the moment.
    Stage {
        /// Waiting for a worker.
        Queued = "queued",
        /// Fetching or loading the speech model.
        Loading = "loading",
        /// Decoding, finding speech and recognising it, all at once.
        Transcribing = "transcribing",
        /// Writing the minutes.
        Summarising = "summarising",
        /// Nothing more to do.
        Done = "done",
    }
}

/// How far a stage has come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Share of the stage that is done, from 0 to 1.
    pub progress: f64,
    /// Seconds until the stage ends, as far as can be told.
    #[schema(required)]
    pub eta_seconds: Option<f64>,
    /// Jobs that go first, while this one waits; 1000 if there are more.
    #[schema(required)]
    pub queue_position: Option<u64>,
}

impl Progress {
    /// A stage at `progress`, with nothing known about its end.
    pub const fn at(stage: Stage, progress: f64) -> Self {
        Self { stage, progress, eta_seconds: None, queue_position: None }
    }
}

/// What of a job changes while others watch it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JobState {
    /// Sequence number of its newest event.
    pub last_event: u64,
    /// How far it has come.
    pub status: JobStatus,
    /// Where the work stands.
    pub progress: Progress,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_in_json_and_in_text() {
        for status in JobStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
            assert_eq!(status.as_str().parse::<JobStatus>().unwrap(), *status);
        }
        let error = "DONE".parse::<JobStatus>().unwrap_err().to_string();
        assert_eq!(
            error,
            "'DONE' is not one of PENDING, PROCESSING, TRANSCRIBED, COMPLETED, FAILED, CANCELLED"
        );
    }
}

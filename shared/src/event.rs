//! Events: what the watchers of a job are told. This is the one wire form, used by the event log,
//! the bus, SSE, the command line and the page.

use std::sync::OnceLock;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    edit::EditAction,
    job::{JobStatus, Progress},
    minutes::Minutes,
    segment::Segment,
};

/// Something that happened to a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The job's status changed, or is told to a new watcher.
    Status {
        /// The new status.
        status: JobStatus,
    },
    /// A piece of the transcript was recognised.
    TranscriptSegment {
        /// The piece.
        #[serde(flatten)]
        segment: Segment,
        /// The job's status at that time.
        status: JobStatus,
    },
    /// The transcript was edited: the segments in `removed` are no more, then those in `segments` are there, in the
    /// place of one of the same number or as a new one, in the order of time.
    TranscriptEdited {
        /// What was done.
        action: EditAction,
        /// The transcript's revision from now on.
        transcript_revision: u64,
        /// Numbers of segments that are no more.
        removed: Vec<u64>,
        /// Segments that are new or different.
        segments: Vec<Segment>,
        /// The job's status at that time.
        status: JobStatus,
    },
    /// Minutes are stored; they are the ones that are shown from now on.
    FinalSummary {
        /// The minutes.
        summary: Box<Minutes>,
        /// Segments of the whole transcript.
        segment_count: u64,
        /// The job's status at that time.
        status: JobStatus,
    },
    /// Another version of the minutes is the one that is shown from now on.
    SummaryChosen {
        /// Its number.
        version: u64,
        /// The job's status at that time.
        status: JobStatus,
    },
    /// The job failed or was cancelled; or, if it has minutes already, another version of them was.
    Error {
        /// Stable code in snake case.
        code: String,
        /// One sentence for people.
        message: String,
        /// The job's status at that time.
        status: JobStatus,
    },
    /// How far the work has come; not kept in the event log.
    Progress(Progress),
    /// Words of minutes that are being written; not kept in the event log.
    SummaryDelta(SummaryDelta),
}

/// Words of minutes while a language model writes them: to be read, and neither checked nor kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SummaryDelta {
    /// Words of the same number go on where those before ended; with another number something else begins.
    pub part: u64,
    /// Letters of this part that came before; who came late or missed some can tell.
    pub at: u64,
    /// The words. Each statement is a line, in a list after a `•`.
    pub text: String,
}

impl Event {
    /// The event's name, the same as `type` in its JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::TranscriptSegment { .. } => "transcript_segment",
            Self::TranscriptEdited { .. } => "transcript_edited",
            Self::FinalSummary { .. } => "final_summary",
            Self::SummaryChosen { .. } => "summary_chosen",
            Self::Error { .. } => "error",
            Self::Progress(_) => "progress",
            Self::SummaryDelta(_) => "summary_delta",
        }
    }

    /// Whether a watcher has nothing more to wait for after this event.
    pub const fn ends_stream(&self) -> bool {
        match self {
            Self::FinalSummary { status, .. } | Self::Error { status, .. } => status.is_final(),
            Self::Status { .. } | Self::TranscriptSegment { .. } | Self::TranscriptEdited { .. } => false,
            Self::SummaryChosen { .. } | Self::Progress(_) | Self::SummaryDelta(_) => false,
        }
    }

    /// Whether it is told to those who watch just now, and in no log.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Progress(_) | Self::SummaryDelta(_))
    }
}

/// A durable event with its place in the job's event log.
#[derive(Debug, Serialize, Deserialize)]
pub struct LoggedEvent {
    /// Place in the job's event log, from 1, without gaps.
    pub seq: u64,
    /// What happened.
    pub event: Event,
    #[serde(skip)]
    text: OnceLock<Bytes>,
}

impl LoggedEvent {
    /// The event at place `seq`.
    pub const fn new(seq: u64, event: Event) -> Self {
        Self { seq, event, text: OnceLock::new() }
    }

    /// The event as everybody is told who watches when it happens: `write` is called by the first of them only.
    pub fn text(&self, write: impl FnOnce() -> Bytes) -> Bytes {
        self.text.get_or_init(write).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_have_the_agreed_wire_form() {
        let segment =
            Segment { number: 3, start: 1.5, end: 2.25, text: "Hello.".into(), ..Segment::default() };
        let event = Event::TranscriptSegment { segment, status: JobStatus::Processing };
        let wire = serde_json::json!({
            "type": "transcript_segment", "segment_number": 3, "start": 1.5, "end": 2.25,
            "text": "Hello.", "status": "PROCESSING"
        });
        assert_eq!(serde_json::to_value(&event).unwrap(), wire);
        assert_eq!(serde_json::from_value::<Event>(wire).unwrap(), event);
    }
}

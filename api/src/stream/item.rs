//! What a watcher receives, and its form on the wire.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use shared::event::{Event, LoggedEvent};
use telemetry::metrics::METRICS;
use utoipa::ToSchema;

use super::sse;

/// What a watcher receives.
#[derive(Clone, Debug)]
pub enum StreamItem {
    /// An event of the log.
    Logged {
        /// The event with its number.
        event: Arc<LoggedEvent>,
        /// Whether it was in the log when the watcher came.
        is_historical: bool,
    },
    /// Something that is in no log and is not sent again.
    Passing(Event),
}

impl StreamItem {
    /// The server-sent event: its name, its number in the log if it is in there, and its JSON, which also says whether
    /// it is history. All watchers of an event that happens now share the same bytes.
    pub fn frame(&self) -> Bytes {
        METRICS.events.get_or_create(&[("event", self.event().name().to_owned())]).inc();
        match self {
            Self::Logged { event, is_historical: false } => {
                event.text(|| frame(Some(event.seq), &event.event, false))
            }
            Self::Logged { event, .. } => frame(Some(event.seq), &event.event, true),
            Self::Passing(event) => frame(None, event, false),
        }
    }

    fn event(&self) -> &Event {
        match self {
            Self::Logged { event, .. } => &event.event,
            Self::Passing(event) => event,
        }
    }
}

/// An event as a watcher receives it; the event's name is its `type`.
#[derive(Serialize, ToSchema)]
pub struct StreamedEvent<'a> {
    /// What happened.
    #[serde(flatten)]
    event: &'a Event,
    /// Whether it was in the log when the watcher came.
    is_historical: bool,
}

fn frame(seq: Option<u64>, event: &Event, is_historical: bool) -> Bytes {
    sse::frame(event.name(), seq, &StreamedEvent { event, is_historical })
}

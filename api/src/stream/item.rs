//! What a watcher receives, and its form on the wire.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use shared::event::{Event, LoggedEvent};
use telemetry::metrics::METRICS;

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

fn frame(seq: Option<u64>, event: &Event, is_historical: bool) -> Bytes {
    #[derive(Serialize)]
    struct Wire<'a> {
        #[serde(flatten)]
        event: &'a Event,
        is_historical: bool,
    }
    let id = seq.map(|seq| format!("id: {seq}\n")).unwrap_or_default();
    // JSON has line ends only in their escaped form, so that it is one line of data.
    match serde_json::to_string(&Wire { event, is_historical }) {
        Ok(json) => format!("event: {}\n{id}data: {json}\n\n", event.name()).into(),
        Err(error) => {
            // Unreachable with the events there are; the watcher's next poll would meet the same again.
            tracing::error!(%error, "an event has no JSON");
            Bytes::from_static(b": an event could not be written\n\n")
        }
    }
}

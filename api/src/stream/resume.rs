//! Where a watcher who comes again goes on.

use axum::http::{HeaderMap, HeaderName};

use crate::problem::Problem;

pub const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The number of the event that was received last, if the header says one.
pub fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(id) = headers.get(LAST_EVENT_ID).filter(|id| !id.is_empty()) else { return Ok(None) };
    // A sign would be understood as well.
    let digits = id.to_str().ok().map(str::trim).filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()));
    let number = digits.and_then(|digits| digits.parse().ok());
    number.map(Some).ok_or_else(|| {
        Problem::invalid("Last-Event-ID is not the number of an event; leave it out to get all of them.")
    })
}

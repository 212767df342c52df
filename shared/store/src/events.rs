//! The event log: what happened to each job, numbered from 1 without gaps.

use std::sync::Arc;

use super::{
    Statement, Store, StoreError,
    pool::Transaction,
    rows::{self, MAX_ROWS_PER_INSERT, values},
};
use relay::bus::Notice;
use shared::{
    event::{Event, LoggedEvent, SummaryDelta},
    job::{JobId, Progress},
};

/// Adds events to the job's log, in the transaction that makes them true.
///
/// The row of the job is changed first, so that two writers of one job wait for each other and numbers stay whole.
pub(super) async fn append(
    store: &Store,
    tx: &mut Transaction,
    job: JobId,
    events: Vec<Event>,
) -> Result<Vec<LoggedEvent>, StoreError> {
    let id = job.to_string();
    let count = (events.len() as u64).cast_signed();
    store
        .query("UPDATE jobs SET last_event = last_event + ?, updated_at = {now} WHERE id = ?")
        .bind(count)
        .bind(id.clone())
        .execute(&mut *tx)
        .await?;
    insert(store, tx, job, events).await
}

/// Writes events under the newest numbers of the job, whose `last_event` counts them already.
pub(super) async fn insert(
    store: &Store,
    tx: &mut Transaction,
    job: JobId,
    events: Vec<Event>,
) -> Result<Vec<LoggedEvent>, StoreError> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let id = job.to_string();
    let last: i64 = sqlx::query_scalar(store.dialect.sql("SELECT last_event FROM jobs WHERE id = ?"))
        .bind(id.clone())
        .fetch_one(&mut *tx)
        .await?;
    let first = last.cast_unsigned() + 1 - events.len() as u64;
    let logged: Vec<LoggedEvent> =
        (first..).zip(events).map(|(seq, event)| LoggedEvent::new(seq, event)).collect();
    for some in logged.chunks(MAX_ROWS_PER_INSERT) {
        let rows = values("(?, ?, ?, {now})", some.len());
        let insert = format!("INSERT INTO events (job_id, seq, payload, created_at) VALUES {rows}");
        let row = |query: Statement, logged: &LoggedEvent| {
            let payload = serde_json::json!(logged.event).to_string();
            query.bind(id.clone()).bind(logged.seq.cast_signed()).bind(payload)
        };
        some.iter().fold(store.query(&insert), row).execute(&mut *tx).await?;
    }
    Ok(logged)
}

impl Store {
    /// Rings committed events on the bus.
    pub(super) fn ring(&self, job: JobId, logged: Vec<LoggedEvent>) {
        for event in logged {
            self.bus.publish(job, Notice::Logged(Arc::new(event)));
        }
    }

    /// Tells the watchers, and nobody else, how far the work has come.
    pub fn ring_progress(&self, job: JobId, progress: Progress) {
        self.bus.publish(job, Notice::Progress(progress));
    }

    /// Tells the watchers, and nobody else, what minutes say that are being written.
    pub fn ring_delta(&self, job: JobId, delta: SummaryDelta) {
        self.bus.publish(job, Notice::Delta(delta));
    }

    /// At most `limit` events of the job after number `seq`, in order; none if there is no such job.
    pub async fn events_after(
        &self,
        job: JobId,
        seq: u64,
        limit: u32,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        let select = "SELECT seq, payload FROM events WHERE job_id = ? AND seq > ? ORDER BY seq LIMIT ?";
        let rows: Vec<(i64, String)> = sqlx::query_as(self.dialect.sql(select))
            .bind(job.to_string())
            .bind(seq.cast_signed())
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        let logged = |(seq, payload): (i64, String)| {
            Ok(LoggedEvent::new(seq.cast_unsigned(), rows::json("event", &payload)?))
        };
        rows.into_iter().map(logged).collect()
    }
}

//! The event log: what happened to each topic, numbered from 1 without gaps.

use std::sync::Arc;

use relay::bus::Notice;
use shared::{
    event::{Event, LoggedEvent},
    job::JobId,
    topic::Topic,
};

use super::{
    Statement, Store, StoreError,
    pool::Transaction,
    rows::{self, MAX_ROWS_PER_INSERT, values},
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
    let count = (events.len() as u64).cast_signed();
    store
        .query("UPDATE jobs SET last_event = last_event + ?, updated_at = {now} WHERE id = ?")
        .bind(count)
        .bind(job.to_string())
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
    let last: i64 = sqlx::query_scalar(store.dialect.sql("SELECT last_event FROM jobs WHERE id = ?"))
        .bind(job.to_string())
        .fetch_one(&mut *tx)
        .await?;
    let first = last.cast_unsigned() + 1 - events.len() as u64;
    let logged: Vec<LoggedEvent> =
        (first..).zip(events).map(|(seq, event)| LoggedEvent::new(seq, event)).collect();
    let topic = Topic::Job(job).to_string();
    for some in logged.chunks(MAX_ROWS_PER_INSERT) {
        let rows = values("(?, ?, ?, {now})", some.len());
        let insert = format!("INSERT INTO log (topic, seq, payload, created_at) VALUES {rows}");
        let row = |query: Statement, logged: &LoggedEvent| {
            let payload = serde_json::json!(logged.event).to_string();
            query.bind(topic.clone()).bind(logged.seq.cast_signed()).bind(payload)
        };
        some.iter().fold(store.query(&insert), row).execute(&mut *tx).await?;
    }
    Ok(logged)
}

impl Store {
    /// Tells the watchers of committed events.
    pub(super) fn publish_logged(&self, topic: impl Into<Topic>, logged: Vec<LoggedEvent>) {
        let topic = topic.into();
        for event in logged {
            self.bus.publish(topic, Notice::Logged(Arc::new(event)));
        }
    }

    /// Tells those who watch just now, and nobody else.
    pub fn publish_passing(&self, topic: impl Into<Topic>, event: Event) {
        self.bus.publish(topic.into(), Notice::Passing(event));
    }

    /// Deletes the log of a topic that is deleted in the same transaction.
    pub(super) async fn delete_log(
        &self,
        tx: &mut Transaction,
        topic: impl Into<Topic>,
    ) -> Result<(), StoreError> {
        let delete = self.query("DELETE FROM log WHERE topic = ?").bind(topic.into().to_string());
        delete.execute(&mut *tx).await?;
        Ok(())
    }

    /// At most `limit` events of the topic after number `seq`, in order; none if there is no such topic.
    pub async fn events_after(
        &self,
        topic: impl Into<Topic>,
        seq: u64,
        limit: u32,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        let select = "SELECT seq, payload FROM log WHERE topic = ? AND seq > ? ORDER BY seq LIMIT ?";
        let rows: Vec<(i64, String)> = sqlx::query_as(self.dialect.sql(select))
            .bind(topic.into().to_string())
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

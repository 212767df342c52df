//! Which jobs wait, and how many go before one.
//!
//! What this costs must not grow with the number of jobs that wait: the queue is read from its front along an index, and
//! places in it are counted up to a bound, once for all who ask at the same time.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Store, StoreError, lease::unheld, rows};
use shared::job::JobId;

/// Jobs at the front of the queue whose places are known; all others are said to have so many before them.
const MAX_COUNTED_JOBS: u32 = 1000;

/// The front of the queue as it was last read, and when its reading began. Who reads holds the lock, the others wait.
pub(super) type QueueFront = tokio::sync::Mutex<Option<(Instant, Arc<Places>)>>;

/// How many jobs go before each of those at the front.
pub(super) struct Places(HashMap<JobId, u64>);

impl Places {
    /// How many jobs go before this one, which waits.
    pub(super) fn of(&self, id: JobId) -> u64 {
        // One that is in a queue as short as this, and not there any more, is being taken.
        let is_whole = self.0.len() < MAX_COUNTED_JOBS as usize;
        self.0.get(&id).copied().unwrap_or(if is_whole { 0 } else { MAX_COUNTED_JOBS.into() })
    }
}

impl Store {
    /// At most `limit` jobs that no worker holds, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting(&self, limit: u32) -> Result<Vec<JobId>, StoreError> {
        // One look along the index for each status: over all of them together, everything that waits would be sorted.
        let unheld = unheld::<JobId>();
        let oldest = ["PENDING", "PROCESSING", "TRANSCRIBED"].map(|status| {
            format!(
                "SELECT id, created_at FROM (SELECT id, created_at FROM jobs WHERE status = '{status}' AND {unheld} \
                 ORDER BY created_at, id LIMIT ?) AS {status}"
            )
        });
        let select = format!(
            "SELECT id FROM ({}) AS waiting ORDER BY created_at, id LIMIT ?",
            oldest.join(" UNION ALL ")
        );
        let select = sqlx::query_scalar(self.dialect.sql(&select));
        let select = (0..=oldest.len()).fold(select, |select, _| select.bind(i64::from(limit)));
        let ids: Vec<String> = select.fetch_all(&self.readers).await?;
        ids.iter().map(|id| rows::word("job id", id)).collect()
    }

    /// How many jobs go before those that wait, as it was at most `max_age` ago.
    pub(super) async fn queue_places(&self, max_age: Duration) -> Result<Arc<Places>, StoreError> {
        let since = Instant::now().checked_sub(max_age);
        let mut front = self.queue_front.lock().await;
        if let Some((begun, places)) = front.as_ref()
            && since.is_none_or(|since| *begun >= since)
        {
            return Ok(Arc::clone(places));
        }
        let begun = Instant::now();
        let select = "SELECT id FROM jobs WHERE status = 'PENDING' ORDER BY created_at, id LIMIT ?";
        let ids: Vec<String> = sqlx::query_scalar(self.dialect.sql(select))
            .bind(i64::from(MAX_COUNTED_JOBS))
            .fetch_all(&self.readers)
            .await?;
        let ids = ids.iter().map(|id| rows::word("job id", id)).collect::<Result<Vec<JobId>, _>>()?;
        let places = Arc::new(Places(ids.into_iter().zip(0..).collect()));
        *front = Some((begun, Arc::clone(&places)));
        Ok(places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_behind_the_front_are_not_counted() {
        let ids: Vec<JobId> = (0..MAX_COUNTED_JOBS).map(|_| JobId::new()).collect();
        let places = Places(ids.iter().copied().zip(0..).collect());
        assert_eq!([ids[0], ids[999], JobId::new()].map(|id| places.of(id)), [0, 999, 1000]);
        let short = Places(HashMap::from([(ids[0], 0)]));
        assert_eq!(short.of(JobId::new()), 0, "it is being taken");
    }
}

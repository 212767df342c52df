//! What of a job changes while others watch it, read once for all of them in this process.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use shared::job::{JobId, JobState, JobStatus};

use super::{
    Store, StoreError,
    rows::{STATE_COLUMNS, StateRow},
};

/// The newest state that was read of a job, and when its reading began. Who reads holds the lock, the others wait.
type Newest = tokio::sync::Mutex<Option<(Instant, JobState)>>;

/// A job that somebody watches.
#[derive(Default)]
pub(super) struct Watched {
    watchers: usize,
    newest: Arc<Newest>,
}

/// Every job that somebody watches.
pub(super) type States = Mutex<HashMap<JobId, Watched>>;

/// The state of one job, shared by all who watch it.
pub struct SharedState {
    store: Store,
    job: JobId,
    newest: Arc<Newest>,
}

impl Store {
    /// What of the job changes while others watch it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn job_state(&self, id: JobId) -> Result<JobState, StoreError> {
        self.state_of(id, Duration::ZERO).await
    }

    /// The same; how many jobs go before it may be known from `max_age` ago.
    async fn state_of(&self, id: JobId, max_age: Duration) -> Result<JobState, StoreError> {
        let select = format!("SELECT {STATE_COLUMNS} FROM jobs WHERE id = ?");
        let row: Option<StateRow> = sqlx::query_as(self.dialect.sql(&select))
            .bind(id.to_string())
            .fetch_optional(&self.readers)
            .await?;
        let mut state: JobState = row.ok_or(StoreError::NotFound(id))?.try_into()?;
        if state.status == JobStatus::Pending {
            state.progress.queue_position = Some(self.queue_places(max_age).await?.of(id));
        }
        Ok(state)
    }

    /// The same for one of many who watch the job. Nothing is read yet.
    pub fn shared_state(&self, job: JobId) -> SharedState {
        let mut states = lock(&self.states);
        let watched = states.entry(job).or_default();
        watched.watchers += 1;
        SharedState { store: self.clone(), job, newest: Arc::clone(&watched.newest) }
    }
}

impl SharedState {
    /// The job's state as it was at most `max_age` ago; with [`Duration::ZERO`], as it is now or later.
    ///
    /// # Errors
    /// As [`Store::job_state`].
    pub async fn read(&self, max_age: Duration) -> Result<JobState, StoreError> {
        let since = Instant::now().checked_sub(max_age);
        let mut newest = self.newest.lock().await;
        if let Some((begun, state)) = *newest
            && since.is_none_or(|since| begun >= since)
        {
            return Ok(state);
        }
        let begun = Instant::now();
        let state = self.store.state_of(self.job, max_age).await?;
        *newest = Some((begun, state));
        Ok(state)
    }
}

impl Drop for SharedState {
    fn drop(&mut self) {
        let mut states = lock(&self.store.states);
        let Entry::Occupied(mut entry) = states.entry(self.job) else { return };
        entry.get_mut().watchers -= 1;
        if entry.get().watchers == 0 {
            entry.remove();
        }
    }
}

/// The map is whole even if a thread panicked while it held the lock: each change is one call.
fn lock(states: &States) -> MutexGuard<'_, HashMap<JobId, Watched>> {
    states.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::World;

    #[tokio::test]
    async fn who_watches_one_job_shares_one_look() {
        let world = World::at(None).await;
        let id = world.create("Watched").await;
        let (first, second) = (world.store.shared_state(id), world.store.shared_state(id));
        let before = first.read(Duration::ZERO).await.unwrap();
        world.store.cancel(id).await.unwrap();
        assert_eq!(second.read(Duration::from_secs(3600)).await.unwrap(), before, "it was read just now");
        let after = second.read(Duration::ZERO).await.unwrap();
        assert!(after.status.is_final() && after.last_event > before.last_event, "{after:?}");
        assert_eq!(first.read(Duration::from_secs(3600)).await.unwrap(), after);
        drop(first);
        assert_eq!(lock(&world.store.states).len(), 1);
        drop(second);
        assert!(lock(&world.store.states).is_empty());
    }

    #[tokio::test]
    async fn a_job_that_is_gone_is_told_to_everybody() {
        let world = World::at(None).await;
        let state = world.store.shared_state(JobId::new());
        for _ in 0..2 {
            let read = state.read(Duration::from_secs(3600)).await;
            assert!(matches!(read, Err(StoreError::NotFound(_))), "{read:?}");
        }
    }
}

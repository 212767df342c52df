//! Jobs that a worker leaves to others for a while, because it lacks what they need.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use shared::job::JobId;

/// Time after which a job that did not come up again is forgotten.
const FORGET_AFTER: Duration = Duration::from_secs(3600);

/// The jobs that one worker leaves to others. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct DeferredJobs {
    /// Each with the moment at which the worker looks at it again.
    until: Arc<Mutex<HashMap<JobId, Instant>>>,
}

impl DeferredJobs {
    /// Leaves the job to others for so long; whether it was not left before.
    pub(crate) fn defer(&self, job: JobId, time: Duration) -> bool {
        self.jobs(|jobs| jobs.insert(job, Instant::now() + time).is_none())
    }

    /// Whether the job is left to others at this moment.
    pub(crate) fn contains(&self, job: JobId) -> bool {
        self.jobs(|jobs| jobs.get(&job).is_some_and(|until| Instant::now() < *until))
    }

    /// How many may be left at this moment.
    pub(crate) fn count(&self) -> usize {
        self.jobs(|jobs| jobs.len())
    }

    fn jobs<T>(&self, what: impl FnOnce(&mut HashMap<JobId, Instant>) -> T) -> T {
        let mut jobs = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.retain(|_, until| until.elapsed() < FORGET_AFTER);
        what(&mut jobs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_left_for_a_while_and_said_to_be_once() {
        let (deferred, job) = (DeferredJobs::default(), JobId::new());
        assert!(!deferred.contains(job));
        assert!(deferred.defer(job, Duration::from_secs(60)));
        assert!(deferred.contains(job) && !deferred.contains(JobId::new()));
        assert!(!deferred.defer(job, Duration::ZERO), "it was left before");
        assert!(!deferred.contains(job), "its time is over");
        assert_eq!(deferred.count(), 1);
    }
}

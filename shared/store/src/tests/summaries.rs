//! Versions of the minutes: one beside the other, in a row, failed, cancelled, chosen.

use super::*;

impl World {
    /// A job whose transcript is whole, in the hands of a worker.
    async fn transcribed(&self, title: &str) -> Lease {
        let id = self.create(title).await;
        let lease = self.claim(id, "w1", LONG).await.lease;
        self.store.save_window(&lease, window(1..=2, 5)).await.unwrap();
        self.store.finish_transcript(&lease, 2.0).await.unwrap();
        lease
    }

    /// A job with one version of its minutes.
    pub(super) async fn completed(&self, title: &str) -> JobId {
        let lease = self.transcribed(title).await;
        assert_eq!(self.store.complete(&lease, minutes()).await.unwrap(), JobStatus::Completed);
        lease.id
    }

    pub(super) async fn ask(&self, id: JobId, template: &str) -> Result<Job, StoreError> {
        self.store.request_summary(id, &asked(template), 3).await
    }

    /// The events after the first version of the minutes.
    async fn log_after_the_first(&self, id: JobId) -> Vec<String> {
        self.log(id).await.split_off(6)
    }
}

pub(super) fn asked(template: &str) -> SummaryOptions {
    SummaryOptions { template: Some(template.into()), ..SummaryOptions::default() }
}

fn minutes_as(template: &str) -> Minutes {
    Minutes { template: template.into(), ..minutes() }
}

pub(super) async fn another_version_is_written_beside_the_first(world: World) {
    let id = world.completed("Twice").await;
    assert_eq!(world.store.job(id).await.unwrap().current_summary, Some(1));
    let job = world.ask(id, "lecture").await.unwrap();
    assert_eq!((job.status, job.finished_at, job.current_summary), (JobStatus::Transcribed, None, Some(1)));
    assert_eq!(world.store.waiting(10).await.unwrap(), [id]);
    let lease = world.claim(id, "w2", LONG).await.lease;
    assert_eq!(world.store.requested_summary(id).await.unwrap(), Some(asked("lecture")));
    world.store.complete(&lease, minutes_as("lecture")).await.unwrap();
    let job = world.store.job(id).await.unwrap();
    assert_eq!((job.status, job.current_summary), (JobStatus::Completed, Some(2)));
    assert!(job.finished_at.is_some());
    assert_eq!(job.progress, Progress::at(Stage::Done, 1.0));
    assert_eq!(world.log_after_the_first(id).await, ["7 TRANSCRIBED", "8 COMPLETED: summary 2 of 2"]);

    assert_eq!(world.store.summary(id, None).await.unwrap().template, "lecture");
    world.store.choose_summary(id, 1).await.unwrap();
    assert_eq!(world.store.summary(id, None).await.unwrap().template, "general");
    assert_eq!(world.store.summary(id, Some(2)).await.unwrap().template, "lecture");
    assert_eq!(world.store.minutes(id).await.unwrap().len(), 2);
    world.store.choose_summary(id, 1).await.unwrap();
    assert_eq!(world.log_after_the_first(id).await[2..], ["9 COMPLETED: summary 1 chosen"], "told once");
    for nonsense in [0, 3, u64::MAX] {
        let chosen = world.store.choose_summary(id, nonsense).await;
        assert!(matches!(chosen, Err(StoreError::NoSummary { version: Some(n), .. }) if n == nonsense));
        assert!(matches!(world.store.summary(id, Some(nonsense)).await, Err(StoreError::NoSummary { .. })));
    }
    assert!(matches!(world.store.choose_summary(JobId::new(), 1).await, Err(StoreError::NotFound(_))));
}

pub(super) async fn several_versions_are_written_one_after_the_other(world: World) {
    // The second is asked for while the first is being written.
    let lease = world.transcribed("Many").await;
    let id = lease.id;
    for template in ["lecture", "medical"] {
        assert_eq!(world.ask(id, template).await.unwrap().status, JobStatus::Transcribed);
    }
    let refused = world.ask(id, "interview").await;
    assert!(matches!(refused, Err(StoreError::SummariesWaiting { most: 3, .. })), "three wait already");
    assert_eq!(world.store.requested_summary(id).await.unwrap(), Some(SummaryOptions::default()));
    assert_eq!(world.store.complete(&lease, minutes()).await.unwrap(), JobStatus::Transcribed);
    assert_eq!(world.store.job(id).await.unwrap().finished_at, None);
    // The worker dies over the second; the next one goes on with it.
    world.store.release(&lease).await.unwrap();
    let lease = world.claim(id, "w2", LONG).await.lease;
    for (template, status) in [("lecture", JobStatus::Transcribed), ("medical", JobStatus::Completed)] {
        assert_eq!(world.store.requested_summary(id).await.unwrap(), Some(asked(template)));
        assert_eq!(world.store.complete(&lease, minutes_as(template)).await.unwrap(), status);
    }
    assert_eq!(world.store.requested_summary(id).await.unwrap(), None);
    let written: Vec<String> =
        world.store.minutes(id).await.unwrap().into_iter().map(|one| one.template).collect();
    assert_eq!(written, ["general", "lecture", "medical"]);
    let log =
        ["6 TRANSCRIBED: summary 1 of 2", "7 TRANSCRIBED: summary 2 of 2", "8 COMPLETED: summary 3 of 2"];
    assert_eq!(world.log(id).await.split_off(5), log);
}

pub(super) async fn a_version_that_fails_or_is_cancelled_leaves_the_job_completed(world: World) {
    let id = world.completed("Unharmed").await;
    world.ask(id, "lecture").await.unwrap();
    world.ask(id, "medical").await.unwrap();
    let lease = world.claim(id, "w2", LONG).await.lease;
    world.store.fail(&lease, "llm", &Failure::new("summary_failed", "Start it.")).await.unwrap();
    // The other one is still wanted, by whoever takes the job next.
    assert_eq!(world.store.job(id).await.unwrap().status, JobStatus::Transcribed);
    let lease = world.claim(id, "w3", LONG).await.lease;
    assert_eq!(world.store.requested_summary(id).await.unwrap(), Some(asked("medical")));
    world.store.fail(&lease, "llm", &Failure::new("summary_failed", "Start it.")).await.unwrap();
    let job = world.store.job(id).await.unwrap();
    assert_eq!((job.status, job.failure, job.current_summary), (JobStatus::Completed, None, Some(1)));
    assert_eq!(world.store.errors(id).await.unwrap().len(), 2);

    world.ask(id, "lecture").await.unwrap();
    world.ask(id, "medical").await.unwrap();
    let lease = world.claim(id, "w4", LONG).await.lease;
    let mut subscription = world.bus.subscribe(id.into());
    assert_eq!(world.store.cancel(id).await.unwrap().status, JobStatus::Completed);
    assert!(matches!(subscription.next().await, Some(Notice::Logged(_))));
    assert!(matches!(subscription.next().await, Some(Notice::Stopped)));
    let late = world.store.complete(&lease, minutes()).await;
    assert!(matches!(late, Err(StoreError::LeaseLost(_))));
    assert_eq!(world.store.requested_summary(id).await.unwrap(), None);
    assert!(matches!(world.store.cancel(id).await, Err(StoreError::Status { .. })));
    assert!(matches!(world.store.retry(id).await, Err(StoreError::Status { .. })));
    let log = [
        "7 TRANSCRIBED",
        "8 TRANSCRIBED: summary_failed",
        "9 COMPLETED: summary_failed",
        "10 TRANSCRIBED",
        "11 COMPLETED: cancelled",
    ];
    assert_eq!(world.log_after_the_first(id).await, log);
}

pub(super) async fn three_crashes_at_another_version_leave_the_job_completed(world: World) {
    let id = world.completed("Crashes").await;
    world.ask(id, "lecture").await.unwrap();
    for worker in ["w2", "w3", "w4"] {
        world.claim(id, worker, OVER).await;
    }
    assert!(world.store.claim(id, "w5", LONG).await.unwrap().is_none());
    assert_eq!(world.store.job(id).await.unwrap().status, JobStatus::Completed);
    assert_eq!(world.store.errors(id).await.unwrap()[0].code, "worker_crashed");
    assert_eq!(world.log_after_the_first(id).await, ["7 TRANSCRIBED", "8 COMPLETED: worker_crashed"]);
    // What was counted is forgotten.
    world.ask(id, "lecture").await.unwrap();
    world.claim(id, "w6", OVER).await;
    world.claim(id, "w7", LONG).await;
}

pub(super) async fn a_summary_that_failed_gives_way_to_one_that_is_asked_for(world: World) {
    let lease = world.transcribed("Instead").await;
    let id = lease.id;
    world.store.fail(&lease, "llm", &Failure::new("summary_failed", "Start it.")).await.unwrap();
    assert_eq!(world.store.job(id).await.unwrap().status, JobStatus::Failed);
    let job = world.ask(id, "lecture").await.unwrap();
    assert_eq!((job.status, job.failure), (JobStatus::Transcribed, None));
    assert_eq!(world.store.requested_summary(id).await.unwrap(), Some(asked("lecture")));
    let lease = world.claim(id, "w2", LONG).await.lease;
    assert_eq!(world.store.complete(&lease, minutes()).await.unwrap(), JobStatus::Completed);
}

pub(super) async fn minutes_are_asked_for_only_of_a_whole_transcript(world: World) {
    let id = world.create("Too early").await;
    let early = world.ask(id, "lecture").await;
    assert!(matches!(early, Err(StoreError::Status { status: JobStatus::Pending, .. })));
    world.claim(id, "w1", LONG).await;
    let early = world.ask(id, "lecture").await;
    assert!(matches!(early, Err(StoreError::Status { status: JobStatus::Processing, .. })));
    assert!(matches!(world.ask(JobId::new(), "lecture").await, Err(StoreError::NotFound(_))));
    assert!(matches!(world.store.summary(id, None).await, Err(StoreError::NoSummary { version: None, .. })));
    assert_eq!(world.log(id).await, ["1 PENDING", "2 PROCESSING"]);
}

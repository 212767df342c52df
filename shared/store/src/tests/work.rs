//! Stories of leases: who works on a job, how far that got, and what became of it.

use super::*;

pub(super) async fn a_job_goes_from_upload_to_minutes(world: World) {
    let id = world.create("Monday").await;
    let job = world.store.job(id).await.unwrap();
    assert_eq!((job.status, job.progress.stage), (JobStatus::Pending, Stage::Queued));
    assert_eq!(job.metadata["cust_seq"], "17");
    assert_eq!(world.store.waiting(10).await.unwrap(), [id]);

    let Claim { lease, checkpoint, .. } = world.claim(id, "w1", LONG).await;
    assert_eq!(checkpoint, 0);
    assert!(world.store.waiting(10).await.unwrap().is_empty());
    let language = Language { code: "en".into(), probability: Some(0.9) };
    world
        .store
        .save_speech(&lease, &base(), &Language { probability: None, ..language.clone() })
        .await
        .unwrap();
    assert_eq!(world.store.job(id).await.unwrap().language_probability, None);
    world.store.save_speech(&lease, &base(), &language).await.unwrap();
    world.store.save_window(&lease, window(1..=2, 480_000)).await.unwrap();
    assert_eq!(world.store.job(id).await.unwrap().progress, Progress::at(Stage::Transcribing, 0.5));
    let soon = Progress { eta_seconds: Some(1.5), ..Progress::at(Stage::Transcribing, 0.75) };
    world.store.save_window(&lease, Window { progress: soon, ..window(3..=3, 900_000) }).await.unwrap();
    assert_eq!(world.store.job(id).await.unwrap().progress, soon);
    world.store.finish_transcript(&lease, 60.25).await.unwrap();
    assert_eq!(world.store.job(id).await.unwrap().status, JobStatus::Transcribed);
    world.store.complete(&lease, minutes()).await.unwrap();

    let job = world.store.job(id).await.unwrap();
    assert_eq!((job.status, job.segment_count, job.duration_seconds), (JobStatus::Completed, 3, Some(60.25)));
    assert_eq!((job.language.as_deref(), job.speech_model.as_deref()), (Some("en"), Some("base")));
    assert_eq!(job.language_probability, Some(0.9));
    assert!(job.finished_at.is_some());
    let last = segment(3, "Sentence 3.");
    assert_eq!(world.store.segments(id).await.unwrap()[2], last);
    let event = &world.store.events_after(id, 4, 1).await.unwrap()[0].event;
    assert!(
        matches!(event, Event::TranscriptSegment { segment, .. } if *segment == last.without_words()),
        "{event:?}"
    );
    let stored = world.store.minutes(id).await.unwrap();
    assert_eq!((stored.len(), stored[0].version, stored[0].created_at > 0), (1, 1, true));
    let log = [
        "1 PENDING",
        "2 PROCESSING",
        "3 segment 1",
        "4 segment 2",
        "5 segment 3",
        "6 TRANSCRIBED",
        "7 COMPLETED: summary 1 of 3",
    ];
    assert_eq!(world.log(id).await, log);
}

pub(super) async fn committed_events_are_told_in_order(world: World) {
    let id = world.create("Bell").await;
    let mut subscription = world.bus.subscribe(id.into());
    let claim = world.claim(id, "w1", LONG).await;
    world.store.save_window(&claim.lease, window(1..=2, 1)).await.unwrap();
    let mut received = Vec::new();
    for _ in 0..4 {
        match subscription.next().await.unwrap() {
            Notice::Logged(logged) => received.push(logged.seq),
            Notice::Passing(Event::Progress(progress)) => assert_eq!(progress.stage, Stage::Transcribing),
            Notice::Passing(_) | Notice::Stopped => panic!("nobody stopped the job or wrote its minutes"),
        }
    }
    assert_eq!(received, [2, 3, 4]);
}

pub(super) async fn one_of_many_claimants_gets_the_job(world: World) {
    let id = world.create("Wanted").await;
    let owners: Vec<String> = (0..20).map(|n| format!("w{n}")).collect();
    let claims =
        futures::future::join_all(owners.iter().map(|owner| world.store.claim(id, owner, LONG))).await;
    assert_eq!(claims.into_iter().filter_map(Result::unwrap).count(), 1);
}

pub(super) async fn a_worker_whose_lease_is_gone_writes_nothing(world: World) {
    let id = world.create("Zombie").await;
    let late = world.claim(id, "w1", OVER).await.lease;
    let fresh = world.claim(id, "w2", LONG).await.lease;
    let lost =
        |result: Result<(), StoreError>| matches!(result, Err(StoreError::LeaseLost(job)) if job == id);
    assert!(lost(world.store.save_window(&late, window(1..=1, 5)).await));
    assert!(lost(world.store.finish_transcript(&late, 1.0).await));
    assert!(lost(world.store.complete(&late, minutes()).await.map(drop)));
    assert!(lost(world.store.fail(&late, "stt", &Failure::new("x", "y")).await));
    assert!(!world.store.renew(&late, LONG).await.unwrap());
    world.store.release(&late).await.unwrap();
    assert!(world.store.renew(&fresh, LONG).await.unwrap());
    assert_eq!(world.log(id).await, ["1 PENDING", "2 PROCESSING"]);
    assert!(world.store.segments(id).await.unwrap().is_empty());
}

pub(super) async fn the_next_worker_goes_on_from_the_checkpoint(world: World) {
    let id = world.create("Crash").await;
    let Claim { lease: first, model, .. } = world.claim(id, "w1", LONG).await;
    assert_eq!(model, None);
    let file = NotedFile { path: "/models/own.bin".into(), sha256: "0a".into() };
    let own = NotedModel { name: "own".into(), file: Some(file) };
    let language = Language { code: "en".into(), probability: None };
    for model in [&own, &base(), &own] {
        world.store.save_speech(&first, model, &language).await.unwrap();
    }
    world.store.save_window(&first, window(1..=2, 480_000)).await.unwrap();
    world.store.release(&first).await.unwrap();
    let second = world.claim(id, "w2", LONG).await;
    assert_eq!(second.model, Some(own));
    assert_eq!((second.checkpoint, second.job.segment_count), (480_000, 2));
    // A segment number that is there already is refused, and nothing of that window is kept.
    assert!(world.store.save_window(&second.lease, window(2..=3, 9)).await.is_err());
    assert_eq!(world.store.segments(id).await.unwrap().len(), 2);
    assert_eq!(world.store.job(id).await.unwrap().attempts, 2);
}

pub(super) async fn three_crashes_at_one_place_fail_the_job_and_a_person_can_retry(world: World) {
    let id = world.create("Poison").await;
    for worker in ["w1", "w2"] {
        world.claim(id, worker, OVER).await;
    }
    // The third worker gets past the place, so the count begins again.
    let lease = Lease { ..world.claim(id, "w3", LONG).await.lease };
    world.store.save_window(&lease, window(1..=1, 5)).await.unwrap();
    world.store.release(&lease).await.unwrap();
    for worker in ["w4", "w5", "w6"] {
        world.claim(id, worker, OVER).await;
    }
    assert!(world.store.claim(id, "w7", LONG).await.unwrap().is_none());
    let job = world.store.job(id).await.unwrap();
    assert_eq!((job.status, job.failure.unwrap().code.as_str()), (JobStatus::Failed, "worker_crashed"));
    assert_eq!(world.store.errors(id).await.unwrap()[0].service, "worker");

    assert_eq!(world.store.retry(id).await.unwrap().status, JobStatus::Pending);
    assert_eq!(world.claim(id, "w8", LONG).await.checkpoint, 5);
}

pub(super) async fn a_worker_that_lost_its_lease_and_lives_did_not_crash(world: World) {
    let id = world.create("Slow line").await;
    for _ in 0..4 {
        let sleeper = world.claim(id, "sleeper", OVER).await.lease;
        let other = world.claim(id, "other", LONG).await.lease;
        world.store.release(&sleeper).await.unwrap();
        world.store.release(&other).await.unwrap();
    }
    for _ in 0..3 {
        world.claim(id, "crashing", OVER).await;
    }
    assert!(world.store.claim(id, "w", LONG).await.unwrap().is_none());
    assert_eq!(world.store.job(id).await.unwrap().status, JobStatus::Failed);
}

pub(super) async fn cancelling_takes_the_job_from_its_worker_at_once(world: World) {
    let id = world.create("Stop").await;
    let lease = world.claim(id, "w1", LONG).await.lease;
    let mut subscription = world.bus.subscribe(id.into());
    assert_eq!(world.store.cancel(id).await.unwrap().status, JobStatus::Cancelled);
    assert!(matches!(subscription.next().await, Some(Notice::Logged(_))));
    assert!(matches!(subscription.next().await, Some(Notice::Stopped)));
    assert!(matches!(world.store.save_window(&lease, window(1..=1, 5)).await, Err(StoreError::LeaseLost(_))));
    assert!(world.store.waiting(10).await.unwrap().is_empty());
    assert!(matches!(world.store.cancel(id).await, Err(StoreError::Status { .. })));
    assert_eq!(world.store.retry(id).await.unwrap().status, JobStatus::Pending);
    assert_eq!(world.log(id).await, ["1 PENDING", "2 PROCESSING", "3 CANCELLED: cancelled", "4 PENDING"]);
}

pub(super) async fn retrying_a_failed_summary_keeps_the_transcript(world: World) {
    let id = world.create("Summary").await;
    let lease = world.claim(id, "w1", LONG).await.lease;
    world.store.save_window(&lease, window(1..=2, 5)).await.unwrap();
    world.store.finish_transcript(&lease, 2.0).await.unwrap();
    world.store.note_error(&lease, "llm", &Failure::new("llm_down", "Start it.")).await.unwrap();
    world.store.fail(&lease, "llm", &Failure::new("summary_failed", "Start it.")).await.unwrap();
    assert!(matches!(world.store.claim(id, "w2", LONG).await, Ok(None)));
    let job = world.store.retry(id).await.unwrap();
    assert_eq!((job.status, job.failure, job.segment_count), (JobStatus::Transcribed, None, 2));
    let codes: Vec<String> =
        world.store.errors(id).await.unwrap().into_iter().map(|error| error.code).collect();
    assert_eq!(codes, ["llm_down", "summary_failed"]);
}

pub(super) async fn workers_are_known_with_what_they_work_on(world: World) {
    let store = &world.store;
    let counted = async || {
        let counts = store.counts().await.unwrap();
        (counts.recording_bytes, counts.uploads, counts.upload_bytes)
    };
    assert_eq!(counted().await, (0, 0, 0));
    let about = WorkerAbout { model: "base".into(), ..WorkerAbout::default() };
    store.beat("w1", &about).await.unwrap();
    store.beat("w1", &WorkerAbout { model: "base".into(), ..WorkerAbout::default() }).await.unwrap();
    let (first, second, third) =
        (world.create("First").await, world.create("Second").await, world.create("Third").await);
    world.claim(first, "w1", LONG).await;
    world.claim(second, "unheard of", LONG).await;
    let _ = world.claim(third, "gone", OVER).await;
    let workers = store.workers().await.unwrap();
    let seen: Vec<_> =
        workers.iter().map(|worker| (worker.id.as_str(), worker.jobs[0].title.as_str())).collect();
    assert_eq!(seen, [("w1", "First"), ("unheard of", "Second")]);
    assert_eq!(workers[0].about.as_ref().unwrap().model, "base");
    let job = &workers[0].jobs[0];
    assert!(job.since >= store.job(first).await.unwrap().created_at && job.lease_seconds > 1.0, "{job:?}");
    store.create_upload("a", &Map::new(), Some(7), LONG).await.unwrap();
    assert_eq!(counted().await, (21, 1, 0));
    assert_eq!(store.counts().await.unwrap().oldest_pending_at, None);
    world.create("Fourth").await;
    assert!(store.counts().await.unwrap().oldest_pending_at >= Some(job.since));
    store.leave("w1").await.unwrap();
    assert_eq!(
        store.workers().await.unwrap()[0].about,
        None,
        "what it holds is shown until its lease is over"
    );
}

pub(super) async fn the_queue_goes_by_the_databases_clock(world: World) {
    // The node that named this job lives in the future.
    let id = "ffffffff-ffff-7fff-bfff-ffffffffffff".parse().unwrap();
    let create = async |new| world.store.create_job(world.uploaded(new).await).await.unwrap();
    let first = create(NewJob { id, ..upload("First") }).await;
    let second = loop {
        let job = create(upload("Second")).await;
        if job.created_at > first.created_at {
            break job;
        }
        world.store.delete(job.job_id).await.unwrap();
    };
    assert_eq!(world.store.waiting(10).await.unwrap(), [first.job_id, second.job_id]);
    assert_eq!(second.progress.queue_position, Some(1));
}

pub(super) async fn more_segments_than_one_statement_inserts_are_saved_whole(world: World) {
    let id = world.create("Long").await;
    let lease = world.claim(id, "w", LONG).await.lease;
    world.store.save_window(&lease, window(1..=600, 5)).await.unwrap();
    let expected: Vec<Segment> = (1..=600).map(|n| segment(n, &format!("Sentence {n}."))).collect();
    assert_eq!(world.store.segments(id).await.unwrap(), expected);
    let numbers: Vec<u64> =
        world.store.events_after(id, 0, 1000).await.unwrap().iter().map(|e| e.seq).collect();
    // Accepted and begun came before.
    assert_eq!(numbers, (1..=602).collect::<Vec<_>>());
    let named =
        expected.into_iter().map(|one| Segment { speaker: Some("A".into()), ..one }).collect::<Vec<_>>();
    world.store.save_speakers(&lease, named.clone()).await.unwrap();
    assert_eq!(world.store.segments(id).await.unwrap(), named);
}

pub(super) async fn a_watcher_is_told_the_same_state_as_the_job_has(world: World) {
    let (first, second) = (world.create("First").await, world.create("Second").await);
    let lease = world.claim(first, "w", LONG).await.lease;
    world.store.save_window(&lease, window(1..=2, 5)).await.unwrap();
    for id in [first, second] {
        let (job, state) = (world.store.job(id).await.unwrap(), world.store.job_state(id).await.unwrap());
        assert_eq!(
            (state.last_event, state.status, state.progress),
            (job.last_event, job.status, job.progress)
        );
    }
    assert_eq!(world.store.job_state(second).await.unwrap().progress.queue_position, Some(0));
    let none = world.store.job_state(JobId::new()).await;
    assert!(matches!(none, Err(StoreError::NotFound(_))), "{none:?}");
}

pub(super) async fn a_clock_that_is_set_back_holds_no_job(world: World) {
    let id = world.create("Early").await;
    world.claim(id, "w1", LONG).await;
    let set_back = |hours: i64| {
        let update = "UPDATE jobs SET lease_until = lease_until + ? WHERE id = ?";
        world.store.query(update).bind(hours * 3_600_000).bind(id.to_string())
    };
    assert!(world.store.claim(id, "w2", OVER).await.unwrap().is_none(), "it is held");
    set_back(3).execute(&world.store.writer).await.unwrap();
    assert_eq!(world.store.waiting(9).await.unwrap(), [id]);
    let lease = world.claim(id, "w2", 2 * LONG).await.lease;
    assert!(world.store.claim(id, "w3", LONG / 2).await.unwrap().is_none(), "its own length counts");
    // Whoever lives and holds it goes on.
    set_back(3).execute(&world.store.writer).await.unwrap();
    assert!(world.store.renew(&lease, LONG).await.unwrap());
    assert!(world.store.waiting(9).await.unwrap().is_empty());
}

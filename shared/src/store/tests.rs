//! The contract of the store, told as stories; every database has to tell them alike.

mod edits;
mod summaries;

use std::{sync::Arc, time::Duration};

use serde_json::Map;
use sqlx::{Connection, Executor};
use tempfile::TempDir;

use super::{
    Census, Claim, Counts, Finishing, JobFilter, Language, Lease, LooseBlob, NewJob, Store, StoreError,
    Window,
};
use crate::{
    blobs::StoredBlob,
    bus::{Bus, InProcessBus, Notice},
    chat::{Basis, ChatMessage},
    event::Event,
    job::{Failure, Job, JobId, JobOptions, JobStatus, JobType, Length, Progress, Stage, SummaryOptions},
    minutes::{Coverage, Minutes},
    peaks::Peaks,
    segment::{Recognition, Segment, Word},
    worker::WorkerAbout,
};

use edits::*;
use summaries::*;

const LONG: Duration = Duration::from_secs(60);
/// A lease that has run out as soon as it is given.
const OVER: Duration = Duration::ZERO;

struct World {
    store: Store,
    bus: InProcessBus,
    url: String,
    /// Where SQLite's file lies.
    folder: TempDir,
}

impl World {
    async fn at(url: Option<String>) -> Self {
        let (folder, bus) = (tempfile::tempdir().unwrap(), InProcessBus::default());
        let url = url.unwrap_or_else(|| format!("sqlite:{}", folder.path().join("seogi.db").display()));
        let store = Store::connect(&url, 8, Arc::new(bus.clone())).await.unwrap();
        store.migrate().await.unwrap();
        Self { store, bus, url, folder }
    }
}

/// Tells every story on SQLite as a test of its own, and on the servers one after the other.
macro_rules! stories {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $story() {
                super::$story(super::World::at(None).await).await;
            })+
        }

        async fn tell_all(database: impl Fn() -> String) {
            $(println!(stringify!($story));
            $story(World::at(Some(database())).await).await;)+
        }
    };
}

stories! {
    a_job_goes_from_upload_to_minutes,
    committed_events_are_rung_in_order,
    fifty_equal_requests_with_one_key_make_one_job,
    one_of_many_claimants_gets_the_job,
    a_worker_whose_lease_is_gone_writes_nothing,
    the_next_worker_goes_on_from_the_checkpoint,
    three_crashes_at_one_place_fail_the_job_and_a_person_can_retry,
    cancelling_takes_the_job_from_its_worker_at_once,
    retrying_a_failed_summary_keeps_the_transcript,
    another_version_is_written_beside_the_first,
    several_versions_are_written_one_after_the_other,
    a_version_that_fails_or_is_cancelled_leaves_the_job_completed,
    three_crashes_at_another_version_leave_the_job_completed,
    a_summary_that_failed_gives_way_to_one_that_is_asked_for,
    minutes_are_asked_for_only_of_a_whole_transcript,
    a_deleted_job_leaves_nothing,
    an_upload_becomes_a_job_or_is_swept_and_never_both,
    finished_jobs_go_when_their_time_is_up_and_once,
    jobs_are_counted,
    the_library_is_filtered_searched_and_paged,
    pieces_of_an_upload_count_once_and_in_order,
    an_upload_becomes_one_job,
    an_upload_that_ended_takes_nothing_more,
    workers_are_known_with_what_they_work_on,
    the_queue_goes_by_the_databases_clock,
    what_was_accepted_is_there_after_a_restart,
    a_chat_is_kept_in_order_and_forgotten_when_asked,
    a_recordings_waveform_is_kept,
    edits_are_events_that_lead_to_the_same_transcript,
    edits_are_undone_and_made_again,
    only_the_newest_edits_are_kept_to_undo,
    of_many_edits_on_one_revision_one_is_made,
    an_edit_that_cannot_be_made_changes_nothing,
    minutes_say_that_the_transcript_was_edited_since,
    jobs_are_found_by_their_tags,
}

#[tokio::test]
async fn every_story_on_postgres() {
    let server = test_servers::Postgres::start();
    tell_all(|| server.database()).await;
    a_worker_that_falls_silent_in_a_transaction_does_not_hold_the_job(server.database()).await;
}

#[tokio::test]
async fn every_story_on_mariadb() {
    let server = test_servers::MariaDb::start();
    tell_all(|| server.database()).await;
    a_worker_that_falls_silent_in_a_transaction_does_not_hold_the_job(server.database()).await;
}

fn upload(title: &str) -> NewJob {
    let id = JobId::new();
    NewJob {
        id,
        job_type: JobType::Batch,
        title: title.into(),
        file_name: "a.wav".into(),
        blob: StoredBlob { key: format!("recordings/{id}"), size: 7, sha256: "00".into() },
        options: JobOptions { language: Some("en".into()), ..JobOptions::default() },
        metadata: Map::from_iter([("cust_seq".to_owned(), "17".into())]),
        idempotency_key: None,
    }
}

fn segment(number: u64, text: &str) -> Segment {
    let (start, end) = (number as f64, number as f64 + 0.5);
    let words = vec![Word { start, end: start + 0.25, word: "Sentence".into(), probability: 0.5 }];
    let recognition = Recognition { confidence: Some(0.75), words, ..Recognition::default() };
    Segment { number, start, end, text: text.into(), recognition, ..Segment::default() }
}

fn window(numbers: std::ops::RangeInclusive<u64>, checkpoint: u64) -> Window {
    let segments = numbers.map(|n| segment(n, &format!("Sentence {n}."))).collect();
    Window { segments, checkpoint, progress: Progress::at(Stage::Transcribing, 0.5) }
}

fn minutes() -> Minutes {
    Minutes {
        title: "Budget".into(),
        summary: "All about the budget.".into(),
        language: "en".into(),
        key_points: Vec::new(),
        decisions: Vec::new(),
        action_items: Vec::new(),
        open_questions: Vec::new(),
        chapters: Vec::new(),
        coverage: Coverage::default(),
        provider: "extractive".into(),
        model: "test".into(),
        template: "general".into(),
        length: Length::Standard,
        version: 0,
        created_at: 0,
        transcript_revision: 0,
        edited_since: false,
        extra: Map::new(),
    }
}

impl World {
    async fn create(&self, title: &str) -> JobId {
        self.store.create_job(self.uploaded(upload(title)).await).await.unwrap().job_id
    }

    /// A job whose recording is noted, as that of every upload.
    async fn uploaded(&self, new: NewJob) -> NewJob {
        self.store.begin_upload(&new.blob.key, LONG).await.unwrap();
        new
    }

    async fn claim(&self, id: JobId, owner: &str, lease: Duration) -> Claim {
        self.store.claim(id, owner, lease).await.unwrap().expect("the job is free")
    }

    /// The job's event log, as a person would read it aloud.
    async fn log(&self, id: JobId) -> Vec<String> {
        let events = self.store.events_after(id, 0, 1000).await.unwrap();
        let said = |event: &Event| match event {
            Event::Status { status } => status.to_string(),
            Event::TranscriptSegment { segment, .. } => format!("segment {}", segment.number),
            Event::FinalSummary { summary, segment_count, status } => {
                format!("{status}: summary {} of {segment_count}", summary.version)
            }
            Event::TranscriptEdited { transcript_revision, .. } => format!("revision {transcript_revision}"),
            Event::Error { code, status, .. } => format!("{status}: {code}"),
            Event::Progress(_) | Event::SummaryDelta(_) => "in passing".into(),
        };
        events.iter().map(|logged| format!("{} {}", logged.seq, said(&logged.event))).collect()
    }
}

async fn a_job_goes_from_upload_to_minutes(world: World) {
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
        .save_speech(&lease, "demo", &Language { probability: None, ..language.clone() })
        .await
        .unwrap();
    assert_eq!(world.store.job(id).await.unwrap().language_probability, None);
    world.store.save_speech(&lease, "demo", &language).await.unwrap();
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
    assert_eq!((job.language.as_deref(), job.speech_model.as_deref()), (Some("en"), Some("demo")));
    assert_eq!(job.language_probability, Some(0.9));
    assert!(job.finished_at.is_some());
    let last = segment(3, "Sentence 3.");
    assert_eq!(world.store.segments(id).await.unwrap()[2], last);
    let told = &world.store.events_after(id, 4, 1).await.unwrap()[0].event;
    assert!(
        matches!(told, Event::TranscriptSegment { segment, .. } if *segment == last.without_words()),
        "{told:?}"
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

async fn committed_events_are_rung_in_order(world: World) {
    let id = world.create("Bell").await;
    let mut ear = world.bus.subscribe(id);
    let claim = world.claim(id, "w1", LONG).await;
    world.store.save_window(&claim.lease, window(1..=2, 1)).await.unwrap();
    let mut heard = Vec::new();
    for _ in 0..4 {
        match ear.next().await.unwrap() {
            Notice::Logged(logged) => heard.push(logged.seq),
            Notice::Progress(progress) => assert_eq!(progress.stage, Stage::Transcribing),
            Notice::Stopped | Notice::Delta(_) => panic!("nobody stopped the job or wrote its minutes"),
        }
    }
    assert_eq!(heard, [2, 3, 4]);
}

async fn fifty_equal_requests_with_one_key_make_one_job(world: World) {
    let request = || NewJob { idempotency_key: Some("k".into()), ..upload("Same") };
    let create = async || world.store.create_job(world.uploaded(request()).await).await;
    let jobs = futures::future::join_all((0..50).map(|_| create())).await;
    let ids: std::collections::HashSet<JobId> = jobs.into_iter().map(|job| job.unwrap().job_id).collect();
    assert_eq!(ids.len(), 1);
    let other = world.uploaded(NewJob { idempotency_key: Some("k".into()), ..upload("Other") }).await;
    assert!(matches!(world.store.create_job(other).await, Err(StoreError::KeyReused)));
    assert_eq!(
        world.store.list(&JobFilter { limit: 9, ..JobFilter::default() }).await.unwrap().jobs.len(),
        1
    );
}

async fn one_of_many_claimants_gets_the_job(world: World) {
    let id = world.create("Wanted").await;
    let owners: Vec<String> = (0..20).map(|n| format!("w{n}")).collect();
    let claims =
        futures::future::join_all(owners.iter().map(|owner| world.store.claim(id, owner, LONG))).await;
    assert_eq!(claims.into_iter().filter_map(Result::unwrap).count(), 1);
}

async fn a_worker_whose_lease_is_gone_writes_nothing(world: World) {
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

async fn the_next_worker_goes_on_from_the_checkpoint(world: World) {
    let id = world.create("Crash").await;
    let first = world.claim(id, "w1", LONG).await.lease;
    world.store.save_window(&first, window(1..=2, 480_000)).await.unwrap();
    world.store.release(&first).await.unwrap();
    let second = world.claim(id, "w2", LONG).await;
    assert_eq!((second.checkpoint, second.job.segment_count), (480_000, 2));
    // A segment number that is there already is refused, and nothing of that window is kept.
    assert!(world.store.save_window(&second.lease, window(2..=3, 9)).await.is_err());
    assert_eq!(world.store.segments(id).await.unwrap().len(), 2);
    assert_eq!(world.store.job(id).await.unwrap().attempts, 2);
}

async fn three_crashes_at_one_place_fail_the_job_and_a_person_can_retry(world: World) {
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

async fn cancelling_takes_the_job_from_its_worker_at_once(world: World) {
    let id = world.create("Stop").await;
    let lease = world.claim(id, "w1", LONG).await.lease;
    let mut ear = world.bus.subscribe(id);
    assert_eq!(world.store.cancel(id).await.unwrap().status, JobStatus::Cancelled);
    assert!(matches!(ear.next().await, Some(Notice::Logged(_))));
    assert!(matches!(ear.next().await, Some(Notice::Stopped)));
    assert!(matches!(world.store.save_window(&lease, window(1..=1, 5)).await, Err(StoreError::LeaseLost(_))));
    assert!(world.store.waiting(10).await.unwrap().is_empty());
    assert!(matches!(world.store.cancel(id).await, Err(StoreError::Status { .. })));
    assert_eq!(world.store.retry(id).await.unwrap().status, JobStatus::Pending);
    assert_eq!(world.log(id).await, ["1 PENDING", "2 PROCESSING", "3 CANCELLED: cancelled", "4 PENDING"]);
}

async fn retrying_a_failed_summary_keeps_the_transcript(world: World) {
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

async fn a_deleted_job_leaves_nothing(world: World) {
    let id = world.create("Gone").await;
    let lease = world.claim(id, "w1", LONG).await.lease;
    world.store.save_window(&lease, window(1..=1, 5)).await.unwrap();
    let recording = LooseBlob { key: format!("recordings/{id}"), upload_id: None };
    assert_eq!(world.store.delete(id).await.unwrap(), recording);
    assert_eq!(world.store.loose_blobs("", 9).await.unwrap(), std::slice::from_ref(&recording));
    world.store.strike_out(&recording.key).await.unwrap();
    assert!(world.store.loose_blobs("", 9).await.unwrap().is_empty());
    assert!(matches!(world.store.job(id).await, Err(StoreError::NotFound(_))));
    assert!(matches!(world.store.delete(id).await, Err(StoreError::NotFound(_))));
    assert!(matches!(world.store.rename(id, "x").await, Err(StoreError::NotFound(_))));
    assert!(world.log(id).await.is_empty());
    assert!(world.store.segments(id).await.unwrap().is_empty());
}

async fn an_upload_becomes_a_job_or_is_swept_and_never_both(world: World) {
    let (quick, slow, unknown) = (upload("Quick"), upload("Slow"), upload("Unknown"));
    world.store.begin_upload(&quick.blob.key, LONG).await.unwrap();
    assert!(world.store.loose_blobs("", 9).await.unwrap().is_empty(), "it is under way");
    world.store.begin_upload(&slow.blob.key, OVER).await.unwrap();
    world.store.name_upload(&slow.blob.key, "id-1").await.unwrap();
    let swept = LooseBlob { key: slow.blob.key.clone(), upload_id: Some("id-1".into()) };
    assert_eq!(world.store.loose_blobs("", 9).await.unwrap(), [swept]);
    for late in [slow, unknown] {
        assert!(matches!(world.store.create_job(late).await, Err(StoreError::UploadExpired)));
    }
    assert!(world.store.list(&JobFilter { limit: 9, ..JobFilter::default() }).await.unwrap().jobs.is_empty());
    let again = quick.clone();
    world.store.create_job(quick).await.unwrap();
    assert!(world.store.create_job(again).await.is_err());
    assert_eq!(world.store.loose_blobs("", 9).await.unwrap().len(), 1);
}

async fn finished_jobs_go_when_their_time_is_up_and_once(world: World) {
    let mut ids = Vec::new();
    for n in 0..6 {
        ids.push(world.create(&format!("Old {n}")).await);
    }
    let (finished, running) = ids.split_at(4);
    for id in finished {
        world.store.cancel(*id).await.unwrap();
    }
    world.claim(running[0], "w1", LONG).await;
    assert!(world.store.delete_finished(LONG, 9).await.unwrap().is_empty(), "nothing is so old");
    assert_eq!(world.store.delete_finished(OVER, 1).await.unwrap().len(), 1, "in small batches");
    let sweeps = (0..8).map(|_| world.store.delete_finished(OVER, 9));
    let swept = futures::future::join_all(sweeps).await.into_iter().flat_map(Result::unwrap);
    assert_eq!(swept.count(), 3, "each is deleted once");
    let left = world.store.list(&JobFilter { limit: 9, ..JobFilter::default() }).await.unwrap().jobs;
    assert_eq!(left.iter().map(|job| job.job_id).collect::<Vec<_>>(), [running[1], running[0]]);
    let loose = world.store.loose_blobs("", 9).await.unwrap();
    let mut loose: Vec<_> = loose.into_iter().map(|blob| blob.key).collect();
    loose.sort();
    assert_eq!(loose, finished.iter().map(|id| format!("recordings/{id}")).collect::<Vec<_>>());
}

async fn jobs_are_counted(world: World) {
    let of = |census: &Census, wanted| census.jobs.iter().find(|(status, _)| *status == wanted).unwrap().1;
    let none = world.store.census().await.unwrap();
    assert_eq!((none.jobs.len(), none.waiting, none.oldest), (JobStatus::ALL.len(), 0, Duration::ZERO));
    let (first, _) = (world.create("One").await, world.create("Two").await);
    let ended = world.create("Three").await;
    world.store.cancel(ended).await.unwrap();
    world.claim(first, "w1", LONG).await;
    let census = world.store.census().await.unwrap();
    assert_eq!(
        [JobStatus::Pending, JobStatus::Processing, JobStatus::Cancelled].map(|s| of(&census, s)),
        [1, 1, 1]
    );
    assert_eq!((of(&census, JobStatus::Failed), census.waiting), (0, 1));
    assert!(census.oldest < LONG);
}

async fn the_library_is_filtered_searched_and_paged(world: World) {
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(world.create(&format!("Meeting {n}")).await);
    }
    let odd = world.create("100% _odd_").await;
    let lease = world.claim(ids[1], "w1", LONG).await.lease;
    let spoken = Window { segments: vec![segment(1, "The Budget is fine.")], ..window(1..=1, 5) };
    world.store.save_window(&lease, spoken).await.unwrap();
    let list = async |filter: JobFilter| {
        let page = world.store.list(&filter).await.unwrap();
        (page.jobs.iter().map(|job| job.job_id).collect::<Vec<_>>(), page.next_cursor)
    };
    let all = JobFilter { limit: 4, ..JobFilter::default() };
    let (first, cursor) = list(all.clone()).await;
    assert_eq!(first, [odd, ids[4], ids[3], ids[2]]);
    assert_eq!(list(JobFilter { before: cursor, ..all.clone() }).await, (vec![ids[1], ids[0]], None));
    let found = async |text: &str| list(JobFilter { search: Some(text.into()), ..all.clone() }).await.0;
    assert_eq!(found("budget").await, [ids[1]]);
    assert_eq!(found("MEETING 3").await, [ids[3]]);
    assert_eq!(found("0% _").await, [odd]);
    assert!(found("%%").await.is_empty());
    let processing = JobFilter { status: Some(JobStatus::Processing), ..all };
    assert_eq!(list(processing).await.0, [ids[1]]);
    assert_eq!(world.store.job(ids[2]).await.unwrap().progress.queue_position, Some(1));
}

async fn pieces_of_an_upload_count_once_and_in_order(world: World) {
    let store = &world.store;
    let fields = Map::from_iter([("title".to_owned(), "회의".into())]);
    let upload = store.create_upload("a.webm", &fields, None, LONG).await.unwrap();
    assert_eq!((upload.received, upload.size, &upload.fields), (0, None, &fields));
    for key in ["uploads/1", "uploads/2", "uploads/3"] {
        store.note_part(upload.id, key).await.unwrap();
    }
    assert!(store.count_part(upload.id, "uploads/1", 0, 5, LONG).await.unwrap());
    assert!(!store.count_part(upload.id, "uploads/2", 0, 9, LONG).await.unwrap(), "others were first");
    assert!(!store.count_part(upload.id, "uploads/2", 6, 9, LONG).await.unwrap(), "a hole");
    assert_eq!(store.size_upload(upload.id, 4).await.unwrap().size, None, "less than there is");
    assert_eq!(store.size_upload(upload.id, 12).await.unwrap().size, Some(12));
    assert_eq!(store.size_upload(upload.id, 13).await.unwrap().size, Some(12), "said once");
    assert!(!store.count_part(upload.id, "uploads/2", 5, 8, LONG).await.unwrap(), "more than was said");
    assert!(store.whole_uploads().await.unwrap().is_empty());
    assert!(store.count_part(upload.id, "uploads/2", 5, 7, LONG).await.unwrap());
    assert!(store.upload(upload.id).await.unwrap().is_whole());
    assert_eq!(store.whole_uploads().await.unwrap(), [upload.id]);
    let parts = [("uploads/1".to_owned(), 5), ("uploads/2".to_owned(), 7)];
    assert_eq!(store.upload_parts(upload.id).await.unwrap(), parts);
    assert_eq!(store.upload_keys(upload.id).await.unwrap().len(), 3, "also those that never counted");
}

async fn an_upload_becomes_one_job(world: World) {
    let store = &world.store;
    let id = store.create_upload("a.webm", &Map::new(), Some(7), LONG).await.unwrap().id;
    let claim = async |again, lease| store.claim_finishing(id, again, lease).await.unwrap();
    assert_eq!(claim(false, OVER).await, Finishing::Yours);
    assert_eq!(claim(false, LONG).await, Finishing::Yours, "whoever had it is gone");
    assert_eq!(claim(false, LONG).await, Finishing::Others);
    assert_eq!(claim(true, LONG).await, Finishing::Yours, "goes on");
    store.release_finishing(id).await.unwrap();
    assert_eq!(claim(false, LONG).await, Finishing::Yours);
    let finish =
        async |n: u32| store.finish_upload(id, world.uploaded(upload(&format!("Try {n}"))).await).await;
    let jobs = futures::future::join_all((0..8).map(finish)).await;
    let jobs: Vec<JobId> = jobs.into_iter().map(|job| job.unwrap().job_id).collect();
    assert!(jobs.iter().all(|job| *job == jobs[0]), "{jobs:?}");
    assert_eq!(store.list(&JobFilter { limit: 10, ..JobFilter::default() }).await.unwrap().jobs.len(), 1);
    assert_eq!(world.log(jobs[0]).await, ["1 PENDING"]);
    assert_eq!(claim(false, LONG).await, Finishing::Done(jobs[0]));
    store.delete(jobs[0]).await.unwrap();
    assert!(
        store.finish_upload(id, world.uploaded(upload("Again")).await).await.is_err(),
        "a deleted job does not come back"
    );
}

async fn an_upload_that_ended_takes_nothing_more(world: World) {
    let store = &world.store;
    let ended = store.create_upload("a.webm", &Map::new(), Some(7), LONG).await.unwrap().id;
    store.note_part(ended, "uploads/1").await.unwrap();
    store.end_upload(ended).await.unwrap();
    let late = store.create_upload("b.webm", &Map::new(), Some(7), OVER).await.unwrap_err();
    assert!(matches!(late, StoreError::NoUpload(_)));
    assert!(!store.count_part(ended, "uploads/1", 0, 7, LONG).await.unwrap());
    assert!(matches!(store.note_part(ended, "uploads/2").await, Err(StoreError::NoUpload(_))));
    assert!(matches!(
        store.finish_upload(ended, world.uploaded(upload("x")).await).await,
        Err(StoreError::NoUpload(_))
    ));
    assert!(matches!(store.end_upload(ended).await, Err(StoreError::NoUpload(_))));
    let gone = store.ended_uploads().await.unwrap();
    assert!(gone.len() == 2 && gone.contains(&ended), "{gone:?}");
    for id in gone {
        store.forget_upload(id).await.unwrap();
    }
    assert!(store.ended_uploads().await.unwrap().is_empty());
    assert!(store.upload_keys(ended).await.unwrap().is_empty());
}

async fn workers_are_known_with_what_they_work_on(world: World) {
    let store = &world.store;
    assert_eq!(store.counts().await.unwrap(), Counts::default());
    let about = WorkerAbout {
        host: "here".into(),
        process: 7,
        version: "1".into(),
        device: "cpu".into(),
        model: "demo".into(),
        concurrency: 1,
    };
    store.beat("w1", &about).await.unwrap();
    store.beat("w1", &WorkerAbout { model: "base".into(), ..about.clone() }).await.unwrap();
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
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.recording_bytes, counts.uploads, counts.upload_bytes), (21, 1, 0));
    assert_eq!(counts.statuses, [("PROCESSING".to_owned(), 3)].into());
    world.create("Fourth").await;
    assert!(store.counts().await.unwrap().oldest_waiting_at >= Some(job.since));
    store.leave("w1").await.unwrap();
    assert_eq!(
        store.workers().await.unwrap()[0].about,
        None,
        "what it holds is shown until its lease is over"
    );
}

async fn a_chat_is_kept_in_order_and_forgotten_when_asked(world: World) {
    let (id, other) = (world.create("Asked about").await, world.create("Another").await);
    let say = async |id, number: u64| {
        let basis = Basis { provider: "ollama".into(), model: "m".into(), share: 0.5, dropped: 1 };
        let answer = ChatMessage::answer(format!("예 {number} [1]"), vec![1], basis);
        world.store.add_to_chat(id, ChatMessage::question(&format!("Why {number}?")), answer, 3).await
    };
    assert!(world.store.chat(id).await.unwrap().is_empty());
    for number in 1..=4 {
        let stored = say(id, number).await.unwrap();
        assert_eq!((stored.number, stored.segments.as_slice()), (number * 2, &[1][..]));
        assert!(stored.created_at > 1_700_000_000_000);
    }
    say(other, 9).await.unwrap();
    let texts = async |id| {
        let chat = world.store.chat(id).await.unwrap();
        chat.into_iter().map(|message| (message.number, message.text)).collect::<Vec<_>>()
    };
    let kept =
        [(3, "Why 2?"), (4, "예 2 [1]"), (5, "Why 3?"), (6, "예 3 [1]"), (7, "Why 4?"), (8, "예 4 [1]")];
    assert_eq!(texts(id).await, kept.map(|(number, text)| (number, text.to_owned())));
    let (one, two, three) = tokio::join!(say(id, 5), say(id, 6), say(id, 7));
    let mut numbers = [one, two, three].map(|stored| stored.unwrap().number);
    numbers.sort_unstable();
    assert_eq!(numbers, [10, 12, 14]);
    world.store.clear_chat(id).await.unwrap();
    assert!(texts(id).await.is_empty());
    assert_eq!(texts(other).await.len(), 2);
    world.store.delete(other).await.unwrap();
    assert!(texts(other).await.is_empty());
    assert!(matches!(say(other, 1).await, Err(StoreError::NotFound(_))));
}

async fn the_queue_goes_by_the_databases_clock(world: World) {
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

/// On SQLite there is nobody who could take the file's lock away from a process that sleeps.
async fn a_worker_that_falls_silent_in_a_transaction_does_not_hold_the_job(url: String) {
    let world = World::at(Some(url)).await;
    let id = world.create("Silent").await;
    let rename = |title: &str| {
        let update = world.store.query("UPDATE jobs SET title = ? WHERE id = ?");
        update.bind(title.to_owned()).bind(id.to_string())
    };
    let mut silent = world.store.writer.begin().await.unwrap();
    rename("First words").execute(&mut *silent).await.unwrap();
    assert_eq!(world.store.cancel(id).await.unwrap().status, JobStatus::Cancelled);
    assert!(rename("Last words").execute(&mut *silent).await.is_err());
    drop(silent);
    assert_eq!(world.store.job(id).await.unwrap().title, "Silent");
}

#[tokio::test]
async fn sqlite_waits_for_another_process_that_writes() {
    let world = World::at(None).await;
    let new = world.uploaded(upload("Busy")).await;
    let mut other = sqlx::AnyConnection::connect(&world.url).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let created = tokio::spawn({
        let store = world.store.clone();
        async move { store.create_job(new).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!created.is_finished(), "it wrote past the other's lock");
    assert!(world.store.waiting(1).await.unwrap().is_empty(), "reading does not wait");
    other.execute("COMMIT").await.unwrap();
    assert_eq!(created.await.unwrap().unwrap().title, "Busy");
}

async fn what_was_accepted_is_there_after_a_restart(world: World) {
    let id = world.create("Kept").await;
    world.store.close().await;
    let again = Store::connect(&world.url, 2, Arc::new(world.bus)).await.unwrap();
    again.migrate().await.unwrap();
    again.check().await.unwrap();
    assert_eq!(again.job(id).await.unwrap().title, "Kept");
    drop(world.folder);
}

#[tokio::test]
async fn a_database_that_is_not_supported_is_named() {
    let connected = Store::connect("oracle://x/y", 1, Arc::new(InProcessBus::default())).await;
    let Err(error) = connected else { panic!("Oracle is not supported") };
    assert!(error.to_string().contains("'oracle'"), "{error}");
}

async fn a_recordings_waveform_is_kept(world: World) {
    let id = world.create("Budget").await;
    let lease = world.claim(id, "w", LONG).await.lease;
    assert_eq!(
        (world.store.peaks(id).await.unwrap(), world.store.job(id).await.unwrap().has_peaks),
        (None, false)
    );
    let made = Peaks { samples_per_peak: 320, amplitudes: (0..8192).map(|n| (n % 256) as u8).collect() };
    for _ in 0..2 {
        world.store.save_peaks(&lease, &made).await.unwrap();
    }
    assert_eq!(world.store.peaks(id).await.unwrap(), Some(made.clone()));
    assert!(world.store.job(id).await.unwrap().has_peaks);
    world.store.cancel(id).await.unwrap();
    assert!(matches!(world.store.save_peaks(&lease, &made).await, Err(StoreError::LeaseLost(_))));
    world.store.delete(id).await.unwrap();
    assert_eq!(world.store.peaks(id).await.unwrap(), None);
}

async fn jobs_are_found_by_their_tags(world: World) {
    let (budget, board) = (world.create("Budget").await, world.create("Board").await);
    let tags = |list: &[&str]| list.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>();
    world.store.set_tags(budget, &tags(&["회의", "\"q1\" 100%", "Q1"])).await.unwrap();
    let job = world.store.set_tags(board, &tags(&["q1", "회의"])).await.unwrap();
    assert_eq!(job.tags, ["q1", "회의"], "in their order");
    let found = async |tag: &str| {
        let filter = JobFilter { tag: Some(tag.into()), limit: 9, ..JobFilter::default() };
        world.store.list(&filter).await.unwrap().jobs.into_iter().map(|job| job.job_id).collect::<Vec<_>>()
    };
    assert_eq!(found("회의").await, [board, budget]);
    assert_eq!((found("q1").await, found("Q1").await), (vec![board], vec![budget]));
    let counts = async || {
        let tags = world.store.tags().await.unwrap();
        tags.into_iter().map(|count| format!("{} {}", count.jobs, count.tag)).collect::<Vec<_>>()
    };
    let mut counted = counts().await;
    assert_eq!(counted.remove(0), "2 회의");
    counted.sort();
    assert_eq!(counted, ["1 \"q1\" 100%", "1 Q1", "1 q1"], "capital letters make another tag");
    world.store.set_tags(budget, &[]).await.unwrap();
    world.store.delete(board).await.unwrap();
    assert!(counts().await.is_empty());
    assert!(matches!(world.store.set_tags(board, &[]).await, Err(StoreError::NotFound(_))));
}

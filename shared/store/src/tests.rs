//! The contract of the store, told as stories; every database has to tell them alike.

mod connections;
mod edits;
mod faults;
mod library;
mod summaries;
mod upgrade;
mod uploads;
mod work;
mod writes;

use std::{sync::Arc, time::Duration};

use serde_json::Map;
use sqlx::{Connection, Executor};
use tempfile::TempDir;
use test_servers::{Line, Proxy};

use super::{
    Claim, Finishing, JobFilter, Language, Lease, NewJob, NotedFile, NotedModel, OrphanBlob, Store,
    StoreError, Window,
};
use relay::bus::{Bus, InProcessBus, Notice};
use shared::{
    blob::StoredBlob,
    chat::{Basis, ChatMessage},
    counts::JobCounts,
    coverage::SpeechCoverage,
    event::Event,
    job::{Failure, Job, JobId, JobOptions, JobStatus, JobType, Length, Progress, Stage, SummaryOptions},
    minutes::{Coverage, Minutes},
    peaks::Peaks,
    segment::{Recognition, Segment, Word},
    worker::WorkerAbout,
};

use connections::*;
use edits::*;
use faults::*;
use library::*;
use summaries::*;
use uploads::*;
use work::*;

/// For the database to answer.
const PATIENCE: Duration = Duration::from_secs(30);
const LONG: Duration = Duration::from_secs(60);
/// A lease that has run out as soon as it is given.
const OVER: Duration = Duration::ZERO;

pub(crate) struct World {
    pub(crate) store: Store,
    bus: InProcessBus,
    url: String,
    /// Where SQLite's file lies.
    folder: TempDir,
}

impl World {
    pub(crate) async fn at(url: Option<String>) -> Self {
        let (folder, bus) = (tempfile::tempdir().unwrap(), InProcessBus::default());
        let url = url.unwrap_or_else(|| format!("sqlite:{}", folder.path().join("seogi.db").display()));
        let store = Store::connect(&url, 8, PATIENCE, Arc::new(bus.clone())).await.unwrap();
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
    committed_events_are_told_in_order,
    fifty_equal_requests_with_one_key_make_one_job,
    one_of_many_claimants_gets_the_job,
    a_worker_whose_lease_is_gone_writes_nothing,
    the_next_worker_goes_on_from_the_checkpoint,
    three_crashes_at_one_place_fail_the_job_and_a_person_can_retry,
    a_worker_that_lost_its_lease_and_lives_did_not_crash,
    a_clock_that_is_set_back_holds_no_job,
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
    a_deleted_segment_comes_back,
    only_the_newest_edits_are_kept_to_undo,
    of_many_edits_on_one_revision_one_is_made,
    an_edit_that_cannot_be_made_changes_nothing,
    minutes_say_that_the_transcript_was_edited_since,
    speakers_are_told_apart_before_anybody_edits,
    jobs_are_found_by_their_tags,
    what_was_answered_is_stored_whatever_statement_fails,
    a_connection_whose_transaction_did_not_end_is_never_used_again,
    more_segments_than_one_statement_inserts_are_saved_whole,
    a_watcher_is_told_the_same_state_as_the_job_has,
}

#[tokio::test]
async fn every_story_on_postgres() {
    let server = test_servers::Postgres::start();
    many_may_bring_the_tables_up_to_date_at_once(server.database()).await;
    tell_all(|| server.database()).await;
    a_worker_that_falls_silent_in_a_transaction_does_not_hold_the_job(server.database()).await;
    a_line_that_hangs_is_given_up(server.port, &server.database()).await;
    what_was_answered_is_stored_when_connections_are_killed(server.database()).await;
    what_was_answered_is_stored_after_the_database_was_read_only(server.database()).await;
}

#[tokio::test]
async fn every_story_on_mariadb() {
    let server = test_servers::MariaDb::start();
    many_may_bring_the_tables_up_to_date_at_once(server.database()).await;
    tell_all(|| server.database()).await;
    a_worker_that_falls_silent_in_a_transaction_does_not_hold_the_job(server.database()).await;
    a_line_that_hangs_is_given_up(server.port, &server.database()).await;
    what_was_answered_is_stored_when_connections_are_killed(server.database()).await;
    what_was_answered_is_stored_after_the_database_was_read_only(server.database()).await;
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

fn base() -> NotedModel {
    NotedModel { name: "base".into(), file: None }
}

fn segment(number: u64, text: &str) -> Segment {
    let (start, end) = (number as f64, number as f64 + 0.5);
    let words =
        vec![Word { start, end: start + 0.25, word: "Sentence".into(), probability: 0.5, speaker: None }];
    let recognition = Recognition { confidence: Some(0.75), words, ..Recognition::default() };
    Segment { number, start, end, text: text.into(), recognition, ..Segment::default() }
}

fn window(numbers: std::ops::RangeInclusive<u64>, checkpoint: u64) -> Window {
    let segments = numbers.map(|n| segment(n, &format!("Sentence {n}."))).collect();
    Window {
        segments,
        checkpoint,
        coverage: SpeechCoverage::default(),
        progress: Progress::at(Stage::Transcribing, 0.5),
    }
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
    pub(crate) async fn create(&self, title: &str) -> JobId {
        self.store.create_job(self.uploaded(upload(title)).await).await.unwrap().job_id
    }

    /// A job whose recording is noted, as that of every upload.
    async fn uploaded(&self, new: NewJob) -> NewJob {
        self.store.reserve_blob(&new.blob.key, LONG).await.unwrap();
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
            Event::SummaryChosen { version, status } => format!("{status}: summary {version} chosen"),
            Event::Error { code, status, .. } => format!("{status}: {code}"),
            Event::Progress(_) | Event::SummaryDelta(_) => "in passing".into(),
        };
        events.iter().map(|logged| format!("{} {}", logged.seq, said(&logged.event))).collect()
    }
}

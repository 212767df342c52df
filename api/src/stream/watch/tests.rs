//! Watchers who join at ten thousand random moments, without sockets.

use blobs::Blobs;
use relay::{bus::InProcessBus, queue::InProcessQueue};
use shared::{
    blob::StoredBlob,
    coverage::SpeechCoverage,
    job::{JobOptions, JobType, Stage},
    segment::Segment,
};
use store::{Lease, NewJob, Store, Window};
use tokio::sync::{mpsc, watch};

use super::*;
use crate::stream::item::StreamItem;

const JOBS: usize = 20;
/// Of each job.
const WATCHERS: usize = 500;
const SEGMENTS: usize = 25;

const LEASE_TIME: Duration = Duration::from_secs(600);

/// Plays the worker of a new job.
async fn begin(store: &Store) -> Lease {
    let id = JobId::new();
    let key = format!("recordings/{id}");
    store.reserve_blob(&key, LEASE_TIME).await.unwrap();
    let new = NewJob {
        id,
        job_type: JobType::Batch,
        title: "Test".into(),
        file_name: "test.wav".into(),
        blob: StoredBlob { key, size: 7, sha256: "00".into() },
        options: JobOptions::default(),
        metadata: serde_json::Map::new(),
        idempotency_key: None,
    };
    store.create_job(new).await.unwrap();
    store.claim(id, "test", LEASE_TIME).await.unwrap().unwrap().lease
}

async fn emit(store: &Store, lease: &Lease, number: usize) {
    let segment = Segment { number: number as u64, text: "A sentence.".into(), ..Segment::default() };
    let progress = Progress::at(Stage::Transcribing, 0.5);
    let window = Window {
        segments: vec![segment],
        checkpoint: number as u64,
        coverage: SpeechCoverage::default(),
        progress,
    };
    store.save_window(lease, window).await.unwrap();
}

/// The numbers that each of many watchers receives, and whether as history; they join while a worker writes.
async fn received_while_written(store: &Store, library: &Library, lease: &Lease) -> Vec<Vec<(u64, bool)>> {
    let (written, writing) = watch::channel(0);
    let (joined, mut joining) = mpsc::unbounded_channel();
    let watchers: Vec<_> = (0..WATCHERS)
        .map(|n| {
            let (library, job, joined) = (library.clone(), lease.id, joined.clone());
            let mut writing = writing.clone();
            tokio::spawn(async move {
                writing.wait_for(|written| *written >= n % SEGMENTS).await.unwrap();
                // Not only right after an event.
                for _ in 0..n % 41 {
                    tokio::task::yield_now().await;
                }
                let mut watcher = Watcher::new(library, job, 0).await.unwrap();
                joined.send(()).unwrap();
                let mut received = Vec::new();
                while let Some(item) = watcher.next().await {
                    if let StreamItem::Logged { event, is_historical } = item {
                        received.push((event.seq, is_historical));
                    }
                }
                received
            })
        })
        .collect();
    for number in 1..=SEGMENTS {
        // Half of those who may come by now are there, and the others are just coming.
        for _ in 0..WATCHERS / SEGMENTS / 2 {
            joining.recv().await.unwrap();
        }
        emit(store, lease, number).await;
        written.send_replace(number);
    }
    store.cancel(lease.id).await.unwrap();
    let mut received = Vec::new();
    for watcher in watchers {
        received.push(watcher.await.unwrap());
    }
    received
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_at_one_of_ten_thousand_moments_receives_everything_once() {
    let (folder, bus) = (tempfile::tempdir().unwrap(), InProcessBus::default());
    let url = format!("sqlite:{}/seogi.db", folder.path().display());
    let store = Store::connect(&url, 8, LEASE_TIME, Arc::new(bus.clone())).await.unwrap();
    store.migrate().await.unwrap();
    let blobs = Blobs::local(folder.path()).unwrap();
    let library = Library::new(store.clone(), blobs, Arc::new(InProcessQueue::default()), Arc::new(bus));
    let (mut watchers, mut in_the_middle) = (0, 0);
    for _ in 0..JOBS {
        let lease = begin(&store).await;
        for received in received_while_written(&store, &library, &lease).await {
            let numbers: Vec<u64> = received.iter().map(|(number, _)| *number).collect();
            // Accepted, begun, the segments, and cancelled.
            assert_eq!(numbers, (1..=SEGMENTS as u64 + 3).collect::<Vec<_>>(), "watcher {watchers}");
            assert!(
                received.is_sorted_by_key(|(_, is_history)| !is_history),
                "history after news: {received:?}"
            );
            let history = received.iter().filter(|(_, is_history)| *is_history).count();
            watchers += 1;
            in_the_middle += usize::from((3..numbers.len()).contains(&history));
        }
    }
    assert_eq!(watchers, 10_000);
    assert!(in_the_middle > 5_000, "only {in_the_middle} came in the middle");
}

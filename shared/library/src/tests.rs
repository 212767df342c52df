//! What database and storage do together.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use relay::{bus::InProcessBus, queue::InProcessQueue};
use shared::job::{JobId, JobOptions, JobType};

use super::*;

const UPLOAD_TIME: Duration = Duration::from_secs(600);

async fn library(folder: &std::path::Path) -> Library {
    let bus = Arc::new(InProcessBus::default());
    let url = format!("sqlite:{}", folder.join("seogi.db").display());
    let store = Store::connect(&url, 2, Duration::MAX, bus.clone()).await.unwrap();
    store.migrate().await.unwrap();
    Library::new(
        store,
        Blobs::local(&folder.join("blobs")).unwrap(),
        Arc::new(InProcessQueue::default()),
        bus,
    )
}

/// A request with a recording that is on storage.
async fn request(library: &Library, content: &'static str) -> NewJob {
    let id = JobId::new();
    let mut recording = library.begin_recording(format!("recordings/{id}"), UPLOAD_TIME).await.unwrap();
    recording.write(Bytes::from_static(content.as_bytes())).await.unwrap();
    NewJob {
        id,
        job_type: JobType::Batch,
        title: "Test".into(),
        file_name: "test.wav".into(),
        blob: recording.finish().await.unwrap(),
        options: JobOptions::default(),
        metadata: serde_json::Map::new(),
        idempotency_key: Some("key".into()),
    }
}

#[tokio::test]
async fn a_request_that_comes_again_leaves_no_second_recording() {
    let folder = tempfile::tempdir().unwrap();
    let library = library(folder.path()).await;
    let first = library.create_job(request(&library, "RIFF").await).await.unwrap();
    for (content, expected) in [("RIFF", Some(first.job_id)), ("other", None)] {
        let again = request(&library, content).await;
        let key = again.blob.key.clone();
        assert_eq!(library.create_job(again).await.ok().map(|job| job.job_id), expected, "{content}");
        assert!(library.read(&key, 0..1).await.is_err(), "{content}");
    }
    assert!(library.read(&first.blob, 0..4).await.is_ok());
    library.delete(first.job_id).await.unwrap();
    assert!(library.read(&first.blob, 0..4).await.is_err());
}

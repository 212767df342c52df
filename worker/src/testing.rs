//! A store and a blob storage of its own for a test.

use std::{sync::Arc, time::Duration};

use blobs::Blobs;
use bytes::Bytes;
use relay::bus::InProcessBus;
use shared::job::{JobId, JobOptions, JobType};
use store::{NewJob, Store};
use tempfile::TempDir;

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) blobs: Blobs,
    _folder: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("seogi.db").display());
        let store = Store::connect(&url, 2, Duration::MAX, Arc::new(InProcessBus::default())).await.unwrap();
        store.migrate().await.unwrap();
        Self { store, blobs: Blobs::local(folder.path()).unwrap(), _folder: folder }
    }

    pub(crate) async fn upload_bytes(&self, bytes: &[u8]) -> JobId {
        let id = JobId::new();
        let key = format!("recordings/{id}");
        self.store.reserve_blob(&key, Duration::from_secs(60)).await.unwrap();
        let mut writer = self.blobs.create(key).await.unwrap();
        writer.write(Bytes::copy_from_slice(bytes)).await.unwrap();
        let new = NewJob {
            id,
            job_type: JobType::Batch,
            title: "Test".into(),
            file_name: "test.wav".into(),
            blob: writer.finish().await.unwrap(),
            options: JobOptions::default(),
            metadata: serde_json::Map::new(),
            idempotency_key: None,
        };
        self.store.create_job(new).await.unwrap().job_id
    }
}

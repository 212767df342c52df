//! A whole job, from upload to minutes, as production does it.

use std::{path::Path, sync::Arc, time::Instant};

use anyhow::{Context, Result, bail};
use blobs::Blobs;
use bytes::Bytes;
use config::Config;
use minutes::{Summariser, Templates};
use relay::{
    bus::{Bus, InProcessBus, Notice},
    queue::{InProcessQueue, Queue},
};
use shared::{
    event::Event,
    job::{JobId, JobOptions, JobStatus, JobType},
};
use store::{NewJob, Store};
use tokio::io::AsyncReadExt;
use tokio_util::sync::CancellationToken;
use worker::{Worker, WorkerDeps};

use crate::program::memory;

/// What a whole job took.
pub struct Whole {
    /// Seconds from the accepted upload to the stored minutes.
    pub seconds: f64,
    /// Seconds until the first segment.
    pub first_segment: f64,
    /// Seconds from the last segment to the minutes.
    pub summary: f64,
    /// The most memory that this process held, in MiB.
    pub peak_mib: f64,
    /// Share of wrong words, for a recording that the tests know.
    pub error_rate: Option<f64>,
}

/// Runs a job for `recording` in a worker of this process.
pub async fn measure(config: &Config, recording: &Path) -> Result<Whole> {
    let (bus, queue, stop) = (InProcessBus::default(), InProcessQueue::default(), CancellationToken::new());
    let url = config.database_url();
    let connect = || Store::connect(&url, 2, config.database.patience(), Arc::new(bus.clone()));
    let (store, blobs) = (connect().await?, Blobs::local(&config.storage.data)?);
    store.migrate().await?;
    let summariser = Arc::new(Summariser::from_config(&config.llm)?);
    let worker = Worker::new(
        config.clone(),
        WorkerDeps {
            store: store.clone(),
            lease_store: connect().await?,
            blobs: blobs.clone(),
            bus: Arc::new(bus.clone()),
            summariser,
            templates: Arc::new(Templates::load(config)?),
            decoder: None,
        },
    )?;
    let waiting = worker::WaitingJobs::new(&queue, store.clone(), config.worker.sweep());
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { worker.run(waiting, None, stop).await }
    });
    let id = upload(&store, &blobs, recording).await?;
    let mut whole = follow(&bus, &queue, id).await?;
    stop.cancel();
    running.await??;
    whole.peak_mib = peak_mib()?;
    whole.error_rate = error_rate(&store, id, recording).await?;
    Ok(whole)
}

async fn upload(store: &Store, blobs: &Blobs, recording: &Path) -> Result<JobId> {
    let id = JobId::new();
    let key = format!("recordings/{id}");
    store.reserve_blob(&key, std::time::Duration::from_secs(3600)).await?;
    let mut file = tokio::fs::File::open(recording).await?;
    let (mut writer, mut part) = (blobs.create(key).await?, vec![0; 64 * 1024]);
    loop {
        let length = file.read(&mut part).await?;
        if length == 0 {
            break;
        }
        writer.write(Bytes::copy_from_slice(part.get(..length).unwrap_or_default())).await?;
    }
    let name = recording.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let new = NewJob {
        id,
        job_type: JobType::Batch,
        title: name.clone(),
        file_name: name,
        blob: writer.finish().await?,
        options: JobOptions::default(),
        metadata: serde_json::Map::new(),
        idempotency_key: None,
    };
    Ok(store.create_job(new).await?.job_id)
}

/// Notifies the worker of the job and follows it until it is finished.
async fn follow(bus: &InProcessBus, queue: &InProcessQueue, id: JobId) -> Result<Whole> {
    let mut subscription = bus.subscribe(id.into());
    let begun = Instant::now();
    queue.notify(id).await;
    let (mut first, mut transcribed) = (None, None);
    loop {
        let Notice::Logged(logged) = subscription.next().await.context("the measuring fell behind")? else {
            continue;
        };
        let now = begun.elapsed().as_secs_f64();
        match &logged.event {
            Event::TranscriptSegment { .. } => first = first.or(Some(now)),
            Event::Status { status: JobStatus::Transcribed } => transcribed = Some(now),
            Event::Error { message, .. } => bail!("{message}"),
            Event::FinalSummary { .. } => {
                let summary = now - transcribed.unwrap_or(now);
                let first_segment = first.unwrap_or(now);
                return Ok(Whole { seconds: now, first_segment, summary, peak_mib: 0.0, error_rate: None });
            }
            Event::Status { .. } | Event::TranscriptEdited { .. } | Event::SummaryChosen { .. } => {}
            Event::Progress(_) | Event::SummaryDelta(_) => {}
        }
    }
}

/// The kernel's high-water mark of this process.
pub fn peak_mib() -> Result<f64> {
    Ok(memory("self", "VmHWM")? / 1024.0)
}

async fn error_rate(store: &Store, id: JobId, recording: &Path) -> Result<Option<f64>> {
    let name = recording.file_name().unwrap_or_default().to_string_lossy();
    let known =
        [ground_truth::recordings(), ground_truth::real_recordings(), vec![ground_truth::demo()]].concat();
    let Some(truth) = known.into_iter().find(|truth| truth.name == name) else {
        return Ok(None);
    };
    let segments = store.segments(id).await?;
    let text: Vec<String> = segments.into_iter().map(|segment| segment.text).collect();
    Ok(Some(truth.error_rate(&text.join(" "))))
}

//! Many worker processes, each with an engine of known speed: what a worker writes, without what it computes.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use relay::{
    bus::{Bus, RedisBus},
    redis::RedisClient,
};
use serde_json::{Value, json};
use shared::{
    coverage::SpeechCoverage,
    job::{Failure, JobId, Length, Progress, Stage},
    minutes::Minutes,
    peaks::Peaks,
    segment::Segment,
};
use store::{Claim, Language, NotedModel, Store, Window};
use test_servers::Redis;
use tokio::time::sleep;

use super::rows::Server;
use crate::program::percentile;

/// Windows of one recording: five minutes of speech.
const WINDOWS: u64 = 10;
/// Segments of one window.
const SEGMENTS_PER_WINDOW: u64 = 5;
/// Jobs read at a time, as a worker does.
const BATCH_JOBS: u32 = 16;
/// Time after which what was read is not worth a try, as for a worker.
const MAX_READ_AGE: Duration = Duration::from_secs(1);
const LEASE: Duration = Duration::from_secs(8);

/// One worker process.
#[derive(Args)]
pub struct ScaleWorker {
    /// URL of the database
    #[arg(long)]
    database: String,
    /// URL of Redis
    #[arg(long)]
    redis: String,
    /// Milliseconds that the engine takes for a window
    #[arg(long, default_value_t = 20)]
    window_ms: u64,
}

/// Runs so many workers until they have done `jobs` jobs each, and prints what a job cost.
pub async fn measure(server: &Server, redis: &Redis, workers: usize, jobs: usize) -> Result<()> {
    let (url, store) = server.database().await?;
    server.add_jobs(&url, 1, workers * jobs, "PENDING");
    let begun = Instant::now();
    let running: Vec<_> = (0..workers).map(|_| start(&url, &redis.url())).collect::<Result<_>>()?;
    let done: Vec<Value> = running.into_iter().map(result).collect::<Result<_>>()?;
    let seconds = begun.elapsed().as_secs_f64();
    ensure!(store.waiting(1).await?.is_empty(), "a job was left");
    let sum = |name: &str| done.iter().filter_map(|done| done.get(name)?.as_f64()).sum::<f64>();
    let all = (workers * jobs) as f64;
    let claims: Vec<f64> = done
        .iter()
        .filter_map(|done| done.get("claims_ms")?.as_array())
        .flatten()
        .filter_map(Value::as_f64)
        .collect();
    println!(
        "  {workers:>3} workers: {:6.1} jobs/s, each {:5.1} statements and {:7.1} ms of database; {:4.2} claims tried for each; claim p50 {:5.1} ms, p95 {:6.1} ms",
        all / seconds,
        sum("statements") / all,
        1000.0 * sum("seconds") / all,
        sum("tried") / all,
        percentile(&claims, 0.5),
        percentile(&claims, 0.95),
    );
    Ok(())
}

fn start(database: &str, redis: &str) -> Result<Child> {
    let mut worker = Command::new(std::env::current_exe()?);
    worker.args(["scale-worker", "--database", database, "--redis", redis]).stdout(Stdio::piped());
    Ok(worker.spawn()?)
}

fn result(mut worker: Child) -> Result<Value> {
    let output = worker.stdout.take().context("it has an output")?;
    let line = BufReader::new(output).lines().next().context("it says what it did")??;
    ensure!(worker.wait()?.success(), "a worker failed");
    Ok(serde_json::from_str(&line)?)
}

/// Works until nothing waits any more, then prints what that cost.
pub async fn run(args: &ScaleWorker) -> Result<()> {
    let bus: Arc<dyn Bus> = Arc::new(RedisBus::join(&RedisClient::to(&args.redis)?));
    let store = Store::connect(&args.database, 2, Duration::from_secs(60), bus).await?;
    let owner = format!("worker-{}", JobId::new());
    let (mut tried, mut claims_ms) = (0, Vec::new());
    loop {
        let (read, waiting) = (Instant::now(), store.waiting(BATCH_JOBS).await?);
        if waiting.is_empty() {
            break;
        }
        for id in waiting {
            if read.elapsed() > MAX_READ_AGE {
                break;
            }
            let begun = Instant::now();
            tried += 1;
            let Some(claim) = store.claim(id, &owner, LEASE).await? else { continue };
            claims_ms.push(1000.0 * begun.elapsed().as_secs_f64());
            work(&store, &claim, Duration::from_millis(args.window_ms)).await?;
        }
    }
    let (statements, seconds) = database_figures(&telemetry::metrics::METRICS.text())?;
    println!(
        "{}",
        json!({"statements": statements, "seconds": seconds, "tried": tried, "claims_ms": claims_ms})
    );
    Ok(())
}

/// How many statements a process has sent, and the seconds that they took, from its metrics.
pub fn database_figures(metrics: &str) -> Result<(f64, f64)> {
    let figure = |end: &str| {
        let name = format!("seogi_database_statement_duration_seconds_{end} ");
        let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
        line.context("the metrics tell of the database")?.parse::<f64>().map_err(anyhow::Error::from)
    };
    Ok((figure("count")?, figure("sum")?))
}

/// What a worker writes while it transcribes five minutes and summarises them.
async fn work(store: &Store, claim: &Claim, per_window: Duration) -> Result<()> {
    let lease = &claim.lease;
    let model = NotedModel { name: "base".into(), file: None };
    store.save_progress(lease, Progress::at(Stage::Loading, 0.0)).await?;
    store.save_speech(lease, &model, &Language { code: "en".into(), probability: Some(0.9) }).await?;
    store.save_progress(lease, Progress::at(Stage::Transcribing, 0.0)).await?;
    for window in 0..WINDOWS {
        sleep(per_window).await;
        let first = window * SEGMENTS_PER_WINDOW + 1;
        let saved = Window {
            segments: (first..first + SEGMENTS_PER_WINDOW).map(segment).collect(),
            checkpoint: (window + 1) * 480_000,
            coverage: SpeechCoverage::default(),
            progress: Progress::at(Stage::Transcribing, (window + 1) as f64 / WINDOWS as f64),
        };
        store.save_window(lease, saved).await?;
    }
    store.note_error(lease, "stt", &Failure::new("language_uncertain", "It is a guess.")).await?;
    store.save_peaks(lease, &Peaks { samples_per_peak: 16_000, amplitudes: vec![7; 300] }).await?;
    store.finish_transcript(lease, 300.0).await?;
    let job = store.job(lease.id).await?;
    store.requested_summary(job.job_id).await?;
    let segments = store.segments(job.job_id).await?;
    ensure!(segments.len() as u64 == WINDOWS * SEGMENTS_PER_WINDOW, "a segment is missing");
    store.complete(lease, minutes()).await?;
    Ok(())
}

fn segment(number: u64) -> Segment {
    let start = number as f64 * 6.0;
    let text = "We spoke about the budget of the quarter, and about what is to be done until Thursday.";
    Segment { number, start, end: start + 5.0, text: text.into(), ..Segment::default() }
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
        coverage: shared::minutes::Coverage::default(),
        provider: "extractive".into(),
        model: "bench".into(),
        template: "general".into(),
        length: Length::Standard,
        version: 0,
        created_at: 0,
        transcript_revision: 0,
        edited_since: false,
        extra: serde_json::Map::new(),
    }
}

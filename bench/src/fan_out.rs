//! Many watchers of one job: when the first and the last of them receive an event, and the memory that each takes.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use relay::{
    bus::{Bus, InProcessBus, RedisBus},
    redis::RedisClient,
};
use reqwest::Client;
use shared::{
    coverage::SpeechCoverage,
    job::{JobId, Progress, Stage},
    segment::Segment,
};
use store::{Lease, Store, Window};
use test_servers::{Postgres, Redis};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Instant, sleep, timeout},
};

use crate::program::{Program, percentile, print, upload};

/// Longest wait until everybody has received an event.
const EVENT_TIMEOUT: Duration = Duration::from_secs(60);

/// Measures and prints.
pub async fn measure(watchers: usize, events: u64) -> Result<()> {
    let (folder, database, redis) = (tempfile::tempdir()?, Postgres::start(), Redis::start());
    let (database_url, redis_url) = (database.database(), redis.url());
    let variables = [("DATABASE_URL", database_url.as_str()), ("REDIS_URL", &redis_url)];
    let api = Program::seogi(&["api", "--port", "0"], folder.path(), &variables)?;
    let mut script = Script::begin(&api.address, &database_url, Some(&redis_url)).await?;
    let path = format!("/api/v1/jobs/{}/events", script.job());
    let (ours, our_memory) = spreads(&api, &path, watchers, events, async |_| script.emit(1).await).await?;

    let plain = Program::plain()?;
    let client = Client::new();
    let emit = async |number| {
        client.post(format!("{}/emit/{number}", plain.address)).send().await?;
        Ok(number)
    };
    let (theirs, their_memory) = spreads(&plain, "/events", watchers, events, emit).await?;
    let what = format!("first to last of {watchers} watchers");
    print(&format!("{what}, median"), "ms", percentile(&ours, 0.5), percentile(&theirs, 0.5), "10 for 1,000");
    print(
        &format!("{what}, p99"),
        "ms",
        percentile(&ours, 0.99),
        percentile(&theirs, 0.99),
        "100 for 10,000",
    );
    print("memory per watcher", "KiB", our_memory, their_memory, "6 above plain");
    Ok(())
}

/// For each event the milliseconds from the first to the last watcher, and the KiB that each watcher took.
async fn spreads(
    server: &Program,
    path: &str,
    watchers: usize,
    events: u64,
    mut emit: impl AsyncFnMut(u64) -> Result<u64>,
) -> Result<(Vec<f64>, f64)> {
    let (received, mut receiver) = unbounded_channel();
    // Whatever the first of them cost once is not counted.
    watch(server, path, &received).await?;
    sleep(Duration::from_secs(1)).await;
    let before = server.memory("VmRSS")?;
    for _ in 1..watchers {
        watch(server, path, &received).await?;
    }
    sleep(Duration::from_secs(1)).await;
    let mut spreads = Vec::new();
    for number in 1..=events {
        let number = emit(number).await?;
        spreads.push(spread(&mut receiver, number, watchers).await?);
    }
    let memory = (server.memory("VmRSS")? - before) / (watchers - 1) as f64;
    Ok((spreads, memory))
}

/// Waits until everybody has received event `number`; the milliseconds from the first to the last.
async fn spread(
    receiver: &mut UnboundedReceiver<(u64, Instant)>,
    number: u64,
    watchers: usize,
) -> Result<f64> {
    let mut times = Vec::with_capacity(watchers);
    while times.len() < watchers {
        let (received, at) = timeout(EVENT_TIMEOUT, receiver.recv()).await?.context("nobody listens")?;
        if received == number {
            times.push(at);
        }
    }
    let (first, last) = (times.iter().min().context("somebody")?, times.iter().max().context("somebody")?);
    Ok(1000.0 * (*last - *first).as_secs_f64())
}

/// Connects a watcher, who reports when it receives which event.
pub async fn watch(server: &Program, path: &str, received: &UnboundedSender<(u64, Instant)>) -> Result<()> {
    let address = server.address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes()).await?;
    let mut bytes = vec![0; 2048];
    let length = stream.read(&mut bytes).await?;
    ensure!(
        bytes.get(..length).is_some_and(|head| head.starts_with(b"HTTP/1.1 200")),
        "a watcher is refused"
    );
    let received = received.clone();
    tokio::spawn(async move {
        let mut line = Vec::new();
        while let Ok(length @ 1..) = stream.read(&mut bytes).await {
            let now = Instant::now();
            for byte in bytes.iter().take(length) {
                if *byte != b'\n' {
                    line.push(*byte);
                    continue;
                }
                let number =
                    line.strip_prefix(b"id: ").and_then(|id| std::str::from_utf8(id).ok()?.parse().ok());
                if let Some(number) = number {
                    // The measuring is over when this fails.
                    let _ = received.send((number, now));
                }
                line.clear();
            }
        }
    });
    Ok(())
}

/// Plays the worker of one job.
pub struct Script {
    store: Store,
    lease: Lease,
    said: u64,
}

impl Script {
    /// Uploads something and takes it in hand.
    pub async fn begin(address: &str, database_url: &str, redis_url: Option<&str>) -> Result<Self> {
        let (job, _) = upload(&Client::new(), address).await?;
        let bus: Arc<dyn Bus> = match redis_url {
            Some(url) => Arc::new(RedisBus::join(&RedisClient::to(url)?)),
            None => Arc::new(InProcessBus::default()),
        };
        let store = Store::connect(database_url, 2, EVENT_TIMEOUT, bus).await?;
        let claim = store.claim(job, "bench", Duration::from_secs(3600)).await?;
        Ok(Self { store, lease: claim.context("nobody else works here")?.lease, said: 0 })
    }

    /// The job.
    pub fn job(&self) -> JobId {
        self.lease.id
    }

    /// Writes a window with so many segments; the number of its last event.
    pub async fn emit(&mut self, count: u64) -> Result<u64> {
        let segment = |number: u64| Segment {
            number,
            start: number as f64,
            end: number as f64 + 0.75,
            text: "Sentence number so and so of the meeting.".into(),
            ..Segment::default()
        };
        let segments = (self.said + 1..=self.said + count).map(segment).collect();
        self.said += count;
        let progress = Progress::at(Stage::Transcribing, 0.5);
        let window = Window {
            segments,
            checkpoint: self.said * 16_000,
            coverage: SpeechCoverage::default(),
            progress,
        };
        self.store.save_window(&self.lease, window).await?;
        Ok(self.store.job(self.lease.id).await?.last_event)
    }

    /// Ends the job, so that its stream ends.
    pub async fn end(&self) -> Result<()> {
        self.store.cancel(self.lease.id).await?;
        Ok(())
    }
}

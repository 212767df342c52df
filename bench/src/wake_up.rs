//! From the accepted upload to the moment when a worker begins.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use reqwest::Client;
use test_servers::{Postgres, Redis};
use tokio::time::sleep;

use crate::{
    plain,
    program::{Program, percentile, print, upload},
};

/// Measures and prints: with nothing else to do, and with every core busy.
pub async fn measure(times: usize) -> Result<()> {
    let (folder, database, redis) = (tempfile::tempdir()?, Postgres::start(), Redis::start());
    let (database_url, redis_url) = (database.database(), redis.url());
    let variables = [("DATABASE_URL", database_url.as_str()), ("REDIS_URL", &redis_url)];
    let api = Program::seogi(&["api", "--port", "0"], folder.path(), &variables)?;
    let _worker = Program::seogi(&["worker"], folder.path(), &variables)?;
    // The first job finds the worker starting.
    waits(&api.address, 3).await?;
    let goals =
        [("idle", 0, "10"), ("with every core busy", std::thread::available_parallelism()?.get(), "100")];
    for (state, burners, goal) in goals {
        let _burners: Vec<_> = (0..burners).map(|_| Burner::start()).collect::<Result<_>>()?;
        let ours = waits(&api.address, times).await?;
        // Many of these wait for a second.
        let theirs = plain::tasks(&redis_url, times.min(30)).await?;
        let what = format!("accepted until begun, {state}");
        print(&format!("{what}, median"), "ms", percentile(&ours, 0.5), percentile(&theirs, 0.5), "-");
        print(&format!("{what}, p95"), "ms", percentile(&ours, 0.95), percentile(&theirs, 0.95), goal);
    }
    Ok(())
}

/// A process that keeps a core busy.
struct Burner(std::process::Child);

impl Burner {
    fn start() -> Result<Self> {
        Ok(Self(std::process::Command::new("sh").args(["-c", "while :; do :; done"]).spawn()?))
    }
}

impl Drop for Burner {
    fn drop(&mut self) {
        // It never ends by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Milliseconds from the answer to each upload to the moment when the job is told to be in work; the file is none that
/// can be transcribed, so that the worker is free again at once. Opening the stream of events counts, too.
async fn waits(address: &str, times: usize) -> Result<Vec<f64>> {
    let (client, mut waits) = (Client::new(), Vec::new());
    for _ in 0..times {
        let (job, accepted) = upload(&client, address).await?;
        let mut events = client.get(format!("{address}/api/v1/jobs/{job}/events")).send().await?;
        let (mut text, mut begun) = (String::new(), None);
        while let Some(part) = events.chunk().await? {
            text.push_str(&String::from_utf8_lossy(&part));
            if text.contains("PROCESSING") {
                begun.get_or_insert_with(Instant::now);
            }
        }
        let begun = begun.context("the job was never begun")?;
        waits.push(1000.0 * (begun - accepted).as_secs_f64());
        sleep(Duration::from_millis(20)).await;
    }
    Ok(waits)
}

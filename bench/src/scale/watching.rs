//! Many who watch jobs to which nothing happens.

use std::time::Duration;

use anyhow::Result;
use reqwest::Client;
use test_servers::Redis;
use tokio::{sync::mpsc::unbounded_channel, time::sleep};

use super::{rows::Server, work::database_figures};
use crate::{fan_out::watch, program::Program};

/// Time over which statements are counted.
const COUNTED: Duration = Duration::from_secs(10);

/// Prints what watchers of one job cost, and then as many of a job each, all of which wait for a worker.
pub async fn measure(server: &Server, redis: &Redis, watchers: usize) -> Result<()> {
    let (url, _) = server.database().await?;
    server.add_jobs(&url, 1, watchers, "PENDING");
    for (what, jobs) in [("one job", 1), ("a job each", watchers)] {
        let (folder, redis_url) = (tempfile::tempdir()?, redis.url());
        let variables = [("DATABASE_URL", url.as_str()), ("REDIS_URL", &redis_url)];
        let api = Program::seogi(&["api", "--port", "0"], folder.path(), &variables)?;
        let (received, _kept) = unbounded_channel();
        for watcher in 0..watchers {
            let job = watcher % jobs + 1;
            let path = format!("/api/v1/jobs/{job:08x}-0000-7000-8000-{job:012x}/events");
            watch(&api, &path, &received).await?;
        }
        let before = figures(&api).await?;
        sleep(COUNTED).await;
        let after = figures(&api).await?;
        let per_second = |after: f64, before: f64| (after - before) / COUNTED.as_secs_f64();
        println!(
            "  {watchers} quiet watchers of {what}: {:7.1} statements and {:7.1} ms of database a second",
            per_second(after.0, before.0),
            1000.0 * per_second(after.1, before.1),
        );
    }
    Ok(())
}

async fn figures(api: &Program) -> Result<(f64, f64)> {
    let metrics = Client::new().get(format!("{}/metrics", api.address)).send().await?.text().await?;
    database_figures(&metrics)
}

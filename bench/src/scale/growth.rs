//! What single questions cost in a large database.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use shared::job::JobStatus;
use store::{JobFilter, Store};

use super::rows::Server;
use crate::program::percentile;

/// Times that a question is asked.
const TIMES: usize = 20;
/// Times that a question is asked which looks at everything.
const SLOW_TIMES: usize = 3;
/// Jobs on a page, as the page asks for them.
const PAGE_JOBS: u32 = 50;

/// Prints how long it takes to find and claim the next job while `waiting` of them wait.
pub async fn claim(server: &Server, waiting: usize) -> Result<()> {
    let (url, store) = server.database().await?;
    server.add_jobs(&url, 1, waiting, "PENDING");
    server.analyze(&url);
    let claims = times(TIMES, async || {
        let next = store.waiting(16).await?;
        let next = next.first().context("a job waits")?;
        store.claim(*next, "bench", Duration::from_secs(3600)).await?.context("nobody else is here")?;
        Ok(())
    })
    .await?;
    let list = times(TIMES, async || page(&store, JobFilter::default()).await).await?;
    println!(
        "  {waiting:>7} waiting: found and claimed in {:6.1} ms, a page of them listed in {:6.1} ms (p50 of {TIMES})",
        percentile(&claims, 0.5),
        percentile(&list, 0.5)
    );
    Ok(())
}

/// Prints what people and garbage collection ask of a library of finished jobs.
pub async fn library(server: &Server, jobs: usize, segments: usize) -> Result<()> {
    let (url, store) = server.database().await?;
    let begun = Instant::now();
    server.add_jobs(&url, 1, jobs, "COMPLETED");
    server.add_segments(&url, jobs, segments);
    server.analyze(&url);
    println!(
        "  {jobs} finished jobs with {} segments (made in {:.0} s):",
        jobs * segments,
        begun.elapsed().as_secs_f64()
    );
    let search = |text: &str| JobFilter { search: Some(text.to_owned()), ..JobFilter::default() };
    let by_status = JobFilter { status: Some(JobStatus::Failed), ..JobFilter::default() };
    let by_tag = JobFilter { tag: Some("board".to_owned()), ..JobFilter::default() };
    for (what, filter, asked) in [
        ("list", JobFilter::default(), TIMES),
        ("list the failed", by_status, TIMES),
        ("list by tag", by_tag, TIMES),
        ("search a frequent word", search("budget"), TIMES),
        ("search what is nowhere", search("zebra"), SLOW_TIMES),
    ] {
        tell(what, &times(asked, async || page(&store, filter.clone()).await).await?);
    }
    tell("count all (/metrics)", &times(SLOW_TIMES, async || Ok(store.counts().await.map(drop)?)).await?);
    tell("count tags", &times(SLOW_TIMES, async || Ok(store.tags().await.map(drop)?)).await?);
    tell("wake-up with nothing to do", &times(TIMES, async || Ok(store.waiting(16).await.map(drop)?)).await?);
    let gc = async || Ok(store.delete_finished(Duration::from_secs(1), 100).await.map(drop)?);
    tell("gc of 100 jobs", &times(SLOW_TIMES, gc).await?);
    Ok(())
}

async fn page(store: &Store, filter: JobFilter) -> Result<()> {
    store.list(&JobFilter { limit: PAGE_JOBS, ..filter }).await?;
    Ok(())
}

fn tell(what: &str, times: &[f64]) {
    println!("    {what:<28} {:9.1} ms (p50 of {})", percentile(times, 0.5), times.len());
}

/// Milliseconds that each call takes.
async fn times(count: usize, asked: impl AsyncFn() -> Result<()>) -> Result<Vec<f64>> {
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let begun = Instant::now();
        asked().await?;
        times.push(1000.0 * begun.elapsed().as_secs_f64());
    }
    Ok(times)
}

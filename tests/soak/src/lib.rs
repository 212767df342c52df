//! A cluster of two APIs and three workers over a real database and Redis, with jobs and watchers, in which random
//! faults happen; and the account of what became of the jobs.
//!
//! The oracle is the undisturbed run: each recording is transcribed once before the faults begin, and every later job
//! has to end with the same segments, and every watcher to hear each event once; and what a person was answered who renames
//! and deletes jobs meanwhile has to be what is stored.
#![expect(
    clippy::indexing_slicing,
    reason = "what JSON does not have is null, and nodes are chosen among those there are"
)]
#![expect(clippy::print_stderr, reason = "a job that came to harm is named at once")]

mod answers;
mod cluster;
mod faults;
mod jobs;
mod node;
mod report;
mod watcher;

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Result;
use futures::{StreamExt, stream::FuturesUnordered};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{
    task::{JoinError, JoinHandle},
    time::{Instant, timeout},
};

use cluster::Cluster;
pub use cluster::DatabaseKind;
use faults::Faults;
use jobs::{Job, Outcome};
pub use report::Report;

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The program under test.
    pub program: PathBuf,
    /// The database under it.
    pub database: DatabaseKind,
    /// How long faults happen.
    pub time: Duration,
    /// Where the randomness begins.
    pub seed: u64,
    /// Jobs under way at the same time.
    pub jobs: usize,
    /// Watchers of these jobs.
    pub watchers: usize,
}

/// Recordings that are uploaded: short, and long enough for several windows.
const RECORDINGS: [&str; 3] = ["short_en.wav", "stereo_44k.wav", "meeting_en.flac"];

/// Time after which a request that has no answer is made again.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Time after the last fault, or after the last job that ended then, in which the next one has to end.
const PATIENCE: Duration = Duration::from_secs(240);

/// Time between two looks at nodes that may have ended by themselves.
const RESTART_INTERVAL: Duration = Duration::from_secs(2);

/// Does it.
///
/// # Errors
/// When the cluster cannot be started, or a recording is not transcribed even without faults.
pub async fn run(plan: &Plan) -> Result<Report> {
    // An error says that somebody was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut cluster = Cluster::start(&plan.program, plan.database)?;
    let addresses = cluster.addresses();
    let expected = Arc::new(jobs::undisturbed(&addresses).await?);
    let mut random = StdRng::seed_from_u64(plan.seed);
    let mut faults = Faults::new(random.random());
    let (end, mut work) = (Instant::now() + plan.time, Vec::new());
    while Instant::now() < end {
        for _ in work.iter().filter(|job: &&JoinHandle<Outcome>| !job.is_finished()).count()..plan.jobs {
            let watchers = plan.watchers / plan.jobs.max(1);
            let job = Job::new(&mut random, &addresses, watchers, Arc::clone(&expected));
            work.push(tokio::spawn(job.run()));
        }
        faults.inject(&mut cluster).await?;
    }
    cluster.repair()?;
    let mut report = Report { faults: faults.injected().clone(), ..Report::default() };
    let mut work: FuturesUnordered<_> = work.into_iter().collect();
    while let Ok(Some(ended)) = timeout(PATIENCE, next_ended(&mut work, &mut cluster)).await {
        // One that panicked is as good as lost.
        report.count(ended.unwrap_or(Outcome { lost: true, ..Outcome::default() }));
    }
    work.iter().for_each(|_| report.count(Outcome { stuck: true, ..Outcome::default() }));
    report.longest_recovery = faults.longest_recovery();
    report.longest_stop = faults.longest_stop().max(cluster.stop_all()?);
    Ok(report)
}

/// The next job that ends. Nodes that gave up by themselves are started again meanwhile, as a service manager does.
async fn next_ended(
    work: &mut FuturesUnordered<JoinHandle<Outcome>>,
    cluster: &mut Cluster,
) -> Option<Result<Outcome, JoinError>> {
    loop {
        match timeout(RESTART_INTERVAL, work.next()).await {
            Ok(ended) => return ended,
            Err(_) => cluster.repair().unwrap_or_else(|error| eprintln!("{error:#}")),
        }
    }
}

//! How what the system costs grows with its workers, its watchers and its jobs: statements and time of the database, on
//! PostgreSQL and on MariaDB, each with Redis beside it. There is no speech model in it: its time is not the system's.

mod growth;
mod relay;
mod rows;
mod watching;
pub mod work;

use anyhow::Result;
use clap::Args;
use test_servers::Redis;

use rows::Server;

/// How much of everything.
#[derive(Args)]
pub struct Scale {
    /// Worker processes, one run for each number
    #[arg(long, value_delimiter = ',', default_values_t = [1, 4, 16])]
    workers: Vec<usize>,
    /// Jobs that each worker process does
    #[arg(long, default_value_t = 20)]
    jobs: usize,
    /// Watchers of quiet jobs
    #[arg(long, default_value_t = 500)]
    watchers: usize,
    /// Jobs that wait while one is claimed, one run for each number
    #[arg(long, value_delimiter = ',', default_values_t = [100, 10_000, 100_000])]
    waiting: Vec<usize>,
    /// Finished jobs in the library
    #[arg(long, default_value_t = 1_000_000)]
    library: usize,
    /// Segments of each of them
    #[arg(long, default_value_t = 5)]
    segments: usize,
    /// Events over Redis
    #[arg(long, default_value_t = 20_000)]
    events: u64,
}

/// Measures and prints.
pub async fn measure(args: &Scale) -> Result<()> {
    for server in [Server::postgres(), Server::mariadb()] {
        println!("{}", server.name());
        let redis = Redis::start();
        for workers in &args.workers {
            work::measure(&server, &redis, *workers, args.jobs).await?;
        }
        watching::measure(&server, &redis, args.watchers).await?;
        for waiting in &args.waiting {
            growth::claim(&server, *waiting).await?;
        }
        growth::library(&server, args.library, args.segments).await?;
    }
    relay::measure(args.events).await
}

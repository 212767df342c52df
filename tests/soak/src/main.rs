//! Prints what a cluster lost, duplicated or left unfinished while faults were injected; ends with 1 if anything.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, Result};
use clap::Parser;
use soak::{DatabaseKind, Plan};

/// Injects random faults into a running cluster of two APIs and three workers.
#[derive(Parser)]
#[command(name = "seogi-soak")]
struct Arguments {
    /// How long faults are injected.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Where the randomness begins; printed, so that a run can be repeated.
    #[arg(long)]
    seed: Option<u64>,
    /// Jobs under way at the same time.
    #[arg(long, default_value_t = 50)]
    jobs: usize,
    /// Watchers of these jobs.
    #[arg(long, default_value_t = 100)]
    watchers: usize,
    /// The database under the cluster.
    #[arg(long, value_enum, default_value = "postgres")]
    database: DatabaseKind,
    /// The program under test; the `seogi` beside this one if not given.
    #[arg(long)]
    program: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let beside = std::env::current_exe()?.with_file_name("seogi");
    let program = arguments.program.unwrap_or(beside);
    let program = program.canonicalize().with_context(|| format!("{} is not there", program.display()))?;
    let seed = arguments.seed.unwrap_or_else(rand::random);
    println!("seed {seed}");
    let plan = Plan {
        program,
        database: arguments.database,
        time: Duration::from_secs_f64(60.0 * arguments.minutes),
        seed,
        jobs: arguments.jobs,
        watchers: arguments.watchers,
    };
    let report = soak::run(&plan).await?;
    println!("{report}");
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

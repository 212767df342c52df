//! The commands, one file each.

pub mod ask;
pub mod config;
pub mod doctor;
pub mod healthcheck;
pub mod jobs;
pub mod migrate;
#[cfg(feature = "worker")]
pub mod models;
mod output;
pub mod serve;
pub mod transcribe;
pub mod watch;
#[cfg(feature = "worker")]
pub mod worker;

use crate::{
    Program,
    args::{Cli, Command},
};

/// Runs the command.
pub async fn run(cli: Cli, program: Program) -> anyhow::Result<()> {
    match cli.command {
        #[cfg(feature = "worker")]
        Command::Serve(_) => serve::everything(program).await,
        Command::Api(_) => serve::api(program).await,
        #[cfg(feature = "worker")]
        Command::Worker => worker::run(program).await,
        Command::Transcribe(transcribe) => transcribe.run(program, cli.globals.model).await,
        Command::Watch(watch) => watch.run(program).await,
        Command::Ask(ask) => ask.run(program).await,
        Command::Jobs(jobs) => jobs.run(program).await,
        #[cfg(feature = "worker")]
        Command::Models(models) => models.run(program).await,
        #[cfg(feature = "worker")]
        Command::DecodeChild { .. } => anyhow::bail!("decoding begins before anything else"),
        Command::Healthcheck(check) => check.run(program).await,
        #[cfg(feature = "worker")]
        Command::MeasureSpeech { orders } => doctor::bench::child::run(program, &orders).await,
        Command::Doctor(doctor) => doctor.run(program).await,
        Command::Migrate => migrate::run(program).await,
        Command::Config => config::run(&program.screen),
    }
}

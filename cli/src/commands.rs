//! The commands, one file each.

pub mod config;
pub mod doctor;
pub mod jobs;
pub mod migrate;
pub mod models;
mod output;
pub mod serve;
pub mod transcribe;
pub mod watch;
pub mod worker;

use crate::{
    Program,
    args::{Cli, Command},
    compose::Parts,
};

/// Runs the command.
pub async fn run(cli: Cli, program: Program) -> anyhow::Result<()> {
    match cli.command {
        Command::Serve(_) => serve::run(program, Parts::Everything).await,
        Command::Api(_) => serve::run(program, Parts::Api).await,
        Command::Worker => worker::run(program).await,
        Command::Transcribe(transcribe) => transcribe.run(program, cli.globals.model).await,
        Command::Watch(watch) => watch.run(program).await,
        Command::Jobs(jobs) => jobs.run(program).await,
        Command::Models(models) => models.run(program).await,
        Command::Doctor => doctor::run(program).await,
        Command::Migrate => migrate::run(program).await,
        Command::Config => config::run(&program.screen),
    }
}

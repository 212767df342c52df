//! The program `seogi`: reads arguments and configuration, runs one command, and ends with a code that means something.

mod about;
mod args;
mod client;
mod commands;
mod compose;
#[cfg(feature = "worker")]
mod embedded;
mod exit;
mod logging;
mod messaging;
mod open_files;
mod parse;
mod private;
mod screen;
mod settings;
mod show;
mod signals;
#[cfg(feature = "worker")]
mod speech;

use std::process::ExitCode;

use args::{Cli, Command};
use clap::Parser;
use client::Client;
use config::ConfigError;
use screen::Screen;
use settings::Environment;
use signals::Stop;
use url::Url;

/// What every command is given.
pub struct Program {
    /// The configuration, with the flags over it.
    pub config: config::Config,
    /// Variables of the environment and of `.env`.
    pub environment: Environment,
    /// Where results, notices and progress go.
    pub screen: Screen,
    /// Tells when the program is to end.
    pub stop: Stop,
}

impl Program {
    /// A client of the server that was named: by a flag, by SEOGI_SERVER, or else the one that would be started here.
    ///
    /// # Errors
    /// When SEOGI_SERVER is no address.
    pub fn client(&self, flag: Option<Url>) -> anyhow::Result<Client> {
        let named = self.environment.get("SEOGI_SERVER").filter(|text| !text.is_empty());
        let server = match (flag, named) {
            (Some(url), _) => url,
            (None, Some(text)) => parse::server_url(&text)
                .map_err(|error| ConfigError::new(format!("SEOGI_SERVER is wrong ({error})")))?,
            (None, None) => settings::own_address(&self.config.server)?,
        };
        Ok(Client::new(server)?)
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    #[cfg(feature = "worker")]
    if let Command::DecodeChild { orders } = &cli.command {
        return worker::audio::decode_child(orders);
    }
    let ended = match tokio::runtime::Runtime::new() {
        Ok(runtime) => {
            let ended = runtime.block_on(run(cli));
            // A recogniser in the middle of a window is not waited for.
            runtime.shutdown_background();
            ended
        }
        Err(error) => {
            Err(anyhow::anyhow!("the system gives no threads to run on ({error}); free some memory"))
        }
    };
    exit::report(ended)
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let screen = Screen::new(cli.globals.json, cli.globals.quiet);
    if cli.command.needs_no_configuration() {
        return commands::config::run(&screen);
    }
    let environment = Environment::read()?;
    let config = settings::load(&cli, &environment)?;
    logging::start(&config.log, &screen)?;
    let stop = Stop::on_signals().map_err(|error| {
        anyhow::anyhow!("the system refuses to tell of signals ({error}); start the program anew")
    })?;
    dispatch(cli, Program { config, environment, screen, stop }).await
}

/// Runs the command.
async fn dispatch(cli: Cli, program: Program) -> anyhow::Result<()> {
    match cli.command {
        #[cfg(feature = "worker")]
        Command::Serve(_) => commands::serve::everything(program).await,
        Command::Api(_) => commands::serve::api(program).await,
        #[cfg(feature = "worker")]
        Command::Worker => commands::worker::run(program).await,
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
        Command::MeasureSpeech { orders } => commands::doctor::bench::child::run(program, &orders).await,
        Command::Doctor(doctor) => doctor.run(program).await,
        Command::Migrate => commands::migrate::run(program).await,
        Command::Config => commands::config::run(&program.screen),
    }
}

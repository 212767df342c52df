//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{commands, exit::EXIT_CODES};

/// Meeting recordings to timed transcripts and minutes, on your own machine.
#[derive(Parser)]
#[command(name = "seogi", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes.
#[derive(Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Globals {
    /// Configuration file (SEOGI_CONFIG); `seogi config` prints one with every key and what it means
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of the recordings and the database (SEOGI_DATA)
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// Speech model: a name that `seogi models` lists, or the path of a ggml file (SEOGI_MODEL)
    #[arg(long, global = true, value_name = "NAME|PATH")]
    pub model: Option<String>,
    /// Folder of the speech models (SEOGI_MODELS)
    #[arg(long, global = true, value_name = "FOLDER")]
    pub models: Option<PathBuf>,
    /// Print JSON for scripts: one object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// Print results and errors only
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// What to log: error, warn, info, debug, trace, or a filter such as `info,worker=debug` (LOG_LEVEL)
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log: Option<String>,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Start everything in one process: the API, a worker and the page
    #[cfg(feature = "worker")]
    Serve(commands::serve::Listen),
    /// Start the API and the page alone; work is done by `seogi worker`, over the same database and recordings
    Api(commands::serve::Listen),
    /// Start a worker alone, over the same database and recordings as `seogi api`
    #[cfg(feature = "worker")]
    Worker,
    /// Transcribe recordings and write their minutes, here or on a server
    Transcribe(commands::transcribe::Transcribe),
    /// Follow a job: its progress, its text as it comes, its minutes
    Watch(commands::watch::Watch),
    /// Ask a question about a job's transcript
    Ask(commands::ask::Ask),
    /// List, show, rename, cancel, retry and delete jobs
    Jobs(commands::jobs::Jobs),
    /// Decode a recording for the worker that started this process
    #[cfg(feature = "worker")]
    #[command(name = worker::audio::DECODE_CHILD, hide = true)]
    DecodeChild {
        /// What it is told
        orders: String,
    },
    /// List, fetch and remove speech models
    #[cfg(feature = "worker")]
    Models(commands::models::Models),
    /// Measure speech for the process that started this one
    #[cfg(feature = "worker")]
    #[command(name = commands::doctor::bench::child::MEASURE_SPEECH, hide = true)]
    MeasureSpeech {
        /// What it measures
        orders: String,
    },
    /// Check everything that Seogi needs, and say what to do about what is missing
    Doctor(commands::doctor::Doctor),
    /// Ask a server whether it can work, as container engines do
    Healthcheck(commands::healthcheck::Healthcheck),
    /// Bring the database's tables up to date (the server does it too when it starts)
    Migrate,
    /// Print the default configuration, which is its manual
    Config,
}

impl Command {
    /// Whether the command works even while the configuration is broken.
    pub const fn needs_no_configuration(&self) -> bool {
        matches!(self, Self::Config)
    }

    /// Where the command listens, if it does.
    pub const fn listen(&self) -> Option<&commands::serve::Listen> {
        match self {
            #[cfg(feature = "worker")]
            Self::Serve(listen) => Some(listen),
            Self::Api(listen) => Some(listen),
            _ => None,
        }
    }

    /// Whether the command runs until it is stopped, so that its log is what people look at.
    pub const fn is_service(&self) -> bool {
        #[cfg(feature = "worker")]
        if matches!(self, Self::Worker) {
            return true;
        }
        self.listen().is_some()
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_flags_may_stand_behind_the_command() {
        let cli =
            Cli::try_parse_from(["seogi", "api", "--port", "9000", "--data", "elsewhere", "--json"]).unwrap();
        assert_eq!(cli.globals.data, Some(PathBuf::from("elsewhere")));
        assert!(cli.globals.json && cli.command.is_service());
    }

    #[test]
    fn help_names_the_exit_codes() {
        let help = Cli::command().render_long_help().to_string();
        assert!(help.contains("130") && help.contains("no server"), "{help}");
    }
}

//! Prints where time and memory go: of a transcription, stage by stage, and of the system around it, beside a plain
//! handler measured in the same run.
//!
//! `cargo run --release -p bench -- --help` lists what is measured; all but `transcription` run the `seogi` beside it.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod decode;
mod detection;
mod diarisation;
mod fan_out;
mod plain;
mod program;
mod replay;
mod rivals;
mod scale;
mod spoken;
mod stages;
mod start;
mod upload;
mod wake_up;
mod whole;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use config::{Config, Value};

/// Measures Seogi.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

/// What is measured.
#[derive(Subcommand)]
enum What {
    /// Transcription, stage by stage, and the whole against Whisper alone
    Transcription(Transcription),
    /// Decoding and resampling, here and in a process of its own, against ffmpeg
    Decode {
        /// Length of the recordings
        #[arg(long, default_value_t = 60)]
        minutes: usize,
    },
    /// How much of the speech in recordings voice activity finds
    Detection(detection::Detection),
    /// How right it is who speaks when, and what that costs
    Diarisation(diarisation::Diarisation),
    /// Whole transcriptions beside those of other programs
    Rivals(rivals::Rivals),
    /// From the accepted upload to the moment when a worker begins
    #[command(alias = "bell")]
    WakeUp {
        /// Uploads of each kind
        #[arg(long, default_value_t = 100)]
        times: usize,
    },
    /// From the first to the last watcher of an event, and the memory that a watcher takes
    FanOut {
        /// Watchers of one job
        #[arg(long, default_value_t = 1000)]
        watchers: usize,
        /// Events
        #[arg(long, default_value_t = 100)]
        events: u64,
    },
    /// All events of a finished job
    Replay {
        /// Its events
        #[arg(long, default_value_t = 5000)]
        events: u64,
    },
    /// An upload against a copy of the same file
    Upload {
        /// Size of the file in MiB
        #[arg(long, default_value_t = 512)]
        mib: u64,
    },
    /// How the cost of many workers, watchers and jobs grows, on PostgreSQL and on MariaDB with Redis
    Scale(scale::Scale),
    /// One worker of `scale`, with an engine that takes the time it is told
    #[command(hide = true)]
    ScaleWorker(scale::work::ScaleWorker),
    /// Start and idle memory of `seogi api` and `seogi worker`
    Start,
    /// The plain handlers, until this process is ended
    #[command(hide = true)]
    Plain,
}

/// Which transcription.
#[derive(Args)]
struct Transcription {
    /// Speech model, by name or path.
    #[arg(long, default_value = "base-q5_1")]
    model: String,
    /// Threads of the speech model; 0 chooses by the machine.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Language that is spoken; found out if not given.
    #[arg(long, default_value = "auto")]
    language: String,
    /// Recordings in any format.
    #[arg(required = true)]
    recordings: Vec<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<()> {
    // An error says that somebody was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match Arguments::parse().what {
        What::Transcription(arguments) => transcription(arguments).await,
        What::Detection(args) => detection::measure(&args),
        What::Diarisation(args) => diarisation::measure(&args).await,
        What::Rivals(args) => rivals::measure(&args),
        What::Decode { minutes } => decode::measure(minutes),
        What::WakeUp { times } => wake_up::measure(times).await,
        What::FanOut { watchers, events } => fan_out::measure(watchers, events).await,
        What::Replay { events } => replay::measure(events).await,
        What::Upload { mib } => upload::measure(mib).await,
        What::Scale(args) => scale::measure(&args).await,
        What::ScaleWorker(args) => scale::work::run(&args).await,
        What::Start => start::measure().await,
        What::Plain => plain::serve().await,
    }
}

async fn transcription(arguments: Transcription) -> Result<()> {
    let data = tempfile::tempdir()?;
    let text = |path: PathBuf| Value::from(path.display().to_string());
    let flags = vec![
        ("speech.model", Value::from(arguments.model)),
        ("speech.threads", Value::from(arguments.threads)),
        ("speech.language", Value::from(arguments.language)),
        ("speech.models", text(data.path().join("models"))),
        ("storage.data", text(data.path().join("data"))),
    ];
    let config = Config::load(None, |_| None, flags)?;
    for recording in &arguments.recordings {
        measure(&config, recording)
            .await
            .with_context(|| format!("{} cannot be measured", recording.display()))?;
    }
    Ok(())
}

async fn measure(config: &Config, recording: &std::path::Path) -> Result<()> {
    // The whole comes first, so that the peak of memory is its own.
    let whole = whole::measure(config, recording).await?;
    let stages = stages::measure(config, recording, whole.summary).await?;
    println!("{}: {:.1} s, {} windows", recording.display(), stages.recording, stages.windows);
    for (stage, seconds) in &stages.seconds {
        println!("  {stage:<15} {seconds:8.3} s  {:8.1} × real time", stages.recording / seconds);
    }
    println!(
        "  {:<15} {:8.3} s  {:8.1} × real time",
        "whole job",
        whole.seconds,
        stages.recording / whole.seconds
    );
    println!("  first segment   {:8.3} s", whole.first_segment);
    println!("  peak memory     {:8.1} MiB", whole.peak_mib);
    println!("  whole / Whisper {:8.3}", whole.seconds / stages.whisper);
    if let Some(error_rate) = whole.error_rate {
        println!("  error rate      {:8.1} %", 100.0 * error_rate);
    }
    Ok(())
}

//! Prints where the time of a transcription goes, stage by stage, and what the whole costs against Whisper alone.
//!
//! `cargo run --release -p bench -- [--model NAME|PATH] [--threads N] RECORDING…`
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod stages;
mod whole;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use shared::config::{Config, Value};

/// Measures the transcription of recordings.
#[derive(Parser)]
struct Arguments {
    /// Speech model, by name or path.
    #[arg(long, default_value = "demo")]
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
    let arguments = Arguments::parse();
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

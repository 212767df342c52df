//! Prints how good minutes are: how many of the true tasks and decisions they hold, whether what they name bears them
//! out, how much of the meeting they saw, and what our own part of it costs.
//!
//! `cargo run --release -p bench --bin minutes -- [FOLDER]`, or with `--meetings FOLDER` of meetings whose words are known.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod meetings;
mod score;
mod scripted;
mod truth;

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result};
use clap::Parser;
use config::{Config, LlmConfig};
use fake_llm::FakeLlm;
use ground_truth::Recording;
use minutes::{Summariser, Templates, Transcript};
use score::Score;
use shared::{
    job::SummaryOptions,
    minutes::{Coverage, Minutes},
    segment::Segment,
};

/// Seconds of the meeting that time is measured with.
const SECONDS_PER_HOUR: f64 = 3600.0;

/// Times that each measurement is made; the quickest counts.
const ATTEMPTS: u32 = 3;

/// Measures minutes of recordings of which every sentence is known.
#[derive(Parser)]
struct Arguments {
    /// Folder with a `truth.json`; those of synthetic speech in the tests if not given.
    folder: Option<PathBuf>,
    /// Folder with meetings as text and statements about them, which is measured instead.
    #[arg(long)]
    meetings: Option<PathBuf>,
    /// Folder for the minutes of these meetings, a JSON file each; they are written as the environment says (`LLM_PROVIDER`).
    #[arg(long, requires = "meetings")]
    write: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(folder) = &arguments.meetings {
        return known_meetings(folder, arguments.write.as_deref()).await;
    }
    let recordings = match arguments.folder {
        Some(folder) => ground_truth::recordings_in(&folder),
        None => ground_truth::recordings(),
    };
    let extractive = Config::load(None, |_| None, Vec::new())?.llm;
    let server = FakeLlm::start().await?;
    let scripted = scripted::config(&extractive, &server);
    print("extractive", &evaluate(&extractive, None, &recordings).await?);
    let inventions = scripted::INVENTIONS.len();
    print(
        &format!("scripted model, {inventions} inventions each"),
        &evaluate(&scripted, Some(&server), &recordings).await?,
    );

    server.always(fake_llm::Reply::Proper);
    let hour = truth::long(&recordings, SECONDS_PER_HOUR);
    println!("one hour, {} segments", hour.len());
    for (name, config) in [("extractive", &extractive), ("scripted model", &scripted)] {
        let (seconds, minutes) = quickest(config, &hour).await?;
        let parts = minutes.coverage.parts;
        println!("  minutes, {name:<16}{:8.1} ms  {parts} parts", seconds * 1000.0);
        println!("  answer, {name:<17}{:8.1} ms", answer(config, &hour).await? * 1000.0);
    }
    Ok(())
}

/// Prints what the evidence check makes of statements about meetings, and writes their minutes.
async fn known_meetings(folder: &Path, target: Option<&Path>) -> Result<()> {
    let meetings = meetings::read(folder)?;
    meetings::statements(folder, &meetings)?.iter().for_each(|line| println!("{line}"));
    let config = Config::load(None, |name| std::env::var(name).ok(), Vec::new())?.llm;
    for meeting in target.iter().flat_map(|_| &meetings) {
        let minutes = write(&config, &meeting.segments, &meeting.language()).await?;
        let Coverage { parts, tokens_in, tokens_out, retries, seconds, dropped, .. } = &minutes.coverage;
        println!(
            "{}: {parts} parts, {tokens_in} tokens in, {tokens_out} out, {retries} asked again, {seconds:.1} s, {} left out",
            meeting.name,
            dropped.len()
        );
        if let Some(target) = target {
            std::fs::write(
                target.join(format!("{}.json", meeting.name)),
                serde_json::to_vec_pretty(&minutes)?,
            )?;
        }
    }
    Ok(())
}

/// Scores the minutes of every recording; `server` is told what to say about each.
async fn evaluate(config: &LlmConfig, server: Option<&FakeLlm>, recordings: &[Recording]) -> Result<Score> {
    let mut score = Score::default();
    for recording in recordings {
        let segments = truth::segments(recording);
        if let Some(server) = server {
            server.always(scripted::reply(&segments));
        }
        let minutes = write(config, &segments, &recording.language).await?;
        score += Score::of(&minutes, &segments);
    }
    Ok(score)
}

async fn write(config: &LlmConfig, segments: &[Segment], language: &str) -> Result<Minutes> {
    let summariser = Summariser::from_config(config)?;
    let (templates, asked) =
        (Templates::load(&Config::load(None, |_| None, Vec::new())?)?, SummaryOptions::default());
    let transcript = transcript(segments, Some(language));
    Ok(summariser.summarise(&transcript, &templates.brief(&asked)?, &|_| ()).await?)
}

fn transcript<'a>(segments: &'a [Segment], language: Option<&'a str>) -> Transcript<'a> {
    let duration_seconds = segments.last().map_or(0.0, |segment| segment.end);
    Transcript { segments, language, title: "", duration_seconds }
}

/// Seconds that minutes take at best, and the minutes.
async fn quickest(config: &LlmConfig, segments: &[Segment]) -> Result<(f64, Minutes)> {
    let (mut best, mut newest) = (f64::INFINITY, None);
    for _ in 0..ATTEMPTS {
        let begin = Instant::now();
        newest = Some(write(config, segments, "en").await?);
        best = best.min(begin.elapsed().as_secs_f64());
    }
    Ok((best, newest.context("nothing was measured")?))
}

/// Seconds that an answer takes at best.
async fn answer(config: &LlmConfig, segments: &[Segment]) -> Result<f64> {
    let (summariser, mut best) = (Summariser::from_config(config)?, f64::INFINITY);
    for _ in 0..ATTEMPTS {
        let begin = Instant::now();
        let (asked, transcript) = ("Who will review the budget?", transcript(segments, None));
        assistant::answer(&summariser, &transcript, &[], asked, &mut |_| ()).await?;
        best = best.min(begin.elapsed().as_secs_f64());
    }
    Ok(best)
}

fn print(name: &str, score: &Score) {
    let share = |(all, part): (u64, u64)| {
        let share = if all == 0 { 1.0 } else { part as f64 / all as f64 };
        format!("{:6.1} %  ({part} of {all})", 100.0 * share)
    };
    println!("{name}");
    println!("  true action items found   {}", share(score.actions));
    println!("  true decisions found      {}", share(score.decisions));
    println!("  of both, true ones        {}", share(score.claimed));
    println!("  entries with evidence     {}", share(score.entries));
    println!(
        "  coverage                  {:6.1} %",
        100.0 * score.coverage.1 / score.coverage.0.max(1) as f64
    );
}

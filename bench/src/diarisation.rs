//! How right it is who speaks when, and what telling it costs, without any transcription.

use std::{
    collections::BTreeSet,
    ops::Range,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use clap::Args;
use config::{Config, Value};
use worker::{
    audio::{DecodeLimits, Recording},
    speakers::{Count, Diarisers, Turn},
};

use crate::spoken::Spoken;

/// Seconds around each begin and end of the truth that are not counted.
const COLLAR: f64 = 0.25;

/// What is measured.
#[derive(Args)]
pub struct Diarisation {
    /// What tells voices apart, as in speech.speakers.model
    #[arg(long)]
    model: Option<String>,
    /// JSON of who speaks when, by the recordings' names
    #[arg(long)]
    truth: PathBuf,
    /// Recordings in any format
    #[arg(required = true)]
    recordings: Vec<PathBuf>,
}

/// Measures and prints. The number of speakers is not given.
pub async fn measure(args: &Diarisation) -> Result<()> {
    let flags = args.model.iter().map(|model| ("speech.speakers.model", Value::from(model.as_str())));
    let config = Config::load(None, |_| None, flags.collect())?;
    let diarisers = Diarisers::new(config.speech);
    println!("                               speech s  wrong %  found  true  s per hour of speech");
    for recording in &args.recordings {
        let truth = Spoken::of(recording, &args.truth)?;
        one(recording, &truth, &diarisers)
            .await
            .with_context(|| format!("{} cannot be measured", recording.display()))?;
    }
    Ok(())
}

async fn one(path: &Path, truth: &Spoken, diarisers: &Diarisers) -> Result<()> {
    let mut diariser = diarisers.get(|_| ()).await?;
    let mut recording = Recording::open(path, &DecodeLimits::default())?;
    let (mut spent, mut speech) = (Duration::ZERO, 0);
    while let Some(stretch) = recording.next_stretch()? {
        let begun = Instant::now();
        for window in &stretch.windows {
            diariser.listen(window);
            speech += window.speech().map(|(_, samples)| samples.len()).sum::<usize>();
        }
        spent += begun.elapsed();
    }
    let begun = Instant::now();
    let turns = diariser.turns(Count { least: 1, most: 20 });
    spent += begun.elapsed();
    let hours = speech as f64 / 16_000.0 / 3600.0;
    let found = turns.iter().map(|turn| turn.speaker).collect::<BTreeSet<_>>().len();
    let (wrong, speakers) = wrong(&turns, truth);
    println!(
        "{:<30} {:8.1} {:8.1} {found:6} {speakers:5} {:8.1}",
        path.file_name().unwrap_or_default().to_string_lossy(),
        hours * 3600.0,
        100.0 * wrong,
        spent.as_secs_f64() / hours,
    );
    Ok(())
}

/// The share of the true speech that has another's name, and how many truly speak. Each speaker that was found is taken for the
/// one with whom most time is shared, the longest times first.
fn wrong(turns: &[Turn], truth: &Spoken) -> (f64, usize) {
    let names: BTreeSet<&str> = truth.segments.iter().map(|segment| segment.speaker.as_str()).collect();
    let found = turns.iter().map(|turn| turn.speaker + 1).max().unwrap_or_default();
    let ticks = ticks(truth.segments.iter().map(|segment| segment.end).fold(0.0, f64::max)) + 1;
    let mut counts = vec![true; ticks];
    for edge in truth.segments.iter().flat_map(|segment| [segment.start, segment.end]) {
        fill(&mut counts, edge - COLLAR..edge + COLLAR, false);
    }
    let spoken = |times: &mut dyn Iterator<Item = Range<f64>>| {
        let mut line = vec![false; ticks];
        times.for_each(|time| fill(&mut line, time, true));
        line.iter_mut().zip(&counts).for_each(|(speaks, counts)| *speaks &= counts);
        line
    };
    let of_name = |name: &&str| {
        let own = truth.segments.iter().filter(|segment| segment.speaker == *name);
        spoken(&mut own.map(|segment| segment.start..segment.end))
    };
    let true_lines: Vec<_> = names.iter().map(of_name).collect();
    let of_speaker = |speaker| {
        let own = turns.iter().filter(|turn| turn.speaker == speaker);
        spoken(&mut own.map(|turn| turn.time.clone()))
    };
    let found_lines: Vec<_> = (0..found).map(of_speaker).collect();
    let both = |one: &[bool], other: &[bool]| one.iter().zip(other).filter(|(a, b)| **a && **b).count();
    let total: usize = true_lines.iter().map(|line| both(line, line)).sum();
    let at =
        |lines: &[Vec<bool>], tick: usize| lines.iter().filter(|line| line.get(tick) == Some(&true)).count();
    let named: usize = (0..ticks).map(|tick| at(&true_lines, tick).min(at(&found_lines, tick))).sum();
    let mut pairs: Vec<_> = true_lines
        .iter()
        .enumerate()
        .flat_map(|(name, line)| {
            found_lines.iter().enumerate().map(move |(speaker, other)| (both(line, other), name, speaker))
        })
        .collect();
    pairs.sort_unstable_by(|a, b| b.cmp(a));
    let (mut taken, mut right) = (Vec::<(usize, usize)>::new(), 0);
    for (shared, name, speaker) in pairs {
        if taken.iter().all(|(one, other)| *one != name && *other != speaker) {
            taken.push((name, speaker));
            right += shared;
        }
    }
    ((named - right) as f64 / total.max(1) as f64, names.len())
}

fn ticks(seconds: f64) -> usize {
    (seconds.max(0.0) * 100.0) as usize
}

fn fill(line: &mut [bool], time: Range<f64>, value: bool) {
    let end = ticks(time.end).min(line.len());
    line.get_mut(ticks(time.start)..end).into_iter().flatten().for_each(|tick| *tick = value);
}

//! How much of what is said is found by voice activity, how much else, and what that costs.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result};
use clap::Args;
use worker::audio::{DecodeLimits, Earshot, Pcm, SAMPLE_RATE, Windows};

use crate::spoken::Spoken;

/// Samples of a tick, in which everything is counted: 10 ms.
const TICK: usize = SAMPLE_RATE as usize / 100;
/// How far a voice falls below a sentence's loudest ticks, as amplitude: 25 dB. What is fainter is a pause in it.
const VOICED: f32 = 0.056;
/// How far it stands above what is heard around the sentence.
const ABOVE_NOISE: f32 = 3.0;
/// Ticks around a sentence that belong neither to it nor to what is beside it.
const AROUND: usize = 40;

/// What is measured.
#[derive(Args)]
pub struct Detection {
    /// JSON of who speaks when, by the recordings' names; of one that it does not tell of, only what is taken for speech is counted
    #[arg(long)]
    truth: Option<PathBuf>,
    /// Recordings in any format
    #[arg(required = true)]
    recordings: Vec<PathBuf>,
}

/// Measures and prints.
pub fn measure(args: &Detection) -> Result<()> {
    println!(
        "                              said s  found %  voiced s  missed s  longest s  beside s  found %  s/h"
    );
    for recording in &args.recordings {
        let truth = args.truth.as_ref().map(|truth| Spoken::of(recording, truth)).transpose()?;
        one(recording, truth.as_ref())
            .with_context(|| format!("{} cannot be measured", recording.display()))?;
    }
    Ok(())
}

fn one(path: &Path, truth: Option<&Spoken>) -> Result<()> {
    let mut pcm = Pcm::open(path, &DecodeLimits::default())?;
    let (mut samples, channels) = (Vec::new(), pcm.channels());
    while let Some(chunk) = pcm.next_chunk()? {
        samples.extend(chunk.chunks(channels).map(|frame| frame.iter().sum::<f32>() / channels as f32));
    }
    let begun = Instant::now();
    let found = found(&samples);
    let cost = begun.elapsed().as_secs_f64() * 3600.0 / seconds(found.len());
    let said = Said::of(&samples, truth);
    let count = |holds: &dyn Fn(usize) -> bool| seconds((0..found.len()).filter(|tick| holds(*tick)).count());
    let is = |ticks: &[bool], tick: usize| ticks.get(tick).copied().unwrap_or_default();
    let (all, voiced) = (count(&|tick| is(&said.said, tick)), count(&|tick| is(&said.voiced, tick)));
    let covered = count(&|tick| is(&said.said, tick) && is(&found, tick));
    let missed = |tick: usize| is(&said.voiced, tick) && !is(&found, tick);
    let longest = (0..found.len())
        .fold((0, 0), |(run, most), tick| {
            let run = if missed(tick) { run + 1 } else { 0 };
            (run, most.max(run))
        })
        .1;
    let beside = count(&|tick| !is(&said.near, tick));
    let false_alarm = count(&|tick| !is(&said.near, tick) && is(&found, tick));
    let share = |part: f64, whole: f64| if whole > 0.0 { 100.0 * part / whole } else { 0.0 };
    println!(
        "{:<29} {all:6.1} {:8.1} {voiced:9.1} {:9.2} {:10.2} {beside:9.1} {:8.1} {cost:4.1}",
        path.file_name().unwrap_or_default().to_string_lossy(),
        share(covered, all),
        count(&missed),
        seconds(longest),
        share(false_alarm, beside),
    );
    Ok(())
}

/// The ticks that come into windows.
fn found(samples: &[f32]) -> Vec<bool> {
    let mut found = vec![false; samples.len().div_ceil(TICK)];
    let mut windows = Windows::new(Box::<Earshot>::default());
    let mut take = |windows: &mut Windows| {
        while let Some(stretch) = windows.next_stretch() {
            for window in &stretch.windows {
                for at in (0..window.samples.len()).step_by(TICK / 2) {
                    let tick = window.recording_position(at) as usize / TICK;
                    found.get_mut(tick).into_iter().for_each(|tick| *tick = true);
                }
            }
        }
    };
    for part in samples.chunks(TICK * 100) {
        windows.push(part);
        take(&mut windows);
    }
    windows.finish();
    take(&mut windows);
    found
}

/// What is true of each tick.
struct Said {
    /// It lies in a sentence.
    said: Vec<bool>,
    /// Somebody can be heard in it.
    voiced: Vec<bool>,
    /// It lies in a sentence or near one.
    near: Vec<bool>,
}

impl Said {
    fn of(samples: &[f32], truth: Option<&Spoken>) -> Self {
        let loudness: Vec<f32> = samples
            .chunks(TICK)
            .map(|tick| (tick.iter().map(|sample| sample * sample).sum::<f32>() / tick.len() as f32).sqrt())
            .collect();
        let none = vec![false; loudness.len()];
        let mut all = Self { said: none.clone(), voiced: none.clone(), near: none };
        for segment in truth.iter().flat_map(|truth| &truth.segments) {
            let ticks =
                (segment.start * 100.0) as usize..((segment.end * 100.0) as usize).min(loudness.len());
            let around = ticks.start.saturating_sub(AROUND)..(ticks.end + AROUND).min(loudness.len());
            let least = (VOICED * quantile(&loudness, ticks.clone(), 0.95))
                .max(ABOVE_NOISE * quantile(&loudness, around.clone(), 0.05));
            mark(&mut all.said, ticks.clone(), |_| true);
            mark(&mut all.near, around, |_| true);
            mark(&mut all.voiced, ticks, |tick| loudness.get(tick).is_some_and(|level| *level > least));
        }
        all
    }
}

fn mark(ticks: &mut [bool], range: std::ops::Range<usize>, holds: impl Fn(usize) -> bool) {
    for tick in range {
        if let Some(marked) = ticks.get_mut(tick) {
            *marked |= holds(tick);
        }
    }
}

fn quantile(loudness: &[f32], range: std::ops::Range<usize>, share: f64) -> f32 {
    let mut sorted = loudness.get(range).unwrap_or_default().to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted.get((share * sorted.len() as f64) as usize).copied().unwrap_or_default()
}

fn seconds(ticks: usize) -> f64 {
    ticks as f64 / 100.0
}

//! `seogi doctor --bench`: how many threads and windows at the same time recognise speech fastest on this machine.
//!
//! Each way is measured in a process of its own ([`child`]), so that its memory is its own, and all ways take turns, so that
//! what else the machine does falls on all of them.

pub mod child;

use std::{
    thread::available_parallelism,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use clap::Args;
use config::SpeechConfig;
use indicatif::HumanBytes;
use serde::Serialize;
use serde_json::json;
use tokio::process::Command;
use worker::{
    models::{ModelFile, ModelKind},
    transcriber::WhisperSettings,
};

use self::child::{MEASURE_SPEECH, Orders, Report};
use crate::{Program, commands::models, compose::own_program};

/// Windows at the same time that are tried at most.
const MAX_PARALLEL_WINDOWS: usize = 8;
const MAX_ROUNDS: usize = 5;
/// Ways whose medians differ by less are as fast: the same way measured twice differed by 4 %.
const NOISE_RATIO: f64 = 0.05;

/// What is set, by its keys under `[speech]`. 0 is chosen by the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Setting {
    threads: usize,
    parallel_windows: usize,
}

/// A setting and what was measured with it.
struct Measured {
    setting: Setting,
    /// Seconds of work for a second of speech, of each round, sorted.
    factors: Vec<f64>,
    /// The most memory of all rounds, in bytes; 0 where the system does not tell.
    memory: u64,
}

impl Measured {
    fn median(&self) -> f64 {
        self.factors.get(self.factors.len() / 2).copied().unwrap_or(f64::INFINITY)
    }

    /// How far the rounds are from the median at most, as a share of it.
    fn noise(&self) -> f64 {
        let distance = |factor: &f64| (factor / self.median() - 1.0).abs();
        self.factors.iter().map(distance).fold(0.0, f64::max)
    }
}

/// How it is measured.
#[derive(Args)]
pub struct Bench {
    /// Measure how fast this machine recognises speech, and suggest threads and windows at a time
    #[arg(long)]
    pub bench: bool,
    /// Seconds that the measuring may take; each way is measured once in any case
    #[arg(long, requires = "bench", default_value_t = 45)]
    seconds: u64,
    /// Threads that may be used; 0: one for every core
    #[arg(long, requires = "bench", default_value_t = 0)]
    threads: usize,
}

impl Bench {
    /// Measures, prints, and suggests.
    pub async fn run(self, program: Program) -> anyhow::Result<()> {
        let speech = &program.config.speech;
        let model = models::fetched(&program, ModelKind::Speech, &speech.model).await?;
        let cores = available_parallelism().map_or(1, usize::from);
        let settings = settings(speech, if self.threads == 0 { cores } else { self.threads });
        let windows = 2 * settings.iter().map(|one| one.parallel_windows).max().unwrap_or(1);
        program.screen.notice(format!(
            "measuring {} in {} ways by turns, each with {windows} windows of speech …",
            model.name,
            settings.len()
        ));
        let time_limit = Duration::from_secs(self.seconds);
        let measuring = measure(speech, &model, &settings, windows, time_limit);
        let measured = program.stop.or_interrupted("", measuring).await?;
        for one in &measured {
            print(&program, one)?;
        }
        suggest(&program, &measured)
    }
}

/// What is set now, and then the ways to share the cores, or half of them, which do as much where two cores are one.
fn settings(speech: &SpeechConfig, cores: usize) -> Vec<Setting> {
    let mut settings = vec![Setting { threads: speech.threads, parallel_windows: speech.parallel_windows }];
    for threads in [cores, cores / 2] {
        let shares = (0..)
            .map(|power| 1 << power)
            .take_while(|windows| *windows <= (2 * threads).min(MAX_PARALLEL_WINDOWS));
        for parallel_windows in shares {
            let setting = Setting { threads, parallel_windows };
            if !settings.contains(&setting) {
                settings.push(setting);
            }
        }
    }
    settings
}

/// Rounds over all settings, there and back, as many as there is time for; at least one.
async fn measure(
    speech: &SpeechConfig,
    model: &ModelFile,
    settings: &[Setting],
    windows: usize,
    time_limit: Duration,
) -> anyhow::Result<Vec<Measured>> {
    let begun = Instant::now();
    let fresh = |setting: &Setting| Measured { setting: *setting, factors: Vec::new(), memory: 0 };
    let mut measured: Vec<Measured> = settings.iter().map(fresh).collect();
    for round in 1..=MAX_ROUNDS {
        for one in &mut measured {
            let Report { seconds, speech, memory } = asked(speech, model, one.setting, windows).await?;
            one.factors.push(seconds / speech);
            one.memory = one.memory.max(memory);
        }
        measured.reverse();
        if begun.elapsed().mul_f64((round + 1) as f64 / round as f64) > time_limit {
            break;
        }
    }
    for one in &mut measured {
        one.factors.sort_by(f64::total_cmp);
    }
    measured.sort_by(|a, b| a.median().total_cmp(&b.median()));
    Ok(measured)
}

/// What a child measures.
async fn asked(
    speech: &SpeechConfig,
    model: &ModelFile,
    Setting { threads, parallel_windows }: Setting,
    windows: usize,
) -> anyhow::Result<Report> {
    let settings = WhisperSettings { threads, parallel: parallel_windows, ..speech.into() };
    let orders = Orders { model: model.path.clone(), windows, settings };
    let mut command = Command::new(own_program()?);
    command.args([MEASURE_SPEECH, &serde_json::to_string(&orders)?, "--json"]).kill_on_drop(true);
    let output = command.output().await?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("the speech model could not be measured: {}", said.lines().last().unwrap_or("it was killed"));
    }
    serde_json::from_slice(&output.stdout).context("the measuring process said something else")
}

fn print(program: &Program, one: &Measured) -> anyhow::Result<()> {
    let Setting { threads, parallel_windows } = one.setting;
    if program.screen.is_json() {
        return program.screen.print_json(&json!({
            "threads": threads, "parallel_windows": parallel_windows, "real_time_factor": one.median(),
            "noise": one.noise(), "rounds": one.factors.len(), "memory_bytes": one.memory,
        }));
    }
    let (factor, memory) = (one.median(), HumanBytes(one.memory));
    let noise = match one.factors.len() {
        1 => "measured once".to_owned(),
        rounds => format!("±{:.0} % in {rounds} rounds", one.noise() * 100.0),
    };
    let times = 1.0 / factor;
    let line = format!(
        "threads {threads:<3} parallel_windows {parallel_windows:<2} real-time factor {factor:.4} ({times:.1} × faster than it is spoken; {noise}), {memory}"
    );
    Ok(program.screen.print(line)?)
}

fn suggest(program: &Program, measured: &[Measured]) -> anyhow::Result<()> {
    let speech = &program.config.speech;
    let now = Setting { threads: speech.threads, parallel_windows: speech.parallel_windows };
    let Some(best) = best(measured, now) else { bail!("nothing was measured") };
    let Setting { threads, parallel_windows } = best.setting;
    let detail = if best.setting == now {
        format!(
            "what is set (threads {threads}, parallel_windows {parallel_windows}; 0 is chosen by the machine) is as fast as any other way"
        )
    } else {
        format!(
            "set SEOGI_SPEECH_THREADS={threads} and SEOGI_PARALLEL_WINDOWS={parallel_windows}, or speech.threads and speech.parallel_windows in the configuration"
        )
    };
    if program.screen.is_json() {
        let kept = best.setting == now;
        return program
            .screen
            .print_json(&json!({ "suggestion": best.setting, "is_set": kept, "detail": detail }));
    }
    Ok(program.screen.print(detail)?)
}

/// The fastest. Of those that are as fast, which is all within the noise, what is set now, or else what takes least memory.
fn best(measured: &[Measured], now: Setting) -> Option<&Measured> {
    let fastest = measured.iter().min_by(|a, b| a.median().total_cmp(&b.median()))?;
    let slowest_alike = fastest.median() * (1.0 + fastest.noise().max(NOISE_RATIO));
    let alike = || measured.iter().filter(|one| one.median() <= slowest_alike);
    alike().find(|one| one.setting == now).or_else(|| alike().min_by_key(|one| one.memory))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(threads: usize, parallel_windows: usize, factors: [f64; 3], memory: u64) -> Measured {
        Measured { setting: Setting { threads, parallel_windows }, factors: factors.to_vec(), memory }
    }

    #[test]
    fn the_fastest_wins_but_not_by_chance() {
        let now = Setting { threads: 0, parallel_windows: 0 };
        let all = [
            measured(4, 1, [0.10, 0.10, 0.101], 100),
            measured(4, 2, [0.099, 0.1, 0.1], 150),
            measured(0, 0, [0.2, 0.2, 0.2], 100),
        ];
        assert_eq!(best(&all, now).unwrap().setting.parallel_windows, 1, "as fast, with less memory");
        let all = [measured(4, 1, [0.1, 0.1, 0.1], 100), measured(0, 0, [0.103, 0.104, 0.104], 500)];
        assert_eq!(best(&all, now).unwrap().setting, now, "what is set stays");
        let all = [measured(4, 1, [0.09, 0.1, 0.15], 100), measured(0, 0, [0.12, 0.14, 0.14], 500)];
        assert_eq!(best(&all, now).unwrap().setting, now, "within the noise");
        assert!(best(&[], now).is_none());
    }

    #[test]
    fn the_cores_are_shared_in_every_way_once() {
        let mut speech = config::Config::load(None, |_| None, Vec::new()).unwrap().speech;
        (speech.threads, speech.parallel_windows) = (4, 2);
        let all: Vec<_> =
            settings(&speech, 4).iter().map(|one| (one.threads, one.parallel_windows)).collect();
        assert_eq!(all, [(4, 2), (4, 1), (4, 4), (4, 8), (2, 1), (2, 2), (2, 4)]);
        assert_eq!(settings(&speech, 1).len(), 3);
    }
}

//! Decoding and resampling against ffmpeg, in this process and in one of its own, and the memory that they take.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Result, ensure};
use worker::audio::{DecodeLimits, Pcm};

use crate::{program::percentile, whole::peak_mib};

const ROUNDS: usize = 3;
/// Names, whose endings say the container, and what ffmpeg is asked for.
const KINDS: [(&str, &[&str]); 4] = [
    ("mp3", &["-b:a", "128k"]),
    ("m4a", &["-c:a", "aac", "-b:a", "128k"]),
    ("flac", &[]),
    ("opus", &["-c:a", "libopus", "-b:a", "64k"]),
];

/// Measures and prints; the recordings are so many minutes long.
pub fn measure(minutes: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let here = DecodeLimits { ffmpeg: false, ..DecodeLimits::default() };
    memory(folder.path(), &here)?;
    let program = std::env::current_exe()?.with_file_name("seogi");
    ensure!(program.is_file(), "{} is not there; build it first: cargo build --release", program.display());
    let apart = DecodeLimits { program: Some(program), ..here.clone() };
    println!(
        "{minutes} min, 44.1 kHz stereo  ffmpeg s  here s  apart s  ffmpeg/here  ffmpeg/apart  first here, apart ms"
    );
    for (name, options) in KINDS {
        let file = made(folder.path(), name, minutes * 60, options)?;
        let mut rounds = [(); ROUNDS].map(|()| [0.0; 5]);
        for round in &mut rounds {
            let (there, (own, first), (child, child_first)) =
                (ffmpeg(&file)?, decoded(&file, &here)?, decoded(&file, &apart)?);
            *round = [there, own, child, first * 1000.0, child_first * 1000.0];
        }
        let [rival, own, child, first, child_first] = medians(rounds);
        let (ratio, child_ratio) = (rival / own, rival / child);
        println!(
            "{name:<25} {rival:9.2} {own:7.2} {child:8.2} {ratio:12.2} {child_ratio:13.2}  {first:10.1} {child_first:6.1}"
        );
        fs::remove_file(file)?;
    }
    Ok(())
}

/// The peak of memory after a minute, and after ten hours.
fn memory(folder: &Path, limits: &DecodeLimits) -> Result<()> {
    let minute = made(folder, "minute.mp3", 60, &["-b:a", "64k"])?;
    decoded(&minute, limits)?;
    let after_minute = peak_mib()?;
    let hours = folder.join("hours.mp3");
    let mut joined = File::create(&hours)?;
    for _ in 0..600 {
        io::copy(&mut File::open(&minute)?, &mut joined)?;
    }
    decoded(&hours, limits)?;
    println!("peak memory: {after_minute:.1} MiB after a minute, {:.1} MiB after ten hours", peak_mib()?);
    Ok(fs::remove_file(hours)?)
}

/// Speech of so many seconds.
fn made(folder: &Path, name: &str, seconds: usize, options: &[&str]) -> Result<PathBuf> {
    let file = folder.join(if name.contains('.') { name.to_owned() } else { format!("speech.{name}") });
    let speech = ground_truth::recording("stereo_44k.wav").path();
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-stream_loop", "-1", "-i"]).arg(speech);
    let made = command.args(["-t", &seconds.to_string()]).args(options).arg(&file).status()?;
    ensure!(made.success(), "ffmpeg could not make {}", file.display());
    Ok(file)
}

/// Seconds that ffmpeg takes to decode and resample.
fn ffmpeg(file: &Path) -> Result<f64> {
    let begun = Instant::now();
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-i"]).arg(file);
    let ended = command.args(["-ac", "1", "-ar", "16000", "-f", "f32le", "-y", "/dev/null"]).status()?;
    ensure!(ended.success(), "ffmpeg could not decode {}", file.display());
    Ok(begun.elapsed().as_secs_f64())
}

/// Seconds that we take, and seconds until the first samples.
fn decoded(file: &Path, limits: &DecodeLimits) -> Result<(f64, f64)> {
    let begun = Instant::now();
    let mut pcm = Pcm::open(file, limits)?;
    let first = begun.elapsed().as_secs_f64();
    while pcm.next_chunk()?.is_some() {}
    Ok((begun.elapsed().as_secs_f64(), first))
}

/// The median of each column.
fn medians<const COLUMNS: usize>(rounds: [[f64; COLUMNS]; ROUNDS]) -> [f64; COLUMNS] {
    std::array::from_fn(|column| {
        percentile(&rounds.map(|round| round.get(column).copied().unwrap_or(f64::NAN)), 0.5)
    })
}

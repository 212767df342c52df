//! Whole transcriptions beside those of other programs, in turns: the same recording on the same cores.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    str::FromStr,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context, Error, Result, ensure};
use clap::Args;
use ground_truth::Recording;

use crate::program::{memory, percentile};

/// Between two measurements of a program's memory.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// What is measured against what.
#[derive(Args)]
pub struct Rivals {
    /// Speech model, as the path of a file
    #[arg(long)]
    model: PathBuf,
    /// A recording in place of the synthetic ones
    #[arg(long, requires = "said")]
    recording: Option<PathBuf>,
    /// What is said in it, as a text file
    #[arg(long)]
    said: Option<PathBuf>,
    /// Language of the recording, as ISO 639-1 code
    #[arg(long, default_value = "en")]
    language: String,
    /// How often all recordings of synthetic English are said, one after the other
    #[arg(long, default_value_t = 2)]
    times: usize,
    /// Share of silence, in which they are laid
    #[arg(long, default_value_t = 0.4)]
    silence: f64,
    /// Rounds, of which the middle one counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Another program as NAME=COMMAND, which prints `[times] text` for each segment; {recording} in it stands for a
    /// WAV file at 16 kHz
    #[arg(long)]
    rival: Vec<Rival>,
}

/// Another program.
#[derive(Clone)]
struct Rival {
    name: String,
    command: String,
}

impl FromStr for Rival {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, command) = text.split_once('=').context("it is not NAME=COMMAND")?;
        Ok(Self { name: name.to_owned(), command: command.to_owned() })
    }
}

/// What one run took.
struct Run {
    seconds: f64,
    first_segment: f64,
    mib: f64,
    text: String,
    /// The last line that it logs: how much of the speech Seogi covered.
    end: String,
}

/// What is transcribed, and what is said in it.
struct Material {
    recording: PathBuf,
    said: String,
}

impl Material {
    fn of(args: &Rivals, folder: &Path) -> Result<Self> {
        if let (Some(recording), Some(said)) = (&args.recording, &args.said) {
            let path = folder.join("recording.wav");
            let mut convert = Command::new("ffmpeg");
            convert.args(["-nostdin", "-v", "error", "-i"]).arg(recording).args(["-ar", "16000", "-ac", "1"]);
            ensure!(convert.arg(&path).status()?.success(), "ffmpeg could not read {}", recording.display());
            return Ok(Self { recording: path, said: fs::read_to_string(said)? });
        }
        let said = ground_truth::recordings().into_iter().filter(|recording| recording.language == "en");
        let said: Vec<Recording> =
            std::iter::repeat_n(said.collect::<Vec<_>>(), args.times).flatten().collect();
        let recording = joined(folder, &said, args.silence)?;
        Ok(Self { recording, said: said.iter().map(Recording::text).collect::<Vec<_>>().join(" ") })
    }
}

/// Measures and prints.
pub fn measure(args: &Rivals) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let Material { recording, said } = Material::of(args, folder.path())?;
    let own = Rival { name: "seogi".to_owned(), command: own_command(args, folder.path())? };
    let programs: Vec<&Rival> = std::iter::once(&own).chain(&args.rival).collect();
    let mut runs: Vec<Vec<Run>> = programs.iter().map(|_| Vec::new()).collect();
    for _ in 0..args.rounds {
        for (program, runs) in programs.iter().zip(&mut runs) {
            runs.push(run(program, &recording).with_context(|| format!("{} failed", program.name))?);
        }
    }
    let median =
        |runs: &[Run], figure: fn(&Run) -> f64| percentile(&runs.iter().map(figure).collect::<Vec<_>>(), 0.5);
    let ours = runs.first().map_or(f64::NAN, |runs| median(runs, |run| run.seconds));
    println!("{:<32} seconds  to seogi  first segment s  peak MiB  wrong words %", "program");
    for (program, runs) in programs.iter().zip(&runs) {
        let seconds = median(runs, |run| run.seconds);
        let wrong: Vec<f64> = runs
            .iter()
            .map(|run| 100.0 * ground_truth::error_rate(&args.language, &said, &run.text))
            .collect();
        println!(
            "{:<32} {seconds:7.2} {:9.2} {:16.2} {:9.0} {:14.2}",
            program.name,
            seconds / ours,
            median(runs, |run| run.first_segment),
            median(runs, |run| run.mib),
            percentile(&wrong, 0.5)
        );
    }
    if let Some(own) = runs.first().and_then(|runs| runs.last()) {
        println!("seogi: {}", own.end);
    }
    Ok(())
}

fn own_command(args: &Rivals, folder: &Path) -> Result<String> {
    let program = std::env::current_exe()?.with_file_name("seogi");
    ensure!(program.is_file(), "{} is not there; build it first: cargo build --release", program.display());
    let (model, language) = (args.model.canonicalize()?, &args.language);
    let [program, model, folder] = [&program, &model, folder].map(Path::display);
    Ok(format!(
        "{program} transcribe --model {model} --language {language} --data {folder} --models {folder} {{recording}}"
    ))
}

/// Recordings one after the other, with pauses that bring silence to its share.
fn joined(folder: &Path, recordings: &[Recording], silence: f64) -> Result<PathBuf> {
    let file = folder.join("meeting.wav");
    let spoken =
        |recording: &Recording| recording.sentences.iter().map(|said| said.end - said.start).sum::<f64>();
    let (spoken, seconds) = recordings
        .iter()
        .fold((0.0, 0.0), |(speech, seconds), next| (speech + spoken(next), seconds + next.seconds));
    let pause = (spoken / (1.0 - silence) - seconds).max(0.0) / recordings.len() as f64;
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error"]);
    let (mut padded, mut names) = (String::new(), String::new());
    for (at, recording) in recordings.iter().enumerate() {
        command.arg("-i").arg(recording.path());
        padded += &format!("[{at}:a]aresample=16000,apad=pad_dur={pause}[a{at}];");
        names += &format!("[a{at}]");
    }
    let filter = format!("{padded}{names}concat=n={}:v=0:a=1", recordings.len());
    let made = command.args(["-filter_complex", &filter, "-ar", "16000", "-ac", "1"]).arg(&file).status()?;
    ensure!(made.success(), "ffmpeg could not make {}", file.display());
    println!("{:.0} s, of which {spoken:.0} s are spoken", seconds + pause * recordings.len() as f64);
    Ok(file)
}

fn run(program: &Rival, recording: &Path) -> Result<Run> {
    let command = program.command.replace("{recording}", &recording.display().to_string());
    let mut words = command.split_whitespace();
    let mut command = Command::new(words.next().context("an empty command")?);
    let begun = Instant::now();
    let mut child = command.args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (id, output) = (child.id(), child.stdout.take().context("it has an output")?);
    let log = child.stderr.take().context("it has a log")?;
    let (mut first, mut text, ended) = (None, Vec::new(), AtomicBool::new(false));
    let (mib, end) = std::thread::scope(|scope| -> Result<(f64, String)> {
        let watching = scope.spawn(|| watched(id, &ended));
        let log =
            scope.spawn(|| BufReader::new(log).lines().map_while(Result::ok).last().unwrap_or_default());
        for line in BufReader::new(output).lines() {
            if let Some((_, said)) = line?.strip_prefix('[').and_then(|line| line.split_once(']')) {
                first.get_or_insert_with(|| begun.elapsed().as_secs_f64());
                text.push(said.trim().to_owned());
            }
        }
        ended.store(true, Ordering::Relaxed);
        let mib = watching.join().map_err(|_| Error::msg("its memory could not be watched"))?;
        Ok((mib, log.join().map_err(|_| Error::msg("its log could not be read"))?))
    })?;
    ensure!(child.wait()?.success(), "it ended with an error");
    let seconds = begun.elapsed().as_secs_f64();
    Ok(Run { seconds, first_segment: first.unwrap_or(seconds), mib, text: text.join(" "), end })
}

/// The most memory in MiB that a process and its children have held together when they were looked at.
fn watched(id: u32, ended: &AtomicBool) -> f64 {
    let mut most = 0.0_f64;
    while !ended.load(Ordering::Relaxed) {
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        let children = children.split_whitespace().filter_map(|child| child.parse().ok());
        // Of one that has ended meanwhile there is none.
        let resident = |process: u32| memory(process, "VmRSS").unwrap_or_default() / 1024.0;
        most = most.max(std::iter::once(id).chain(children).map(resident).sum());
        std::thread::sleep(POLL_INTERVAL);
    }
    most
}

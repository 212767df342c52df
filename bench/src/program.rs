//! The programs that are measured, as child processes, and what the system says of them.

use std::{
    fmt::Display,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use reqwest::{
    Client,
    multipart::{Form, Part},
};
use serde_json::Value;
use shared::job::JobId;

/// A running program; killed when dropped.
pub struct Program {
    child: Child,
    /// Where it listens, if it does.
    pub address: String,
}

impl Program {
    /// Starts the `seogi` beside this program, with these variables and nothing else from the environment.
    pub fn seogi(arguments: &[&str], folder: &Path, variables: &[(&str, &str)]) -> Result<Self> {
        let path = std::env::current_exe()?.with_file_name("seogi");
        ensure!(path.is_file(), "{} is not there; build it first: cargo build --release", path.display());
        let mut command = Command::new(path);
        command.args(arguments).current_dir(folder).env_clear();
        command.env("SEOGI_MODEL", ground_truth::toy_model()).env("SEOGI_LOG_FORMAT", "json");
        command.envs(variables.iter().copied());
        let log = std::fs::File::options().create(true).append(true).open(folder.join("log"))?;
        Self::start(command.stderr(log), arguments.contains(&"--port"))
    }

    /// Starts the plain handlers.
    pub fn plain() -> Result<Self> {
        Self::start(Command::new(std::env::current_exe()?).arg("plain"), true)
    }

    fn start(command: &mut Command, listens: bool) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("it has an output")?).lines();
        let address = if listens {
            lines
                .by_ref()
                .map_while(Result::ok)
                .find_map(|line| address_in(&line))
                .context("it does not listen")?
        } else {
            String::new()
        };
        // Somebody has to go on reading, or the program would stop at a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, address })
    }

    /// A figure of its memory in KiB, by its name in Linux's `/proc`: `VmRSS`, `VmHWM` …
    pub fn memory(&self, name: &str) -> Result<f64> {
        memory(self.child.id(), name)
    }

    /// Waits until it is ready; the seconds that took.
    pub async fn ready(&self) -> Result<f64> {
        let (client, begun) = (Client::new(), Instant::now());
        while begun.elapsed() < Duration::from_secs(60) {
            let answer = client.get(format!("{}/readyz", self.address)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(begun.elapsed().as_secs_f64());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        anyhow::bail!("it does not get ready")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that ended by itself is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A figure of the memory of a process (its number, or `self`) in KiB, by its name in Linux's `/proc`: `VmRSS`, `VmHWM` …
pub fn memory(process: impl Display, name: &str) -> Result<f64> {
    let file = if name == "Pss" { "smaps_rollup" } else { "status" };
    let figures = std::fs::read_to_string(format!("/proc/{process}/{file}"))?;
    let line = figures.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    Ok(line.context("Linux tells the memory of a process")?.trim().trim_end_matches(" kB").parse()?)
}

/// Uploads a file that is no recording, and so is done with at once; the job, and when it was accepted.
pub async fn upload(client: &Client, address: &str) -> Result<(JobId, Instant)> {
    let form = Form::new().part("file", Part::bytes(&b"no recording"[..]).file_name("a.wav"));
    let answer = client.post(format!("{address}/api/v1/jobs")).multipart(form).send().await?;
    let body: Value = answer.error_for_status()?.json().await?;
    let accepted = Instant::now();
    let job = body.get("job_id").and_then(Value::as_str).context("an accepted job has an id")?;
    Ok((job.parse()?, accepted))
}

fn address_in(line: &str) -> Option<String> {
    let address = line.get(line.find("http://")?..)?;
    Some(
        address.split(|end: char| end.is_whitespace() || end == '"').next()?.trim_end_matches('.').to_owned(),
    )
}

/// The value below which `share` of the values lie.
pub fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = (share * sorted.len() as f64) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// Prints a figure beside that of the plain handler and the goal.
pub fn print(what: &str, unit: &str, ours: f64, plain: f64, goal: &str) {
    println!("{what:<44} {ours:9.2} {unit:<4} plain {plain:9.2}  ratio {:7.2}  goal {goal}", ours / plain);
}

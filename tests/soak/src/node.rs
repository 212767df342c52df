//! One process of the program.

use std::{
    fs::{File, OpenOptions},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

/// How it is started, again and again.
pub struct Node {
    command: Command,
    log: PathBuf,
    child: Option<Child>,
}

impl Node {
    /// A process that is started by `command` and writes to the file `log`.
    pub fn start(command: Command, log: PathBuf) -> Result<Self> {
        let mut node = Self { command, log, child: None };
        node.start_again()?;
        Ok(node)
    }

    /// Starts it unless it runs.
    pub fn start_again(&mut self) -> Result<()> {
        if let Some(child) = &mut self.child
            && child.try_wait()?.is_none()
        {
            return Ok(());
        }
        let log: File = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let child = self.command.stdout(Stdio::null()).stderr(log).spawn();
        self.child = Some(child.with_context(|| format!("{:?} cannot be started", self.command))?);
        Ok(())
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Asks it to stop, and tells how long that took.
    pub fn stop(&mut self) -> Result<Duration> {
        let begun = Instant::now();
        self.signal("TERM")?;
        if let Some(mut child) = self.child.take() {
            let status: ExitStatus = child.wait()?;
            ensure!(status.success(), "a process that was asked to stop ended with {status}");
        }
        Ok(begun.elapsed())
    }

    /// Sends it a signal, by its name without `SIG`.
    pub fn signal(&self, name: &str) -> Result<()> {
        if let Some(child) = &self.child {
            Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).status()?;
        }
        Ok(())
    }

    /// What it wrote to its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // A process that is gone already is fine.
        let _ = self.kill();
    }
}

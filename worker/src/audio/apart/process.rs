//! A child process that gives sound: how long it is waited for, and what its end means.

use std::{
    fs::File,
    io::{self, Read, Write},
    os::{
        fd::OwnedFd,
        unix::{net::UnixStream, process::CommandExt, process::ExitStatusExt},
    },
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::audio::{AudioError, DecodeLimits};

/// How much of a child's complaints is kept.
const COMPLAINT: u64 = 4096;
/// Between two looks whether a child that says no more is gone.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// A child, its output, and, if it has no file to read, its input; killed when dropped.
pub(in crate::audio) struct Process {
    child: Child,
    stream: UnixStream,
    complaint: Option<JoinHandle<String>>,
    limits: DecodeLimits,
    begun: Instant,
    /// Time it was waited for since it last gave something.
    waited: Duration,
}

impl Process {
    /// Starts `command`, which reads `file` or else what is written here.
    pub(in crate::audio) fn start(
        mut command: Command,
        file: Option<File>,
        limits: &DecodeLimits,
    ) -> io::Result<Self> {
        let (stream, theirs) = UnixStream::pair()?;
        stream.set_read_timeout(Some(limits.patience))?;
        stream.set_write_timeout(Some(limits.patience))?;
        let theirs = OwnedFd::from(theirs);
        let input = file.map_or_else(|| theirs.try_clone().map(Stdio::from), |file| Ok(file.into()))?;
        // What a terminal says to the group of this process is not meant for the child.
        command.process_group(0).stdin(input).stdout(theirs).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let stderr = child.stderr.take();
        let complaint = std::thread::Builder::new().name("decoder-stderr".into()).spawn(|| listen(stderr))?;
        let (complaint, limits) = (Some(complaint), limits.clone());
        Ok(Self { child, stream, complaint, limits, begun: Instant::now(), waited: Duration::ZERO })
    }

    /// Waits for the child, which gave something: patience begins anew.
    pub(in crate::audio) fn praise(&mut self) {
        self.waited = Duration::ZERO;
    }

    /// Why a child ended that takes every signal for the wish that it end: its time was up, or it was asked to stop.
    pub(in crate::audio) fn stopped(&self) -> AudioError {
        // It may compute on more than one thread, and so faster than time passes.
        if self.begun.elapsed() * 2 < self.limits.computing {
            return AudioError::Interrupted;
        }
        AudioError::DecodingTooSlow { limit: self.limits.computing }
    }

    /// Why what was to be read or written could not be.
    pub(in crate::audio) fn fault(&mut self, error: io::Error) -> AudioError {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                AudioError::DecoderStalled { limit: self.limits.patience }
            }
            io::ErrorKind::InvalidData => AudioError::DecoderFailed,
            _ => self.end().err().unwrap_or(AudioError::DecoderFailed),
        }
    }

    /// Waits for the end of a child that says no more. Gives its status and its complaints.
    ///
    /// # Errors
    /// When it was ended by what it asked of the machine, or by somebody else.
    pub(in crate::audio) fn end(&mut self) -> Result<(ExitStatus, String), AudioError> {
        let status = self.status()?;
        let complaint = self.complaint.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        tracing::debug!(%status, complaint, "a decoder has ended");
        let signal = |signal: Signal| status.signal() == Some(signal.as_raw());
        let starved = ["memory allocation of", "Cannot allocate memory", "failed to map segment"];
        if signal(Signal::KILL) || starved.iter().any(|words| complaint.contains(words)) {
            Err(AudioError::DecoderOutOfMemory)
        } else if signal(Signal::XCPU) {
            Err(AudioError::DecodingTooSlow { limit: self.limits.computing })
        } else if [Signal::TERM, Signal::INT, Signal::HUP].into_iter().any(signal) {
            Err(AudioError::Interrupted)
        } else if status.signal().is_some() {
            tracing::warn!(%status, "a recording brought its decoder down");
            Err(AudioError::DecoderFailed)
        } else {
            Ok((status, complaint))
        }
    }

    /// The status of a child that ends: it may have closed its output and live on.
    fn status(&mut self) -> Result<ExitStatus, AudioError> {
        let begun = Instant::now();
        while begun.elapsed() < self.limits.patience {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        Err(AudioError::DecoderStalled { limit: self.limits.patience })
    }
}

impl Read for Process {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.waited > self.limits.patience {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let begun = Instant::now();
        let read = self.stream.read(buffer);
        self.waited += begun.elapsed();
        read
    }
}

impl Write for Process {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.child.kill().and_then(|()| self.child.wait()).is_err() {
            tracing::debug!("a decoder was gone before it could be stopped");
        }
    }
}

/// Keeps the front of what a child complains of and reads on to the end, lest it wait for a reader.
fn listen(stderr: Option<ChildStderr>) -> String {
    let (mut front, Some(mut stderr)) = (Vec::new(), stderr) else { return String::new() };
    let heard = stderr.by_ref().take(COMPLAINT).read_to_end(&mut front);
    if heard.and_then(|_| io::copy(&mut stderr, &mut io::sink())).is_err() {
        tracing::debug!("a decoder's complaints could not be read to their end");
    }
    String::from_utf8_lossy(&front).into_owned()
}

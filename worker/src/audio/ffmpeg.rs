//! The fallback: an ffmpeg child process decodes what the built-in decoders cannot.
//!
//! The child reads the one file it is given and nothing else: no network, no playlists, no other format
//! than the containers of [`CONTAINERS`], no environment but what it takes to start.

use std::fs::File;
use std::io::{self, Read};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use super::{AudioError, SAMPLE_RATE, mixdown::tame};

/// ffmpeg's names of the demuxers that may be used: containers of sound, none that follows links.
const CONTAINERS: &str = "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dts,dtshd,eac3,flac,flv,gsm,\
    matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpeg,mpegts,ogg,rm,tta,voc,w64,wav,wv";
/// How much of ffmpeg's complaints is kept.
const COMPLAINT: u64 = 4096;
const READ: usize = 64 * 1024;
const SAMPLE: usize = size_of::<f32>();

/// A running ffmpeg that pours 16 kHz mono samples; killed when dropped.
pub(super) struct Ffmpeg {
    child: Child,
    output: ChildStdout,
    complaint: Option<JoinHandle<String>>,
    bytes: Vec<u8>,
    samples: Vec<f32>,
    started: bool,
    cut_short: bool,
}

impl Ffmpeg {
    /// Starts decoding `file` with an ffmpeg; `None` if there is no such program.
    pub(super) fn open(program: &str, file: File) -> Result<Option<Self>, AudioError> {
        let mut child = match command(program, file).spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let (output, complaint) =
            child.stdout.take().zip(child.stderr.take()).ok_or(AudioError::DecoderFailed)?;
        let complaint =
            std::thread::Builder::new().name("ffmpeg-stderr".into()).spawn(|| listen(complaint))?;
        let (bytes, samples) = (Vec::with_capacity(READ), Vec::new());
        let complaint = Some(complaint);
        Ok(Some(Self { child, output, complaint, bytes, samples, started: false, cut_short: false }))
    }

    /// The next 16 kHz mono samples in ±1; `None` at the end.
    pub(super) fn next_chunk(&mut self) -> Result<Option<&[f32]>, AudioError> {
        self.bytes.drain(..self.bytes.len() / SAMPLE * SAMPLE);
        while self.bytes.len() < SAMPLE {
            let held = self.bytes.len();
            self.bytes.resize(READ, 0);
            let read = self.output.read(self.bytes.get_mut(held..).unwrap_or_default())?;
            self.bytes.truncate(held + read);
            if read == 0 {
                return self.end().map(|()| None);
            }
        }
        self.started = true;
        let (whole, _) = self.bytes.as_chunks();
        self.samples.clear();
        self.samples.extend(whole.iter().map(|sample| tame(f32::from_le_bytes(*sample))));
        Ok(Some(&self.samples))
    }

    /// Whether ffmpeg found damage; known at the end.
    pub(super) fn cut_short(&self) -> bool {
        self.cut_short
    }

    fn end(&mut self) -> Result<(), AudioError> {
        let success = self.child.wait()?.success();
        let complaint = self.complaint.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        self.cut_short |= !success || !complaint.is_empty();
        if self.started {
            return Ok(());
        }
        tracing::debug!(complaint, "ffmpeg found nothing to decode");
        Err(if complaint.contains("matches no streams") {
            AudioError::NoAudioTrack
        } else if success {
            AudioError::EmptyRecording
        } else {
            AudioError::unsupported("this kind of file")
        })
    }
}

impl Drop for Ffmpeg {
    fn drop(&mut self) {
        if self.child.kill().and_then(|()| self.child.wait()).is_err() {
            tracing::debug!("ffmpeg was gone before it could be stopped");
        }
    }
}

fn command(program: &str, file: File) -> Command {
    let mut command = Command::new(program);
    command
        .args(["-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file"])
        .args(["-format_whitelist", CONTAINERS])
        // As a file and not as a pipe, so that ffmpeg may read it here and there; it needs no name.
        .args(["-i", "file:/dev/stdin"])
        // Silence fills what the timestamps leave out, so that what is said keeps its time.
        .args(["-map", "0:a:0", "-af", "aresample=async=1", "-ac", "1", "-ar", &SAMPLE_RATE.to_string()])
        .args(["-f", "f32le", "pipe:1"])
        .stdin(file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env_clear();
    let needed = ["PATH", "LD_LIBRARY_PATH", "SYSTEMROOT"];
    command.envs(needed.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command
}

/// Keeps the front of what ffmpeg says and reads on to the end, lest it wait for a reader.
fn listen(mut stderr: ChildStderr) -> String {
    let mut front = Vec::new();
    let heard = stderr.by_ref().take(COMPLAINT).read_to_end(&mut front);
    if heard.and_then(|_| io::copy(&mut stderr, &mut io::sink())).is_err() {
        tracing::debug!("ffmpeg's complaints could not be read to their end");
    }
    String::from_utf8_lossy(&front).into_owned()
}

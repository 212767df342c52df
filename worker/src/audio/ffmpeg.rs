//! The fallback: an ffmpeg child process decodes what the built-in decoders cannot.
//!
//! The child reads the one file it is given and nothing else: no network, no playlists, no other format
//! than the containers of [`CONTAINERS`], no environment but what it takes to start.

use std::fs::File;
use std::io::{self, Read};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use super::{AudioError, Chunk, Layout, SAMPLE_RATE, mixdown::tame};

/// ffmpeg's names of the demuxers that may be used: containers of sound, none that follows links.
const CONTAINERS: &str = "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dts,dtshd,eac3,flac,flv,gsm,\
    matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpeg,mpegts,ogg,rm,tta,voc,w64,wav,wv";
/// How much of ffmpeg's complaints is kept.
const COMPLAINT: u64 = 4096;
const READ: usize = 64 * 1024;
const SAMPLE: usize = size_of::<f32>();
/// What Sun's audio format begins with: a mark, where the samples begin, their size, kind, rate and channels, four bytes
/// each. Unlike plain samples it says how many channels there are, and unlike WAV it is the same for any number.
const HEADER: usize = 24;
const MARK: &[u8] = b".snd";

/// A running ffmpeg that pours 16 kHz samples; killed when dropped.
pub(super) struct Ffmpeg {
    child: Child,
    output: ChildStdout,
    complaint: Option<JoinHandle<String>>,
    bytes: Vec<u8>,
    samples: Vec<f32>,
    /// 0 before the header.
    channels: usize,
    started: bool,
    cut_short: bool,
}

impl Ffmpeg {
    /// Starts decoding `file` with an ffmpeg; `None` if there is no such program.
    pub(super) fn open(program: &str, file: File, layout: Layout) -> Result<Option<Self>, AudioError> {
        let mut child = match command(program, file, layout).spawn() {
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
        let (channels, started, cut_short) = (0, false, false);
        Ok(Some(Self { child, output, complaint, bytes, samples, channels, started, cut_short }))
    }

    /// The next 16 kHz samples in ±1; `None` at the end.
    pub(super) fn next_chunk(&mut self) -> Result<Option<Chunk<'_>>, AudioError> {
        if self.channels == 0 && !self.read_header()? {
            return self.end().map(|()| None);
        }
        let frame = SAMPLE * self.channels;
        self.bytes.drain(..self.bytes.len() / frame * frame);
        while self.bytes.len() < frame {
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
        let whole = whole.iter().take(self.bytes.len() / frame * self.channels);
        self.samples.clear();
        self.samples.extend(whole.map(|sample| tame(f32::from_be_bytes(*sample))));
        Ok(Some(Chunk { rate: SAMPLE_RATE, channels: self.channels, samples: &self.samples }))
    }

    /// Reads up to where the samples begin; false if nothing comes.
    fn read_header(&mut self) -> Result<bool, AudioError> {
        let mut header = Vec::new();
        self.output.by_ref().take(HEADER as u64).read_to_end(&mut header)?;
        let (Some(MARK), [_, begin, _, _, _, channels]) = (header.get(..4), words(&header)) else {
            return Ok(false);
        };
        let rest = u64::from(begin).saturating_sub(HEADER as u64);
        io::copy(&mut self.output.by_ref().take(rest), &mut io::sink())?;
        self.channels = channels as usize;
        Ok(channels > 0)
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

/// The first numbers of four bytes; 0 where there are none.
fn words(bytes: &[u8]) -> [u32; HEADER / 4] {
    let (words, _) = bytes.as_chunks();
    std::array::from_fn(|place| words.get(place).map_or(0, |word| u32::from_be_bytes(*word)))
}

fn command(program: &str, file: File, layout: Layout) -> Command {
    let mut command = Command::new(program);
    command
        .args(["-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file"])
        .args(["-format_whitelist", CONTAINERS])
        // As a file and not as a pipe, so that ffmpeg may read it here and there; it needs no name.
        .args(["-i", "file:/dev/stdin"])
        // Silence fills what the timestamps leave out, so that what is said keeps its time.
        .args(["-map", "0:a:0", "-af", "aresample=async=1", "-ar", &SAMPLE_RATE.to_string()])
        .args(if layout == Layout::Mix { ["-ac", "1"].as_slice() } else { &[] })
        .args(["-c:a", "pcm_f32be", "-f", "au", "pipe:1"])
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

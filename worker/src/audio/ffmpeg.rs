//! The fallback: an ffmpeg child process decodes what the built-in decoders cannot.
//!
//! The child reads the one file it is given and nothing else: no network, no playlists, no other format
//! than the containers of [`CONTAINERS`], no environment but what it takes to start. Where a program is given for
//! decoding, that one limits itself first and then becomes ffmpeg.

use std::fs::File;
use std::io::{self, Read};
use std::process::Command;

use super::apart::{Orders, Process, only_needed_variables};
use super::{AudioError, DecodeLimits, Layout, SAMPLE_RATE, mixdown::tame};

/// The program, as it is found on the `PATH`.
pub(super) const PROGRAM: &str = "ffmpeg";

/// ffmpeg's names of the demuxers that may be used: containers of sound, none that follows links.
const CONTAINERS: &str = "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dts,dtshd,eac3,flac,flv,gsm,\
    matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpeg,mpegts,ogg,rm,tta,voc,w64,wav,wv";
/// The code that it ends with after a signal.
const SIGNALLED: i32 = 255;
const READ: usize = 64 * 1024;
const SAMPLE: usize = size_of::<f32>();
/// What Sun's audio format begins with: a mark, where the samples begin, their size, kind, rate and channels, four bytes
/// each. Unlike plain samples it says how many channels there are, and unlike WAV it is the same for any number.
const HEADER: usize = 24;
const MARK: &[u8] = b".snd";

/// A running ffmpeg that pours 16 kHz samples; killed when dropped.
pub(super) struct Ffmpeg {
    process: Process,
    bytes: Vec<u8>,
    /// 0 before the header.
    channels: usize,
    started: bool,
    cut_short: bool,
}

impl Ffmpeg {
    /// Starts decoding `file` with ffmpeg; `None` if there is no such program.
    pub(super) fn open(file: File, limits: &DecodeLimits) -> Result<Option<Self>, AudioError> {
        let command = match &limits.program {
            Some(program) => Orders::new(limits, 0, true).command(program)?,
            None => command(PROGRAM, limits.layout),
        };
        let process = match Process::start(command, Some(file), limits) {
            Ok(process) => process,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let bytes = Vec::with_capacity(READ);
        Ok(Some(Self { process, bytes, channels: 0, started: false, cut_short: false }))
    }

    /// How many channels the samples are of; 0 before the first.
    pub(super) fn channels(&self) -> usize {
        self.channels
    }

    /// Appends the next 16 kHz samples in ±1, those of the channels interleaved; false at the end.
    pub(super) fn fill(&mut self, out: &mut Vec<f32>) -> Result<bool, AudioError> {
        if self.channels == 0 && !self.read_header()? {
            return self.end().map(|()| false);
        }
        let frame = SAMPLE * self.channels;
        self.bytes.drain(..self.bytes.len() / frame * frame);
        while self.bytes.len() < frame {
            let held = self.bytes.len();
            self.bytes.resize(READ, 0);
            let read = self.process.read(self.bytes.get_mut(held..).unwrap_or_default());
            let read = read.map_err(|error| self.process.fault(error))?;
            self.bytes.truncate(held + read);
            if read == 0 {
                return self.end().map(|()| false);
            }
        }
        self.process.praise();
        self.started = true;
        let (whole, _) = self.bytes.as_chunks();
        let whole = whole.iter().take(self.bytes.len() / frame * self.channels);
        out.extend(whole.map(|sample| tame(f32::from_be_bytes(*sample))));
        Ok(true)
    }

    /// Reads up to where the samples begin; false if nothing comes.
    fn read_header(&mut self) -> Result<bool, AudioError> {
        let mut header = Vec::new();
        let read = self.process.by_ref().take(HEADER as u64).read_to_end(&mut header);
        read.map_err(|error| self.process.fault(error))?;
        let (Some(MARK), [_, begin, _, _, _, channels]) = (header.get(..4), words(&header)) else {
            return Ok(false);
        };
        let rest = u64::from(begin).saturating_sub(HEADER as u64);
        let skipped = io::copy(&mut self.process.by_ref().take(rest), &mut io::sink());
        skipped.map_err(|error| self.process.fault(error))?;
        self.channels = channels as usize;
        Ok((1..=READ / SAMPLE).contains(&self.channels))
    }

    /// Whether ffmpeg found damage; known at the end.
    pub(super) fn cut_short(&self) -> bool {
        self.cut_short
    }

    fn end(&mut self) -> Result<(), AudioError> {
        let (status, complaint) = self.process.end()?;
        if status.code() == Some(SIGNALLED) {
            return Err(self.process.stopped());
        }
        self.cut_short |= !status.success() || !complaint.is_empty();
        if self.started {
            return Ok(());
        }
        Err(if complaint.contains("matches no streams") {
            AudioError::NoAudioTrack
        } else if status.success() {
            AudioError::EmptyRecording
        } else {
            AudioError::unsupported("this kind of file")
        })
    }
}

/// The first numbers of four bytes; 0 where there are none.
fn words(bytes: &[u8]) -> [u32; HEADER / 4] {
    let (words, _) = bytes.as_chunks();
    std::array::from_fn(|place| words.get(place).map_or(0, |word| u32::from_be_bytes(*word)))
}

/// Its command line: recording in at standard input, samples out at standard output.
pub(super) fn command(program: &str, layout: Layout) -> Command {
    let mut command = Command::new(program);
    command
        .args(["-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file"])
        .args(["-format_whitelist", CONTAINERS])
        // As a file and not as a pipe, so that ffmpeg may read it here and there; it needs no name.
        .args(["-i", "file:/dev/stdin"])
        // Silence fills what the timestamps leave out, so that what is said keeps its time.
        .args(["-map", "0:a:0", "-af", "aresample=async=1", "-ar", &SAMPLE_RATE.to_string()])
        .args(if layout == Layout::Mix { ["-ac", "1"].as_slice() } else { &[] })
        .args(["-c:a", "pcm_f32be", "-f", "au", "pipe:1"]);
    only_needed_variables(&mut command);
    command
}

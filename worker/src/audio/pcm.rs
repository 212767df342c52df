//! A file as a stream of 16 kHz samples, whoever decodes it.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;
use std::time::Duration;

use blobs::BlobReader;

use super::container::{HEAD, Kind};
use super::ffmpeg::Ffmpeg;
use super::{AudioError, DecodeLimits, SAMPLE_RATE, apart::Apart, built_in::BuiltIn, built_in::Damage};

/// 16 kHz samples of a recording, chunk by chunk: one channel, or all of them interleaved.
pub struct Pcm {
    source: Source,
    buffer: Vec<f32>,
    /// The first chunk was decoded on opening and has not been handed out.
    primed: bool,
    channels: usize,
    /// Samples of each channel.
    samples: u64,
    max_duration: Duration,
}

enum Source {
    Here(Box<BuiltIn>),
    Apart(Box<Apart>),
    Ffmpeg(Box<Ffmpeg>),
}

impl Pcm {
    /// Opens a file and decodes its first samples, with the built-in decoders or else with ffmpeg. Its name
    /// is of no account.
    ///
    /// # Errors
    /// Every [`AudioError`].
    pub fn open(path: &Path, limits: &DecodeLimits) -> Result<Self, AudioError> {
        Self::read(File::open(path)?.into(), limits)
    }

    /// Opens a recording where it is stored, likewise.
    ///
    /// # Errors
    /// Every [`AudioError`].
    pub fn read(mut source: BlobReader, limits: &DecodeLimits) -> Result<Self, AudioError> {
        let mut head = Vec::new();
        source.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
        source.rewind()?;
        match Kind::of(&head) {
            Kind::Empty => Err(AudioError::EmptyRecording),
            Kind::Text => Err(AudioError::unsupported("a text file")),
            Kind::Foreign(name) => Self::with_ffmpeg(source, limits, AudioError::unsupported(name)),
            Kind::Unknown => {
                let again = source.try_clone()?;
                match Self::built_in(source, limits) {
                    Err(error) if error.blames_the_decoder() => Self::with_ffmpeg(again, limits, error),
                    opened => opened,
                }
            }
        }
    }

    fn built_in(source: BlobReader, limits: &DecodeLimits) -> Result<Self, AudioError> {
        let source = match &limits.program {
            Some(program) => Source::Apart(Box::new(Apart::start(program, source, limits)?)),
            None => Source::Here(Box::new(BuiltIn::open(source, limits)?)),
        };
        Self::start(source, limits)
    }

    /// Lets ffmpeg try after `refusal`, which stands unless ffmpeg knows better.
    fn with_ffmpeg(
        source: BlobReader,
        limits: &DecodeLimits,
        refusal: AudioError,
    ) -> Result<Self, AudioError> {
        let ffmpeg = if limits.ffmpeg { Ffmpeg::open(source.into_file()?, limits)? } else { None };
        let Some(ffmpeg) = ffmpeg else { return Err(refusal) };
        let opened = Self::start(Source::Ffmpeg(Box::new(ffmpeg)), limits);
        let knows_better =
            |error: &AudioError| matches!(error, AudioError::NoAudioTrack) || !error.blames_the_decoder();
        opened.map_err(|error| if knows_better(&error) { error } else { refusal })
    }

    fn start(source: Source, limits: &DecodeLimits) -> Result<Self, AudioError> {
        let (buffer, max_duration) = (Vec::new(), limits.max_duration);
        let mut pcm = Self { source, buffer, primed: false, channels: 1, samples: 0, max_duration };
        pcm.primed = pcm.fill()?;
        if pcm.primed { Ok(pcm) } else { Err(AudioError::EmptyRecording) }
    }

    /// How many channels the samples are of: 1, unless the limits' layout is [`super::Layout::Split`].
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The next samples, in ±1, those of the channels interleaved; `None` at the end.
    ///
    /// # Errors
    /// [`AudioError::RecordingTooLong`] once more was decoded than is allowed,
    /// [`AudioError::UnreadableRecording`] if the storage fails. Damage is an end, with a warning.
    pub fn next_chunk(&mut self) -> Result<Option<&[f32]>, AudioError> {
        let more = std::mem::take(&mut self.primed) || self.fill()?;
        Ok(more.then_some(self.buffer.as_slice()))
    }

    /// How many 16 kHz samples of each channel were decoded so far.
    pub fn decoded_samples(&self) -> u64 {
        self.samples
    }

    /// The length in seconds that the container claims; it may lie.
    pub fn declared_duration(&self) -> Option<f64> {
        match &self.source {
            Source::Here(decoder) => decoder.declared_duration(),
            Source::Apart(child) => child.declared_duration(),
            Source::Ffmpeg(_) => None,
        }
    }

    /// What the person who sent the recording should know about it; complete at its end.
    pub fn warning(&self) -> Option<String> {
        let damage = match &self.source {
            Source::Here(decoder) => decoder.damage(),
            Source::Apart(child) => child.damage(),
            Source::Ffmpeg(ffmpeg) => Damage { cut_short: ffmpeg.cut_short(), broken_places: 0 },
        };
        match (damage.cut_short, damage.broken_places) {
            (true, _) => {
                Some("The recording is damaged or ends too early: only what is there was used.".into())
            }
            (false, 0) => None,
            (false, 1) => Some("One damaged place in the recording was skipped.".into()),
            (false, places) => Some(format!("{places} damaged places in the recording were skipped.")),
        }
    }

    /// Replaces the buffer by the next samples; false at the end.
    fn fill(&mut self) -> Result<bool, AudioError> {
        self.buffer.clear();
        let more = match &mut self.source {
            Source::Here(decoder) => decoder.fill(&mut self.buffer)?,
            Source::Apart(child) => child.fill(&mut self.buffer)?,
            Source::Ffmpeg(ffmpeg) => ffmpeg.fill(&mut self.buffer)?,
        };
        self.channels = match &self.source {
            Source::Here(decoder) => decoder.channels(),
            Source::Apart(child) => child.channels(),
            Source::Ffmpeg(ffmpeg) => ffmpeg.channels(),
        };
        self.samples += (self.buffer.len() / self.channels.max(1)) as u64;
        if self.samples > self.max_duration.as_secs() * u64::from(SAMPLE_RATE) {
            return Err(AudioError::RecordingTooLong { limit: self.max_duration });
        }
        Ok(more)
    }
}

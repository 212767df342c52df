//! A file as a stream of 16 kHz samples, whoever decodes it.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;
use std::time::Duration;

use shared::blobs::BlobReader;

use super::container::{HEAD, Kind};
use super::ffmpeg::Ffmpeg;
use super::{AudioError, DecodeLimits, Decoder, Resampler, SAMPLE_RATE};

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
    BuiltIn(Box<BuiltIn>),
    Ffmpeg(Ffmpeg),
}

struct BuiltIn {
    decoder: Decoder,
    resampler: Option<Resampler>,
    channels: usize,
    ended: bool,
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
        let decoder = Decoder::open(source, limits)?;
        let built_in = BuiltIn { decoder, resampler: None, channels: 1, ended: false };
        Self::start(Source::BuiltIn(Box::new(built_in)), limits)
    }

    /// Lets ffmpeg try after `refusal`, which stands unless ffmpeg knows better.
    fn with_ffmpeg(
        source: BlobReader,
        limits: &DecodeLimits,
        refusal: AudioError,
    ) -> Result<Self, AudioError> {
        let ffmpeg =
            if limits.ffmpeg { Ffmpeg::open("ffmpeg", source.into_file()?, limits.layout)? } else { None };
        let Some(ffmpeg) = ffmpeg else { return Err(refusal) };
        let opened = Self::start(Source::Ffmpeg(ffmpeg), limits);
        opened.map_err(|error| match error {
            AudioError::NoAudioTrack | AudioError::RecordingTooLong { .. } => error,
            AudioError::UnreadableRecording(_) => error,
            _ => refusal,
        })
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
            Source::BuiltIn(built_in) => built_in.decoder.declared_duration(),
            Source::Ffmpeg(_) => None,
        }
    }

    /// What the person who sent the recording should know about it; complete at its end.
    pub fn warning(&self) -> Option<String> {
        let (cut_short, broken) = match &self.source {
            Source::BuiltIn(built_in) => (built_in.decoder.cut_short(), built_in.decoder.broken_places()),
            Source::Ffmpeg(ffmpeg) => (ffmpeg.cut_short(), 0),
        };
        match (cut_short, broken) {
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
            Source::BuiltIn(built_in) => {
                let more = built_in.fill(&mut self.buffer)?;
                self.channels = built_in.channels;
                more
            }
            Source::Ffmpeg(ffmpeg) => match ffmpeg.next_chunk()? {
                Some(chunk) => {
                    self.buffer.extend_from_slice(chunk.samples);
                    self.channels = chunk.channels;
                    true
                }
                None => false,
            },
        };
        self.samples += (self.buffer.len() / self.channels.max(1)) as u64;
        if self.samples > self.max_duration.as_secs() * u64::from(SAMPLE_RATE) {
            return Err(AudioError::RecordingTooLong { limit: self.max_duration });
        }
        Ok(more)
    }
}

impl BuiltIn {
    fn fill(&mut self, out: &mut Vec<f32>) -> Result<bool, AudioError> {
        while out.is_empty() && !self.ended {
            let Some(chunk) = self.decoder.next_chunk()? else {
                self.ended = true;
                self.resampler.as_mut().map_or(Ok(()), |resampler| resampler.finish(out))?;
                break;
            };
            self.channels = chunk.channels;
            match &mut self.resampler {
                Some(resampler) if resampler.rate() == chunk.rate => resampler.push(chunk.samples, out)?,
                slot => {
                    if let Some(before) = slot {
                        before.finish(out)?;
                    }
                    slot.insert(Resampler::new(chunk.rate, chunk.channels)?).push(chunk.samples, out)?;
                }
            }
        }
        Ok(!out.is_empty())
    }
}

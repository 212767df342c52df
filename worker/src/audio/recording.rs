//! From a file to windows of speech.

use std::{fs::File, path::Path};

use blobs::BlobReader;
use shared::{job::Failure, peaks::Peaks};
use telemetry::metrics::Stopwatch;

use super::channels::{self, Chosen};
use super::{
    AudioError, DecodeLimits, Pcm, Stretch, Windows, mixdown::mix_channels, peaks::PeakMeter, voice::detector,
};

/// A recording that is read from front to back, stretch by stretch. Blocking: give it a thread of its own.
pub struct Recording {
    pcm: Pcm,
    windows: Windows,
    meter: PeakMeter,
    mono: Vec<f32>,
    notice: Option<Failure>,
    ended: bool,
    decoding: Stopwatch,
    listening: Stopwatch,
}

impl Recording {
    /// Opens a recording, or the sound of a video. The name of the file is of no account.
    ///
    /// # Errors
    /// Every [`AudioError`]; the file turns out to be no recording here, not later.
    pub fn open(path: &Path, limits: &DecodeLimits) -> Result<Self, AudioError> {
        Self::read(File::open(path)?.into(), limits)
    }

    /// Reads a recording from where it is stored, likewise.
    ///
    /// # Errors
    /// As [`Recording::open`].
    pub fn read(source: BlobReader, limits: &DecodeLimits) -> Result<Self, AudioError> {
        let (mut decoding, listening) = (Stopwatch::new("decode"), Stopwatch::new("vad"));
        let Chosen { pcm, split, notice } = decoding.time(|| channels::open(source, limits))?;
        let detector = || detector(limits.voice_activity);
        let windows = match split.as_slice() {
            [] => Windows::new(detector()?),
            chosen => {
                let each = chosen.iter().map(|channel| Ok((*channel, detector()?)));
                Windows::split(pcm.channels(), each.collect::<Result<_, AudioError>>()?)
            }
        };
        let (meter, mono) = (PeakMeter::default(), Vec::new());
        Ok(Self { pcm, windows, meter, mono, notice, ended: false, decoding, listening })
    }

    /// The next stretch with speech in it; `None` at the end. The same recording always gives the same ones, and none if
    /// there is no speech in it.
    ///
    /// # Errors
    /// [`AudioError::RecordingTooLong`] and [`AudioError::UnreadableRecording`].
    pub fn next_stretch(&mut self) -> Result<Option<Stretch>, AudioError> {
        loop {
            if let Some(stretch) = self.listening.time(|| self.windows.next_stretch()) {
                return Ok(Some(stretch));
            }
            if self.ended {
                return Ok(None);
            }
            let channels = self.pcm.channels();
            match self.decoding.time(|| self.pcm.next_chunk())? {
                Some(samples) => {
                    mix_channels(samples, channels, &mut self.mono);
                    self.meter.push(&self.mono);
                    self.listening.time(|| self.windows.push(samples));
                }
                None => {
                    self.ended = true;
                    self.listening.time(|| self.windows.finish());
                }
            }
        }
    }

    /// How much was decoded so far, in 16 kHz samples; after the last stretch, the recording's length.
    pub fn decoded_samples(&self) -> u64 {
        self.pcm.decoded_samples()
    }

    /// The waveform of what was decoded so far.
    pub fn peaks(&self) -> Peaks {
        self.meter.peaks()
    }

    /// The length in seconds that the container claims. It may lie: good for progress, for nothing else.
    pub fn declared_duration(&self) -> Option<f64> {
        self.pcm.declared_duration()
    }

    /// What the person who sent the recording should know about it, without it being useless; complete after the last
    /// stretch.
    pub fn notices(&self) -> Vec<Failure> {
        let damage = self.pcm.warning().map(|warning| Failure::new("damaged_media", warning));
        self.notice.clone().into_iter().chain(damage).collect()
    }
}

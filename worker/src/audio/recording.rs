//! From a file to windows of speech.

use std::{fs::File, path::Path};

use shared::{blobs::BlobReader, metrics::Stopwatch, peaks::Peaks};

use super::{AudioError, DecodeLimits, Earshot, Pcm, Window, Windows, peaks::PeakMeter};

/// A recording that is read from front to back, window by window. Blocking: give it a thread of its own.
pub struct Recording {
    pcm: Pcm,
    windows: Windows,
    meter: PeakMeter,
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
        let pcm = decoding.time(|| Pcm::read(source, limits))?;
        let windows = Windows::new(Box::<Earshot>::default());
        Ok(Self { pcm, windows, meter: PeakMeter::default(), ended: false, decoding, listening })
    }

    /// Goes on after a window that is finished: `position` is that window's [`Window::end`]. The windows that
    /// follow are the same as without the break. Call it before the first [`Recording::next_window`].
    pub fn resume_from(&mut self, position: u64) {
        self.windows.resume_from(position);
    }

    /// The next window of speech; `None` at the end. A recording without speech has no windows.
    ///
    /// # Errors
    /// [`AudioError::RecordingTooLong`] and [`AudioError::UnreadableRecording`].
    pub fn next_window(&mut self) -> Result<Option<Window>, AudioError> {
        loop {
            if let Some(window) = self.listening.time(|| self.windows.next_window()) {
                return Ok(Some(window));
            }
            if self.ended {
                return Ok(None);
            }
            match self.decoding.time(|| self.pcm.next_chunk())? {
                Some(samples) => {
                    self.meter.push(samples);
                    self.listening.time(|| self.windows.push(samples));
                }
                None => {
                    self.ended = true;
                    self.listening.time(|| self.windows.finish());
                }
            }
        }
    }

    /// How much was decoded so far, in 16 kHz samples; after the last window, the recording's length.
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

    /// A sentence on what was wrong with the recording without making it useless; complete after the last
    /// window.
    pub fn warning(&self) -> Option<String> {
        self.pcm.warning()
    }
}

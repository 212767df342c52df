//! The worker's side.

use std::{
    io::{self, Read, Seek, SeekFrom, Write},
    num::NonZeroUsize,
    path::Path,
};

use blobs::BlobReader;

use super::{
    Orders, Process,
    frames::{self, Ending, Frame},
};
use crate::audio::{AudioError, DecodeLimits, built_in::Damage};

/// A recording that a child decodes.
pub(in crate::audio) struct Apart {
    process: Process,
    recording: BlobReader,
    bytes: Vec<u8>,
    /// Known with the first samples.
    channels: Option<NonZeroUsize>,
    duration: Option<f64>,
    damage: Damage,
    ended: bool,
}

impl Apart {
    /// Starts `program` as the child that decodes `recording`.
    pub(in crate::audio) fn start(
        program: &Path,
        mut recording: BlobReader,
        limits: &DecodeLimits,
    ) -> Result<Self, AudioError> {
        let length = recording.seek(SeekFrom::End(0))?;
        let command = Orders::new(limits, length, false).command(program)?;
        let process = Process::start(command, None, limits)?;
        let (bytes, duration, damage) = (Vec::new(), None, Damage::default());
        Ok(Self { process, recording, bytes, channels: None, duration, damage, ended: false })
    }

    /// How many channels the samples are of.
    pub(in crate::audio) fn channels(&self) -> usize {
        self.channels.map_or(1, NonZeroUsize::get)
    }

    /// The length in seconds that the container claims; it may lie. Known with the first samples.
    pub(in crate::audio) fn declared_duration(&self) -> Option<f64> {
        self.duration
    }

    /// What was wrong with the recording; known at its end.
    pub(in crate::audio) fn damage(&self) -> Damage {
        self.damage
    }

    /// Appends the next 16 kHz samples, in ±1, those of the channels interleaved; false at the end.
    pub(in crate::audio) fn fill(&mut self, out: &mut Vec<f32>) -> Result<bool, AudioError> {
        while !self.ended {
            let said = frames::receive(&mut self.process, &mut self.bytes, out);
            match said.map_err(|error| self.process.fault(error))? {
                Frame::Samples if out.len().is_multiple_of(self.channels()) => {
                    self.process.praise();
                    return Ok(true);
                }
                Frame::Want(position, length) => self.answer(position, length)?,
                Frame::Opened(duration, channels) if self.channels.is_none() => {
                    (self.channels, self.duration) = (Some(channels), duration);
                }
                Frame::Opened(..) | Frame::Samples => return Err(AudioError::DecoderFailed),
                Frame::End(Ending::Done(damage)) => (self.ended, self.damage) = (true, damage),
                Frame::End(Ending::Failed(error)) => return Err(error.printable()),
            }
        }
        Ok(false)
    }

    fn answer(&mut self, position: u64, length: usize) -> Result<(), AudioError> {
        self.bytes.clear();
        self.bytes.extend([0; 4]);
        self.recording.seek(SeekFrom::Start(position))?;
        let read = self.recording.by_ref().take(length as u64).read_to_end(&mut self.bytes)?;
        if let Some(count) = self.bytes.first_chunk_mut() {
            *count = (read as u32).to_le_bytes();
        }
        let written: io::Result<()> = self.process.write_all(&self.bytes);
        written.map_err(|error| self.process.fault(error))
    }
}

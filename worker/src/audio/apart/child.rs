//! The child's side.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    os::{fd::AsFd, unix::process::CommandExt},
    process::ExitCode,
};

use super::{
    Orders,
    frames::{self, BLOCK, Ending},
    rights,
};
use crate::audio::{AudioError, DecodeLimits, Layout, built_in::BuiltIn, ffmpeg};

/// Samples that are collected before they are sent: half a second. The first ones go out at once.
const BATCH: usize = 8000;

/// Decodes the recording that `orders` describe, asking for its bytes over standard input and output. For a program
/// that was started with [`super::DECODE_CHILD`], before it starts any thread: the process gives up its rights.
pub fn decode_child(orders: &str) -> ExitCode {
    match serde_json::from_str(orders).map_err(io::Error::from).and_then(|orders| work(&orders)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Who started it may be gone.
            let _ = writeln!(io::stderr(), "the decoder could not do its work: {error}");
            ExitCode::FAILURE
        }
    }
}

fn work(orders: &Orders) -> io::Result<()> {
    if orders.ffmpeg {
        rights::limit(orders)?;
        return Err(ffmpeg::command(ffmpeg::PROGRAM, orders.layout).exec());
    }
    let output = || io::stdout().as_fd().try_clone_to_owned().map(File::from);
    let input = io::stdin().as_fd().try_clone_to_owned()?.into();
    let asked = Asked { length: orders.length, position: 0, input, output: output()? };
    let mut output = output()?;
    rights::limit(orders)?;
    rights::give_up()?;
    let ending = match decode(BufReader::with_capacity(BLOCK, asked), orders.layout, &mut output) {
        Ok(ending) => ending,
        Err(error) => Ending::Failed(error),
    };
    frames::end(&mut output, &ending)
}

fn decode(recording: BufReader<Asked>, layout: Layout, output: &mut File) -> Result<Ending, AudioError> {
    let mut decoder = BuiltIn::open(recording, &DecodeLimits { layout, ..DecodeLimits::default() })?;
    let mut samples = Vec::with_capacity(2 * BATCH);
    if !decoder.fill(&mut samples)? {
        return Err(AudioError::EmptyRecording);
    }
    frames::opened(output, decoder.declared_duration(), decoder.channels())?;
    while !samples.is_empty() {
        frames::samples(output, &samples, decoder.channels())?;
        samples.clear();
        while samples.len() < BATCH && decoder.fill(&mut samples)? {}
    }
    Ok(Ending::Done(decoder.damage()))
}

/// The recording, whose bytes the worker has.
struct Asked {
    length: u64,
    position: u64,
    input: File,
    output: File,
}

impl Read for Asked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(BLOCK);
        if length == 0 || self.position >= self.length {
            return Ok(0);
        }
        frames::want(&mut self.output, self.position, length)?;
        let mut count = [0; 4];
        self.input.read_exact(&mut count)?;
        let count = u32::from_le_bytes(count) as usize;
        let place = buffer.get_mut(..count).ok_or(io::ErrorKind::InvalidData)?;
        self.input.read_exact(place)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Asked {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

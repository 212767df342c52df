//! What child and worker say to each other.
//!
//! Child to worker: a letter, the length (4 bytes, little endian) and so many bytes. Worker to child: the bytes that
//! were asked for, behind their count (4 bytes, little endian), which is 0 behind the recording's end.

use std::{
    io::{self, Read, Write},
    num::NonZeroUsize,
};

use serde::{Deserialize, Serialize};

use crate::audio::{AudioError, built_in::Damage, mixdown::tame};

/// The most bytes that are asked for at once.
pub(super) const BLOCK: usize = 256 * 1024;
/// The most samples in a frame: a second.
pub(super) const MOST_SAMPLES: usize = 16_000;
/// The longest frame that is not of samples: a sentence or two.
const LONGEST_NOTE: usize = 4096;

/// How a child's work ended.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Ending {
    /// All samples are there.
    Done(Damage),
    /// There are none (any more).
    Failed(AudioError),
}

/// What a child says.
#[derive(Debug)]
pub(super) enum Frame {
    /// It wants bytes of the recording from this position, at most so many.
    Want(u64, usize),
    /// It can decode the recording, which claims to be so many seconds long, to so many channels.
    Opened(Option<f64>, NonZeroUsize),
    /// These were samples: they are in the buffer that was given.
    Samples,
    /// It has ended.
    End(Ending),
}

/// Asks for bytes.
pub(super) fn want(to: &mut impl Write, position: u64, length: usize) -> io::Result<()> {
    let mut note = position.to_le_bytes().to_vec();
    note.extend((length as u64).to_le_bytes());
    send(to, b'W', &note)
}

/// Tells that decoding has begun.
pub(super) fn opened(to: &mut impl Write, seconds: Option<f64>, channels: usize) -> io::Result<()> {
    send(to, b'O', &serde_json::to_vec(&(seconds, channels))?)
}

/// Gives samples of so many interleaved channels, any number of them.
pub(super) fn samples(to: &mut impl Write, samples: &[f32], channels: usize) -> io::Result<()> {
    samples.chunks(MOST_SAMPLES / channels * channels).try_for_each(|part| {
        let mut bytes = vec![0; size_of_val(part)];
        let (places, _) = bytes.as_chunks_mut();
        places.iter_mut().zip(part).for_each(|(place, sample)| *place = sample.to_le_bytes());
        send(to, b'S', &bytes)
    })
}

/// Tells that all is said.
pub(super) fn end(to: &mut impl Write, ending: &Ending) -> io::Result<()> {
    send(to, b'E', &serde_json::to_vec(ending)?)
}

fn send(to: &mut impl Write, letter: u8, bytes: &[u8]) -> io::Result<()> {
    let mut frame = vec![letter];
    frame.extend((bytes.len() as u32).to_le_bytes());
    frame.extend(bytes);
    to.write_all(&frame)
}

/// The next thing that a child says; `out` gets the samples, if it says samples.
///
/// # Errors
/// Those of `from`, and `InvalidData` for what no child of ours would say.
pub(super) fn receive(from: &mut impl Read, bytes: &mut Vec<u8>, out: &mut Vec<f32>) -> io::Result<Frame> {
    let mut head = [0; 5];
    from.read_exact(&mut head)?;
    let [letter, length @ ..] = head;
    let length = u32::from_le_bytes(length) as usize;
    let most = if letter == b'S' { MOST_SAMPLES * size_of::<f32>() } else { LONGEST_NOTE };
    if length == 0 || length > most {
        return Err(nonsense());
    }
    bytes.resize(length, 0);
    from.read_exact(bytes)?;
    match letter {
        b'S' => Ok(take_samples(bytes, out)),
        b'W' => wanted(bytes).ok_or_else(nonsense),
        b'O' => serde_json::from_slice(bytes)
            .map(|(seconds, channels)| Frame::Opened(seconds, channels))
            .map_err(|_| nonsense()),
        b'E' => serde_json::from_slice(bytes).map(Frame::End).map_err(|_| nonsense()),
        _ => Err(nonsense()),
    }
}

fn take_samples(bytes: &[u8], out: &mut Vec<f32>) -> Frame {
    let (whole, _) = bytes.as_chunks();
    out.extend(whole.iter().map(|sample| tame(f32::from_le_bytes(*sample))));
    Frame::Samples
}

fn wanted(bytes: &[u8]) -> Option<Frame> {
    let (numbers, rest) = bytes.as_chunks();
    let [position, length] = numbers else { return None };
    let length = u64::from_le_bytes(*length) as usize;
    (rest.is_empty() && length <= BLOCK).then_some(Frame::Want(u64::from_le_bytes(*position), length))
}

fn nonsense() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the decoder says what it should not")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(said: &[u8]) -> io::Result<(Frame, Vec<f32>)> {
        let mut out = Vec::new();
        receive(&mut &*said, &mut Vec::new(), &mut out).map(|frame| (frame, out))
    }

    fn said(say: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Vec<u8> {
        let mut bytes = Vec::new();
        say(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_is_said_is_heard() {
        let heard = |bytes: Vec<u8>| received(&bytes).unwrap();
        assert!(matches!(heard(said(|to| want(to, 7, 99))).0, Frame::Want(7, 99)));
        assert!(matches!(heard(said(|to| opened(to, Some(1.5), 2))).0, Frame::Opened(Some(1.5), _)));
        assert!(matches!(heard(said(|to| opened(to, None, 1))).0, Frame::Opened(None, _)));
        assert_eq!(heard(said(|to| samples(to, &[0.5, -0.25], 2))).1, [0.5, -0.25]);
        let refusal = Ending::Failed(AudioError::damaged("an odd frame"));
        let Frame::End(Ending::Failed(error)) = heard(said(|to| end(to, &refusal))).0 else { panic!() };
        assert_eq!(error.to_string(), AudioError::damaged("an odd frame").to_string());
    }

    #[test]
    fn nonsense_is_refused_before_memory_is_set_aside_for_it() {
        let lies: [&[u8]; 7] = [
            b"S\xff\xff\xff\xff",
            b"O\x01\x10\x00\x00",
            b"S\x00\x00\x00\x00",
            b"W\x08\x00\x00\x0000000000",
            b"W\x10\x00\x00\x0000000000\xff\xff\xff\xff\xff\xff\xff\xff",
            b"X\x01\x00\x00\x00x",
            b"E\x04\x00\x00\x00null",
        ];
        for lie in lies {
            assert_eq!(received(lie).unwrap_err().kind(), io::ErrorKind::InvalidData, "{lie:?}");
        }
        let odd: Vec<u8> = [f32::NAN, f32::INFINITY, 0.5].iter().flat_map(|odd| odd.to_le_bytes()).collect();
        let frame = [b"S\x0c\x00\x00\x00".as_slice(), &odd].concat();
        assert_eq!(received(&frame).unwrap().1, [0.0, 1.0, 0.5]);
    }
}

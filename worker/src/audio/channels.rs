//! Which channels of a recording speak for themselves.

use std::io::Seek;

use blobs::BlobReader;
use shared::job::Failure;

use super::{AudioError, DecodeLimits, Layout, Pcm, SAMPLE_RATE};

/// From this correlation on two channels are one sound twice.
const ALIKE: f64 = 0.95;
/// Amplitude below which a moment tells nothing: -50 dB.
const AUDIBLE: f32 = 0.003;
/// Samples with sound in them after which it is known which channels are alike: a minute.
const ENOUGH: u64 = 60 * SAMPLE_RATE as u64;

/// A recording's samples, and what they are of.
pub(super) struct Chosen {
    pub(super) pcm: Pcm,
    /// The channels, from 0, that are speakers of their own; none: they are mixed.
    pub(super) split: Vec<usize>,
    /// Why they are mixed although they were to be split.
    pub(super) notice: Option<Failure>,
}

/// Opens a recording in the layout of the limits, as far as its channels are fit for it.
///
/// Whether two of them are alike is found out beforehand, in as much of the recording as that takes, so that it is the same
/// whenever the recording is opened.
pub(super) fn open(mut source: BlobReader, limits: &DecodeLimits) -> Result<Chosen, AudioError> {
    let mixed = |source, notice| {
        let limits = DecodeLimits { layout: Layout::Mix, ..limits.clone() };
        Ok(Chosen { pcm: Pcm::read(source, &limits)?, split: Vec::new(), notice })
    };
    if limits.layout == Layout::Mix {
        return mixed(source, None);
    }
    let mut probe = Pcm::read(source.try_clone()?, limits)?;
    let (count, most) = (probe.channels(), limits.max_split_channels);
    let fit = (2..=most).contains(&count);
    let split = if fit { different(&mut probe)? } else { Vec::new() };
    drop(probe);
    // Both readers of a file have one position.
    source.rewind()?;
    if split.len() < 2 {
        return mixed(source, Some(if fit { alike() } else { unfit(count, most) }));
    }
    Ok(Chosen { pcm: Pcm::read(source, limits)?, split, notice: None })
}

fn unfit(channels: usize, most: usize) -> Failure {
    let what = if channels < 2 {
        "The recording has one channel only, so there was nothing to split".to_owned()
    } else {
        format!("The recording has {channels} channels and at most {most} are split, so they were mixed")
    };
    Failure::new("channels_not_split", format!("{what}; ask for `diarize` to have its speakers told apart."))
}

fn alike() -> Failure {
    Failure::new(
        "channels_not_split",
        "The recording's channels are alike, so they were mixed; ask for `diarize` to have its speakers told apart.",
    )
}

/// The channels that are not the same sound as one before them.
fn different(pcm: &mut Pcm) -> Result<Vec<usize>, AudioError> {
    let channels = pcm.channels();
    let mut likeness = Likeness { channels, sums: vec![0.0; channels * channels], audible: 0 };
    while likeness.audible < ENOUGH
        && let Some(samples) = pcm.next_chunk()?
    {
        samples.chunks_exact(channels).for_each(|frame| likeness.hear(frame));
    }
    let mut different: Vec<usize> = Vec::new();
    for channel in 0..channels {
        if !different.iter().any(|before| likeness.are_alike(*before, channel)) {
            different.push(channel);
        }
    }
    Ok(different)
}

/// How alike channels are.
struct Likeness {
    channels: usize,
    /// For each two of them, the sum of their products.
    sums: Vec<f64>,
    audible: u64,
}

impl Likeness {
    fn hear(&mut self, frame: &[f32]) {
        if frame.iter().all(|sample| sample.abs() < AUDIBLE) {
            return;
        }
        self.audible += 1;
        let products = frame.iter().flat_map(|one| frame.iter().map(move |other| f64::from(one * other)));
        self.sums.iter_mut().zip(products).for_each(|(sum, product)| *sum += product);
    }

    fn are_alike(&self, one: usize, other: usize) -> bool {
        let sum = |one: usize, other: usize| {
            self.sums.get(one * self.channels + other).copied().unwrap_or_default()
        };
        let power = sum(one, one) * sum(other, other);
        power > 0.0 && sum(one, other).abs() >= ALIKE * power.sqrt()
    }
}

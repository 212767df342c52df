//! Times stay true over hours.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use tempfile::TempDir;

use super::super::{Decoder, Resampler};
use super::{SAMPLE_RATE, limits, original, wave, windows};

/// A rate at which no second is a whole number of the resampler's blocks.
const RATE: u32 = 11_025;
const LENGTH: u64 = 3 * 3600;
/// Seconds at which the same speech is heard again.
const PLACES: [u64; 5] = [0, 3_601, 7_207, 9_999, LENGTH - 11];

/// The ten seconds of speech at [`RATE`].
fn speech() -> Vec<f32> {
    let mut decoder = Decoder::open(File::open(original()).unwrap(), &limits()).unwrap();
    let mut samples = Vec::new();
    while let Some(chunk) = decoder.next_chunk().unwrap() {
        assert_eq!(chunk.rate, 4 * RATE);
        samples.extend_from_slice(chunk.samples);
    }
    samples.chunks(4).map(|four| four.iter().sum::<f32>() / 4.0).collect()
}

/// Three hours of silence, which take no disk, with the speech in its places.
fn write_recording(path: &Path, speech: &[f32]) {
    let mut head = wave(RATE, 1, 16, &[]);
    let length = u32::try_from(LENGTH).unwrap() * RATE * 2;
    head[4..8].copy_from_slice(&(length + 36).to_le_bytes());
    head[40..44].copy_from_slice(&length.to_le_bytes());
    let start = head.len() as u64;
    let mut file = File::create(path).unwrap();
    file.write_all(&head).unwrap();
    let bytes: Vec<u8> =
        speech.iter().flat_map(|sample| ((sample * 32_767.0) as i16).to_le_bytes()).collect();
    for place in PLACES {
        file.seek(SeekFrom::Start(start + place * u64::from(RATE) * 2)).unwrap();
        file.write_all(&bytes).unwrap();
    }
    file.set_len(start + u64::from(length)).unwrap();
}

#[test]
fn speech_late_in_three_hours_is_where_it_was_said_to_the_sample() {
    let (folder, speech) = (TempDir::new().unwrap(), speech());
    let path = folder.path().join("three_hours.wav");
    write_recording(&path, &speech);
    let (mut alone, mut resampler) = (Vec::new(), Resampler::new(RATE, 1).unwrap());
    resampler.push(&speech, &mut alone).unwrap();
    resampler.finish(&mut alone).unwrap();

    let (windows, recording) = windows(&path, &limits()).unwrap();
    assert_eq!(recording.decoded_samples(), LENGTH * u64::from(SAMPLE_RATE));
    let mut heard = [0; PLACES.len()];
    for window in windows {
        for (at, sample) in window.samples.iter().enumerate() {
            let position = window.recording_position(at);
            let last = PLACES.iter().rposition(|place| place * u64::from(SAMPLE_RATE) <= position).unwrap();
            let since = (position - PLACES[last] * u64::from(SAMPLE_RATE)) as usize;
            let said = alone.get(since).copied().unwrap_or_default();
            // Sixteen bits round, and the filter rings on for a moment.
            assert!((said - sample).abs() < 0.002, "{since} samples after second {}", PLACES[last]);
            heard[last] += usize::from(said.abs() > 0.02);
        }
    }
    let loud = alone.iter().filter(|sample| sample.abs() > 0.02).count();
    assert!(heard.iter().all(|heard| heard * 10 > loud * 9), "{heard:?} of {loud}");
}

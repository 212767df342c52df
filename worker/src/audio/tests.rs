//! Recordings of all kinds through the whole of this folder. Most of them are made by ffmpeg, which has to be there.

mod channels;
mod corpus;
mod damage;
mod drift;
mod formats;
mod speech;

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{AudioError, DecodeLimits, Pcm, Recording, SAMPLE_RATE, Stretch, Window};

fn limits() -> DecodeLimits {
    DecodeLimits::default()
}

fn without_ffmpeg() -> DecodeLimits {
    DecodeLimits { ffmpeg: false, ..limits() }
}

fn windows(path: &Path, limits: &DecodeLimits) -> Result<(Vec<Window>, Recording), AudioError> {
    let mut recording = Recording::open(path, limits)?;
    let mut windows = Vec::new();
    while let Some(stretch) = recording.next_stretch()? {
        windows.extend(stretch.windows);
    }
    Ok((windows, recording))
}

fn stretches(path: &Path, limits: &DecodeLimits) -> Vec<Stretch> {
    let mut recording = Recording::open(path, limits).unwrap();
    std::iter::from_fn(|| recording.next_stretch().unwrap()).collect()
}

/// Loudness of every 20 ms.
fn loudness(path: &Path, limits: &DecodeLimits) -> Result<Vec<f64>, AudioError> {
    loudness_and_warning(path, limits).map(|(loudness, _)| loudness)
}

fn loudness_and_warning(
    path: &Path,
    limits: &DecodeLimits,
) -> Result<(Vec<f64>, Option<String>), AudioError> {
    let (mut pcm, mut samples) = (Pcm::open(path, limits)?, Vec::new());
    while let Some(chunk) = pcm.next_chunk()? {
        samples.extend_from_slice(chunk);
    }
    assert_eq!(pcm.decoded_samples(), samples.len() as u64);
    let mean =
        |part: &[f32]| part.iter().map(|sample| f64::from(sample.abs())).sum::<f64>() / part.len() as f64;
    Ok((samples.chunks(SAMPLE_RATE as usize / 50).map(mean).collect(), pcm.warning()))
}

/// How alike two courses of loudness are (1: the same but for the level), if one may be up to a tenth of a
/// second late, as some codecs are.
fn likeness(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let alike = |a: &[f64], b: &[f64]| dot(a, b) / (dot(a, a) * dot(b, b)).sqrt();
    (0..=5).flat_map(|late| [alike(&a[late..], b), alike(a, &b[late..])]).fold(0.0, f64::max)
}

/// Makes files of the ten seconds of `stereo_44k.wav`.
struct Studio(TempDir);

impl Studio {
    fn open() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn make(&self, name: &str, options: &str) -> PathBuf {
        let path = self.0.path().join(name);
        let made = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-i"])
            .arg(original())
            .args(options.split_whitespace())
            .arg(&path)
            .output()
            .expect("ffmpeg makes the recordings of these tests; install it, or start ./run.sh test");
        assert!(made.status.success(), "{name}: {}", String::from_utf8_lossy(&made.stderr));
        path
    }
}

fn original() -> PathBuf {
    ground_truth::recording("stereo_44k.wav").path()
}

/// A PCM wave file as its header describes it.
fn wave(rate: u32, channels: u16, bits: u16, data: &[u8]) -> Vec<u8> {
    let frame = channels.wrapping_mul(bits / 8);
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend(rate.wrapping_mul(frame.into()).to_le_bytes());
    file.extend(frame.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

/// 16-bit mono noise at 16 kHz, the same at every call.
fn noise(seconds: u32, level: f32) -> Vec<u8> {
    let mut seed = 1_u32;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((seed >> 16) as f32 / 32_768.0 - 1.0) * level
    };
    (0..seconds * SAMPLE_RATE).flat_map(|_| ((next() * 32_767.0) as i16).to_le_bytes()).collect()
}

//! Recordings made for a test.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A WAV file of 16-bit samples at 16 kHz.
pub fn wav(samples: &[i16]) -> Vec<u8> {
    let size = u32::try_from(2 * samples.len()).unwrap();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + size).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    for field in [1_u16, 1] {
        bytes.extend(field.to_le_bytes());
    }
    for field in [16_000_u32, 32_000] {
        bytes.extend(field.to_le_bytes());
    }
    for field in [2_u16, 16] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend(b"data");
    bytes.extend(size.to_le_bytes());
    bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    bytes
}

/// So many seconds of digital silence, as WAV.
pub fn silence(seconds: usize) -> Vec<u8> {
    wav(&vec![0; 16_000 * seconds])
}

/// Runs ffmpeg on a recording; the arguments stand between input and output, and `name` says the container.
pub fn converted(from: &Path, folder: &Path, arguments: &[&str], name: &str) -> PathBuf {
    let to = folder.join(name);
    let ffmpeg = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y", "-i"])
        .arg(from)
        .args(arguments)
        .arg(&to)
        .output()
        .expect("ffmpeg is installed: `./run.sh test` does it");
    assert!(ffmpeg.status.success(), "{}", String::from_utf8_lossy(&ffmpeg.stderr));
    to
}

/// A recording repeated until it is `times` as long, as FLAC.
pub fn repeated(from: &Path, folder: &Path, times: usize) -> PathBuf {
    let list = folder.join("list.txt");
    std::fs::write(&list, format!("file '{}'\n", from.display()).repeat(times)).unwrap();
    let to = folder.join(format!("repeated-{times}.flac"));
    let ffmpeg = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y", "-f", "concat", "-safe", "0", "-i"])
        .arg(&list)
        .args(["-ar", "16000", "-ac", "1"])
        .arg(&to)
        .status()
        .unwrap();
    assert!(ffmpeg.success());
    to
}

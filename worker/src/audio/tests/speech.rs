//! What is cut out of recordings to be transcribed.

use std::{fs, time::Duration};

use tempfile::TempDir;

use super::{
    super::{DecodeLimits, SAMPLE_RATE},
    Studio, limits, noise, stretches, wave, windows, without_ffmpeg,
};

const RATE: f64 = SAMPLE_RATE as f64;

#[test]
fn recordings_are_decoded_whole_and_their_speech_is_in_the_windows() {
    for truth in ground_truth::recordings() {
        let (windows, recording) = windows(&truth.path(), &without_ffmpeg()).unwrap();
        let seconds = recording.decoded_samples() as f64 / RATE;
        assert!((seconds - truth.seconds).abs() < 0.5, "{}: {seconds} s", truth.name);
        assert_eq!(recording.notices(), [], "{}", truth.name);
        let declared = recording.declared_duration();
        assert!(declared.is_none_or(|declared| (declared - seconds).abs() < 0.1), "{declared:?}");
        let heard = |time: f64| {
            let position = (time * RATE) as u64;
            windows.iter().any(|window| {
                let near = |sample| window.recording_position(sample).abs_diff(position) <= 800;
                (0..window.samples.len()).step_by(800).any(near)
            })
        };
        for sentence in &truth.sentences {
            let middle = f64::midpoint(sentence.start, sentence.end);
            assert!(heard(sentence.start + 0.1) && heard(middle), "{}: {sentence:?}", truth.name);
        }
        assert!(windows.iter().all(|window| window.samples.len() < 30 * SAMPLE_RATE as usize));
    }
}

#[test]
fn the_limit_on_length_counts_what_is_decoded() {
    let studio = Studio::open();
    // An hour of silence in a few kilobytes.
    let bomb = studio.make("bomb.flac", "-f lavfi -i anullsrc=r=8000:cl=mono -t 3600 -map 1:a");
    let limits = DecodeLimits { max_duration: Duration::from_secs(5), ..limits() };
    let error = windows(&bomb, &limits).err().unwrap();
    assert_eq!(error.code(), "recording_too_long");
}

#[test]
fn silence_and_noise_have_no_windows() {
    let folder = TempDir::new().unwrap();
    for (name, data) in [("silence", vec![0; 640_000]), ("hiss", noise(20, 0.01)), ("noise", noise(20, 0.9))]
    {
        let path = folder.path().join(name);
        fs::write(&path, wave(16_000, 1, 16, &data)).unwrap();
        let (windows, recording) = windows(&path, &limits()).unwrap();
        assert_eq!((windows.len(), recording.decoded_samples()), (0, 320_000), "{name}");
    }
}

#[test]
fn the_same_recording_always_gives_the_same_windows() {
    for truth in ground_truth::recordings() {
        let all = stretches(&truth.path(), &limits());
        assert_eq!(stretches(&truth.path(), &limits()), all, "{}", truth.name);
        assert!(all.windows(2).all(|pair| pair[0].end < pair[1].end));
    }
}

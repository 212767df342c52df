//! Recordings whose channels are speakers of their own.

use std::path::{Path, PathBuf};

use super::{
    super::{DecodeLimits, Layout},
    Recording, SAMPLE_RATE, Studio, limits, stretches, without_ffmpeg,
};

fn split() -> DecodeLimits {
    DecodeLimits { layout: Layout::Split, ..without_ffmpeg() }
}

/// A recording of a minute with another one in each channel, after `filters` made `[l]` and `[r]` of these, `[a]` and `[b]`.
fn meeting(studio: &Studio, name: &str, filters: &str) -> PathBuf {
    let [one, other] = ["meeting_en.flac", "meeting_en.mp3"].map(|name| ground_truth::recording(name).path());
    let minute = "apad,atrim=end=60,aresample=16000";
    let (one, other) = (one.display(), other.display());
    studio.make(
        name,
        &format!(
            "-i {one} -i {other} -filter_complex [1]{minute}[a];[2]{minute}[b];{filters};\
             [l][r]join=inputs=2:channel_layout=stereo[out] -map [out] -ar 44100"
        ),
    )
}

const APART: &str = "[a]anull[l];[b]anull[r]";

/// Seconds of speech in each of two channels.
fn heard(path: &Path, limits: &DecodeLimits) -> [f64; 2] {
    let mut seconds = [0.0; 2];
    for window in stretches(path, limits).into_iter().flat_map(|stretch| stretch.windows) {
        seconds[window.channel.unwrap()] += window.samples.len() as f64 / f64::from(SAMPLE_RATE);
    }
    seconds
}

#[test]
fn each_channel_has_its_own_speech_in_any_container() {
    let studio = Studio::open();
    let apart = heard(&meeting(&studio, "apart.flac", APART), &split());
    assert!(apart.iter().all(|seconds| *seconds > 25.0), "{apart:?}");
    for name in ["apart.wav", "apart.m4a", "apart.ogg", "apart.mka"] {
        let found = heard(&meeting(&studio, name, APART), &split());
        assert!(found.iter().zip(apart).all(|(found, sure)| (found - sure).abs() < 2.0), "{name}: {found:?}");
    }
    let limits = DecodeLimits { layout: Layout::Split, ..limits() };
    let by_ffmpeg = heard(&meeting(&studio, "apart.ac3", APART), &limits);
    assert!(by_ffmpeg.iter().zip(apart).all(|(found, sure)| (found - sure).abs() < 2.0), "{by_ffmpeg:?}");
}

#[test]
fn voices_that_bleed_through_are_not_heard_twice() {
    let studio = Studio::open();
    let apart = heard(&meeting(&studio, "apart.flac", APART), &split());
    // Each microphone has the other voice, too, later and 20 dB fainter.
    let bleeding = "[a]asplit[a1][a2];[b]asplit[b1][b2];[a2]volume=0.1,adelay=12[a3];[b2]volume=0.1,adelay=12[b3];\
                    [a1][b3]amix=inputs=2:normalize=0[l];[b1][a3]amix=inputs=2:normalize=0[r]";
    let found = heard(&meeting(&studio, "bleeding.flac", bleeding), &split());
    assert!(
        found.iter().zip(apart).all(|(found, sure)| (found - sure).abs() < 3.0),
        "{found:?}, not {apart:?}"
    );
    let alone = "[a]asplit[l][a2];[b]anullsink;[a2]volume=0.1,adelay=12[r]";
    let [own, echo] = heard(&meeting(&studio, "alone.flac", alone), &split());
    assert!((own - apart[0]).abs() < 3.0 && echo < 0.5, "{own} s, and {echo} s of echo");
}

#[test]
fn a_silent_channel_gives_nothing() {
    let silent = "[a]anull[l];[b]volume=0[r]";
    let [own, silent] = heard(&meeting(&Studio::open(), "silent.flac", silent), &split());
    assert!(own > 25.0 && silent == 0.0, "{own}, {silent}");
}

#[test]
fn channels_that_cannot_be_split_are_mixed_and_the_recording_says_so() {
    let studio = Studio::open();
    let alike = meeting(&studio, "alike.m4a", "[a]asplit[l][a2];[b]anullsink;[a2]volume=0.5[r]");
    let mono = ground_truth::recording("meeting_en.flac").path();
    let many = studio.make("many.wav", "-ac 6");
    let at_most_four = DecodeLimits { max_split_channels: 4, ..split() };
    for (path, limits, said) in
        [(alike, split(), "alike"), (mono, split(), "one channel"), (many, at_most_four, "6 channels")]
    {
        let mixed = DecodeLimits { layout: Layout::Mix, ..limits.clone() };
        assert_eq!(stretches(&path, &limits), stretches(&path, &mixed), "{said}");
        let notices = Recording::open(&path, &limits).unwrap().notices();
        assert!(notices.len() == 1 && notices[0].message.contains(said), "{notices:?}");
    }
}

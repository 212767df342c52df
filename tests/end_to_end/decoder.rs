//! Decoding in a process of its own: the same sound, and whatever happens there, a typed error and nothing more.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use worker::audio::{AudioError, DecodeLimits, Layout, Pcm};

use crate::harness::{Home, SEOGI, converted};

fn apart() -> DecodeLimits {
    DecodeLimits { program: Some(SEOGI.into()), ..DecodeLimits::default() }
}

/// Samples, claimed length and warning.
type Sound = (Vec<f32>, Option<f64>, Option<String>);

fn decoded(path: &Path, limits: &DecodeLimits) -> Result<Sound, AudioError> {
    let (mut pcm, mut samples) = (Pcm::open(path, limits)?, Vec::new());
    while let Some(chunk) = pcm.next_chunk()? {
        samples.extend_from_slice(chunk);
    }
    Ok((samples, pcm.declared_duration(), pcm.warning()))
}

/// The code of the error that decoding ends with.
fn code(path: &Path, limits: &DecodeLimits) -> &'static str {
    let mut pcm = match Pcm::open(path, limits) {
        Ok(pcm) => pcm,
        Err(error) => return error.code(),
    };
    loop {
        match pcm.next_chunk() {
            Ok(Some(_)) => {}
            Ok(None) => return "none",
            Err(error) => return error.code(),
        }
    }
}

#[test]
fn the_same_sound_comes_out_to_the_sample() {
    let folder = tempfile::tempdir().unwrap();
    let mut files: Vec<PathBuf> =
        ground_truth::recordings().iter().map(ground_truth::Recording::path).collect();
    files.push(converted(&ground_truth::recording("stereo_44k.wav").path(), folder.path(), &[], "dolby.ac3"));
    let cut = folder.path().join("cut.flac");
    let whole = fs::read(ground_truth::recording("meeting_en.flac").path()).unwrap();
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    files.push(cut);
    let three = ["-ac", "3"];
    files.push(converted(
        &ground_truth::recording("stereo_44k.wav").path(),
        folder.path(),
        &three,
        "three.wav",
    ));
    for (file, layout) in files.iter().flat_map(|file| [(file, Layout::Mix), (file, Layout::Split)]) {
        let here = decoded(file, &DecodeLimits { layout, ..DecodeLimits::default() }).unwrap();
        let there = decoded(file, &DecodeLimits { layout, ..apart() }).unwrap();
        assert!(here == there, "{}: {:?} and {:?}", file.display(), (here.1, here.2), (there.1, there.2));
    }
}

#[test]
fn refusals_come_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let ogg = [b"OggS\0\x02".as_slice(), &[7; 5000]].concat();
    for (path, ffmpeg) in [
        (write("ogg", &ogg), true),
        (write("ogg", &ogg), false),
        (write("avi", b"RIFF\x24\0\0\0AVI LIST"), false),
        (write("zeros", &[0; 10_000]), true),
    ] {
        let here = DecodeLimits { ffmpeg, ..DecodeLimits::default() };
        let there = DecodeLimits { ffmpeg, ..apart() };
        let said = |limits| decoded(&path, limits).unwrap_err().to_string();
        assert_eq!(said(&here), said(&there), "{}", path.display());
    }
}

/// An Apple file whose decoder would keep all that follows its head: `mebibytes` of nothing, which take no disk.
fn glutton(path: &Path, mebibytes: u64) {
    let mut head = b"caff\0\x01\0\0desc\0\0\0\0\0\0\0\x20".to_vec();
    head.extend(16_000_f64.to_be_bytes());
    head.extend(b"alac");
    head.extend([0_u32, 0, 4096, 1, 16].into_iter().flat_map(u32::to_be_bytes));
    head.extend(b"kuki");
    head.extend((1_i64 << 40).to_be_bytes());
    let mut file = File::create(path).unwrap();
    file.write_all(&head).unwrap();
    file.set_len(mebibytes << 20).unwrap();
}

/// Hours of silence at 96 kHz behind this head, which take no disk and much computing.
fn bore(path: &Path, head: &[u8]) {
    let mut file = File::create(path).unwrap();
    file.write_all(head).unwrap();
    file.set_len(u32::MAX.into()).unwrap();
}

/// The head of a wave file.
fn wave() -> Vec<u8> {
    let mut head = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x02\0".to_vec();
    head.extend([96_000_u32, 384_000].into_iter().flat_map(u32::to_le_bytes));
    head.extend(b"\x04\0\x10\0data\xf0\xff\xff\xff");
    head
}

/// The head of a file of Sun's, which is for ffmpeg.
fn sun() -> Vec<u8> {
    let fields = [24, u32::MAX, 3, 96_000, 2].into_iter().flat_map(u32::to_be_bytes);
    b".snd".iter().copied().chain(fields).collect()
}

#[test]
fn a_recording_that_asks_for_too_much_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording");
    glutton(&path, 400);
    let limits = DecodeLimits { memory: 32 << 20, ..apart() };
    assert_eq!(code(&path, &limits), "decoder_out_of_memory");
    bore(&path, &wave());
    let limits = DecodeLimits { computing: Duration::from_secs(1), ..apart() };
    assert_eq!(code(&path, &limits), "decoding_too_slow");
    let limits = DecodeLimits { max_duration: Duration::from_secs(600), ..apart() };
    assert_eq!(code(&path, &limits), "recording_too_long");
}

#[test]
fn ffmpeg_is_held_to_the_same_limits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording");
    bore(&path, &sun());
    let slow = DecodeLimits { computing: Duration::from_secs(1), ..apart() };
    assert_eq!(code(&path, &slow), "decoding_too_slow");
    let starved = DecodeLimits { memory: 16 << 20, ..apart() };
    assert_eq!(code(&path, &starved), "decoder_out_of_memory");
    let long = DecodeLimits { max_duration: Duration::from_secs(600), ..apart() };
    assert_eq!(code(&path, &long), "recording_too_long");
}

/// What decoding comes to where the decoder is this shell script.
fn with_decoder(script: &str, patience: Duration) -> &'static str {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("decoder");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let limits = DecodeLimits {
        program: Some(program),
        ffmpeg: false,
        max_duration: Duration::from_secs(60),
        patience,
        ..DecodeLimits::default()
    };
    code(&ground_truth::recording("short_en.wav").path(), &limits)
}

#[test]
fn a_decoder_that_crashes_hangs_or_lies_is_a_typed_error() {
    let long = Duration::from_secs(60);
    // A second of silence; a frame is `S`, its length and its samples.
    let second = r"printf 'S\000\372\000\000'; head -c 64000 /dev/zero";
    for (script, code) in [
        ("kill -SEGV $$", "decoder_failed"),
        ("kill -ABRT $$", "decoder_failed"),
        ("kill -KILL $$", "decoder_out_of_memory"),
        ("echo 'memory allocation of 9 bytes failed' >&2; kill -ABRT $$", "decoder_out_of_memory"),
        ("kill -TERM $$", "interrupted"),
        ("exit 0", "decoder_failed"),
        (r"printf 'S\377\377\377\377'; exec sleep 600", "decoder_failed"),
        (r"printf 'E\003\000\000\000{}}'; exec sleep 600", "decoder_failed"),
        ("cat /dev/zero", "decoder_failed"),
        (&format!("{second}; kill -SEGV $$"), "decoder_failed"),
        (&format!("while {second}; do :; done"), "recording_too_long"),
    ] {
        assert_eq!(with_decoder(script, long), code, "{script}");
    }
    let short = Duration::from_secs(1);
    for script in
        ["exec sleep 600", "exec >&- <&- 2>&- ; exec sleep 600", &format!("{second}; exec sleep 600")]
    {
        assert_eq!(with_decoder(script, short), "decoding_too_slow", "{script}");
    }
}

#[tokio::test]
async fn a_hostile_recording_fails_and_the_others_go_on() {
    let home = Home::new().with("SEOGI_WORKER_CONCURRENCY", 2).with("SEOGI_DECODE_MEMORY", "16 MiB");
    let path = home.path().join("glutton.caf");
    glutton(&path, 64);
    let server = home.serve();
    let mut jobs = Vec::new();
    for file in [&path, &ground_truth::recording("meeting_en.mp3").path(), &path] {
        jobs.push(server.client.upload_file(file).await);
    }
    let [first, good, last] = jobs.try_into().unwrap();
    for bad in [first, last] {
        assert_eq!(server.client.finished(&bad).await["status"], "FAILED");
        let job = server.client.json(&format!("/api/v1/jobs/{bad}")).await;
        assert_eq!(job["failure"]["code"], "decoder_out_of_memory");
        assert!(job["failure"]["message"].as_str().unwrap().contains("speech.decode_memory"), "{job}");
        assert_eq!(job["attempts"], 1);
    }
    assert_eq!(server.client.finished(&good).await["status"], "COMPLETED");
}

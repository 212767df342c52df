//! Recordings that are cut, have holes, or were never meant to be heard.

use std::fs;

use tempfile::TempDir;

use super::{
    Studio, likeness, limits, loudness, loudness_and_warning, noise, original, wave, windows, without_ffmpeg,
};

#[test]
fn a_cut_recording_gives_what_is_there_and_a_warning() {
    let studio = Studio::open();
    let truth = loudness(&original(), &limits()).unwrap();
    for (name, options, warns) in [
        ("cut.wav", "", true),
        // An MP3 stream does not say how long it is.
        ("cut.mp3", "-b:a 64k", false),
        ("cut.flac", "", true),
        ("cut.ogg", "-c:a libvorbis", true),
        ("cut.aac", "-c:a aac", true),
        ("cut.webm", "-c:a libopus", true),
        ("cut.aiff", "", true),
        ("cut.m4a", "-c:a aac -movflags faststart", true),
    ] {
        let path = studio.make(name, options);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() * 6 / 10]).unwrap();
        let heard = loudness_and_warning(&path, &limits());
        let (heard, warning) = heard.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!((225..325).contains(&heard.len()), "{name}: {} s", heard.len() as f64 / 50.0);
        let whole = heard.len() - 10;
        assert!(likeness(&truth[..whole], &heard[..whole]) > 0.95, "{name}");
        assert_eq!(warning.is_some(), warns, "{name}: {warning:?}");
    }
    let unfinished = studio.make("no_index.m4a", "-c:a aac");
    let bytes = fs::read(&unfinished).unwrap();
    fs::write(&unfinished, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(loudness(&unfinished, &limits()).unwrap_err().code(), "damaged_media");
}

#[test]
fn damage_in_the_middle_is_skipped_and_the_rest_keeps_its_time() {
    let studio = Studio::open();
    let truth = loudness(&original(), &limits()).unwrap();
    for (name, options) in [("holes.flac", ""), ("holes.m4a", "-c:a aac"), ("holes.webm", "-c:a libopus")] {
        let path = studio.make(name, options);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 3000].fill(0x5a);
        fs::write(&path, &bytes).unwrap();
        let heard = loudness(&path, &without_ffmpeg()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let rest = |course: &[f64]| course[350..470].to_vec();
        let alike = likeness(&rest(&truth), &rest(&heard));
        assert!(alike > 0.95, "{name}: {alike}, {} s", heard.len() as f64 / 50.0);
    }
}

#[test]
fn what_was_not_recorded_is_silence_and_the_rest_keeps_its_time() {
    let studio = Studio::open();
    let truth = loudness(&original(), &limits()).unwrap();
    let paused = "-af aselect='lt(t,2.6)+gt(t,4.9)'";
    for (name, codec) in [("built_in.webm", "-c:a libopus"), ("built_in.mka", ""), ("ffmpeg.mkv", "-c:a ac3")]
    {
        let heard = loudness(&studio.make(name, &format!("{paused} {codec}")), &limits()).unwrap();
        assert!(heard.len().abs_diff(truth.len()) <= 5, "{name}: {} s", heard.len() as f64 / 50.0);
        let rest = |course: &[f64]| course[260..470].to_vec();
        assert!(likeness(&rest(&truth), &rest(&heard)) > 0.95, "{name}");
        assert!(heard[140..230].iter().all(|level| *level < 0.01), "{name}");
    }
}

#[test]
fn hostile_files_give_typed_errors() {
    let folder = TempDir::new().unwrap();
    let silence = vec![0; 32_000];
    let page = b"<!doctype html><title>404</title><audio src=http://127.0.0.1/x.mp3>".as_slice();
    let playlist = b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n".as_slice();
    let concat = b"ffconcat version 1.0\nfile /etc/passwd\n".as_slice();
    let mut polyglot = playlist.to_vec();
    polyglot.extend(noise(1, 1.0));
    let mut lying = wave(16_000, 1, 16, &[]);
    lying[40..44].copy_from_slice(&0xffff_fff0_u32.to_le_bytes());
    for (name, bytes, code) in [
        ("empty", vec![], "empty_recording"),
        ("no_samples", wave(16_000, 1, 16, &[]), "empty_recording"),
        ("a_length_of_4_GB_and_no_samples", lying, "damaged_media"),
        ("text", b"The minutes of the last meeting.\n".repeat(300), "unsupported_media"),
        ("a_page_named.wav", page.to_vec(), "unsupported_media"),
        ("playlist.m3u8", playlist.to_vec(), "unsupported_media"),
        ("concat", concat.to_vec(), "unsupported_media"),
        ("playlist_and_more", polyglot, "unsupported_media"),
        ("rate_0", wave(0, 1, 16, &silence), "damaged_media"),
        ("rate_1", wave(1, 1, 16, &silence), "damaged_media"),
        ("rate_4_billion", wave(u32::MAX, 1, 16, &silence), "damaged_media"),
        ("no_channels", wave(16_000, 0, 16, &silence), "damaged_media"),
        ("200_channels", wave(16_000, 200, 16, &silence), "damaged_media"),
        // The decoder panics over this one where overflows are checked.
        ("65535_channels", wave(16_000, 65_535, 16, &silence), "damaged_media, decoder_failed"),
        ("bits_0", wave(16_000, 1, 0, &silence), "damaged_media"),
        ("garbage_after_riff", [b"RIFF".as_slice(), &noise(1, 1.0)].concat(), "unsupported_media"),
        ("garbage_after_ogg", [b"OggS\0\x02".as_slice(), &noise(1, 1.0)].concat(), "damaged_media"),
        ("garbage_after_flac", [b"fLaC".as_slice(), &noise(1, 1.0)].concat(), "damaged_media"),
        ("garbage_after_mp4", [b"\0\0\0\x18ftypM4A ".as_slice(), &noise(1, 1.0)].concat(), "damaged_media"),
        ("garbage_after_mkv", [b"\x1a\x45\xdf\xa3".as_slice(), &noise(1, 1.0)].concat(), "damaged_media"),
        ("noise", noise(2, 1.0), "unsupported_media"),
        ("zeros", vec![0; 100_000], "unsupported_media"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        for limits in [without_ffmpeg(), limits()] {
            let error =
                windows(&path, &limits).err().unwrap_or_else(|| panic!("{name} was taken for a recording"));
            assert!(code.contains(error.code()), "{name}: {error:?} (ffmpeg: {})", limits.ffmpeg);
        }
    }
    let missing = windows(&folder.path().join("missing"), &limits()).err().unwrap();
    assert_eq!((missing.code(), missing.is_transient()), ("unreadable_recording", true));
}

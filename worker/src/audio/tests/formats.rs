//! Which formats are read, by whom, and what is said of those that are not.

use std::fs;

use super::{Studio, likeness, limits, loudness, loudness_and_warning, original, windows, without_ffmpeg};

#[test]
fn the_built_in_decoders_read_what_they_should() {
    let studio = Studio::open();
    let truth = loudness(&original(), &limits()).unwrap();
    let video = "-f lavfi -i testsrc=size=64x64:rate=5:duration=10 -map 1:v -map 0:a -c:v mpeg4";
    for (name, options) in [
        ("u8.wav", "-c:a pcm_u8"),
        ("s24.wav", "-c:a pcm_s24le -ar 48000"),
        ("s32.wav", "-c:a pcm_s32le -ar 96000"),
        ("f32.wav", "-c:a pcm_f32le"),
        ("mulaw.wav", "-c:a pcm_mulaw -ar 8000 -ac 1"),
        ("adpcm.wav", "-c:a adpcm_ima_wav -ar 22050"),
        ("eight_channels.wav", "-ac 8 -ar 32000"),
        ("odd_rate.wav", "-ar 12345"),
        ("cbr.mp3", "-b:a 64k"),
        ("vbr.mp3", "-q:a 6 -ar 24000 -ac 1"),
        ("layer2.mp2", "-c:a mp2"),
        ("stereo.flac", "-c:a flac"),
        ("six_channels.flac", "-ac 6"),
        ("vorbis.ogg", "-c:a libvorbis"),
        ("opus.ogg", "-c:a libopus"),
        ("opus.webm", "-c:a libopus -ac 1"),
        ("flac.ogg", "-c:a flac"),
        ("aac.m4a", "-c:a aac"),
        ("fragmented.mp4", "-c:a aac -movflags frag_keyframe+empty_moov"),
        ("adts.aac", "-c:a aac"),
        ("alac.m4a", "-c:a alac"),
        ("alac.caf", "-c:a alac"),
        ("pcm.caf", "-c:a pcm_s16le"),
        ("pcm.aiff", ""),
        ("aac.mkv", "-c:a aac"),
        ("video.mp4", &format!("{video} -c:a aac")),
        ("video.mkv", &format!("{video} -c:a libmp3lame")),
        ("video.mov", &format!("{video} -c:a pcm_s16le")),
    ] {
        let path = studio.make(name, options);
        // Names say nothing: only the content counts.
        let disguised = path.with_file_name("recording.txt");
        fs::rename(&path, &disguised).unwrap();
        let heard = loudness_and_warning(&disguised, &without_ffmpeg());
        let (heard, warning) = heard.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(heard.len().abs_diff(truth.len()) <= 5, "{name}: {} s", heard.len() as f64 / 50.0);
        assert!(likeness(&truth, &heard) > 0.95, "{name}: {}", likeness(&truth, &heard));
        assert_eq!(warning, None, "{name}");
    }
}

#[test]
fn ffmpeg_reads_the_rest_and_without_it_the_error_names_the_format() {
    let studio = Studio::open();
    let truth = loudness(&original(), &limits()).unwrap();
    for (name, options, named) in [
        ("dolby.ac3", "-c:a ac3", "Dolby Digital (AC-3)"),
        ("dolby.mkv", "-c:a ac3", "Dolby Digital (AC-3)"),
        ("surround.m4a", "-ac 6 -c:a aac", "Advanced Audio Coding"),
        ("surround.ogg", "-ac 6 -c:a libopus", "Opus"),
        ("windows.wma", "-c:a wmav2", "Windows Media"),
        ("video.avi", "-c:a libmp3lame", "AVI"),
        ("stream.ts", "-c:a aac", "MPEG transport stream"),
        ("flash.flv", "-c:a libmp3lame", "Flash"),
        ("wave.w64", "-c:a pcm_s16le", "Wave64"),
        ("big.wav", "-rf64 always", "RF64"),
        ("sun.au", "-c:a pcm_s16be", "AU"),
    ] {
        let path = studio.make(name, options);
        let heard = loudness_and_warning(&path, &limits());
        let (heard, warning) = heard.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(heard.len().abs_diff(truth.len()) <= 5, "{name}: {} s", heard.len() as f64 / 50.0);
        assert!(likeness(&truth, &heard) > 0.95, "{name}: {}", likeness(&truth, &heard));
        assert_eq!(warning, None, "{name}");
        let error = loudness(&path, &without_ffmpeg()).unwrap_err();
        assert_eq!(error.code(), "unsupported_media", "{name}");
        assert!(error.to_string().contains(named), "{name}: {error}");
    }
}

#[test]
fn rate_and_channels_may_change_on_the_way() {
    let studio = Studio::open();
    let once = loudness(&original(), &limits()).unwrap();
    for (kind, codec) in [("mp3", "-c:a libmp3lame"), ("ogg", "-c:a libvorbis"), ("opus", "-c:a libopus")] {
        let [first, second] = [("first", "-ar 48000"), ("second", "-ar 24000 -ac 1")].map(|(name, form)| {
            fs::read(studio.make(&format!("{name}.{kind}"), &format!("{codec} {form}"))).unwrap()
        });
        let path = studio.0.path().join("joined");
        fs::write(&path, [first, second].concat()).unwrap();
        let heard = loudness(&path, &without_ffmpeg()).unwrap();
        assert!(heard.len().abs_diff(2 * once.len()) <= 20, "{kind}: {} s", heard.len() as f64 / 50.0);
        assert!(likeness(&once, &heard[..once.len()]) > 0.95, "{kind}");
        let second = &heard[heard.len() - once.len()..];
        assert!(likeness(&once, second) > 0.95, "{kind}: {}", likeness(&once, second));
    }
}

#[test]
fn a_video_without_sound_is_told_as_such() {
    let studio = Studio::open();
    let silent_film = "-f lavfi -i testsrc=size=64x64:rate=5:duration=2 -map 1:v -c:v mpeg4";
    for name in ["film.mp4", "film.mkv", "film.avi"] {
        let error = windows(&studio.make(name, silent_film), &limits()).err().unwrap();
        assert_eq!(error.code(), "no_audio_track", "{name}");
    }
}

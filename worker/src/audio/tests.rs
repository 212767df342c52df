//! Recordings of all kinds through the whole of this folder. What ffmpeg makes is tested where ffmpeg is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::{AudioError, DecodeLimits, Pcm, Recording, SAMPLE_RATE, Window};

const RATE: f64 = SAMPLE_RATE as f64;

fn limits() -> DecodeLimits {
    DecodeLimits::default()
}

fn without_ffmpeg() -> DecodeLimits {
    DecodeLimits { ffmpeg: false, ..limits() }
}

fn windows(path: &Path, limits: &DecodeLimits) -> Result<(Vec<Window>, Recording), AudioError> {
    let mut recording = Recording::open(path, limits)?;
    let mut windows = Vec::new();
    while let Some(window) = recording.next_window()? {
        windows.push(window);
    }
    Ok((windows, recording))
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

/// Makes files of the ten seconds of `stereo_44k.wav`; `None` where there is no ffmpeg.
struct Studio(TempDir);

impl Studio {
    fn open() -> Option<Self> {
        Command::new("ffmpeg").arg("-version").output().ok()?;
        Some(Self(TempDir::new().unwrap()))
    }

    fn make(&self, name: &str, options: &str) -> PathBuf {
        let path = self.0.path().join(name);
        let made = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-i"])
            .arg(original())
            .args(options.split_whitespace())
            .arg(&path)
            .output()
            .unwrap();
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

#[test]
fn bundled_recordings_are_decoded_whole_and_their_speech_is_in_the_windows() {
    for truth in ground_truth::recordings() {
        let (windows, recording) = windows(&truth.path(), &without_ffmpeg()).unwrap();
        let seconds = recording.decoded_samples() as f64 / RATE;
        assert!((seconds - truth.seconds).abs() < 0.5, "{}: {seconds} s", truth.name);
        assert_eq!(recording.warning(), None, "{}", truth.name);
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
        assert!(windows.iter().all(|window| window.samples.len() <= 29 * SAMPLE_RATE as usize));
    }
}

#[test]
fn the_built_in_decoders_read_what_they_should() {
    let Some(studio) = Studio::open() else { return };
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
    let Some(studio) = Studio::open() else { return };
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
fn a_cut_recording_gives_what_is_there_and_a_warning() {
    let Some(studio) = Studio::open() else { return };
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
    let Some(studio) = Studio::open() else { return };
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
fn rate_and_channels_may_change_on_the_way() {
    let Some(studio) = Studio::open() else { return };
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
fn what_was_not_recorded_is_silence_and_the_rest_keeps_its_time() {
    let Some(studio) = Studio::open() else { return };
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

#[test]
fn a_video_without_sound_is_told_as_such() {
    let Some(studio) = Studio::open() else { return };
    let silent_film = "-f lavfi -i testsrc=size=64x64:rate=5:duration=2 -map 1:v -c:v mpeg4";
    for name in ["film.mp4", "film.mkv", "film.avi"] {
        let error = windows(&studio.make(name, silent_film), &limits()).err().unwrap();
        assert_eq!(error.code(), "no_audio_track", "{name}");
    }
}

#[test]
fn the_limit_on_length_counts_what_is_decoded() {
    let mut folder = vec![];
    let bomb = match Studio::open() {
        // An hour of silence in a few kilobytes.
        Some(studio) => {
            let path = studio.0.path().join("bomb.flac");
            let made = Command::new("ffmpeg")
                .args([
                    "-nostdin",
                    "-v",
                    "error",
                    "-f",
                    "lavfi",
                    "-i",
                    "anullsrc=r=8000:cl=mono",
                    "-t",
                    "3600",
                ])
                .arg(&path)
                .status();
            assert!(made.unwrap().success());
            folder.push(studio);
            path
        }
        None => original(),
    };
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
fn the_same_recording_gives_the_same_windows_and_work_goes_on_after_any_of_them() {
    for truth in ground_truth::recordings() {
        let (all, _) = windows(&truth.path(), &limits()).unwrap();
        assert_eq!(windows(&truth.path(), &limits()).unwrap().0, all, "{}", truth.name);
        assert!(all.windows(2).all(|pair| pair[0].end < pair[1].end));
        for done in [1, all.len()] {
            let mut recording = Recording::open(&truth.path(), &limits()).unwrap();
            recording.resume_from(all[done - 1].end);
            let rest: Vec<_> = std::iter::from_fn(|| recording.next_window().unwrap()).collect();
            assert_eq!(rest, all[done..], "{} after window {done}", truth.name);
        }
    }
}

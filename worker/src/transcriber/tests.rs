//! The bundled recordings through the bundled model.

use std::{path::Path, sync::Arc};

use ground_truth::Recording as Truth;
use tokio_util::sync::CancellationToken;

use super::{SpokenText, TranscribeRequest, Transcriber, Whisper, WhisperSettings};
use crate::audio::{DecodeLimits, Recording, SAMPLE_RATE, Window};

async fn demo_model() -> Whisper {
    let settings = WhisperSettings { threads: 1, ..WhisperSettings::default() };
    Whisper::load(ground_truth::demo_model(), settings).await.unwrap()
}

/// The windows of speech in a recording.
fn windows(path: &Path) -> Vec<Window> {
    let mut recording = Recording::open(path, &DecodeLimits::default()).unwrap();
    std::iter::from_fn(|| recording.next_stretch().unwrap()).flat_map(|stretch| stretch.windows).collect()
}

/// What is said in a recording: begin and end in seconds, and words.
async fn transcript(whisper: &Whisper, truth: &Truth) -> Vec<(f64, f64, String)> {
    let mut transcript = Vec::new();
    for window in windows(&truth.path()) {
        let request = TranscribeRequest {
            samples: Arc::clone(&window.samples),
            language: truth.language.clone(),
            ..Default::default()
        };
        let spoken = whisper.transcribe(request, CancellationToken::new()).await.unwrap();
        transcript.extend(spoken.into_iter().map(|SpokenText { start, end, text, .. }| {
            let (start, end) = window.recording_span(start, end);
            (start as f64 / f64::from(SAMPLE_RATE), end as f64 / f64::from(SAMPLE_RATE), text)
        }));
    }
    transcript
}

#[tokio::test]
async fn every_recording_gives_its_words_at_their_times() {
    let whisper = demo_model().await;
    for truth in ground_truth::recordings() {
        let found = transcript(&whisper, &truth).await;
        let text = found.iter().map(|(_, _, text)| text.as_str()).collect::<Vec<_>>().join(" ");
        let error_rate = truth.error_rate(&text);
        assert!(error_rate <= 0.1, "{}: {error_rate} of the words are wrong", truth.name);
        let near = found.iter().filter(|(start, ..)| truth.start_error(*start) <= 0.3).count();
        println!(
            "{}: error {:.3}, starts {near}/{} of {}",
            truth.name,
            error_rate,
            found.len(),
            truth.sentences.len()
        );
        assert!(
            near * 10 >= found.len() * 9,
            "{}: {near} of {} begin where they should",
            truth.name,
            found.len()
        );
        assert!(found.iter().all(|(start, end, _)| start < end && *end <= truth.seconds + 0.1), "{found:?}");
        assert!(found.windows(2).all(|pair| pair[0].1 <= pair[1].0 + 0.01), "{} is out of order", truth.name);
    }
}

#[tokio::test]
async fn the_language_is_found_in_the_first_window() {
    let whisper = demo_model().await;
    assert!(whisper.is_multilingual());
    for truth in ground_truth::recordings() {
        let window = windows(&truth.path()).remove(0);
        let found =
            whisper.detect_languages(window.samples, CancellationToken::new()).await.unwrap().remove(0);
        assert_eq!(found.code, truth.language, "{}", truth.name);
        assert!(found.probability > 0.5 && found.probability <= 1.0, "{}: {found:?}", truth.name);
    }
}

#[tokio::test]
async fn noise_and_silence_have_no_words() {
    let whisper = demo_model().await;
    let mut seed = 1_u32;
    let noise = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((seed >> 16) as f32 / 32_768.0 - 1.0) * 0.5
    });
    let noise: Arc<[f32]> = noise.take(20 * SAMPLE_RATE as usize).collect();
    for samples in [noise, vec![0.0; 20 * SAMPLE_RATE as usize].into()] {
        let request = TranscribeRequest { samples, language: "en".into(), ..Default::default() };
        assert_eq!(whisper.transcribe(request, CancellationToken::new()).await.unwrap(), []);
    }
}

/// The begin in seconds and the letters of each word of a recording made for this test by espeak-ng.
fn spoken_words() -> Vec<(f64, String)> {
    serde_json::from_str(include_str!("testdata/words_en.json")).unwrap()
}

#[tokio::test]
async fn words_begin_when_they_are_said() {
    let whisper = demo_model().await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/transcriber/testdata/words_en.ogg");
    let mut found = Vec::new();
    for window in windows(&path) {
        let request = TranscribeRequest {
            samples: Arc::clone(&window.samples),
            language: "en".into(),
            prompt: "Minutes of the project, with names such as Seogi.".into(),
            ..Default::default()
        };
        for spoken in whisper.transcribe(request, CancellationToken::new()).await.unwrap() {
            assert!(
                spoken.confidence > 0.5 && spoken.confidence <= 1.0 && !spoken.low_confidence,
                "{spoken:?}"
            );
            found.extend(spoken.words.into_iter().map(|word| {
                let start = window.recording_position(word.start) as f64 / f64::from(SAMPLE_RATE);
                (start, word.text.trim().trim_end_matches(['.', ',', '?']).to_lowercase())
            }));
        }
    }
    let truth = spoken_words();
    let is_near = |(start, word): &(f64, String)| {
        found.iter().any(|(at, said)| *said == word.to_lowercase() && (at - start).abs() <= 0.2)
    };
    let near = truth.iter().filter(|word| is_near(word)).count();
    assert!(near * 10 >= truth.len() * 9, "{near} of {} words: {found:?}", truth.len());
}

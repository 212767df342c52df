//! Synthetic speech through the toy model.

use std::{path::Path, sync::Arc};

use config::SpeechEngine;
use ground_truth::Recording as Truth;
use tokio_util::sync::CancellationToken;
use whisper::{DecodeOptions, Sampling, Token, TokenTime};
use whisper_rs::{WhisperContext, WhisperContextParameters};

use super::attempts::Pass;
use super::batched::BatchedModel;
use super::engine::{Engine, SpeechModel};
use super::whisper_cpp::LoadedModel;
use super::{
    DetectedLanguage, SpokenLanguage, SpokenText, TranscribeRequest, Transcriber, Whisper, WhisperSettings,
};
use crate::audio::{DecodeLimits, Recording, SAMPLE_RATE, Window};

/// The toy model, in each engine.
async fn toy_models() -> [Whisper; 2] {
    let load = |engine| {
        let settings = WhisperSettings { engine, threads: 1, ..WhisperSettings::default() };
        Whisper::load(ground_truth::toy_model(), settings)
    };
    let (batched, whisper_cpp) = tokio::join!(load(SpeechEngine::Batched), load(SpeechEngine::WhisperCpp));
    [batched.unwrap(), whisper_cpp.unwrap()]
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
            language: SpokenLanguage::Only(truth.language.clone()),
            ..Default::default()
        };
        let spoken = whisper.transcribe(request, CancellationToken::new()).await.unwrap().spoken;
        transcript.extend(spoken.into_iter().map(|SpokenText { start, end, text, .. }| {
            let (start, end) = window.word_span(start, end);
            (start as f64 / f64::from(SAMPLE_RATE), end as f64 / f64::from(SAMPLE_RATE), text)
        }));
    }
    transcript
}

#[tokio::test]
async fn every_recording_gives_its_words_at_their_times() {
    for whisper in toy_models().await {
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
            assert!(
                found.iter().all(|(start, end, _)| start < end && *end <= truth.seconds + 0.1),
                "{found:?}"
            );
            assert!(
                found.windows(2).all(|pair| pair[0].1 <= pair[1].0 + 0.01),
                "{} is out of order",
                truth.name
            );
        }
    }
}

#[tokio::test]
async fn the_language_is_found_in_the_first_window() {
    for whisper in toy_models().await {
        assert!(whisper.is_multilingual());
        for truth in ground_truth::recordings() {
            let window = windows(&truth.path()).remove(0);
            let found =
                whisper.detect_languages(window.samples, CancellationToken::new()).await.unwrap().remove(0);
            assert_eq!(found.code, truth.language, "{}", truth.name);
            assert!(found.probability > 0.5 && found.probability <= 1.0, "{}: {found:?}", truth.name);
        }
    }
}

#[tokio::test]
async fn noise_and_silence_have_no_words() {
    for whisper in toy_models().await {
        let mut seed = 1_u32;
        let noise = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((seed >> 16) as f32 / 32_768.0 - 1.0) * 0.5
        });
        let noise: Arc<[f32]> = noise.take(20 * SAMPLE_RATE as usize).collect();
        for samples in [noise, vec![0.0; 20 * SAMPLE_RATE as usize].into()] {
            let request = TranscribeRequest {
                samples,
                language: SpokenLanguage::Only("en".into()),
                ..Default::default()
            };
            assert_eq!(whisper.transcribe(request, CancellationToken::new()).await.unwrap().spoken, []);
        }
    }
}

/// The begin in seconds and the letters of each word of a recording made for this test by espeak-ng.
fn spoken_words() -> Vec<(f64, String)> {
    serde_json::from_str(include_str!("testdata/words_en.json")).unwrap()
}

#[tokio::test]
async fn words_begin_when_they_are_said() {
    for whisper in toy_models().await {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/transcriber/testdata/words_en.ogg");
        let mut found = Vec::new();
        for window in windows(&path) {
            let request = TranscribeRequest {
                samples: Arc::clone(&window.samples),
                language: SpokenLanguage::Only("en".into()),
                prompt: "Minutes of the project, with names such as Seogi.".into(),
                ..Default::default()
            };
            for spoken in whisper.transcribe(request, CancellationToken::new()).await.unwrap().spoken {
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
}

/// The engines of both kinds, with the toy model.
fn engines() -> [Box<dyn Engine>; 2] {
    let (path, settings) = (ground_truth::toy_model(), WhisperSettings { threads: 1, ..Default::default() });
    let batched = BatchedModel::load(&path, &settings).unwrap();
    let whisper_cpp = LoadedModel::load(&path, &settings).unwrap();
    [batched.engine().unwrap(), whisper_cpp.engine().unwrap()]
}

/// What a pass wrote, and its times in steps of 0.02 s.
fn written(pass: &Pass) -> (String, Vec<u32>) {
    let (mut bytes, mut times) = (Vec::new(), Vec::new());
    for token in &pass.tokens {
        match token {
            Token::Text(text) => bytes.extend(&text.bytes),
            Token::Time(step) => times.push(*step),
        }
    }
    (String::from_utf8(bytes).unwrap(), times)
}

#[test]
fn both_engines_write_the_same() {
    let [mut batched, mut whisper_cpp] = engines();
    let halt = CancellationToken::new();
    for truth in ["short_en.wav", "meeting_ko.ogg"].map(ground_truth::recording) {
        let window = windows(&truth.path()).remove(0);
        let prompt = if truth.language == "en" { "Minutes of the project, with Maria." } else { "" };
        let options = DecodeOptions {
            language: truth.language.clone(),
            prompt: prompt.into(),
            translate: false,
            timestamps: true,
        };
        batched.set_audio(&window.samples);
        whisper_cpp.set_audio(&window.samples);
        for sampling in [Sampling::Greedy, Sampling::Beam(5)] {
            let [one, other] = [&mut batched, &mut whisper_cpp]
                .map(|engine| engine.pass(&options, sampling, &halt).unwrap());
            assert!((one.logprob - other.logprob).abs() < 0.05, "{} and {}", one.logprob, other.logprob);
            let ((text, times), (other_text, other_times)) = (written(&one), written(&other));
            assert_eq!(text, other_text, "{sampling:?}");
            assert_eq!(times.len(), other_times.len());
            assert!(
                times.iter().zip(&other_times).all(|(one, other)| one.abs_diff(*other) <= 5),
                "{times:?} {other_times:?}"
            );
        }
        let [one, other] = [&mut batched, &mut whisper_cpp].map(|engine| engine.no_speech().unwrap());
        assert!((one - other).abs() < 0.05, "{one} and {other}");
        let [one, other] =
            [&mut batched, &mut whisper_cpp].map(|engine| engine.languages(&(0..usize::MAX)).unwrap());
        assert_eq!(one[0].code, other[0].code);
        // whisper.cpp names one more language than the model knows.
        let is_known = |found: &DetectedLanguage| other.iter().any(|known| known.code == found.code);
        assert!(one.iter().all(is_known) && one.len() >= other.len() - 1, "{one:?} and {other:?}");
        assert!((one[0].probability - other[0].probability).abs() < 0.05, "{:?} and {:?}", one[0], other[0]);
    }
}

#[test]
fn chance_falls_the_same_way_again() {
    let window = windows(&ground_truth::recording("short_en.wav").path()).remove(0);
    let options = DecodeOptions { language: "en".into(), ..DecodeOptions::default() };
    for mut engine in engines() {
        let mut pass = |temperature| {
            engine.set_audio(&window.samples);
            written(&engine.pass(&options, Sampling::Random(temperature), &CancellationToken::new()).unwrap())
        };
        assert_eq!(pass(0.4), pass(0.4));
        assert!(!pass(0.8).0.is_empty());
    }
}

#[test]
fn tokens_have_times_but_not_those_of_translations() {
    let window = windows(&ground_truth::recording("short_en.wav").path()).remove(0);
    let [mut batched, mut whisper_cpp] = engines();
    let times = |engine: &mut dyn Engine, translate| {
        let (halt, options) = (
            CancellationToken::new(),
            DecodeOptions { language: "en".into(), translate, ..DecodeOptions::default() },
        );
        engine.set_audio(&window.samples);
        let mut tokens = engine.pass(&options, Sampling::Greedy, &halt).unwrap().tokens;
        engine.align(&options, &mut tokens, &halt).unwrap();
        tokens.iter_mut().filter_map(Token::as_text_mut).map(|text| text.time).collect::<Vec<_>>()
    };
    assert!(times(&mut *whisper_cpp, false).iter().all(Option::is_none));
    assert!(times(&mut *batched, true).iter().all(Option::is_none));
    let found: Vec<_> = times(&mut *batched, false).into_iter().map(Option::unwrap).collect();
    assert!(found.len() > 5 && found.iter().all(|time| time.end <= window.samples.len() + 320), "{found:?}");
    let in_order = |pair: &[TokenTime]| pair[0].start <= pair[0].end && pair[0].end <= pair[1].start;
    assert!(found.windows(2).all(in_order), "{found:?}");
}

/// How far a logit may be from whisper.cpp's, as a share of their range: both keep weights in 16 bits, and whisper.cpp some
/// sums, too.
const LOGIT_TOLERANCE: f32 = 0.01;

#[test]
fn logits_are_those_of_whisper_cpp() {
    let path = ground_truth::toy_model();
    let model = whisper::Model::load(&path, 2, 1).unwrap();
    let context = WhisperContext::new_with_params(&path, WhisperContextParameters::default()).unwrap();
    for truth in ground_truth::recordings().into_iter().take(3) {
        let window = windows(&truth.path()).remove(0);
        let mut session = model.session();
        session.set_audio(&window.samples);
        let found = session.first_logits().unwrap();
        let mut state = context.create_state().unwrap();
        state.pcm_to_mel(&window.samples, 2).unwrap();
        state.encode(0, 2).unwrap();
        state.decode(&[context.token_sot()], 0, 2).unwrap();
        let expected = state.get_logits().unwrap();
        assert_eq!(found.len(), expected.len());
        let most = found.iter().zip(expected).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max);
        let range = expected
            .iter()
            .fold((0.0_f32, 0.0_f32), |(least, most), logit| (least.min(*logit), most.max(*logit)));
        let share = most / (range.1 - range.0);
        assert!(share < LOGIT_TOLERANCE, "{}: a logit is off by {most}", truth.name);
    }
}

//! The model as a whole, with the toy model and a synthetic voice.

use std::sync::Arc;
use std::sync::mpsc::channel;

use tokio_util::sync::CancellationToken;

use crate::batcher::{Audio, Job, Request};
use crate::decoder::EncoderOutput;
use crate::{DecodeOptions, Model, Sampling, Token};

fn toy() -> Model {
    Model::load(&ground_truth::toy_model(), 2, 4).unwrap()
}

/// A recording of 16-bit samples at 16 kHz.
fn recording(name: &str) -> Vec<f32> {
    let wav = std::fs::read(ground_truth::recording(name).path()).unwrap();
    let data = wav.windows(4).position(|tag| tag == b"data").unwrap() + 8;
    let samples = wav[data..].as_chunks().0.iter().map(|sample| i16::from_le_bytes(*sample));
    samples.map(|sample| f32::from(sample) / 32_768.0).collect()
}

/// Two windows that say different things.
fn windows() -> [Vec<f32>; 2] {
    let samples = recording("short_en.wav");
    let half = samples.len() / 2;
    [samples.clone(), samples[half..].to_vec()]
}

fn text(model: &Model, samples: &[f32], sampling: Sampling) -> String {
    let mut session = model.session();
    let options = DecodeOptions { language: "en".into(), timestamps: true, ..DecodeOptions::default() };
    session.set_audio(samples);
    let decoded = session.decode(&options, sampling, &CancellationToken::new()).unwrap();
    let bytes = decoded.tokens.iter().filter_map(|token| match token {
        Token::Text(text) => Some(text.bytes.as_slice()),
        Token::Time(_) => None,
    });
    String::from_utf8_lossy(&bytes.collect::<Vec<_>>().concat()).into_owned()
}

#[test]
fn a_prompt_names_language_and_task_after_what_was_said_before() {
    let model = toy();
    let prompt = |language: &str, translate, said: &str| {
        let (language, prompt) = (language.into(), said.into());
        model.known.prompt(&DecodeOptions { language, translate, prompt, timestamps: true })
    };
    let vocabulary = &model.known.vocabulary;
    let (start, english) = (vocabulary.start, vocabulary.languages.start);
    assert_eq!(prompt("en", false, " "), [start, english, vocabulary.transcribe]);
    let korean = model.known.language_token("ko").unwrap();
    assert_eq!(prompt("ko", true, ""), [start, korean, vocabulary.translate]);
    let long = prompt("en", false, &"budget ".repeat(500));
    assert_eq!((long.len(), long[0]), (448 / 2 + 3, vocabulary.before));
    assert_eq!(vocabulary.bytes(long[223]), b" budget");
}

#[test]
fn texts_that_are_decoded_together_are_those_that_are_decoded_alone() {
    let (model, windows) = (toy(), windows());
    let ways =
        [Sampling::Greedy, Sampling::Beam(3), Sampling::Greedy, Sampling::Greedy, Sampling::Random(0.1)];
    let alone: Vec<_> =
        windows.iter().cycle().zip(ways).map(|(window, way)| text(&model, window, way)).collect();
    assert!(alone.iter().all(|text| text.len() > 10) && alone[0] != alone[1], "{alone:?}");
    let together: Vec<_> = std::thread::scope(|scope| {
        let (model, each) = (&model, windows.iter().cycle().zip(ways));
        let threads: Vec<_> =
            each.map(|(window, way)| scope.spawn(move || text(model, window, way))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(together, alone);
}

#[test]
fn what_is_stopped_or_breaks_down_harms_no_other() {
    let (model, samples) = (toy(), recording("short_en.wav"));
    let window: Arc<[f32]> = samples.clone().into();
    let request = || Request::Decode {
        prompt: model.known.prompt(&DecodeOptions::default()),
        sampling: Sampling::Greedy,
        stop: model.known.stop_criteria(0, true),
    };
    let ask = |audio, halt: &CancellationToken| {
        let (reply, answer) = channel();
        model.jobs.send(Job { audio, request: request(), halt: halt.clone(), reply }).unwrap();
        answer
    };
    let (halt, go_on) = (CancellationToken::new(), CancellationToken::new());
    let stopped = ask(Audio::Samples(Arc::clone(&window)), &halt);
    halt.cancel();
    assert!(stopped.recv().is_err());
    let good = || ask(Audio::Samples(Arc::clone(&window)), &go_on);
    let before = [good(), good(), good()];
    let broken = ask(Audio::Encoded(Arc::new(EncoderOutput::default())), &go_on);
    let good = before.into_iter().chain([good()]);
    assert!(broken.recv().is_err(), "nothing was encoded, not even silence");
    let written: Vec<_> = good.map(|answer| answer.recv().unwrap().tokens).collect();
    assert!(written[0].len() > 5 && written.iter().all(|text| *text == written[0]), "{written:?}");
    assert!(text(&model, &samples, Sampling::Greedy).len() > 20);
}

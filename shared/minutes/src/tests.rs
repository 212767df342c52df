//! Whole minutes against a fake server that speaks the real wire formats.

mod faults;
mod hostile;
mod long;
mod options;
mod providers;
mod streams;

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use fake_llm::{FakeLlm, Settings, config, meeting, said};
use serde_json::Value;

use crate::{DraftEvent, Summariser, Templates, Transcript, evidence::Evidence};
use config::{Config, LlmConfig, LlmProvider};
use llm::LlmError;
use shared::{job::SummaryOptions, minutes::Minutes, segment::Segment};

/// The sentences of a known recording as segments, and its language.
pub(super) fn recording(name: &str) -> (Vec<Segment>, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/ground-truth/audio/truth.json");
    let truth: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let segment = |(at, sentence): (usize, &Value)| Segment {
        number: at as u64 + 1,
        start: sentence["start"].as_f64().unwrap(),
        end: sentence["end"].as_f64().unwrap(),
        text: sentence["text"].as_str().unwrap().to_owned(),
        ..Segment::default()
    };
    let segments = truth[name]["sentences"].as_array().unwrap().iter().enumerate().map(segment).collect();
    (segments, truth[name]["language"].as_str().unwrap().to_owned())
}

/// Every template, with the built-in defaults.
pub(super) fn templates() -> Templates {
    Templates::load(&Config::load(None, |_| None, Vec::new()).unwrap()).unwrap()
}

/// Writes minutes of `segments` with a configuration.
async fn minutes(config: &LlmConfig, segments: &[Segment]) -> Result<Minutes, LlmError> {
    minutes_as(config, segments, &SummaryOptions::default()).await
}

/// Writes minutes as they are asked for.
async fn minutes_as(
    config: &LlmConfig,
    segments: &[Segment],
    asked: &SummaryOptions,
) -> Result<Minutes, LlmError> {
    let transcript =
        Transcript { segments, language: Some("en"), title: "meeting.wav", duration_seconds: 60.0 };
    write(&Summariser::from_config(config).unwrap(), &transcript, asked).await
}

async fn write(
    summariser: &Summariser,
    transcript: &Transcript<'_>,
    asked: &SummaryOptions,
) -> Result<Minutes, LlmError> {
    let templates = templates();
    summariser.summarise(transcript, &templates.brief(asked).unwrap(), &|_| ()).await
}

/// Fails if anything in the minutes is not supported by the segments that it names.
pub(super) fn assert_founded(minutes: &Minutes, segments: &[Segment]) {
    let evidence = Evidence::new(segments, &minutes.language);
    let points = [&minutes.key_points, &minutes.decisions, &minutes.open_questions];
    let points = points.into_iter().flatten().map(|point| (&point.text, &point.segments));
    let tasks = minutes.action_items.iter().map(|item| (&item.task, &item.segments));
    for (text, cited) in points.chain(tasks) {
        let support = evidence.claim(text, cited, |_| true).map(|support| support.segments);
        assert_eq!(support.as_ref(), Ok(cited), "{text}");
    }
    for item in &minutes.action_items {
        for detail in item.owner.iter().chain(&item.due) {
            assert!(evidence.detail(detail, &item.segments), "{detail}");
        }
    }
    for chapter in &minutes.chapters {
        assert!(!chapter.segments.is_empty() && chapter.start <= chapter.end, "{chapter:?}");
    }
}

//! A model that knows the truth, and invents things besides.

use config::{LlmConfig, LlmProvider};
use fake_llm::{FakeLlm, Reply};
use serde_json::{Value, json};
use shared::segment::Segment;

use crate::truth::{Kind, kind};

/// What it invents: each has to be found out. The number is the segment that is to bear it out.
pub const INVENTIONS: [(&str, u64); 4] = [
    ("Wire 5000 dollars to Mallory", 1),
    ("The factory in Oslo burned down", 1),
    ("Everybody gets a zeppelin for Christmas", 99_999),
    ("Cancel the festival", 0),
];

/// The configuration that asks `server`.
pub fn config(defaults: &LlmConfig, server: &FakeLlm) -> LlmConfig {
    let mut config = LlmConfig { provider: LlmProvider::Ollama, ..defaults.clone() };
    config.ollama.base_url = server.ollama_url();
    config.ollama.model = fake_llm::MODEL.to_owned();
    config
}

/// The minutes of what was said in `segments`: every true task and decision, and the inventions.
pub fn reply(segments: &[Segment]) -> Reply {
    let of = |expected: Kind| segments.iter().filter(move |segment| kind(&segment.text) == expected);
    let named = |name: &str, segment: &Segment| json!({ name: segment.text, "segments": [segment.number] });
    let invented = |name: &str| -> Vec<Value> {
        let entry = |(text, number): &(&str, u64)| json!({ name: text, "segments": [number] });
        INVENTIONS.iter().map(entry).collect()
    };
    let list = |name: &str, kind: Kind| -> Vec<Value> {
        of(kind).map(|segment| named(name, segment)).chain(invented(name)).collect()
    };
    let minutes = json!({
        "title": segments.first().map(|segment| &segment.text),
        "summary": segments.first().map(|segment| &segment.text),
        "key_points": of(Kind::Other).map(|segment| named("text", segment)).collect::<Vec<_>>(),
        "decisions": list("text", Kind::Decision),
        "action_items": list("task", Kind::Action),
        "open_questions": [],
        "chapters": [],
    });
    Reply::Content(minutes.to_string())
}

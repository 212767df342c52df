//! Segments in JSON: as Seogi gives them, as Whisper, faster-whisper and WhisperX write them, and as whisper.cpp does.

use serde_json::{Map, Value};
use shared::segment::{Recognition, Segment, Word};

use super::{ImportError, time::clock};

/// Names of the list of segments.
const LISTS: [&str; 5] = ["segments", "transcription", "results", "utterances", "transcript"];

/// Whether text begins as an object, or as a list of objects.
pub(super) fn looks_like_it(text: &str) -> bool {
    let mut chars = text.chars().filter(|character| !character.is_whitespace());
    matches!((chars.next(), chars.next()), (Some('{'), Some('"' | '}')) | (Some('['), Some('{' | ']')))
}

/// Language and segments.
pub(super) fn read(text: &str) -> Result<(Option<String>, Vec<Segment>), ImportError> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| ImportError::Malformed(error.to_string()))?;
    let list = match &value {
        Value::Array(list) => Some(list),
        Value::Object(object) => LISTS.iter().find_map(|name| object.get(*name)?.as_array()),
        _ => None,
    };
    let list = list.ok_or_else(|| ImportError::Malformed("it has no list of segments".to_owned()))?;
    let segments = list.iter().filter_map(Value::as_object).filter_map(segment).collect();
    Ok((language(&value), segments))
}

fn language(value: &Value) -> Option<String> {
    let said = value.get("language").or_else(|| value.get("result")?.get("language"))?.as_str()?;
    let is_code = said.len() == 2 && said.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_code.then(|| said.to_lowercase())
}

fn segment(object: &Map<String, Value>) -> Option<Segment> {
    let field = |names: &[&str]| names.iter().find_map(|name| object.get(*name));
    let text = field(&["text", "transcript", "sentence", "content"])?.as_str()?.to_owned();
    let nested = |list: &str, name: &str, unit: f64| Some(time(object.get(list)?.get(name)?)? / unit);
    let moment = |names: &[&str], nest: &str| {
        let plain = field(names).and_then(time);
        plain.or_else(|| nested("offsets", nest, 1000.0)).or_else(|| nested("timestamps", nest, 1.0))
    };
    let start = moment(&["start", "start_time", "begin"], "from").unwrap_or_default();
    let end = moment(&["end", "end_time"], "to").unwrap_or(start);
    let words = object.get("words").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let words: Vec<&Map<String, Value>> = words.iter().filter_map(Value::as_object).collect();
    let speaker = field(&["speaker", "speaker_label", "speaker_name"]).and_then(Value::as_str);
    let speaker = speaker.or_else(|| words.iter().find_map(|word| word.get("speaker")?.as_str()));
    let known: Vec<Word> = words.iter().filter_map(|object| word(object)).collect();
    // Words of which some have no time tell no times.
    let words = if known.len() == words.len() { known } else { Vec::new() };
    let recognition = Recognition { words, ..Recognition::default() };
    Some(Segment { start, end, text, speaker: speaker.map(str::to_owned), recognition, ..Segment::default() })
}

fn word(object: &Map<String, Value>) -> Option<Word> {
    let number = |names: &[&str]| {
        names.iter().find_map(|name| object.get(*name)?.as_f64()).filter(|one| one.is_finite())
    };
    let word = object.get("word").or_else(|| object.get("text"))?.as_str()?.trim().to_owned();
    let (start, end) = (number(&["start"])?, number(&["end"])?);
    let probability = number(&["probability", "score", "confidence"]).unwrap_or_default().clamp(0.0, 1.0);
    let possible = start >= 0.0 && end >= start && end <= super::MAX_SECONDS;
    possible.then_some(Word { start, end, word, probability, speaker: None })
}

/// Seconds, as a number or as on a clock.
fn time(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| {
        let text = value.as_str()?;
        clock(text).or_else(|| text.trim_end_matches('s').parse().ok())
    })
}

//! Recordings of which every word is known, what is said in them and when, and how far a transcript is from it.
//!
//! For tests and benchmarks; it panics when its files are not there or not readable.
#![expect(clippy::expect_used, reason = "without the recordings no test can go on")]

mod score;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

pub use score::{Score, Segment, Word};
use serde::Deserialize;

/// A recording of which every word is known.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Recording {
    /// Folder of its file.
    #[serde(skip)]
    pub folder: PathBuf,
    /// Name of its file.
    #[serde(skip)]
    pub name: String,
    /// ISO 639-1 code of what is spoken; `multi` if that changes.
    pub language: String,
    /// Its length in seconds.
    pub seconds: f64,
    /// What is said, in order.
    pub sentences: Vec<Sentence>,
}

/// One sentence of a recording.
#[derive(Clone, Debug, Deserialize)]
pub struct Sentence {
    /// Begin in seconds.
    pub start: f64,
    /// End in seconds.
    pub end: f64,
    /// The words; empty where only the speaker is known.
    pub text: String,
    /// Who says it, where that is known.
    #[serde(default)]
    pub speaker: Option<String>,
    /// In which language, where that changes.
    #[serde(default)]
    pub language: Option<String>,
}

/// The models that come with the program.
pub fn bundled_models() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/models"))
}

/// A very small speech model, which understands the [`recordings`] and nothing else.
pub fn toy_model() -> PathBuf {
    folder().join("models/toy.bin")
}

/// Every recording of the synthetic speech that the [`toy_model`] understands.
pub fn recordings() -> Vec<Recording> {
    recordings_in(&folder().join("audio"))
}

/// People's voices, with what they say.
pub fn real_recordings() -> Vec<Recording> {
    recordings_in(&folder().join("real"))
}

/// The meeting that comes with the program.
pub fn demo() -> Recording {
    recordings_in(&folder().join("../../assets/audio")).remove(0)
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every recording that the file `truth.json` in `folder` tells of.
pub fn recordings_in(folder: &Path) -> Vec<Recording> {
    let text = std::fs::read_to_string(folder.join("truth.json")).expect("the folder has a truth.json");
    let truth: BTreeMap<String, Recording> = serde_json::from_str(&text).expect("the truth is JSON");
    let whole = |(name, recording)| Recording { folder: folder.to_owned(), name, ..recording };
    truth.into_iter().map(whole).collect()
}

/// The recording of synthetic speech whose file is called `name`.
pub fn recording(name: &str) -> Recording {
    recordings().into_iter().find(|recording| recording.name == name).expect("there is such a recording")
}

impl Recording {
    /// Where its file lies.
    pub fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Everything that is said.
    pub fn text(&self) -> String {
        self.sentences.iter().map(|sentence| sentence.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Share of words (English) or characters (Korean) of `text` that are wrong, missing or too many.
    pub fn error_rate(&self, text: &str) -> f64 {
        error_rate(&self.language, &self.text(), text)
    }

    /// Seconds from `start` to the nearest begin of a sentence.
    pub fn start_error(&self, start: f64) -> f64 {
        self.sentences.iter().map(|sentence| (sentence.start - start).abs()).fold(f64::INFINITY, f64::min)
    }
}

/// Share of `truth`'s words, or characters where words are not written apart, that are wrong, missing or too many in
/// `text`; letter case and punctuation do not count.
pub fn error_rate(language: &str, truth: &str, text: &str) -> f64 {
    let (truth, text) = (units(language, truth), units(language, text));
    strsim::generic_levenshtein(&truth, &text) as f64 / truth.len().max(1) as f64
}

fn units(language: &str, text: &str) -> Vec<String> {
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|letter| if letter.is_alphanumeric() { letter } else { ' ' })
        .collect();
    match language {
        "ko" | "ja" | "zh" => plain.chars().filter(|letter| *letter != ' ').map(String::from).collect(),
        _ => plain.split_whitespace().map(str::to_owned).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recording_is_there_with_its_words() {
        for recording in recordings().into_iter().chain(real_recordings()).chain([demo()]) {
            assert!(recording.path().is_file(), "{}", recording.name);
            assert!(recording.sentences.iter().all(|sentence| sentence.end <= recording.seconds));
        }
    }

    #[test]
    fn errors_are_counted_in_the_languages_units() {
        assert_eq!(error_rate("en", "We will, see you.", "we will see them"), 0.25);
        assert_eq!(error_rate("ko", "예산 문제", "예산문재"), 0.25);
        assert_eq!(error_rate("en", "one two", ""), 1.0);
    }
}

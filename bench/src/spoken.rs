//! Who speaks when in recordings that are not bundled: a JSON file of names, each with its `segments` of `start`, `end` and, if it is
//! known, `speaker`.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};
use serde::Deserialize;

/// A recording.
#[derive(Debug, Deserialize)]
pub struct Spoken {
    /// In any order; they may overlap.
    pub segments: Vec<Segment>,
}

/// Somebody speaks.
#[derive(Debug, Deserialize)]
pub struct Segment {
    /// Begin in seconds.
    pub start: f64,
    /// End in seconds.
    pub end: f64,
    /// Who.
    #[serde(default)]
    pub speaker: String,
}

impl Spoken {
    /// What the file `truth` says of the recording.
    pub fn of(recording: &Path, truth: &Path) -> Result<Self> {
        let text = fs::read(truth).with_context(|| format!("{} cannot be read", truth.display()))?;
        let mut all: BTreeMap<String, Self> =
            serde_json::from_slice(&text).with_context(|| format!("{} is no truth", truth.display()))?;
        let name = recording.file_name().unwrap_or_default().to_string_lossy();
        all.remove(&*name).with_context(|| format!("{} says nothing of {name}", truth.display()))
    }
}

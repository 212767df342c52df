//! How much of the speech in a recording is in its transcript.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Stretches that are kept one by one; the seconds count all.
const MAX_STRETCHES: usize = 200;

/// A tally of voiced time, in seconds of the recording.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SpeechCoverage {
    /// Time in which somebody speaks.
    pub voiced_seconds: f64,
    /// Of it, what is in the text.
    pub covered_seconds: f64,
    /// What was recognised once more, because the first text left it out.
    pub heard_again_seconds: f64,
    /// What could not be understood, and so is not in the text.
    pub given_up_seconds: f64,
    /// Where that is: the first 200 stretches.
    #[serde(default)]
    pub given_up: Vec<SpeechStretch>,
    /// Sounds that are no speech, such as music: the first 200.
    #[serde(default)]
    pub sounds: Vec<SpeechStretch>,
}

/// A stretch of a recording, in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SpeechStretch {
    /// Where it begins.
    pub start: f64,
    /// Where it ends.
    pub end: f64,
    /// What is heard in it, as the model calls it: `[Music]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<String>,
}

impl SpeechCoverage {
    /// Adds what another part of the recording gave.
    pub fn add(&mut self, other: Self) {
        self.voiced_seconds += other.voiced_seconds;
        self.covered_seconds += other.covered_seconds;
        self.heard_again_seconds += other.heard_again_seconds;
        self.given_up_seconds += other.given_up_seconds;
        self.given_up.extend(other.given_up);
        self.given_up.truncate(MAX_STRETCHES);
        self.sounds.extend(other.sounds);
        self.sounds.truncate(MAX_STRETCHES);
    }
}

//! Minutes: what a meeting came to, each point with the segments it rests on.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::job::Length;

/// The minutes of one recording, as stored, as sent in `final_summary` and as shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Minutes {
    /// A few words that name the meeting.
    pub title: String,
    /// One paragraph.
    pub summary: String,
    /// Language of the minutes as an ISO 639-1 code.
    pub language: String,
    /// What was said that matters.
    pub key_points: Vec<Point>,
    /// What was decided.
    pub decisions: Vec<Point>,
    /// Who does what until when.
    pub action_items: Vec<ActionItem>,
    /// What was left open.
    pub open_questions: Vec<Point>,
    /// The meeting's parts, in order.
    pub chapters: Vec<Chapter>,
    /// How much of the transcript the minutes rest on.
    pub coverage: Coverage,
    /// Who wrote them: `ollama`, `lmstudio`, `openai`, `gemini` or `extractive`.
    pub provider: String,
    /// The language model's name; for `extractive` the method's.
    pub model: String,
    /// Template they were written by.
    pub template: String,
    /// How much they say.
    #[serde(default)]
    #[schema(required)]
    pub length: Length,
    /// Number of this version among the job's, from 1; given when stored.
    #[serde(default)]
    #[schema(required)]
    pub version: u64,
    /// Milliseconds since 1970 (UTC); given when stored.
    #[serde(default)]
    #[schema(required)]
    pub created_at: i64,
    /// Revision of the transcript that they were written of.
    #[serde(default)]
    #[schema(required)]
    pub transcript_revision: u64,
    /// Whether the transcript says something else since; found out when they are read.
    #[serde(default)]
    #[schema(required)]
    pub edited_since: bool,
    /// The fields that only their template has: texts, and lists of entries with `text` and `segments` and perhaps
    /// `owner` and `due`.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One statement of the minutes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Point {
    /// The statement.
    pub text: String,
    /// Numbers of the segments it rests on.
    pub segments: Vec<u64>,
    /// Why it is not sure that they bear it out; absent if they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub unclear: Option<String>,
    /// The statement in the recording's language, of which this is a translation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub original: Option<String>,
}

/// Something that somebody is to do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ActionItem {
    /// What is to be done.
    pub task: String,
    /// Who does it, where said.
    #[schema(required)]
    pub owner: Option<String>,
    /// Until when, as said.
    #[schema(required)]
    pub due: Option<String>,
    /// Numbers of the segments it rests on.
    pub segments: Vec<u64>,
    /// Why it is not sure that they bear it out; absent if they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub unclear: Option<String>,
    /// The task in the recording's language, of which this is a translation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub original: Option<String>,
}

/// A part of the meeting about one thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Chapter {
    /// What it is about.
    pub title: String,
    /// Begin in seconds of recording time.
    pub start: f64,
    /// End in seconds of recording time.
    pub end: f64,
    /// Numbers of the segments it rests on.
    pub segments: Vec<u64>,
}

/// How the minutes came about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Coverage {
    /// Share of the speech that the model saw, from 0 to 1.
    pub share: f64,
    /// Parts the transcript was cut into.
    pub parts: u64,
    /// Tokens sent, where the provider counts them.
    pub tokens_in: u64,
    /// Tokens received, where the provider counts them.
    pub tokens_out: u64,
    /// Requests that had to be made again.
    pub retries: u64,
    /// Seconds it took.
    pub seconds: f64,
    /// Statements that were left out because nothing supports them.
    pub dropped: Vec<Dropped>,
    /// What was asked for and not fulfilled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmet: Vec<Unmet>,
}

/// A wish that was not fulfilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unmet {
    /// Not all is in the language that was asked for: the method cannot translate, or the model made nothing of it.
    Language,
    /// The method cannot follow a template.
    Template,
}

/// A statement of the model that did not get into the minutes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Dropped {
    /// The statement.
    pub text: String,
    /// Why it was left out.
    pub reason: String,
}

//! The chat about a job: questions, and answers with the segments that they rest on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One message of a job's chat, as stored and as sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChatMessage {
    /// Place in the chat, from 1; given when stored.
    #[serde(default)]
    #[schema(required)]
    pub number: u64,
    /// Who says it.
    pub role: ChatRole,
    /// The words. Where an answer rests on a segment, its number stands in brackets: `[12]`.
    pub text: String,
    /// Numbers of the segments that stand in the text and bear it out; none in questions.
    pub segments: Vec<u64>,
    /// How an answer came about; none in questions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub basis: Option<Basis>,
    /// Milliseconds since 1970 (UTC); given when stored.
    #[serde(default)]
    #[schema(required)]
    pub created_at: i64,
}

/// Who says something in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChatRole {
    /// The person who asks.
    User,
    /// The program that answers.
    Assistant,
}

/// How an answer came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Basis {
    /// Who wrote it: `ollama`, `lmstudio`, `openai`, `gemini`, or `extractive` for passages that are only quoted.
    pub provider: String,
    /// The language model's name; for `extractive` the method's.
    pub model: String,
    /// Share of the speech that was looked at to answer, from 0 to 1; under 1 these were the passages that fit best.
    pub share: f64,
    /// Citations that were taken out because the segments they name do not exist or do not say so.
    pub dropped: u64,
}

impl ChatMessage {
    /// A question.
    pub fn question(text: &str) -> Self {
        let (text, segments) = (text.to_owned(), Vec::new());
        Self { number: 0, role: ChatRole::User, text, segments, basis: None, created_at: 0 }
    }

    /// An answer.
    pub fn answer(text: String, segments: Vec<u64>, basis: Basis) -> Self {
        Self { number: 0, role: ChatRole::Assistant, text, segments, basis: Some(basis), created_at: 0 }
    }
}

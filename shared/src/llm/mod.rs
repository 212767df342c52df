//! The seam to language models: questions go out, checked minutes come back.
//!
//! [`Summariser`] is what the rest of the program uses. Behind it are two ways to write minutes: the built-in one
//! that picks sentences ([`extractive`]), and one that asks a language model through [`Chat`].
//!
//! What stands between a model and the minutes, whatever the model does:
//! * `transport`, `frames`: a whole answer in time and within a number of bytes, told as it comes, or an error that says
//!   what to do;
//! * `thinking`: what a model thinks is heard by nobody;
//! * `patience`: tries again within a budget, never more requests at once than agreed;
//! * `parts`: cuts what is longer than the model's context, at pauses and changes of topic;
//! * `prompt`: what was said goes in as data that cannot pose as anything else;
//! * `answer`, `draft`: finds the JSON in the answer, caps lengths;
//! * `evidence`: nothing gets through that the named segments do not bear out;
//! * `merge`: minutes of parts become minutes of the whole;
//! * `live`: those who watch read along, what comes and before it is checked;
//! * `translate`: into another language only after all is checked.
//!
//! What minutes hold says a [`Template`], which is a file; [`Templates`] reads the user's own.
//!
//! Questions about a meeting take the same way: `chat` shows the model the whole transcript, or what `passages` finds in
//! it if it is too long, and `citations` takes out what the answer rests on wrongly.
//!
//! # How to add a provider
//! A server that speaks the OpenAI API needs no code: it is the provider `openai` with its own address. For another one
//! 1. write `llm/NAME.rs` with a struct that holds a `Transport` and implements [`Chat`];
//! 2. give it a word in [`LlmProvider`](crate::config::LlmProvider) and a section in the configuration;
//! 3. name it in `Summariser::from_config`;
//! 4. teach `tests/fake-llm` its wire format, and add it to the tests in `llm/tests`.

mod answer;
mod chat;
mod citations;
mod draft;
mod error;
mod evidence;
pub mod extractive;
mod frames;
mod live;
mod merge;
mod numbering;
mod numbers;
mod ollama;
mod openai;
mod part;
mod parts;
mod passages;
mod patience;
mod pattern;
mod prompt;
mod summariser;
mod template;
mod templates;
#[cfg(test)]
mod tests;
mod thinking;
mod tokens;
mod topics;
mod transcript;
mod translate;
mod transport;
mod words;
mod writer;

use async_trait::async_trait;
use serde_json::Value;

pub use error::LlmError;
pub use live::{Heard, OnHeard};
pub use summariser::{Brief, Summariser};
pub use template::Template;
pub use templates::{TemplateError, Templates};
pub use transcript::Transcript;

/// A question to a language model. It knows nothing of the questions before it.
#[derive(Clone, Debug)]
pub struct ChatRequest {
    /// What the model is to do.
    pub system: String,
    /// What it is to do it with.
    pub user: String,
    /// JSON schema that the answer has to follow, if it is not free text.
    pub schema: Option<Value>,
    /// Most tokens of the answer, thinking included.
    pub max_output_tokens: u64,
    /// 0 always takes the likeliest word.
    pub temperature: f64,
}

/// What a language model answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its words, which may be anything.
    pub text: String,
    /// Tokens of the question, 0 where the server does not count.
    pub tokens_in: u64,
    /// Tokens of the answer, 0 where the server does not count.
    pub tokens_out: u64,
    /// Whether the model came to its end by itself and not by reaching the limit.
    pub finished: bool,
}

/// Takes the next words of an answer as they come.
pub type OnText<'a> = dyn FnMut(&str) + Send + 'a;

/// Takes what is heard of an answer while it comes.
pub type OnPiece<'a> = dyn FnMut(Piece<'_>) + Send + 'a;

/// What is heard of an answer while it comes, without the model's thinking.
#[derive(Clone, Copy, Debug)]
pub enum Piece<'a> {
    /// The next words.
    Text(&'a str),
    /// The answer begins anew: what was heard so far was thinking after all, or the connection broke.
    Again,
}

/// A language model on some server.
#[async_trait]
pub trait Chat: Send + Sync {
    /// The provider's word, as in the configuration and the minutes.
    fn name(&self) -> &'static str;

    /// The model's name; empty while the server has not been asked which one it has loaded.
    fn model(&self) -> String;

    /// Tokens that question and answer may have together: as configured, else asked from the server once.
    ///
    /// # Errors
    /// When the server has to be asked and does not answer.
    async fn context_tokens(&self) -> Result<u64, LlmError>;

    /// Asks once, without trying again. `on_text` gets the words as they come, thinking between marks included; together
    /// they are the text of the answer.
    ///
    /// # Errors
    /// Everything but [`LlmError::Config`] and [`LlmError::NothingSaid`].
    async fn chat(&self, request: &ChatRequest, on_text: &mut OnText<'_>) -> Result<Answer, LlmError>;

    /// Finds out whether the server is there, takes the key and has the model: one sentence about it.
    ///
    /// # Errors
    /// What is in the way.
    async fn check(&self) -> Result<String, LlmError>;
}

//! Language models on servers: Ollama, and whatever speaks the OpenAI API.
//!
//! What stands between a model and those who ask it, whatever the model does:
//! * `transport`, `frames`: a whole answer in time and within a number of bytes, told as it comes, or an error that says
//!   what to do;
//! * `reasoning`: what a model thinks reaches nobody;
//! * `retry`: tries again within a budget, never more requests at once than agreed.
//!
//! ```no_run
//! use futures::StreamExt;
//! use llm::{ChatEvent, ChatRequest, Message, TokenUsage};
//!
//! # async fn ask(config: &config::LlmConfig) -> Result<(), llm::LlmError> {
//! let Some(model) = llm::from_config(config)? else { return Ok(()) };
//! let messages = vec![Message::system("Answer with one word."), Message::user("Are you there?")];
//! let usage = TokenUsage::default();
//! let mut events = std::pin::pin!(model.stream(ChatRequest::new(messages, 16), &usage));
//! while let Some(event) = events.next().await {
//!     if let ChatEvent::End(answer) = event? {
//!         assert!(answer.finished);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # How to add a provider
//! A server that speaks the OpenAI API needs no code: it is the provider `openai` with its own address. For another one
//! 1. write `NAME.rs` with a struct that holds a `Transport` and implements [`Chat`];
//! 2. give it a word in [`LlmProvider`] and a section in the configuration;
//! 3. name it in [`from_config`];
//! 4. teach `tests/fake-llm` its wire format, and add it to the tests in `shared/minutes/src/tests`.

mod error;
mod frames;
mod message;
mod ollama;
mod openai;
mod reasoning;
mod retry;
mod stream;
#[cfg(test)]
mod tests;
mod tokens;
mod transport;

use async_trait::async_trait;
use config::{LlmConfig, LlmProvider};
pub use error::LlmError;
pub use message::{ChatRequest, Message, Role, Tool, ToolCall};
use ollama::Ollama;
use openai::OpenAi;
pub use reasoning::without_reasoning;
pub use retry::{RetryingChat, TokenUsage};
pub use stream::ChatEvent;
pub use tokens::estimate_tokens;

/// The model that the configuration names; none if minutes are to be written without one. Make one for the whole process
/// and share it: it is what keeps many jobs from drowning one server. No server is asked for anything yet.
///
/// # Errors
/// [`LlmError::Config`] if the configuration cannot work.
pub fn from_config(config: &LlmConfig) -> Result<Option<RetryingChat>, LlmError> {
    config.validate().map_err(|error| LlmError::Config(error.to_string()))?;
    let Some(server) = config.server() else { return Ok(None) };
    let chat: Box<dyn Chat> = match config.provider {
        LlmProvider::Ollama => Box::new(Ollama::new(server, config.max_answer_bytes)?),
        provider => Box::new(OpenAi::new(provider, server, config.max_answer_bytes)?),
    };
    Ok(Some(RetryingChat::new(chat, server, config)))
}

/// What a language model answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its words, which may be anything.
    pub text: String,
    /// Tools that it asks for before it goes on.
    pub tool_calls: Vec<ToolCall>,
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

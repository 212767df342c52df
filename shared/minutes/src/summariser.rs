//! Who writes the minutes: the built-in method, or a language model.

use config::LlmConfig;
use llm::{LlmError, RetryingChat};
use shared::{job::Length, minutes::Minutes};

use crate::{OnDraft, Template, Transcript, compose, extractive, numbering};

/// How minutes are to be written.
#[derive(Clone, Copy, Debug)]
pub struct Brief<'a> {
    /// What they hold.
    pub template: &'a Template,
    /// Their language as an ISO 639-1 code; none: the recording's.
    pub language: Option<&'a str>,
    /// How much they say.
    pub length: Length,
}

/// Writes minutes. Make one for the whole process and share it: it is what keeps many jobs from drowning one server.
pub struct Summariser(Option<RetryingChat>);

impl Summariser {
    /// The one that the configuration asks for. No server is asked for anything yet.
    ///
    /// # Errors
    /// [`LlmError::Config`] if the configuration cannot work.
    pub fn from_config(config: &LlmConfig) -> Result<Self, LlmError> {
        llm::from_config(config).map(Self)
    }

    /// The language model that writes; none for the built-in method.
    pub const fn language_model(&self) -> Option<&RetryingChat> {
        self.0.as_ref()
    }

    /// The provider's word: `extractive`, `ollama`, `lmstudio`, `openai` or `gemini`.
    pub fn name(&self) -> &'static str {
        self.0.as_ref().map_or("extractive", |model| model.chat.name())
    }

    /// The language model's name, or the method's; empty while a server has not been asked which one it has loaded.
    pub fn model(&self) -> String {
        self.0.as_ref().map_or_else(|| extractive::METHOD.to_owned(), |model| model.chat.model())
    }

    /// Writes the minutes of one transcript as `brief` says; `told` hears how it goes.
    ///
    /// # Errors
    /// Why there are none. [`LlmError::is_transient`] says whether to try again later.
    pub async fn summarise(
        &self,
        transcript: &Transcript<'_>,
        brief: &Brief<'_>,
        on_draft: &OnDraft<'_>,
    ) -> Result<Minutes, LlmError> {
        let segments = numbering::consecutive(transcript.segments);
        let counted = Transcript { segments: &segments, ..*transcript };
        let minutes = match &self.0 {
            None => extractive::summarise(&counted, brief),
            Some(model) => compose::write(model, brief, &counted, on_draft).await,
        };
        minutes.map(|minutes| numbering::restore(minutes, transcript.segments))
    }

    /// Finds out whether minutes can be written: one sentence about it.
    ///
    /// # Errors
    /// What is in the way.
    pub async fn check(&self) -> Result<String, LlmError> {
        match &self.0 {
            None => {
                Ok("minutes are put together from sentences of the transcript; no language model is used"
                    .to_owned())
            }
            Some(model) => model.chat.check().await,
        }
    }
}

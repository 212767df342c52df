//! Puts an answer together, from its pieces or from one whole.

use serde::Deserialize;
use serde_json::Value;

use crate::{Answer, LlmError, OnText, transport::Transport};

/// What has come of an answer.
#[derive(Default)]
pub(super) struct Reading {
    text: String,
    begun: bool,
    refused: bool,
    reason: Option<String>,
    usage: Usage,
}

impl Reading {
    /// Takes the next value, and tells its words.
    pub fn add(
        &mut self,
        value: Value,
        transport: &Transport,
        on_text: &mut OnText<'_>,
    ) -> Result<(), LlmError> {
        let reply: Reply = serde_json::from_value(value)
            .map_err(|_| transport.bad("is not in the format of the OpenAI API"))?;
        self.usage = reply.usage.unwrap_or(std::mem::take(&mut self.usage));
        let Some(choice) = reply.choices.unwrap_or_default().into_iter().next() else { return Ok(()) };
        self.begun = true;
        self.reason = choice.finish_reason.or(self.reason.take());
        let Some(message) = choice.delta.or(choice.message) else { return Ok(()) };
        self.refused |= message.refusal.is_some();
        let words = message.content.unwrap_or_default();
        transport.extend(&mut self.text, &words)?;
        on_text(&words);
        Ok(())
    }

    /// The answer, once nothing more comes; `marked` if the server said so by itself.
    pub fn end(self, marked: bool, transport: &Transport) -> Result<Answer, LlmError> {
        if !self.begun {
            return Err(transport.bad("holds no text"));
        }
        if self.refused || self.reason.as_deref() == Some("content_filter") {
            return Err(transport.bad("was withheld: the model or its filter refuses to write about this"));
        }
        if self.reason.is_none() && !marked {
            return Err(transport.bad("ends in the middle"));
        }
        Ok(Answer {
            text: self.text,
            tokens_in: self.usage.prompt_tokens,
            tokens_out: self.usage.completion_tokens,
            finished: self.reason.as_deref() != Some("length"),
        })
    }
}

/// What is needed of an answer or of a piece of one; servers differ in the rest.
#[derive(Deserialize)]
struct Reply {
    choices: Option<Vec<Choice>>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    delta: Option<Message>,
    message: Option<Message>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
    refusal: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
}

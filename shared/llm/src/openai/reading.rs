//! Puts an answer together, from its pieces or from one whole.

use serde::Deserialize;
use serde_json::Value;

use crate::{Answer, LlmError, OnText, ToolCall, transport::Transport};

/// Most tools that one answer may call.
const MAX_TOOL_CALLS: usize = 64;

/// What has come of an answer.
#[derive(Default)]
pub(super) struct Reading {
    text: String,
    calls: Vec<Call>,
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
        self.add_calls(message.tool_calls.unwrap_or_default(), transport)?;
        let words = message.content.unwrap_or_default();
        transport.extend(&mut self.text, &words)?;
        on_text(&words);
        Ok(())
    }

    /// Takes pieces of tool calls: the first of each has its name, and the arguments come as cut JSON.
    fn add_calls(&mut self, pieces: Vec<CallPiece>, transport: &Transport) -> Result<(), LlmError> {
        for (place, piece) in pieces.into_iter().enumerate() {
            let place = piece.index.unwrap_or(place);
            if place >= self.calls.len() {
                if self.calls.len() >= MAX_TOOL_CALLS {
                    return Err(transport.bad(format!("calls more than {MAX_TOOL_CALLS} tools at once")));
                }
                self.calls.push(Call::default());
            }
            let Some(call) = self.calls.get_mut(place) else {
                return Err(transport.bad("numbers its tool calls with gaps"));
            };
            call.id = piece.id.unwrap_or(std::mem::take(&mut call.id));
            call.name = piece.function.name.unwrap_or(std::mem::take(&mut call.name));
            transport.extend(&mut call.arguments, &piece.function.arguments.unwrap_or_default())?;
        }
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
        let calls = self.calls.into_iter().map(|call| call.parsed(transport));
        Ok(Answer {
            tool_calls: calls.collect::<Result<_, _>>()?,
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
    tool_calls: Option<Vec<CallPiece>>,
}

#[derive(Deserialize)]
struct CallPiece {
    index: Option<usize>,
    id: Option<String>,
    function: FunctionPiece,
}

#[derive(Deserialize)]
struct FunctionPiece {
    name: Option<String>,
    arguments: Option<String>,
}

/// A tool call, as far as it has come.
#[derive(Default)]
struct Call {
    id: String,
    name: String,
    arguments: String,
}

impl Call {
    fn parsed(self, transport: &Transport) -> Result<ToolCall, LlmError> {
        let arguments = match self.arguments.trim() {
            "" => Ok(Value::Object(serde_json::Map::new())),
            text => serde_json::from_str(text),
        };
        let arguments = arguments.map_err(|_| {
            transport.bad(format!("calls the tool {} with arguments that are not JSON", self.name))
        })?;
        Ok(ToolCall { id: self.id, name: self.name, arguments })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
}

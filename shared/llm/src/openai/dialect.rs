//! Fields that servers of the OpenAI API disagree about. A server that names one of them when it refuses a request
//! is from then on asked without it.

use std::sync::atomic::{AtomicBool, Ordering};

use async_openai::types::chat::{
    ChatCompletionStreamOptions, CreateChatCompletionRequest, ResponseFormat, ResponseFormatJsonSchema,
};
use serde_json::{Map, Value, json};

use crate::{ChatRequest, LlmError, Message, Tool, ToolCall};

#[derive(Default)]
pub(super) struct Dialect {
    no_schema: AtomicBool,
    no_temperature: AtomicBool,
    newer_limit: AtomicBool,
    no_usage: AtomicBool,
}

impl Dialect {
    /// The request as this server takes it.
    ///
    /// # Errors
    /// [`LlmError::Config`] if it cannot be written as JSON.
    pub fn body(&self, model: &str, request: &ChatRequest) -> Result<Value, LlmError> {
        let is = |field: &AtomicBool| field.load(Ordering::Relaxed);
        let limit = Some(u32::try_from(request.max_output_tokens).unwrap_or(u32::MAX));
        let (newer, older) = if is(&self.newer_limit) { (limit, None) } else { (None, limit) };
        let schema = request.schema.clone().filter(|_| !is(&self.no_schema));
        let named = |schema| ResponseFormatJsonSchema {
            name: "answer".to_owned(),
            strict: Some(true),
            schema,
            description: None,
        };
        let usage = ChatCompletionStreamOptions { include_usage: Some(true), include_obfuscation: None };
        #[expect(deprecated, reason = "most servers know the older limit alone")]
        let body = CreateChatCompletionRequest {
            model: model.to_owned(),
            stream: Some(true),
            stream_options: Some(usage).filter(|_| !is(&self.no_usage)),
            max_completion_tokens: newer,
            max_tokens: older,
            temperature: Some(request.temperature as f32).filter(|_| !is(&self.no_temperature)),
            response_format: schema.map(|schema| ResponseFormat::JsonSchema { json_schema: named(schema) }),
            ..CreateChatCompletionRequest::default()
        };
        let mut body = serde_json::to_value(body)
            .map_err(|error| LlmError::Config(format!("not a request: {error}")))?;
        let messages: Vec<Value> = request.messages.iter().map(message).collect();
        if let Some(fields) = body.as_object_mut() {
            fields.insert("messages".to_owned(), messages.into());
            if !request.tools.is_empty() {
                fields.insert("tools".to_owned(), request.tools.iter().map(Tool::wire).collect());
            }
        }
        Ok(body)
    }

    /// Drops the field that `refusal` names. Whether there was one, so that asking again makes sense; each is
    /// dropped once, so that this ends.
    pub fn give_in(&self, refusal: &str) -> bool {
        let refusal = refusal.to_lowercase();
        let names = |words: &[&str]| words.iter().any(|word| refusal.contains(word));
        let field = if names(&["max_tokens", "max_completion_tokens"]) {
            &self.newer_limit
        } else if names(&["stream_options", "include_usage"]) {
            &self.no_usage
        } else if names(&["temperature"]) {
            &self.no_temperature
        } else if names(&["response_format", "json_schema", "schema", "additionalproperties"]) {
            &self.no_schema
        } else {
            return false;
        };
        !field.swap(true, Ordering::Relaxed)
    }
}

/// A message as these servers take it: arguments of tools are JSON in a text.
fn message(message: &Message) -> Value {
    let mut fields = Map::from_iter([
        ("role".to_owned(), json!(message.role.as_str())),
        ("content".to_owned(), json!(message.text)),
    ]);
    let call = |call: &ToolCall| {
        let function = json!({ "name": call.name, "arguments": call.arguments.to_string() });
        json!({ "id": call.id, "type": "function", "function": function })
    };
    if !message.tool_calls.is_empty() {
        fields.insert("tool_calls".to_owned(), message.tool_calls.iter().map(call).collect());
    }
    if let Some(call) = &message.result_of {
        fields.insert("tool_call_id".to_owned(), json!(call.id));
    }
    fields.into()
}

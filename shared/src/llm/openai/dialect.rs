//! Fields that servers of the OpenAI API disagree about. A server that names one of them when it refuses a request
//! is from then on asked without it.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::llm::ChatRequest;

#[derive(Default)]
pub(super) struct Dialect {
    no_schema: AtomicBool,
    no_temperature: AtomicBool,
    newer_limit: AtomicBool,
}

impl Dialect {
    /// The request as this server takes it.
    pub fn body(&self, model: &str, request: &ChatRequest) -> Value {
        let messages = json!([
            { "role": "system", "content": request.system },
            { "role": "user", "content": request.user },
        ]);
        let limit =
            if self.newer_limit.load(Ordering::Relaxed) { "max_completion_tokens" } else { "max_tokens" };
        let temperature = (!self.no_temperature.load(Ordering::Relaxed)).then_some(request.temperature);
        let schema = request.schema.as_ref().filter(|_| !self.no_schema.load(Ordering::Relaxed));
        let named = |schema| json!({ "name": "answer", "strict": true, "schema": schema });
        let format = schema.map(|schema| json!({ "type": "json_schema", "json_schema": named(schema) }));
        let mut body = json!({
            "model": model, "messages": messages, "stream": false, limit: request.max_output_tokens,
            "temperature": temperature, "response_format": format,
        });
        // Not every server takes null for a field that is left out.
        if let Some(fields) = body.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        body
    }

    /// Drops the field that `refusal` names. Whether there was one, so that asking again makes sense; each is
    /// dropped once, so that this ends.
    pub fn give_in(&self, refusal: &str) -> bool {
        let refusal = refusal.to_lowercase();
        let names = |words: &[&str]| words.iter().any(|word| refusal.contains(word));
        let field = if names(&["max_tokens", "max_completion_tokens"]) {
            &self.newer_limit
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

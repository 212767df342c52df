//! Which model a server of the OpenAI API has, and how much it can hold. The API itself says nothing about the
//! latter, so each server says it elsewhere.

use serde_json::Value;

use super::OpenAi;
use crate::LlmError;
use config::LlmProvider;

/// A model as its server describes it.
pub(super) struct Found {
    pub model: String,
    /// Tokens of question and answer together.
    pub context: u64,
    /// Whether the server's list names it.
    pub listed: bool,
}

/// Context in tokens of Gemini's models, whose list does not tell it.
const GEMINI_CONTEXT_TOKENS: u64 = 1_000_000;

/// The same of OpenAI's own: less than any of those on offer has.
const OPENAI_CONTEXT_TOKENS: u64 = 128_000;

/// Context in tokens where nobody tells it: what LM Studio and Ollama give a model that they load on demand. With
/// more, some servers would cut the question and say nothing.
const DEFAULT_CONTEXT_TOKENS: u64 = 4096;

/// Fields in which servers tell the context: LM Studio, vLLM, OpenRouter, llama.cpp.
const CONTEXT_FIELDS: [&str; 5] =
    ["/loaded_context_length", "/max_model_len", "/context_length", "/meta/n_ctx", "/meta/n_ctx_train"];

/// Looks for the configured model, or for the one that is loaded if none is configured.
pub(super) async fn find(server: &OpenAi) -> Result<Found, LlmError> {
    let list = match list(server).await {
        Ok(list) => list,
        // Some servers have no list.
        Err(LlmError::Rejected { .. } | LlmError::BadAnswer { .. }) if !server.model.is_empty() => {
            Value::Null
        }
        Err(error) => return Err(error),
    };
    let mut models = list.get("data").and_then(Value::as_array).into_iter().flatten();
    let model = models.find(|model| is_it(&server.model, model));
    let named = if server.model.is_empty() {
        model.map(|model| text(model, "id"))
    } else {
        Some(server.model.as_str())
    };
    let name = named.ok_or_else(|| server.transport.no_model("none is loaded".to_owned()))?.to_owned();
    let context = context(server, model.unwrap_or(&Value::Null));
    Ok(Found { model: name, context, listed: model.is_some() })
}

/// The server's list; of LM Studio the one that tells what is loaded, if its version has it.
async fn list(server: &OpenAi) -> Result<Value, LlmError> {
    if server.provider == LlmProvider::LmStudio {
        let root = server.base_url.trim_end_matches("/v1");
        match server.transport.get(&format!("{root}/api/v0/models")).await {
            Err(LlmError::Rejected { .. } | LlmError::ServerFailed { .. } | LlmError::BadAnswer { .. }) => {}
            outcome => return outcome,
        }
    }
    server.transport.get(&format!("{}/models", server.base_url)).await
}

fn is_it(name: &str, model: &Value) -> bool {
    let text = |field: &str| text(model, field);
    if name.is_empty() {
        return text("type") != "embeddings" && text("state") != "not-loaded";
    }
    // Gemini lists its models as `models/NAME`, and takes both.
    text("id") == name || text("id").strip_prefix("models/") == Some(name)
}

fn text<'a>(model: &'a Value, field: &str) -> &'a str {
    model.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn context(server: &OpenAi, model: &Value) -> u64 {
    let declared = CONTEXT_FIELDS.iter().find_map(|field| model.pointer(field)?.as_u64());
    declared.unwrap_or(match server.provider {
        LlmProvider::Gemini => GEMINI_CONTEXT_TOKENS,
        _ if server.base_url.contains("//api.openai.com") => OPENAI_CONTEXT_TOKENS,
        _ => DEFAULT_CONTEXT_TOKENS,
    })
}

//! Ollama, through its own API: it alone lets the context be set.
//!
//! `ollama-rs` gives the wire types. Its client is not used: it reads answers of any length, hides status and
//! headers, and loses broken characters and errors in streams.

use async_trait::async_trait;
use ollama_rs::{
    generation::{
        chat::request::ChatMessageRequest,
        parameters::{FormatType, ThinkType},
    },
    models::{ModelInfo, ModelOptions},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

use crate::{Answer, Chat, ChatRequest, LlmError, Message, OnText, Tool, ToolCall, transport::Transport};
use config::LlmServer;

/// Context in tokens that is asked for where neither the configuration nor the model's file says one. Memory grows
/// with it, so that the most a model can do is often more than the machine can.
const DEFAULT_CONTEXT_TOKENS: u64 = 16_384;

pub(super) struct Ollama {
    transport: Transport,
    base_url: String,
    model: String,
    context: u64,
    about: OnceCell<About>,
}

/// What the server says about the model.
#[derive(Clone, Copy)]
struct About {
    context: u64,
    thinks: bool,
}

impl Ollama {
    pub fn new(server: &LlmServer, max_bytes: usize) -> Result<Self, LlmError> {
        let advice = "fetch it with `ollama pull`, or name another in OLLAMA_MODEL_NAME";
        let transport = Transport::new("Ollama", advice, server, max_bytes)?;
        let base_url = server.base_url.trim_end_matches('/');
        // The addresses of its other two interfaces are often given instead.
        let base_url = base_url.strip_suffix("/v1").or(base_url.strip_suffix("/api")).unwrap_or(base_url);
        let (model, context) = (server.model.clone(), server.context_tokens);
        Ok(Self { transport, base_url: base_url.to_owned(), model, context, about: OnceCell::new() })
    }

    async fn about(&self) -> Result<About, LlmError> {
        self.about.get_or_try_init(|| self.ask_about()).await.copied()
    }

    async fn ask_about(&self) -> Result<About, LlmError> {
        let body = json!({ "model": self.model, "name": self.model });
        let answer = self.transport.post(&format!("{}/api/show", self.base_url), &body).await?;
        let info: ModelInfo = serde_json::from_value(answer)
            .map_err(|_| self.transport.bad("does not describe the model, so this is probably not Ollama"))?;
        let thinks = info.capabilities.iter().any(|capability| capability == "thinking");
        Ok(About { context: self.context_of(&info), thinks })
    }

    fn context_of(&self, info: &ModelInfo) -> u64 {
        let length =
            |(key, value): (&String, &Value)| key.ends_with(".context_length").then(|| value.as_u64())?;
        let most = info.model_info.iter().find_map(length).unwrap_or(DEFAULT_CONTEXT_TOKENS);
        let in_file =
            info.parameters.lines().find_map(|line| line.trim().strip_prefix("num_ctx")?.trim().parse().ok());
        let needed =
            Some(self.context).filter(|tokens| *tokens > 0).or(in_file).unwrap_or(DEFAULT_CONTEXT_TOKENS);
        needed.min(most)
    }

    fn body(&self, request: &ChatRequest, about: About) -> Result<Value, LlmError> {
        let options = ModelOptions::default()
            .num_ctx(about.context)
            .num_predict(i32::try_from(request.max_output_tokens).unwrap_or(i32::MAX))
            .temperature(request.temperature as f32);
        let mut chat = ChatMessageRequest::new(self.model.clone(), Vec::new()).options(options);
        if let Some(schema) = &request.schema {
            let format: Result<FormatType, _> = serde_json::from_value(schema.clone());
            chat =
                chat.format(format.map_err(|error| LlmError::Config(format!("not a JSON schema: {error}")))?);
        }
        if about.thinks {
            chat = chat.think(ThinkType::False);
        }
        let mut body = serde_json::to_value(chat)
            .map_err(|error| LlmError::Config(format!("not a request: {error}")))?;
        // Without these, Ollama throws away what does not fit and says nothing.
        let ours = [("truncate", false), ("shift", false), ("stream", true)];
        let messages: Vec<Value> = request.messages.iter().map(message).collect();
        if let Some(fields) = body.as_object_mut() {
            fields.extend(ours.map(|(name, value)| (name.to_owned(), json!(value))));
            fields.insert("messages".to_owned(), messages.into());
            if !request.tools.is_empty() {
                fields.insert("tools".to_owned(), request.tools.iter().map(Tool::wire).collect());
            }
        }
        Ok(body)
    }
}

#[async_trait]
impl Chat for Ollama {
    fn name(&self) -> &'static str {
        "ollama"
    }

    fn model(&self) -> String {
        self.model.clone()
    }

    async fn context_tokens(&self) -> Result<u64, LlmError> {
        self.about().await.map(|about| about.context)
    }

    async fn chat(&self, request: &ChatRequest, on_text: &mut OnText<'_>) -> Result<Answer, LlmError> {
        let about = self.about().await?;
        let body = self.body(request, about)?;
        let (mut text, mut tool_calls, mut last) = (String::new(), Vec::new(), None);
        let mut read = |value| {
            let reply: Reply =
                serde_json::from_value(value).map_err(|_| self.transport.bad("is not in Ollama's format"))?;
            self.transport.extend(&mut text, &reply.message.content)?;
            on_text(&reply.message.content);
            tool_calls.extend(reply.message.tool_calls.iter().flatten().cloned());
            let more = !reply.done;
            last = Some(reply).filter(|reply| reply.done);
            Ok(more)
        };
        self.transport.stream(&format!("{}/api/chat", self.base_url), &body, &mut read).await?;
        let last = last.ok_or_else(|| self.transport.bad("ends in the middle"))?;
        // Older versions know no `truncate` and cut the question down to exactly the context.
        if last.prompt_eval_count >= about.context {
            let reason = format!("its context of {} tokens was full with the question", about.context);
            return Err(LlmError::ContextTooSmall { provider: self.transport.provider, reason });
        }
        Ok(Answer {
            text,
            tool_calls: tool_calls.into_iter().map(ToolCall::from).collect(),
            tokens_in: last.prompt_eval_count,
            tokens_out: last.eval_count,
            finished: last.done_reason.as_deref() != Some("length"),
        })
    }

    async fn check(&self) -> Result<String, LlmError> {
        let context = self.context_tokens().await?;
        Ok(format!(
            "Ollama at {} has the model {}; {context} tokens of context are used",
            self.base_url, self.model
        ))
    }
}

/// What is needed of each line of an answer; the last one is `done` and has the numbers. The type of `ollama-rs` knows
/// no `done_reason`.
#[derive(Deserialize)]
struct Reply {
    message: ReplyMessage,
    #[serde(default)]
    done: bool,
    done_reason: Option<String>,
    #[serde(default)]
    prompt_eval_count: u64,
    #[serde(default)]
    eval_count: u64,
}

#[derive(Deserialize)]
struct ReplyMessage {
    #[serde(default)]
    content: String,
    tool_calls: Option<Vec<Call>>,
}

#[derive(Clone, Deserialize)]
struct Call {
    #[serde(default)]
    id: String,
    function: Function,
}

#[derive(Clone, Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    arguments: Value,
}

impl From<Call> for ToolCall {
    fn from(Call { id, function: Function { name, arguments } }: Call) -> Self {
        Self { id, name, arguments }
    }
}

/// A message as Ollama takes it.
fn message(message: &Message) -> Value {
    let mut fields = Map::from_iter([
        ("role".to_owned(), json!(message.role.as_str())),
        ("content".to_owned(), json!(message.text)),
    ]);
    let call = |call: &ToolCall| json!({ "function": { "name": call.name, "arguments": call.arguments } });
    if !message.tool_calls.is_empty() {
        fields.insert("tool_calls".to_owned(), message.tool_calls.iter().map(call).collect());
    }
    if let Some(call) = &message.result_of {
        fields.insert("tool_name".to_owned(), json!(call.name));
    }
    fields.into()
}

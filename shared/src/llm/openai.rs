//! Servers that speak the OpenAI API: LM Studio, Gemini, OpenAI itself, vLLM, llama.cpp and many more.
//!
//! `async-openai` makes the requests, but sends them through our own transport: left to itself it reads answers of
//! any length, tries again unasked, and writes answers that it cannot read into the log.

mod dialect;
mod models;

use std::sync::Arc;

use async_openai::{Client, config::OpenAIConfig, error::OpenAIError, middleware::HttpRequestFactory};
use async_trait::async_trait;
use http::Response as HttpResponse;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::OnceCell;

use self::{dialect::Dialect, models::Found};
use super::{Answer, Chat, ChatRequest, LlmError, transport::Transport};
use crate::config::{LlmProvider, LlmServer};

pub(super) struct OpenAi {
    provider: LlmProvider,
    transport: Arc<Transport>,
    client: Client<OpenAIConfig>,
    base_url: String,
    model: String,
    context: u64,
    found: OnceCell<Found>,
    dialect: Dialect,
}

impl OpenAi {
    /// A client for the server of `provider`, which is one of those that speak this API.
    pub fn new(provider: LlmProvider, server: &LlmServer, max_bytes: usize) -> Result<Self, LlmError> {
        let (name, advice) = match provider {
            LlmProvider::LmStudio => ("LM Studio", "load it in LM Studio, or correct llm.lmstudio.model"),
            LlmProvider::Gemini => ("Gemini", "correct GEMINI_MODEL_NAME"),
            _ => ("the OpenAI-compatible server", "correct llm.openai.model"),
        };
        let transport = Arc::new(Transport::new(name, advice, server, max_bytes)?);
        let base_url = base_url(provider, &server.base_url);
        let client = client(Arc::clone(&transport), &base_url, server);
        let (model, context) = (server.model.clone(), server.context_tokens);
        let (found, dialect) = (OnceCell::new(), Dialect::default());
        Ok(Self { provider, transport, client, base_url, model, context, found, dialect })
    }

    async fn found(&self) -> Result<&Found, LlmError> {
        self.found.get_or_try_init(|| models::find(self)).await
    }

    async fn send(&self, body: Value) -> Result<Reply, LlmError> {
        let answer: Result<Value, OpenAIError> = self.client.chat().create_byot(body).await;
        let value = answer.map_err(|error| self.explain(error))?;
        serde_json::from_value(value)
            .map_err(|_| self.transport.bad("is not in the format of the OpenAI API"))
    }

    /// The transport's own error, which `async-openai` hands through. Its own errors can quote the answer.
    fn explain(&self, error: OpenAIError) -> LlmError {
        let ours = match error {
            OpenAIError::Boxed(inner) => inner.downcast::<LlmError>().ok(),
            _ => None,
        };
        ours.map_or_else(|| self.transport.bad("cannot be understood"), |error| *error)
    }
}

#[async_trait]
impl Chat for OpenAi {
    fn name(&self) -> &'static str {
        self.provider.as_str()
    }

    fn model(&self) -> String {
        self.found.get().map_or_else(|| self.model.clone(), |found| found.model.clone())
    }

    async fn context_tokens(&self) -> Result<u64, LlmError> {
        if self.context > 0 && !self.model.is_empty() {
            return Ok(self.context);
        }
        self.found().await.map(|found| if self.context > 0 { self.context } else { found.context })
    }

    async fn chat(&self, request: &ChatRequest) -> Result<Answer, LlmError> {
        let model =
            if self.model.is_empty() { self.found().await?.model.clone() } else { self.model.clone() };
        let reply = loop {
            match self.send(self.dialect.body(&model, request)).await {
                Err(LlmError::Rejected { reason, .. }) if self.dialect.give_in(&reason) => {}
                outcome => break outcome?,
            }
        };
        let choice = reply.choices.into_iter().next().ok_or_else(|| self.transport.bad("holds no text"))?;
        if choice.message.refusal.is_some() || choice.finish_reason.as_deref() == Some("content_filter") {
            return Err(self
                .transport
                .bad("was withheld: the model or its filter refuses to write about this"));
        }
        let usage = reply.usage.unwrap_or_default();
        Ok(Answer {
            text: choice.message.content.unwrap_or_default(),
            tokens_in: usage.prompt_tokens,
            tokens_out: usage.completion_tokens,
            finished: choice.finish_reason.as_deref() != Some("length"),
        })
    }

    async fn check(&self) -> Result<String, LlmError> {
        let found = self.found().await?;
        if !found.listed {
            // Lists leave out other names of a model; the server itself knows them.
            let (system, user) = ("Answer with one word.".to_owned(), "Are you there?".to_owned());
            let request = ChatRequest { system, user, schema: None, max_output_tokens: 16, temperature: 0.0 };
            self.chat(&request).await?;
        }
        let context = self.context_tokens().await?;
        let name = self.transport.provider;
        Ok(format!(
            "{name} at {} has the model {}; {context} tokens of context are used",
            self.base_url, found.model
        ))
    }
}

/// The address without a slash at the end; LM Studio's often lacks its only path.
fn base_url(provider: LlmProvider, given: &str) -> String {
    let url = given.trim_end_matches('/');
    let bare = provider == LlmProvider::LmStudio && !url.ends_with("/v1");
    if bare { format!("{url}/v1") } else { url.to_owned() }
}

fn client(transport: Arc<Transport>, base_url: &str, server: &LlmServer) -> Client<OpenAIConfig> {
    // Everything is set, because what is not set comes from environment variables meant for other programs.
    let key = if server.api_key.is_empty() { "none" } else { server.api_key.reveal() };
    let config =
        OpenAIConfig::new().with_api_base(base_url).with_api_key(key).with_org_id("").with_project_id("");
    let http = transport.client();
    let service = tower::service_fn(move |factory: HttpRequestFactory| {
        let transport = Arc::clone(&transport);
        async move {
            let (body, _) = transport.send(factory.build().await?).await.map_err(boxed)?;
            Ok::<_, OpenAIError>(HttpResponse::new(reqwest::Body::from(body)).into())
        }
    });
    Client::build(http, config).with_http_service(service)
}

fn boxed(error: LlmError) -> OpenAIError {
    OpenAIError::Boxed(Box::new(error))
}

/// What is needed of an answer; servers differ in the rest.
#[derive(Deserialize)]
struct Reply {
    choices: Vec<Choice>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
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

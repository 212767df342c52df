//! Servers that speak the OpenAI API: LM Studio, Gemini, OpenAI itself, vLLM, llama.cpp and many more.
//!
//! `async-openai` gives the wire types of requests. Its client is not used: it reads answers of any length, tries again
//! unasked, queues what streams in without limit, and writes answers that it cannot read into the log.

mod dialect;
mod models;
mod reading;

use async_trait::async_trait;
use tokio::sync::OnceCell;

use self::{dialect::Dialect, models::Found, reading::Reading};
use crate::{Answer, Chat, ChatRequest, LlmError, Message, OnText, transport::Transport};
use config::{LlmProvider, LlmServer};

pub(super) struct OpenAi {
    provider: LlmProvider,
    transport: Transport,
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
        let transport = Transport::new(name, advice, server, max_bytes)?;
        let base_url = base_url(provider, &server.base_url);
        let (model, context) = (server.model.clone(), server.context_tokens);
        let (found, dialect) = (OnceCell::new(), Dialect::default());
        Ok(Self { provider, transport, base_url, model, context, found, dialect })
    }

    async fn found(&self) -> Result<&Found, LlmError> {
        self.found.get_or_try_init(|| models::find(self)).await
    }

    async fn once(
        &self,
        model: &str,
        request: &ChatRequest,
        on_text: &mut OnText<'_>,
    ) -> Result<Answer, LlmError> {
        let url = format!("{}/chat/completions", self.base_url);
        let body = self.dialect.body(model, request)?;
        let mut reading = Reading::default();
        let mut read = |value| reading.add(value, &self.transport, on_text).map(|()| true);
        let marked = self.transport.stream(&url, &body, &mut read).await?;
        reading.end(marked, &self.transport)
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

    async fn chat(&self, request: &ChatRequest, on_text: &mut OnText<'_>) -> Result<Answer, LlmError> {
        let model =
            if self.model.is_empty() { self.found().await?.model.clone() } else { self.model.clone() };
        loop {
            match self.once(&model, request, on_text).await {
                Err(LlmError::Rejected { reason, .. }) if self.dialect.give_in(&reason) => {}
                outcome => return outcome,
            }
        }
    }

    async fn check(&self) -> Result<String, LlmError> {
        let found = self.found().await?;
        if !found.listed {
            // Lists leave out other names of a model; the server itself knows them.
            let messages = vec![Message::system("Answer with one word."), Message::user("Are you there?")];
            self.chat(&ChatRequest::new(messages, 16), &mut |_| ()).await?;
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

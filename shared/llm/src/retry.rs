//! Asks again what failed for a reason that may pass, within a budget, and never more at once than agreed.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::sync::Semaphore;

use crate::{Answer, Chat, ChatRequest, LlmError, OnPiece, Piece, reasoning::ThinkFilter};
use config::{LlmConfig, LlmServer};
use shared::backoff::Backoff;
use telemetry::metrics::METRICS;

/// What the questions for one set of minutes have cost so far.
#[derive(Debug, Default)]
pub struct TokenUsage {
    /// Tokens of the questions, where the server counts them.
    pub tokens_in: AtomicU64,
    /// Tokens of the answers.
    pub tokens_out: AtomicU64,
    /// Questions that were asked again.
    pub retries: AtomicU64,
}

impl TokenUsage {
    /// Counts a question that is asked again.
    pub fn again(&self, provider: &'static str) {
        self.retries.fetch_add(1, Ordering::Relaxed);
        METRICS.llm_retries.get_or_create(&[("provider", provider.to_owned())]).inc();
    }
}

/// A model that is asked again when it fails for a reason that may pass, and never by more at once than agreed.
pub struct RetryingChat {
    /// The model.
    pub chat: Box<dyn Chat>,
    /// Requests that may be under way at the same time, over all jobs.
    pub concurrency: usize,
    slots: Semaphore,
    retries: u32,
    backoff: Backoff,
    budget: Duration,
}

impl RetryingChat {
    pub(crate) fn new(chat: Box<dyn Chat>, server: &LlmServer, config: &LlmConfig) -> Self {
        Self {
            chat,
            concurrency: server.concurrency,
            slots: Semaphore::new(server.concurrency),
            retries: config.retries,
            backoff: Backoff {
                initial_delay: Duration::from_secs_f64(config.retry_wait_seconds),
                // The budget bounds it.
                max_delay: Duration::MAX,
            },
            budget: Duration::from_secs_f64(config.retry_budget_seconds),
        }
    }

    /// Asks, and asks again after failures that may pass. `on_piece` gets the words as they come, without thinking.
    pub async fn ask(
        &self,
        request: &ChatRequest,
        usage: &TokenUsage,
        on_piece: &mut OnPiece<'_>,
    ) -> Result<Answer, LlmError> {
        let mut spent = Spent::default();
        loop {
            match self.once(request, usage, on_piece).await {
                Ok(answer) => return Ok(answer),
                Err(error) => self.wait_after(error, &mut spent, usage).await?,
            }
            on_piece(Piece::Again);
        }
    }

    /// Tokens that question and answer may have together.
    pub async fn context(&self, usage: &TokenUsage) -> Result<u64, LlmError> {
        let mut spent = Spent::default();
        loop {
            match self.chat.context_tokens().await {
                Ok(tokens) => return Ok(tokens),
                Err(error) => self.wait_after(error, &mut spent, usage).await?,
            }
        }
    }

    async fn once(
        &self,
        request: &ChatRequest,
        usage: &TokenUsage,
        on_piece: &mut OnPiece<'_>,
    ) -> Result<Answer, LlmError> {
        let slot = self.slots.acquire().await;
        let mut spoken = ThinkFilter::new(on_piece);
        let answer = self.chat.chat(request, &mut |text| spoken.add(text)).await;
        self.count(&answer);
        let answer = answer?;
        spoken.end();
        drop(slot);
        usage.tokens_in.fetch_add(answer.tokens_in, Ordering::Relaxed);
        usage.tokens_out.fetch_add(answer.tokens_out, Ordering::Relaxed);
        Ok(answer)
    }

    fn count(&self, answer: &Result<Answer, LlmError>) {
        let provider = ("provider", self.chat.name().to_owned());
        let outcome = answer.as_ref().map_or_else(LlmError::code, |_| "ok");
        METRICS.llm_requests.get_or_create(&[provider.clone(), ("outcome", outcome.to_owned())]).inc();
        let Ok(Answer { tokens_in, tokens_out, .. }) = answer else { return };
        for (direction, tokens) in [("in", *tokens_in), ("out", *tokens_out)] {
            let labels = [provider.clone(), ("direction", direction.to_owned())];
            METRICS.llm_tokens.get_or_create(&labels).inc_by(tokens);
        }
    }

    /// Waits until it makes sense to try again.
    ///
    /// # Errors
    /// The error itself, if it makes none: a model that was too slow once is too slow twice, and a useless answer is
    /// the business of who understands it.
    async fn wait_after(
        &self,
        error: LlmError,
        spent: &mut Spent,
        usage: &TokenUsage,
    ) -> Result<(), LlmError> {
        let asked_for = match &error {
            LlmError::Overloaded { retry_after, .. } => Duration::from_secs(retry_after.unwrap_or(0)),
            LlmError::Unreachable { .. } | LlmError::ServerFailed { .. } => Duration::ZERO,
            _ => return Err(error),
        };
        let wait = self.backoff.delay(spent.tries + 1).max(asked_for);
        if spent.tries >= self.retries || spent.waited.saturating_add(wait) > self.budget {
            return Err(error);
        }
        tracing::warn!(
            code = error.code(),
            seconds = wait.as_secs_f64(),
            "the language model is asked again"
        );
        tokio::time::sleep(wait).await;
        *spent = Spent { tries: spent.tries + 1, waited: spent.waited + wait };
        usage.again(self.chat.name());
        Ok(())
    }
}

/// What trying again has cost so far.
#[derive(Default)]
struct Spent {
    tries: u32,
    waited: Duration,
}

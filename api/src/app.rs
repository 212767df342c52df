//! What the routes work with.

use std::{sync::Arc, time::Duration};

use config::{AuthConfig, ChatConfig, LimitsConfig, LlmConfig};
use futures::future::BoxFuture;
use library::Library;
use minutes::{Summariser, Templates};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::ModelManager;

/// The handles that the routes work with.
pub struct App {
    /// Everything that is kept, and whom to notify of it.
    pub library: Library,
    /// Who may do what.
    pub auth: AuthConfig,
    /// The speech models, where they lie with this process.
    pub models: Option<Arc<dyn ModelManager>>,
    /// Who writes the minutes, and who else could.
    pub llm: LlmConfig,
    /// Answers questions about jobs.
    pub summariser: Arc<Summariser>,
    /// How questions are answered.
    pub chat: ChatConfig,
    /// One permit for each question that may be answered at the same time.
    pub chats: Arc<Semaphore>,
    /// Templates that minutes can be written by.
    pub templates: Arc<Templates>,
    /// What is too much.
    pub limits: LimitsConfig,
    /// Longest that an upload may take.
    pub upload_time: Duration,
    /// Silence after which a request's body is given up.
    pub body_timeout: Duration,
    /// Longest that a request's body without a recording may take, and all text fields beside one together.
    pub small_body_timeout: Duration,
    /// What `GET /readyz` asks besides database and storage.
    pub checks: Vec<ReadyCheck>,
    /// Cancelled when the program is to end: streams end, and [`serve`](crate::serve) returns.
    pub stop: CancellationToken,
}

type Check = dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync;

/// Something that has to work before requests should be sent here.
pub struct ReadyCheck {
    pub(crate) name: &'static str,
    pub(crate) check: Box<Check>,
}

impl ReadyCheck {
    /// A check with a name; its error is a sentence that says what is wrong and what to do.
    pub fn new<F, R>(name: &'static str, check: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self { name, check: Box::new(move || Box::pin(check())) }
    }
}

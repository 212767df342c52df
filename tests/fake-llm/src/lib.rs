//! A language model server for tests, in process and on a free port. It speaks the wire formats of
//! Ollama (`/api/chat`, `/api/show`, `/api/tags`), of the OpenAI API (`/v1/chat/completions`,
//! `/v1/models`) and of LM Studio's model list (`/api/v0/models`).
//!
//! Chats are answered in pieces if the request asks for that, their bytes cut anywhere.
//! Unless told otherwise it answers well: it reads the numbered transcript lines of the request and
//! writes minutes that cite them ([`plausible()`]), or answers the question in it with one of them. [`FakeLlm::next`] and [`FakeLlm::always`] make it
//! misbehave as in [`Reply`].

mod meeting;
mod plausible;
mod routes;
mod stream;
mod wire;

use std::{
    collections::VecDeque,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use config::{Config, LlmConfig, LlmProvider};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

pub use meeting::{HOSTILE, meeting, said};
pub use plausible::answer as plausible;
pub use wire::Reply;

/// Model that the server has, unless [`Settings`] says otherwise.
pub const MODEL: &str = "fake-model:1b";

/// What the server is like.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Name of its one model.
    pub model: String,
    /// Context of the model in tokens, as told by `/api/show` and `/api/v0/models`.
    pub context_tokens: u64,
    /// Key that every request has to bring; none: all are let in.
    pub key: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { model: MODEL.to_owned(), context_tokens: 8192, key: None }
    }
}

/// A request for a chat as it came in.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Path that was asked, such as `/api/chat`.
    pub path: String,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The body.
    pub body: Value,
}

impl Seen {
    /// Text of the message with `role`.
    pub fn message(&self, role: &str) -> &str {
        wire::message(&self.body, role)
    }
}

/// The running server; ends when dropped.
pub struct FakeLlm {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl FakeLlm {
    /// Starts a server with the default [`Settings`] on a free port of this machine.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        Self::with(Settings::default()).await
    }

    /// Starts a server on a free port of this machine.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn with(settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State { settings, ..State::default() });
        let app = routes::router(Arc::clone(&state));
        let task = tokio::spawn(async move {
            // Ends only by being aborted; a failing accept is tried again by axum itself.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { address, state, task })
    }

    /// Base address for an Ollama client, without a slash at the end.
    pub fn ollama_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Base address for a client of the OpenAI API, ending in `/v1`.
    pub fn openai_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Answers the next chats with these replies, one each, before going back to what it did.
    pub fn next(&self, replies: impl IntoIterator<Item = Reply>) {
        lock(&self.state.script).once.extend(replies);
    }

    /// Answers every chat with this reply from now on, once those of [`FakeLlm::next`] are used up.
    pub fn always(&self, reply: Reply) {
        lock(&self.state.script).always = reply;
    }

    /// The chats that were asked for so far.
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.state.seen).clone()
    }

    /// The chats that are being answered at this moment.
    pub fn under_way(&self) -> usize {
        self.state.under_way.load(Ordering::SeqCst)
    }

    /// The most chats that were answered at the same time so far.
    pub fn most_at_once(&self) -> usize {
        self.state.most_at_once.load(Ordering::SeqCst)
    }
}

impl Drop for FakeLlm {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Default)]
struct Script {
    once: VecDeque<Reply>,
    always: Reply,
}

#[derive(Default)]
struct State {
    settings: Settings,
    script: Mutex<Script>,
    seen: Mutex<Vec<Seen>>,
    under_way: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl State {
    /// Counts a chat as under way until what it gives is dropped.
    fn begin(self: &Arc<Self>) -> UnderWay {
        let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(now, Ordering::SeqCst);
        UnderWay(Arc::clone(self))
    }

    fn reply_to(&self, seen: Seen) -> Reply {
        lock(&self.seen).push(seen);
        let mut script = lock(&self.script);
        script.once.pop_front().unwrap_or_else(|| script.always.clone())
    }
}

struct UnderWay(Arc<State>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A test that panicked elsewhere must not hide what this one sees.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A configuration that asks `server` and loses no time.
///
/// # Panics
/// When the default configuration cannot be read.
#[expect(clippy::unwrap_used, reason = "the defaults are read by every test")]
pub fn config(provider: LlmProvider, server: &FakeLlm) -> LlmConfig {
    let mut config = Config::load(None, |_| None, Vec::new()).unwrap().llm;
    config.provider = provider;
    config.retry_wait_seconds = 0.001;
    config.max_answer_bytes = 256 * 1024;
    config.ollama.base_url = server.ollama_url();
    config.lmstudio.base_url = server.openai_url();
    config.openai.base_url = server.openai_url();
    config.gemini.base_url = server.openai_url();
    config.ollama.model = MODEL.to_owned();
    config.openai.model = MODEL.to_owned();
    config.gemini.model = MODEL.to_owned();
    config.gemini.api_key = "test-key".into();
    config
}

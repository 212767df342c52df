//! A server with everything that belongs to it, in a folder of its own.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use api::{App, ModelManager, ReadyCheck};
use blobs::Blobs;
use bytesize::ByteSize;
use config::{AuthConfig, ChatConfig, Config, LimitsConfig, LlmConfig, ServerConfig};
use library::Library;
use minutes::{Summariser, Templates};
use relay::{
    bus::{Bus, InProcessBus, Notice, Subscription},
    queue::InProcessQueue,
};
use reqwest::{
    Client, Response,
    multipart::{Form, Part},
};
use reqwest_middleware::{ClientWithMiddleware, RequestBuilder};
use serde_json::Value;
use shared::{job::JobId, topic::Topic};
use store::Store;
use tempfile::TempDir;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// Longest that anything in these tests may take.
pub const TEST_TIMEOUT: Duration = Duration::from_secs(60);

/// What a world is made of where it is not as usual.
pub struct Plan {
    pub limits: LimitsConfig,
    pub llm: LlmConfig,
    pub chat: ChatConfig,
    pub server: ServerConfig,
    pub auth: AuthConfig,
    pub checks: Vec<ReadyCheck>,
    pub bus: Arc<dyn Bus>,
    pub models: Option<Arc<dyn ModelManager>>,
}

impl Default for Plan {
    fn default() -> Self {
        let config = Config::load(None, |_| None, Vec::new()).unwrap();
        let limits = LimitsConfig { min_free_space: ByteSize(0), ..config.limits };
        let bus = Arc::new(InProcessBus::default());
        let (llm, chat, server, auth) = (config.llm, config.chat, config.server, config.auth);
        Self { limits, llm, chat, server, auth, checks: Vec::new(), bus, models: None }
    }
}

impl Plan {
    pub async fn build(self) -> World {
        self.build_in(Arc::new(tempfile::tempdir().unwrap())).await
    }

    async fn build_in(self, folder: Arc<TempDir>) -> World {
        let url = format!("sqlite:{}/seogi.db", folder.path().display());
        let store = Store::connect(&url, 8, Duration::MAX, Arc::clone(&self.bus)).await.unwrap();
        store.migrate().await.unwrap();
        let blobs = Blobs::local(&folder.path().join("blobs")).unwrap();
        let stop = CancellationToken::new();
        let templates = Templates::load(&Config::load(None, |_| None, Vec::new()).unwrap()).unwrap();
        let app = App {
            library: Library::new(store.clone(), blobs, Arc::new(InProcessQueue::default()), self.bus),
            auth: self.auth,
            models: self.models,
            summariser: Arc::new(Summariser::from_config(&self.llm).unwrap()),
            llm: self.llm,
            chats: Arc::new(Semaphore::new(self.chat.concurrency)),
            chat: self.chat,
            templates: Arc::new(templates),
            limits: self.limits,
            upload_time: TEST_TIMEOUT,
            body_timeout: Duration::from_secs(self.server.body_timeout_seconds),
            small_body_timeout: Duration::from_secs(self.server.small_body_timeout_seconds),
            checks: self.checks,
            stop: stop.clone(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = self.server;
        let running = tokio::spawn(async move { api::serve(listener, app, &server).await });
        // An error says that another test was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(TEST_TIMEOUT).build().unwrap();
        let client = conformance::checked(client);
        World { store, address, client, stop, running: Some(running), folder }
    }
}

pub struct World {
    pub store: Store,
    pub address: SocketAddr,
    pub client: ClientWithMiddleware,
    pub stop: CancellationToken,
    pub running: Option<JoinHandle<std::io::Result<()>>>,
    pub folder: Arc<TempDir>,
}

pub async fn world() -> World {
    Plan::default().build().await
}

impl World {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path))
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(self.url(path))
    }

    pub async fn json(&self, path: &str) -> Value {
        let response = self.get(path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    /// The same folder with a new server.
    pub async fn restart(mut self) -> Self {
        self.stop.cancel();
        self.running.take().unwrap().await.unwrap().unwrap();
        self.store.close().await;
        Plan::default().build_in(Arc::clone(&self.folder)).await
    }

    /// Collects garbage, as workers do.
    pub async fn collect(&self) {
        let config = Config::load(None, |_| None, Vec::new()).unwrap();
        let blobs = Blobs::local(&self.folder.path().join("blobs")).unwrap();
        gc::Collector::new(self.store.clone(), blobs, &config.storage).collect().await.unwrap();
    }

    /// Uploads a small recording.
    pub async fn upload(&self) -> JobId {
        let response = self
            .post("/api/v1/jobs")
            .multipart(form("meeting.wav", b"RIFF....WAVEfmt "))
            .send()
            .await
            .unwrap();
        accepted(response).await
    }

    /// A client that says it sends an upload of so many bytes, and sends what it begins with.
    pub async fn begin_upload(&self, length: u64, begin: &str) -> TcpStream {
        let mut client = TcpStream::connect(self.address).await.unwrap();
        let head = format!(
            "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\
             Content-Type: multipart/form-data; boundary=b\r\n\r\n{begin}"
        );
        client.write_all(head.as_bytes()).await.unwrap();
        client
    }

    /// Every file on storage, also those that are not finished.
    pub fn files(&self) -> Vec<PathBuf> {
        walk(&self.folder.path().join("blobs"))
    }

    /// Waits until storage holds so many files.
    pub async fn until_files(&self, count: usize) {
        let there = async {
            while self.files().len() != count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        // What a busy machine lets fail once is tried again a minute later.
        let found = tokio::time::timeout(3 * TEST_TIMEOUT, there).await;
        assert!(found.is_ok(), "{count} files expected: {:?}", self.files());
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// The beginning of a form's part with a file, with the boundary `b`.
pub const FILE_PART: &str =
    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n";

pub fn form(name: &str, content: &[u8]) -> Form {
    Form::new().part("file", Part::bytes(content.to_vec()).file_name(name.to_owned()))
}

/// The job of an upload that was accepted.
pub async fn accepted(response: Response) -> JobId {
    assert_eq!(response.status(), 202);
    let body: Value = response.json().await.unwrap();
    body["job_id"].as_str().unwrap().parse().unwrap()
}

/// The status and the code of a problem, which must have everything that a problem has.
pub async fn problem(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert!(response.headers().contains_key("x-request-id"));
    let body: Value = response.json().await.unwrap();
    let code = body["code"].as_str().unwrap().to_owned();
    assert_eq!(body["status"], status);
    assert_eq!(body["type"], format!("urn:seogi:problem:{code}"));
    assert!(!body["title"].as_str().unwrap().is_empty());
    assert!(body["detail"].as_str().unwrap().ends_with('.'), "a sentence: {body}");
    (status, code)
}

/// A bus that loses every second event, and the word that a job was stopped.
#[derive(Default)]
pub struct LossyBus(InProcessBus);

impl Bus for LossyBus {
    fn publish(&self, topic: Topic, notice: Notice) {
        let is_lost = match &notice {
            Notice::Logged(event) => event.seq.is_multiple_of(2),
            Notice::Passing(_) => false,
            Notice::Stopped => true,
        };
        if !is_lost {
            self.0.publish(topic, notice);
        }
    }

    fn subscribe(&self, topic: Topic) -> Subscription {
        self.0.subscribe(topic)
    }
}

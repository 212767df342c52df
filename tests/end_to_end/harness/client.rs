//! A client as anybody would write one: HTTP, JSON and server-sent events.

use std::{path::Path, time::Duration};

use eventsource_stream::Eventsource;
use futures::{Stream, StreamExt};
use reqwest::{
    Response,
    multipart::{Form, Part},
};
use serde_json::Value;

/// Longer than anything here takes, so that what hangs fails.
pub const PATIENCE: Duration = Duration::from_secs(240);

#[derive(Clone)]
pub struct Client {
    pub address: String,
    pub http: reqwest::Client,
}

/// One event as it came over the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub id: String,
    pub name: String,
    pub data: Value,
}

impl Seen {
    /// Whether it is in the event log. (Clients keep the last id, so that others seem to have one, too.)
    pub fn is_durable(&self) -> bool {
        !["progress", "summary_delta"].contains(&self.name.as_str())
    }

    /// What the event says, whenever it was told.
    pub fn told(&self) -> Value {
        let mut told = self.data.clone();
        told.as_object_mut().unwrap().remove("is_historical");
        told
    }
}

impl Client {
    pub fn new(address: String) -> Self {
        // Another test in this process may have done it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A connection that waits for long is closed by the server, perhaps just when it is used again.
        let http = reqwest::Client::builder().pool_idle_timeout(Duration::from_secs(5)).build().unwrap();
        Self { address, http }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    pub async fn get(&self, path: &str) -> Response {
        self.http.get(self.url(path)).send().await.unwrap()
    }

    pub async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    /// What `find` finds in the answer from `path`, once it does.
    pub async fn found<T>(&self, path: &str, find: impl Fn(&Value) -> Option<T>) -> T {
        let looking = async {
            loop {
                if let Some(found) = find(&self.json(path).await) {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, looking).await.expect("it is there in the end")
    }

    pub async fn post(&self, path: &str) -> Response {
        self.http.post(self.url(path)).send().await.unwrap()
    }

    pub async fn upload_form(&self, form: Form) -> Response {
        self.http.post(self.url("/api/v1/jobs")).multipart(form).send().await.unwrap()
    }

    /// Uploads bytes under a file name; the job's id.
    pub async fn upload(&self, name: &str, bytes: Vec<u8>) -> String {
        self.try_upload(name, bytes).await.expect("the upload is accepted")
    }

    /// Uploads bytes under a file name; the job's id, or status and code of the refusal.
    pub async fn try_upload(&self, name: &str, bytes: Vec<u8>) -> Result<String, (u16, String)> {
        let part = Part::bytes(bytes).file_name(name.to_owned());
        let answer = self.upload_form(Form::new().part("file", part)).await;
        let status = answer.status().as_u16();
        let body = answer.json::<Value>().await.unwrap();
        let word = |key: &str| body[key].as_str().unwrap().to_owned();
        if status == 202 { Ok(word("job_id")) } else { Err((status, word("code"))) }
    }

    pub async fn upload_file(&self, path: &Path) -> String {
        self.upload(path.file_name().unwrap().to_str().unwrap(), std::fs::read(path).unwrap()).await
    }

    /// Uploads a file with text fields beside it; the job's id.
    pub async fn upload_with(&self, path: &Path, wishes: &[(&'static str, &'static str)]) -> String {
        let form = wishes.iter().fold(Form::new(), |form, (name, value)| form.text(*name, *value));
        let part = Part::bytes(std::fs::read(path).unwrap()).file_name("meeting");
        let answer: Value = self.upload_form(form.part("file", part)).await.json().await.unwrap();
        answer["job_id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// The job's durable events after `since`, until the server ends the stream.
    pub async fn events(&self, job: &str, since: Option<&str>) -> Vec<Seen> {
        let stream = self.watch(job, since).await;
        let all = stream.filter(|seen| std::future::ready(seen.is_durable())).collect();
        tokio::time::timeout(PATIENCE, all).await.expect("the stream ends")
    }

    /// The job's events as they come.
    pub async fn watch(&self, job: &str, since: Option<&str>) -> impl Stream<Item = Seen> + Unpin + use<> {
        let mut request = self.http.get(self.url(&format!("/api/v1/jobs/{job}/events")));
        if let Some(id) = since {
            request = request.header("Last-Event-ID", id);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        // A server that dies ends its streams with an error.
        let events =
            answer.bytes_stream().eventsource().take_while(|event| std::future::ready(event.is_ok()));
        let seen = events.filter_map(|event| async {
            let event = event.ok()?;
            Some(Seen { id: event.id, name: event.event, data: serde_json::from_str(&event.data).unwrap() })
        });
        Box::pin(seen)
    }

    /// Waits until the job is finished, and gives its whole result.
    pub async fn finished(&self, job: &str) -> Value {
        self.events(job, None).await;
        self.json(&format!("/api/v1/conversation/result/{job}")).await
    }

    /// Waits for an event of this name.
    pub async fn until(&self, job: &str, name: &str) {
        let mut events = self.watch(job, None).await;
        let found = async {
            while let Some(seen) = events.next().await {
                if seen.name == name {
                    return;
                }
            }
            panic!("the stream ended without {name}");
        };
        tokio::time::timeout(PATIENCE, found).await.expect("the event comes");
    }
}

/// The transcript of a result.
pub fn transcript(result: &Value) -> &str {
    result["original_transcript"].as_str().unwrap_or_default()
}

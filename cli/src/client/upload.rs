//! Uploading a recording: streamed from the disk, and safe to repeat when the answer is lost.

use std::{path::Path, time::Duration};

use futures::TryStreamExt;
use reqwest::{
    Body,
    multipart::{Form, Part},
};
use serde::Deserialize;
use shared::job::JobId;
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::{Client, ClientError};

/// Pauses before an upload that failed is tried again, as many times as there are.
pub(super) const RETRY_DELAYS: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(9)];

/// Bytes read at a time.
const READ_BYTES: usize = 256 * 1024;

/// A recording and what is asked for it.
pub struct Upload<'a> {
    /// The recording.
    pub file: &'a Path,
    /// What is asked for, as text fields of the form.
    pub fields: Vec<(&'static str, String)>,
}

#[derive(Deserialize)]
struct Accepted {
    job_id: JobId,
}

impl Client {
    /// Uploads a recording and answers its job; `sent` is told the bytes sent so far, again from 0 if the upload had
    /// to be repeated.
    ///
    /// The same idempotency key goes with every try, so that a lost answer makes no second job.
    ///
    /// # Errors
    /// When the file cannot be read, the server refuses it, or the connection breaks again and again.
    pub async fn upload(
        &self,
        upload: &Upload<'_>,
        sent: impl Fn(u64) + Clone + Send + Sync + 'static,
    ) -> Result<JobId, ClientError> {
        let key = uuid::Uuid::now_v7().to_string();
        let mut retry_delays = self.retry_delays.iter();
        loop {
            let request = self.http.post(self.url(&["jobs"])).header("Idempotency-Key", &key);
            let request = request.multipart(form(upload, sent.clone()).await?);
            let failed = match self.answer(request).await {
                Ok(response) => match response.json::<Accepted>().await {
                    Ok(accepted) => return Ok(accepted.job_id),
                    Err(error) => super::error::unreachable(&self.base, &error),
                },
                Err(error) => error,
            };
            match retry_delays.next() {
                Some(pause) if failed.may_pass() => tokio::time::sleep(*pause).await,
                _ => return Err(failed),
            }
        }
    }
}

/// The form, with the text before the recording so that the server knows what is asked for when that arrives.
async fn form(upload: &Upload<'_>, sent: impl Fn(u64) + Send + Sync + 'static) -> Result<Form, ClientError> {
    let unreadable = |error: std::io::Error| ClientError::File {
        path: upload.file.to_path_buf(),
        reason: error.to_string(),
    };
    let file = File::open(upload.file).await.map_err(unreadable)?;
    let metadata = file.metadata().await.map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(ClientError::File {
            path: upload.file.to_path_buf(),
            reason: "it is no file".to_owned(),
        });
    }
    let mut done = 0;
    let bytes = ReaderStream::with_capacity(file, READ_BYTES).inspect_ok(move |chunk| {
        done += chunk.len() as u64;
        sent(done);
    });
    let name = upload.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let recording = Part::stream_with_length(Body::wrap_stream(bytes), metadata.len()).file_name(name);
    let fields = upload.fields.iter();
    let form = fields.fold(Form::new(), |form, (name, value)| form.text(*name, value.clone()));
    Ok(form.part("file", recording))
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    };

    use axum::{
        Json, Router,
        http::{HeaderMap, StatusCode},
        response::{IntoResponse, Response},
        routing::post,
    };
    use url::Url;

    use super::*;

    const FAST_RETRIES: [Duration; 2] = [Duration::from_millis(1); 2];

    type Uploads = Arc<Mutex<Vec<(String, String)>>>;

    /// A server that notes key and body of every upload, and accepts from the one numbered `accepts` on.
    async fn server(accepts: usize, refusal: StatusCode) -> (Client, Uploads) {
        let uploads = Uploads::default();
        let noted = Arc::clone(&uploads);
        let upload = async move |headers: HeaderMap, body: String| -> Response {
            let mut noted = noted.lock().unwrap();
            noted.push((headers["idempotency-key"].to_str().unwrap().to_owned(), body));
            if noted.len() < accepts {
                return (refusal, Json(serde_json::json!({ "detail": "Not now." }))).into_response();
            }
            (StatusCode::ACCEPTED, Json(serde_json::json!({ "job_id": JobId::new() }))).into_response()
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let router = Router::new().route("/api/v1/jobs", post(upload));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let mut client = Client::new(base).unwrap();
        client.retry_delays = &FAST_RETRIES;
        (client, uploads)
    }

    #[tokio::test]
    async fn an_upload_is_repeated_whole_and_under_the_same_key() {
        let (client, uploads) = server(3, StatusCode::SERVICE_UNAVAILABLE).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a b.wav");
        let content = "all of it ".repeat(100_000);
        std::fs::write(&file, &content).unwrap();
        let upload = Upload {
            file: &file,
            fields: [("language", "ko"), ("summary_length", "short")]
                .map(|(name, value)| (name, value.to_owned()))
                .into(),
        };
        let most = Arc::new(AtomicU64::new(0));
        let sent = Arc::clone(&most);
        client
            .upload(&upload, move |bytes| {
                sent.fetch_max(bytes, Ordering::SeqCst);
            })
            .await
            .unwrap();
        assert_eq!(most.load(Ordering::SeqCst), content.len() as u64);
        let uploads = uploads.lock().unwrap();
        assert_eq!(uploads.len(), 3);
        for (key, body) in uploads.iter() {
            assert_eq!(key, &uploads[0].0);
            assert!(body.contains(&content) && body.contains("filename=\"a b.wav\""));
            assert!(body.contains("name=\"summary_length\"\r\n\r\nshort") && !body.contains("\"template\""));
            assert!(
                body.find("name=\"language\"") < body.find("name=\"file\"") && !body.contains("\"title\"")
            );
        }
    }

    #[tokio::test]
    async fn what_is_refused_for_good_is_not_repeated() {
        let (client, uploads) = server(9, StatusCode::PAYLOAD_TOO_LARGE).await;
        let file = tempfile::NamedTempFile::new().unwrap();
        let upload = Upload { file: file.path(), fields: Vec::new() };
        let error = client.upload(&upload, drop).await.unwrap_err();
        assert_eq!((error.to_string().as_str(), uploads.lock().unwrap().len()), ("Not now.", 1));
    }

    #[tokio::test]
    async fn a_folder_is_no_recording() {
        let (client, _) = server(1, StatusCode::OK).await;
        let folder = tempfile::tempdir().unwrap();
        let upload = Upload { file: folder.path(), fields: Vec::new() };
        let error = client.upload(&upload, drop).await.unwrap_err();
        assert!(
            matches!(error, ClientError::File { .. }) && error.to_string().contains("no file"),
            "{error}"
        );
    }
}

//! Uploads in pieces: nothing that came is lost, nothing counts twice, and nothing stays behind.

use std::time::Duration;

use bytesize::ByteSize;
use config::LimitsConfig;
use futures::future::join_all;
use reqwest::{Method, Response};
use reqwest_middleware::RequestBuilder;
use serde_json::json;
use shared::{job::JobId, upload::UploadId};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::world::{Plan, TEST_TIMEOUT, World, problem, world};

/// The file's name `회의.webm`, the title `월요일` and the language.
const METADATA: &str =
    "filename 7ZqM7J2YLndlYm0=,title 7JuU7JqU7J28,language a28=,cust_seq MTc=,filetype YXVkaW8=";

impl World {
    fn tus(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path)).header("Tus-Resumable", "1.0.0")
    }

    /// Begins an upload and answers its address.
    async fn begin(&self, size: Option<u64>) -> String {
        let request = self.tus(Method::POST, "/api/v1/uploads").header("Upload-Metadata", METADATA);
        let response = match size {
            Some(size) => request.header("Upload-Length", size),
            None => request.header("Upload-Defer-Length", 1),
        };
        let response = response.send().await.unwrap();
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()["tus-resumable"], "1.0.0");
        assert!(response.headers().contains_key("upload-expires"));
        response.headers()["location"].to_str().unwrap().to_owned()
    }

    fn piece(&self, address: &str, at: u64, bytes: &[u8]) -> RequestBuilder {
        self.tus(Method::PATCH, address)
            .header("Upload-Offset", at)
            .header("Content-Type", "application/offset+octet-stream")
            .body(bytes.to_vec())
    }

    async fn append(&self, address: &str, at: u64, bytes: &[u8]) -> Response {
        self.piece(address, at, bytes).send().await.unwrap()
    }

    async fn look(&self, address: &str) -> Response {
        self.tus(Method::HEAD, address).send().await.unwrap()
    }

    /// The number of the next byte.
    async fn offset(&self, address: &str) -> u64 {
        number(&self.look(address).await, "upload-offset")
    }

    async fn recording(&self, job: JobId) -> Vec<u8> {
        self.get(&format!("/api/v1/jobs/{job}/audio")).send().await.unwrap().bytes().await.unwrap().to_vec()
    }

    async fn jobs(&self) -> usize {
        self.json("/api/v1/jobs").await["jobs"].as_array().unwrap().len()
    }

    /// A client that says it sends a piece of so many bytes.
    async fn begin_piece(&self, address: &str, at: u64, length: u64) -> TcpStream {
        let mut client = TcpStream::connect(self.address).await.unwrap();
        let head = format!(
            "PATCH {address} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nContent-Length: {length}\r\n\
             Content-Type: application/offset+octet-stream\r\nUpload-Offset: {at}\r\n\r\n"
        );
        client.write_all(head.as_bytes()).await.unwrap();
        client
    }

    async fn until_offset(&self, address: &str, offset: u64) {
        let there = async {
            while self.offset(address).await != offset {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(TEST_TIMEOUT, there).await.expect("what came is counted");
    }
}

fn number(response: &Response, header: &str) -> u64 {
    response.headers()[header].to_str().unwrap().parse().unwrap()
}

fn job(response: &Response) -> JobId {
    assert!(response.status().is_success(), "{}", response.status());
    response.headers()["seogi-job"].to_str().unwrap().parse().unwrap()
}

/// Bytes of which no two places look alike.
fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|n| (n * 7 + n / 251) as u8).collect()
}

#[tokio::test]
async fn pieces_become_a_job_with_all_that_came_with_them() {
    let world = world().await;
    let content = bytes(300);
    let upload = world.begin(Some(300)).await;
    let look = world.look(&upload).await;
    assert_eq!((look.status().as_u16(), number(&look, "upload-offset")), (200, 0));
    assert_eq!(
        (number(&look, "upload-length"), look.headers()["cache-control"].as_bytes()),
        (300, &b"no-store"[..])
    );
    let first = world.append(&upload, 0, &content[..100]).await;
    assert_eq!((first.status().as_u16(), number(&first, "upload-offset")), (204, 100));
    assert!(first.headers().get("seogi-job").is_none());
    assert_eq!(world.jobs().await, 0);
    let id = job(&world.append(&upload, 100, &content[100..]).await);
    assert_eq!(world.recording(id).await, content);
    let made = world.json(&format!("/api/v1/jobs/{id}")).await;
    assert_eq!((&made["title"], &made["file_name"]), (&json!("월요일"), &json!("회의.webm")));
    assert_eq!((&made["metadata"], &made["options"]["language"]), (&json!({"cust_seq": "17"}), &json!("ko")));
    // Asked again, it is the same job, and the parts are gone.
    assert_eq!(job(&world.look(&upload).await), id);
    assert_eq!(job(&world.append(&upload, 300, b"").await), id);
    assert_eq!((world.jobs().await, world.files().len()), (1, 1));
}

#[tokio::test]
async fn a_recording_that_is_still_made_says_its_length_at_the_end() {
    let world = world().await;
    let upload = world.begin(None).await;
    assert_eq!(world.look(&upload).await.headers()["upload-defer-length"], "1");
    world.append(&upload, 0, b"first ").await;
    world.append(&upload, 6, b"second").await;
    let shorter = world.piece(&upload, 12, b"").header("Upload-Length", 11).send().await.unwrap();
    assert_eq!(problem(shorter).await, (400, "invalid_request".into()));
    let last = world.piece(&upload, 12, b"").header("Upload-Length", 12).send().await.unwrap();
    assert_eq!(world.recording(job(&last)).await, b"first second");
}

#[tokio::test]
async fn what_came_before_a_connection_broke_is_kept() {
    let world = world().await;
    let content = bytes(30_000_000);
    let upload = world.begin(Some(content.len() as u64)).await;
    let mut at = 0;
    for sent in [1_000, 12_000_000, 7] {
        let mut client = world.begin_piece(&upload, at as u64, (content.len() - at) as u64).await;
        client.write_all(&content[at..at + sent]).await.unwrap();
        client.shutdown().await.unwrap();
        at += sent;
        world.until_offset(&upload, at as u64).await;
    }
    let done = world.append(&upload, at as u64, &content[at..]).await;
    assert_eq!(world.recording(job(&done)).await, content);
    world.until_files(1).await;
}

#[tokio::test]
async fn a_client_that_falls_silent_is_told_and_can_go_on() {
    let mut plan = Plan::default();
    plan.server.body_timeout_seconds = 1;
    let world = plan.build().await;
    let upload = world.begin(Some(100)).await;
    let mut client = world.begin_piece(&upload, 0, 100).await;
    client.write_all(b"begin").await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert_eq!(world.offset(&upload).await, 5);
}

#[tokio::test]
async fn pieces_at_wrong_places_change_nothing() {
    let world = world().await;
    let upload = world.begin(Some(10)).await;
    world.append(&upload, 0, b"12345").await;
    for at in [0, 3, 6, 10, 11, u64::MAX] {
        assert_eq!(
            problem(world.append(&upload, at, b"x").await).await,
            (409, "wrong_offset".into()),
            "{at}"
        );
    }
    assert_eq!(problem(world.append(&upload, 5, b"678901").await).await, (413, "file_too_large".into()));
    assert_eq!(world.offset(&upload).await, 5);
    assert_eq!(world.recording(job(&world.append(&upload, 5, b"67890").await)).await, b"1234567890");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_clients_that_send_at_once_each_byte_counts_once() {
    let world = world().await;
    let content = bytes(100_000);
    let upload = world.begin(Some(content.len() as u64)).await;
    let send = async |_| {
        let mut job = None;
        while job.is_none() {
            let at = world.offset(&upload).await as usize;
            let end = content.len().min(at + 20_000);
            let answer = world.append(&upload, at as u64, &content[at..end]).await;
            assert!(matches!(answer.status().as_u16(), 204 | 409), "{}", answer.status());
            job = answer.headers().get("seogi-job").map(|id| id.to_str().unwrap().to_owned());
        }
        job.unwrap()
    };
    let jobs = join_all((0..8).map(send)).await;
    assert!(jobs.iter().all(|job| *job == jobs[0]), "{jobs:?}");
    assert_eq!(world.recording(jobs[0].parse().unwrap()).await, content);
    assert_eq!(world.jobs().await, 1);
    world.until_files(1).await;
}

#[tokio::test]
async fn a_length_that_was_never_said_is_limited_too() {
    let limits = LimitsConfig { max_file_size: ByteSize::kib(100), ..Plan::default().limits };
    let world = Plan { limits, ..Plan::default() }.build().await;
    let long =
        world.tus(Method::POST, "/api/v1/uploads").header("Upload-Length", 200_000).send().await.unwrap();
    assert_eq!(problem(long).await, (413, "file_too_large".into()));
    let upload = world.begin(None).await;
    world.append(&upload, 0, &bytes(60_000)).await;
    let refused = world.append(&upload, 60_000, &bytes(60_000)).await;
    assert_eq!(problem(refused).await, (413, "file_too_large".into()));
    assert_eq!(world.offset(&upload).await, 60_000);
    world.until_files(1).await;
}

#[tokio::test]
async fn an_upload_that_is_given_up_leaves_nothing() {
    let world = world().await;
    let upload = world.begin(Some(10_000_000)).await;
    world.append(&upload, 0, b"12345").await;
    let mut client = world.begin_piece(&upload, 5, 9_999_995).await;
    client.write_all(&bytes(2_000_000)).await.unwrap();
    world.until_files(2).await;
    assert_eq!(world.tus(Method::DELETE, &upload).send().await.unwrap().status(), 204);
    client.shutdown().await.unwrap();
    world.until_files(0).await;
    assert_eq!(world.look(&upload).await.status(), 404);
    assert_eq!(problem(world.append(&upload, 5, b"x").await).await, (404, "upload_not_found".into()));
    let again = world.tus(Method::DELETE, &upload).send().await.unwrap();
    assert_eq!(problem(again).await, (404, "upload_not_found".into()));
}

#[tokio::test]
async fn where_other_methods_are_not_let_through_posting_does_it() {
    let world = world().await;
    let post = |address: &str, method: &str| {
        world.tus(Method::POST, address).header("X-HTTP-Method-Override", method.to_owned())
    };
    let upload = world.begin(Some(5)).await;
    let piece = post(&upload, "PATCH").header("Upload-Offset", 0);
    let piece = piece.header("Content-Type", "application/offset+octet-stream").body("12345");
    job(&piece.send().await.unwrap());
    let other = world.begin(Some(5)).await;
    assert_eq!(problem(post(&other, "PUT").send().await.unwrap()).await, (405, "method_not_allowed".into()));
    assert_eq!(post(&other, "DELETE").send().await.unwrap().status(), 204);
    assert_eq!(world.look(&other).await.status(), 404);
}

#[tokio::test]
async fn a_deleted_job_does_not_come_back_by_its_upload() {
    let world = world().await;
    let upload = world.begin(Some(5)).await;
    let id = job(&world.append(&upload, 0, b"12345").await);
    assert_eq!(
        world.client.delete(world.url(&format!("/api/v1/jobs/{id}"))).send().await.unwrap().status(),
        204
    );
    assert_eq!(job(&world.look(&upload).await), id);
    assert_eq!((world.jobs().await, world.files().len()), (0, 0));
}

#[tokio::test]
async fn what_nobody_finished_is_looked_after_at_the_next_start() {
    let world = world().await;
    // As left by a process that was killed after the last byte, and in the middle of a part.
    let upload = world.begin(Some(5)).await;
    let id: UploadId = upload.rsplit('/').next().unwrap().parse().unwrap();
    let key = format!("uploads/{id}/1");
    world.store.note_part(id, &key).await.unwrap();
    let file = world.folder.path().join("blobs").join(&key);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, "12345").unwrap();
    assert!(world.store.count_part(id, &key, 0, 5, TEST_TIMEOUT).await.unwrap());
    world.store.note_part(id, &format!("uploads/{id}/2")).await.unwrap();
    // And one that nobody came back to.
    let late = world.begin(Some(5)).await;
    world.append(&late, 0, b"123").await;
    world.store.end_upload(late.rsplit('/').next().unwrap().parse().unwrap()).await.unwrap();

    let world = world.restart().await;
    world.collect().await;
    world.until_files(1).await;
    let settled = async {
        while world.jobs().await != 1 || !world.store.ended_uploads().await.unwrap().is_empty() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(TEST_TIMEOUT, settled).await.expect("the whole one is a job, the ended one is gone");
    assert_eq!(world.recording(job(&world.look(&upload).await)).await, b"12345");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let world = world().await;
    let post = |headers: &[(&str, &str)]| {
        let request = world.tus(Method::POST, "/api/v1/uploads");
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    };
    for headers in [
        &[][..],
        &[("Upload-Length", "-1")],
        &[("Upload-Length", "many")],
        &[("Upload-Length", "1"), ("Upload-Defer-Length", "1")],
        &[("Upload-Length", "1"), ("Upload-Metadata", "title !!!")],
        &[("Upload-Length", "1"), ("Upload-Metadata", "title /w==")],
        &[("Upload-Length", "1"), ("Upload-Metadata", "language ZW5nbGlzaA==")],
    ] {
        let answer = post(headers).send().await.unwrap();
        assert_eq!(problem(answer).await, (400, "invalid_request".into()), "{headers:?}");
    }
    let korean = post(&[("Upload-Length", "5")]).header("Upload-Metadata", "title 회의".as_bytes());
    assert_eq!(problem(korean.send().await.unwrap()).await, (400, "invalid_request".into()));
    let signed = post(&[("Upload-Length", "+5")]).send().await.unwrap();
    assert_eq!(problem(signed).await, (400, "invalid_request".into()));
    let empty = post(&[("Upload-Length", "0")]).send().await.unwrap();
    assert_eq!(problem(empty).await, (400, "file_empty".into()));
    let old = world.post("/api/v1/uploads").header("Tus-Resumable", "0.2.0").send().await.unwrap();
    assert_eq!(old.headers()["tus-version"], "1.0.0");
    assert_eq!(problem(old).await, (412, "tus_version".into()));
    let upload = world.begin(Some(5)).await;
    let kind = world.tus(Method::PATCH, &upload).header("Upload-Offset", 0).body("x").send().await.unwrap();
    assert_eq!(problem(kind).await, (415, "unsupported_media_type".into()));
    for name in ["x", "018f0000-0000-7000-8000-000000000000"] {
        assert_eq!(world.look(&format!("/api/v1/uploads/{name}")).await.status(), 404);
    }
    let options = world.client.request(Method::OPTIONS, world.url("/api/v1/uploads")).send().await.unwrap();
    assert_eq!(options.headers()["tus-version"], "1.0.0");
    assert_eq!(number(&options, "tus-max-size"), 4 << 30);
    let foreign = post(&[("Upload-Length", "1"), ("Origin", "https://evil.example")]).send().await.unwrap();
    assert_eq!(problem(foreign).await, (403, "cross_origin".into()));
}

#[tokio::test]
async fn nothing_is_begun_when_storage_is_nearly_full() {
    let limits = LimitsConfig { min_free_space: ByteSize::pib(1000), ..Plan::default().limits };
    let world = Plan { limits, ..Plan::default() }.build().await;
    let refused = world.tus(Method::POST, "/api/v1/uploads").header("Upload-Length", 5).send().await.unwrap();
    assert_eq!(problem(refused).await, (507, "storage_full".into()));
}

//! Uploads: kept when accepted, and without a trace when not.

use std::{collections::HashSet, path::PathBuf, time::Duration};

use bytes::Bytes;
use futures::{future::join_all, stream};
use reqwest::{
    Body,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use crate::world::{FILE_PART, Plan, TEST_TIMEOUT, accepted, form, problem, world};

#[tokio::test]
async fn an_upload_becomes_a_job_with_all_that_came_with_it() {
    let world = world().await;
    for address in ["/api/v1/jobs", "/api/v1/conversation/request"] {
        let form = Form::new()
            .text("cure_seq", "1")
            .text("title", " Montag ")
            .text("language", "ko")
            .text("model", "large-v3-turbo")
            .part("file", Part::bytes(b"RIFF....WAVE".to_vec()).file_name("../회의.wav"))
            .text("patient_seq", "<script>");
        let response = world.post(address).multipart(form).send().await.unwrap();
        assert_eq!(response.status(), 202);
        let location = response.headers()["location"].to_str().unwrap().to_owned();
        let body: Value = response.json().await.unwrap();
        assert_eq!((&body["job_type"], &body["status"]), (&json!("BATCH"), &json!("PENDING")));
        assert_eq!(location, format!("/api/v1/jobs/{}", body["job_id"].as_str().unwrap()));
        assert!(body["message"].as_str().unwrap().contains("events"));

        let job = world.json(&location).await;
        assert_eq!(job["job_id"], body["job_id"]);
        assert_eq!((&job["title"], &job["file_name"]), (&json!("Montag"), &json!("회의.wav")));
        assert_eq!(job["metadata"], json!({"cure_seq": "1", "patient_seq": "<script>"}));
        assert_eq!(job["options"], json!({"language": "ko", "model": "large-v3-turbo"}));
        assert_eq!((&job["size_bytes"], &job["progress"]["stage"]), (&json!(12), &json!("queued")));
    }
    assert_eq!(world.files().len(), 2);
}

#[tokio::test]
async fn a_recording_of_64_mib_is_streamed_to_storage() {
    let world = world().await;
    let chunk = Bytes::from(vec![7; 64 * 1024]);
    let chunks = stream::iter((0..1024).map(move |_| Ok::<_, std::io::Error>(chunk.clone())));
    let part = Part::stream(Body::wrap_stream(chunks)).file_name("long.wav");
    let before = peak_memory();
    let response = world.post("/api/v1/jobs").multipart(Form::new().part("file", part)).send().await.unwrap();
    let job = accepted(response).await;
    assert_eq!(world.store.job(job).await.unwrap().size_bytes, 64 << 20);
    assert_eq!(std::fs::metadata(&world.files()[0]).unwrap().len(), 64 << 20);
    if let (Some(before), Some(after)) = (before, peak_memory()) {
        assert!(after - before < 32 << 20, "memory grew by {} KiB", (after - before) >> 10);
    }
}

/// The most memory that this process ever had, in bytes, where the system tells it.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kib| kib << 10)
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing() {
    let world = world().await;
    for tenth in 1..10 {
        let mut client = world.begin_upload(10_000_000, FILE_PART).await;
        client.write_all(&vec![1; tenth * 1_000_000]).await.unwrap();
        world.until_files(1).await;
        drop(client);
        world.until_files(0).await;
    }
    assert_eq!(world.json("/api/v1/jobs").await["jobs"], json!([]));
}

#[tokio::test]
async fn an_upload_that_stops_coming_is_given_up() {
    let mut plan = Plan::default();
    plan.server.body_timeout_seconds = 1;
    let world = plan.build().await;
    let mut client = world.begin_upload(10_000_000, FILE_PART).await;
    client.write_all(b"begin").await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"timeout\""), "{answer}");
    world.until_files(0).await;
}

#[tokio::test]
async fn fifty_equal_posts_with_one_key_make_one_job_and_keep_one_recording() {
    let world = world().await;
    let send = async |_| {
        let request = world
            .post("/api/v1/jobs")
            .header("Idempotency-Key", "4f1c")
            .multipart(form("a.wav", &[3; 100_000]));
        accepted(request.send().await.unwrap()).await
    };
    let jobs: HashSet<_> = join_all((0..50).map(send)).await.into_iter().collect();
    assert_eq!(jobs.len(), 1);
    assert_eq!(world.json("/api/v1/jobs").await["jobs"].as_array().unwrap().len(), 1);
    world.until_files(1).await;
    let kept =
        world.get(&format!("/api/v1/jobs/{}/audio", jobs.iter().next().unwrap())).send().await.unwrap();
    assert_eq!(kept.bytes().await.unwrap(), vec![3; 100_000]);

    let other =
        world.post("/api/v1/jobs").header("Idempotency-Key", "4f1c").multipart(form("a.wav", b"other"));
    assert_eq!(problem(other.send().await.unwrap()).await, (409, "key_reused".into()));
    world.until_files(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_recording_has_its_job_when_clients_do_not_wait_for_the_answer() {
    let world = world().await;
    let body = format!("{FILE_PART}{}\r\n--b--\r\n", "x".repeat(10_000));
    let impatient = async |n: u64| {
        let client = world.begin_upload(body.len() as u64, &body).await;
        tokio::time::sleep(Duration::from_micros(n * 97)).await;
        drop(client);
    };
    world.upload().await;
    join_all((0..200).map(impatient)).await;
    let name = |file: PathBuf| file.file_name().unwrap().to_str().unwrap().to_owned();
    let (mut jobs, mut files) = (HashSet::new(), HashSet::new());
    let same = async {
        while jobs.is_empty() || jobs != files {
            tokio::time::sleep(Duration::from_millis(20)).await;
            jobs = world.store.waiting(1000).await.unwrap().iter().map(ToString::to_string).collect();
            files = world.files().into_iter().map(name).collect();
        }
    };
    let settled = timeout(TEST_TIMEOUT, same).await;
    assert!(
        settled.is_ok(),
        "without a job: {:?}; without a recording: {:?}",
        &files - &jobs,
        &jobs - &files
    );
}

//! Uploads: kept when accepted, and without a trace when not.

use std::{collections::HashSet, time::Duration};

use bytes::Bytes;
use bytesize::ByteSize;
use futures::{future::join_all, stream};
use reqwest::{
    Body, Response,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use shared::{config::LimitsConfig, job::JobStatus};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::world::{Plan, World, accepted, form, problem, world};

/// A world whose limits are small.
async fn strict() -> World {
    let limits = LimitsConfig {
        max_file_size: ByteSize::kib(100),
        max_fields: 3,
        max_field_bytes: 100,
        ..Plan::default().limits
    };
    Plan { limits, ..Plan::default() }.build().await
}

/// A form that is sent as it is.
async fn send_raw(world: &World, body: &str) -> Response {
    let request = world.post("/api/v1/jobs").header("Content-Type", "multipart/form-data; boundary=b");
    request.body(body.replace('\n', "\r\n")).send().await.unwrap()
}

#[tokio::test]
async fn an_upload_becomes_a_job_with_all_that_came_with_it() {
    let world = world().await;
    for address in ["/api/v1/jobs", "/api/v1/conversation/request"] {
        let form = Form::new()
            .text("cure_seq", "1")
            .text("title", " Montag ")
            .part("file", Part::bytes(b"RIFF....WAVE".to_vec()).file_name("../회의.wav"))
            .text("language", "ko")
            .text("model", "large-v3-turbo")
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
    let head = "POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\
                Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n\
                Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n";
    for tenth in 1..10 {
        let mut client = TcpStream::connect(world.address).await.unwrap();
        client.write_all(head.as_bytes()).await.unwrap();
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
    let mut client = TcpStream::connect(world.address).await.unwrap();
    let head = "POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\
                Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n\
                Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nbegin";
    client.write_all(head.as_bytes()).await.unwrap();
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

#[tokio::test]
async fn a_key_has_visible_letters() {
    let world = world().await;
    for key in ["", "a b", "é", &"x".repeat(256)] {
        let request = world
            .post("/api/v1/jobs")
            .header("Idempotency-Key", key.as_bytes())
            .multipart(form("a.wav", b"x"));
        assert_eq!(problem(request.send().await.unwrap()).await, (400, "invalid_request".into()), "{key:?}");
    }
}

#[tokio::test]
async fn a_form_without_a_recording_is_refused() {
    let world = world().await;
    let send =
        async |form: Form| problem(world.post("/api/v1/jobs").multipart(form).send().await.unwrap()).await;
    assert_eq!(send(Form::new().text("title", "a")).await, (400, "file_missing".into()));
    assert_eq!(send(Form::new().text("file", "@a.wav")).await, (400, "file_missing".into()));
    let elsewhere = Form::new().part("audio", Part::bytes(b"x".to_vec()).file_name("a.wav"));
    assert_eq!(send(elsewhere).await, (400, "file_missing".into()));
    assert_eq!(send(form("a.wav", b"")).await, (400, "file_empty".into()));
    let twice = form("a.wav", b"x").part("file", Part::bytes(b"y".to_vec()).file_name("b.wav"));
    assert_eq!(send(twice).await, (400, "invalid_request".into()));
    assert_eq!(send(form("a.wav", b"x").text("language", "../x")).await, (400, "invalid_request".into()));
    assert_eq!(send(form("a.wav", b"x").text("model", "/etc/passwd")).await, (400, "invalid_request".into()));
    assert_eq!(send(form("a.wav", b"x").text("title", "a\nb")).await, (400, "invalid_request".into()));
    let no_form = world.post("/api/v1/jobs").body("RIFF").send().await.unwrap();
    assert_eq!(problem(no_form).await, (415, "unsupported_media_type".into()));
    world.until_files(0).await;
}

#[tokio::test]
async fn limits_hold_whatever_the_client_declares() {
    let world = strict().await;
    let send =
        async |form: Form| problem(world.post("/api/v1/jobs").multipart(form).send().await.unwrap()).await;
    let chunks = |count: usize| stream::iter((0..count).map(|_| Ok::<_, std::io::Error>(vec![0_u8; 1024])));
    let undeclared =
        |count| Form::new().part("file", Part::stream(Body::wrap_stream(chunks(count))).file_name("a"));
    assert_eq!(send(undeclared(101)).await, (413, "file_too_large".into()));
    assert_eq!(send(undeclared(1_000_000)).await, (413, "file_too_large".into()));
    assert_eq!(send(form("a", &vec![0; 10_000_000])).await, (413, "file_too_large".into()));
    assert_eq!(send(form("a", b"x").text("note", "x".repeat(200))).await, (413, "field_limit".into()));
    assert_eq!(send(form("a", b"x").text("n".repeat(200), "x")).await, (413, "field_limit".into()));
    let many = (0..4).fold(form("a", b"x"), |form, n| form.text(format!("f{n}"), "x"));
    assert_eq!(send(many).await, (413, "field_limit".into()));
    world.until_files(0).await;
    let fitting =
        world.post("/api/v1/jobs").multipart(undeclared(100).text("note", "x".repeat(90))).send().await;
    accepted(fitting.unwrap()).await;
}

#[tokio::test]
async fn a_client_that_sends_everything_before_it_reads_learns_why_it_was_refused() {
    let world = strict().await;
    let mut client = TcpStream::connect(world.address).await.unwrap();
    let head = "POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 30000000\r\n\
                Content-Type: multipart/form-data; boundary=b\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..300 {
        client.write_all(&[0; 100_000]).await.expect("the connection is not reset");
    }
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("file_too_large"), "{answer}");
}

#[tokio::test]
async fn nothing_is_accepted_when_storage_is_nearly_full() {
    let limits = LimitsConfig { min_free_space: ByteSize::pib(1000), ..Plan::default().limits };
    let world = Plan { limits, ..Plan::default() }.build().await;
    let response = world.post("/api/v1/jobs").multipart(form("a.wav", b"x")).send().await.unwrap();
    assert_eq!(problem(response).await, (507, "storage_full".into()));
    let ready = world.get("/readyz").send().await.unwrap();
    assert_eq!(ready.status(), 503);
}

#[tokio::test]
async fn a_recording_larger_than_what_is_free_is_refused_before_it_comes() {
    let limits = LimitsConfig { max_file_size: ByteSize::pib(1000), ..Plan::default().limits };
    let world = Plan { limits, ..Plan::default() }.build().await;
    let mut client = TcpStream::connect(world.address).await.unwrap();
    let head = format!(
        "POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\
         Content-Type: multipart/form-data; boundary=b\r\n\r\n",
        1_u64 << 58
    );
    client.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    client.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 507");
}

#[tokio::test]
async fn names_of_files_are_made_safe() {
    let world = world().await;
    for (name, expected) in [
        ("../../../etc/passwd", "passwd"),
        ("..\\\\..\\\\boot.ini", "boot.ini"),
        ("a\u{202e}gpj.exe", "agpj.exe"),
        ("", "recording"),
        ("<img src=x onerror=alert(1)>.wav", "<img src=x onerror=alert(1)>.wav"),
    ] {
        let body =
            format!("--b\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\n\nx\n--b--\n");
        let job = accepted(send_raw(&world, &body).await).await;
        assert_eq!(world.store.job(job).await.unwrap().file_name, expected);
    }
    let long =
        accepted(world.post("/api/v1/jobs").multipart(form(&"x".repeat(4096), b"x")).send().await.unwrap())
            .await;
    assert_eq!(world.store.job(long).await.unwrap().file_name.len(), 255);
    let outside = world.folder.path().join("etc");
    assert!(!outside.exists());
}

#[tokio::test]
async fn forms_that_are_broken_are_refused() {
    let world = world().await;
    let part = "--b\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\n\nx";
    for body in [
        "",
        "--b",
        "--b--\n\n",
        "no boundary at all",
        part,
        &format!("{part}\n--b\n"),
        "--b\nContent-Disposition: form-data; filename=\"a\"\n\nx\n--b--\n",
        "--b\nNo-Colon\n\nx\n--b--\n",
        "--b\nContent-Disposition: form-data; name=\"\u{7f}\u{1}\"; filename=\"a\"\n\nx\n--b--\n",
    ] {
        let (status, code) = problem(send_raw(&world, body).await).await;
        assert!(
            status == 400 && ["invalid_request", "file_missing"].contains(&code.as_str()),
            "{code}: {body:?}"
        );
    }
    world.until_files(0).await;
}

#[tokio::test]
async fn a_head_without_end_is_refused_long_before_it_ends() {
    let world = world().await;
    for begin in ["--b\r\nX-Long: ", "what comes before the first part "] {
        let filler = Bytes::from_static(&[b'x'; 4096]);
        let chunks = std::iter::once(Bytes::from(begin)).chain(std::iter::repeat_n(filler, 100_000));
        let request = world.post("/api/v1/jobs").header("Content-Type", "multipart/form-data; boundary=b");
        let body = Body::wrap_stream(stream::iter(chunks.map(Ok::<_, std::io::Error>)));
        let response = request.body(body).send().await.unwrap();
        let answer: Value = response.json().await.unwrap();
        assert_eq!((&answer["status"], &answer["code"]), (&json!(400), &json!("invalid_request")));
        assert!(answer["detail"].as_str().unwrap().contains("longer than"), "{begin}: {answer}");
    }
}

#[tokio::test]
async fn what_was_accepted_stays_when_the_client_does_not_wait_for_the_answer() {
    let world = world().await;
    let mut client = TcpStream::connect(world.address).await.unwrap();
    let body =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nabc\r\n--b--\r\n";
    let head = format!(
        "POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\n\r\n{body}",
        body.len()
    );
    client.write_all(head.as_bytes()).await.unwrap();
    drop(client);
    // Either nothing or everything: a job with its recording.
    for _ in 0..100 {
        let jobs = world.store.waiting(10).await.unwrap();
        if let Some(job) = jobs.first() {
            assert_eq!(world.store.job(*job).await.unwrap().status, JobStatus::Pending);
            world.until_files(1).await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.until_files(0).await;
}

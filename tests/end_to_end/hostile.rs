//! Hostile input: a typed error each time, and the next job works.

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde_json::Value;

use crate::harness::{Client, Home, silence, wav};

/// Files that no decoder should trust, and the codes they may fail with.
fn hostile_files() -> Vec<(&'static str, Vec<u8>)> {
    let sound = wav(&vec![1000; 32_000]);
    let patched = |at: usize, bytes: &[u8]| {
        let mut file = sound.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    let mp3 = std::fs::read(ground_truth::recording("meeting_en.mp3").path()).unwrap();
    let webm = std::fs::read(ground_truth::recording("meeting_en.webm").path()).unwrap();
    let flac = std::fs::read(ground_truth::recording("meeting_en.flac").path()).unwrap();
    vec![
        ("text.wav", b"This is not a recording.".to_vec()),
        ("page.mp3", b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>".to_vec()),
        ("zeros.flac", vec![0; 100_000]),
        ("noise.ogg", (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()),
        ("empty-data.wav", wav(&[])),
        ("100ms.wav", silence(1)[..44 + 3200].to_vec()),
        ("header-only.wav", sound[..44].to_vec()),
        ("rate-0.wav", patched(24, &0_u32.to_le_bytes())),
        ("rate-max.wav", patched(24, &u32::MAX.to_le_bytes())),
        ("channels-0.wav", patched(22, &0_u16.to_le_bytes())),
        ("channels-max.wav", patched(22, &u16::MAX.to_le_bytes())),
        ("bits-0.wav", patched(34, &0_u16.to_le_bytes())),
        ("codec-unknown.wav", patched(20, &0x7777_u16.to_le_bytes())),
        ("length-lies.wav", patched(40, &u32::MAX.to_le_bytes())),
        ("head-of.webm", webm[..300].to_vec()),
        ("head-of.flac", flac[..30].to_vec()),
        ("riff.mp3", [b"RIFF".as_slice(), &[0xff; 5000]].concat()),
        ("ftyp.m4a", [b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00".as_slice(), &[0xff; 5000]].concat()),
        ("ogg.ogg", [b"OggS\x00\x02".as_slice(), &[0; 20], &[0xff; 5000]].concat()),
        ("playlist.m3u8", b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n".to_vec()),
        ("concat.txt", b"ffconcat version 1.0\nfile '/etc/passwd'\n".to_vec()),
        ("swapped.mp3", mp3.chunks(417).rev().flatten().copied().collect()),
    ]
}

async fn ends_typed(client: &Client, name: &str, bytes: Vec<u8>) {
    let job = client.upload(name, bytes).await;
    let result = client.finished(&job).await;
    let status = result["status"].as_str().unwrap();
    assert!(matches!(status, "FAILED" | "COMPLETED"), "{name}: {status}");
    if status == "FAILED" {
        let job = client.json(&format!("/api/v1/jobs/{job}")).await;
        let (code, message) =
            (job["failure"]["code"].as_str().unwrap(), job["failure"]["message"].as_str().unwrap());
        assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}: {code}");
        assert_ne!(code, "worker_crashed", "{name}");
        assert!(message.ends_with('.') && message.contains(' '), "{name}: {message}");
        assert!(!message.contains("root:"), "{name}: {message}");
    }
}

#[tokio::test]
async fn hostile_recordings_fail_alone() {
    let home = Home::new();
    let server = home.serve();
    for (name, bytes) in hostile_files() {
        ends_typed(&server.client, name, bytes).await;
    }
    let good = server.client.upload_file(&ground_truth::recording("short_en.wav").path()).await;
    assert_eq!(server.client.finished(&good).await["status"], "COMPLETED");
}

#[tokio::test]
async fn hostile_requests_are_refused_by_code() {
    let home = Home::new().with("MAX_FILE_SIZE", "1 MiB");
    let server = home.serve();
    let client = &server.client;
    let file = |bytes: Vec<u8>| Part::bytes(bytes).file_name("a.wav");
    let code = async |form: Form| {
        let answer = client.upload_form(form).await;
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: Value = answer.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().len() > 10, "{problem}");
        problem["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(code(Form::new().text("title", "no file")).await, "file_missing");
    assert_eq!(code(Form::new().part("file", file(Vec::new()))).await, "file_empty");
    assert_eq!(code(Form::new().part("file", file(vec![0; 2 << 20]))).await, "file_too_large");
    let many =
        (0..100).fold(Form::new().part("file", file(silence(1))), |form, n| form.text(format!("f{n}"), "x"));
    assert_eq!(code(many).await, "field_limit");
    let long = Form::new().part("file", file(silence(1))).text("notes", "x".repeat(100_000));
    assert_eq!(code(long).await, "field_limit");
    assert_eq!(client.get("/api/v1/jobs/not-an-id").await.status(), 404);
    assert_eq!(client.get("/api/v1/jobs/00000000-0000-7000-8000-000000000000").await.status(), 404);
    assert_eq!(client.get("/api/v1/nothing").await.status(), 404);
    assert_eq!(client.get("/../../etc/passwd").await.status(), 404);
}

#[tokio::test]
async fn hostile_names_and_words_stay_text() {
    let home = Home::new();
    let server = home.serve();
    let audio = std::fs::read(ground_truth::recording("short_en.wav").path()).unwrap();
    for name in ["../../../etc/passwd", "\u{202e}gnp.wav", &"x".repeat(4096), "<script>alert(1)</script>.wav"]
    {
        let job = server.client.upload(name, audio.clone()).await;
        let shown = server.client.json(&format!("/api/v1/jobs/{job}")).await;
        let file_name = shown["file_name"].as_str().unwrap();
        assert!(
            file_name.chars().count() <= 255 && !file_name.contains(['/', '\0', '\u{202e}']),
            "{file_name:?}"
        );
        assert_eq!(server.client.finished(&job).await["status"], "COMPLETED");
    }
    // No header may hold this, whatever a form says.
    let zero = Form::new().part("file", Part::bytes(audio).file_name("a\0b.wav"));
    assert_eq!(server.client.upload_form(zero).await.status(), 400);
}

#[tokio::test]
async fn a_recording_over_the_limit_of_hours_is_stopped_while_decoding() {
    let home = Home::new().with("SEOGI_MAX_HOURS", 0.01);
    let server = home.serve();
    let job = server.client.upload_file(&ground_truth::recording("meeting_en.m4a").path()).await;
    let result = server.client.finished(&job).await;
    assert_eq!(result["status"], "FAILED");
    let job = server.client.json(&format!("/api/v1/jobs/{job}")).await;
    assert_eq!(job["failure"]["code"], "recording_too_long");
}

#[tokio::test]
async fn a_client_that_never_ends_its_request_is_let_go() {
    let home = Home::new().with("SEOGI_HEADER_TIMEOUT", 1);
    let server = home.serve();
    let address = server.client.address.trim_start_matches("http://").to_owned();
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut socket, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        .await
        .unwrap();
    let mut rest = Vec::new();
    let ended = tokio::io::AsyncReadExt::read_to_end(&mut socket, &mut rest);
    // A connection that is cut and one that is closed are the same here.
    let _ = tokio::time::timeout(Duration::from_secs(60), ended).await.expect("the server hangs up");
}

//! What HTTP and tus ask of a server, byte by byte.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{
    worker::begin,
    world::{FILE_PART, Plan, TEST_TIMEOUT, World, world},
};

/// Asks over a connection of its own, which it half closes behind the request; the whole answer.
async fn ask(world: &World, request: &str) -> String {
    let mut client = TcpStream::connect(world.address).await.unwrap();
    client.write_all(request.as_bytes()).await.unwrap();
    client.shutdown().await.unwrap();
    rest(&mut client).await
}

/// All that comes until the server closes the connection.
async fn rest(client: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    timeout(TEST_TIMEOUT, client.read_to_end(&mut answer)).await.expect("an answer in time").unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// A request with these lines behind the first; `Host` among them or not.
fn head(first: &str, lines: &[&str]) -> String {
    format!("{first} HTTP/1.1\r\n{}\r\n", lines.iter().map(|line| format!("{line}\r\n")).collect::<String>())
}

fn with_body(first: &str, lines: &[&str], body: &str) -> String {
    let length = format!("Content-Length: {}", body.len());
    head(first, &[&["Host: localhost", length.as_str()], lines].concat()) + body
}

#[track_caller]
fn begins(answer: &str, status: u16) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
}

#[tokio::test]
async fn who_sends_nothing_more_has_every_answer() {
    let world = world().await;
    let job = world.upload().await;
    let mut worker = begin(&world.store, job).await;
    worker.say("Maria will review the budget by Friday.").await;
    begins(&ask(&world, &head("GET /api/v1/jobs", &["Host: localhost"])).await, 200);
    let change = with_body(
        &format!("PATCH /api/v1/jobs/{job}"),
        &["Content-Type: application/json"],
        r#"{"title": "a"}"#,
    );
    begins(&ask(&world, &change).await, 200);
    let form = with_body(
        "POST /api/v1/jobs",
        &["Content-Type: multipart/form-data; boundary=b"],
        &format!("{FILE_PART}RIFF....WAVEfmt \r\n--b--\r\n"),
    );
    begins(&ask(&world, &form).await, 202);
    // A stream goes on behind the end of the request.
    let mut watcher = TcpStream::connect(world.address).await.unwrap();
    let events = head(&format!("GET /api/v1/jobs/{job}/events"), &["Host: localhost"]);
    watcher.write_all(events.as_bytes()).await.unwrap();
    watcher.shutdown().await.unwrap();
    worker.complete().await;
    let answer = rest(&mut watcher).await;
    begins(&answer, 200);
    assert!(
        answer.contains("event: transcript_segment") && answer.contains("event: final_summary"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_request_names_one_host() {
    let world = world().await;
    begins(&ask(&world, &head("GET /healthz", &["Connection: close"])).await, 400);
    begins(&ask(&world, &head("GET /healthz", &["Host: localhost", "Host: localhost"])).await, 400);
    begins(&ask(&world, &head("GET /healthz", &["Host: localhost"])).await, 200);
}

#[tokio::test]
async fn ranges_that_cannot_be_given_are_refused_and_malformed_ones_are_not_seen() {
    let world = world().await;
    let job = world.upload().await;
    let audio = format!("GET /api/v1/jobs/{job}/audio");
    for (range, status) in
        [("bytes=-0", 416), ("bytes=x-y", 200), ("bytes=5-2", 200), ("bytes", 200), ("bytes=0-0", 206)]
    {
        let answer = ask(&world, &head(&audio, &["Host: localhost", &format!("Range: {range}")])).await;
        begins(&answer, status);
        let declared = answer.to_lowercase().contains("content-range: bytes */16");
        assert_eq!(declared, status == 416, "{answer}");
    }
}

#[tokio::test]
async fn lengths_have_no_signs_and_metadata_is_ascii() {
    let world = world().await;
    let begin = async |lines: &[&str]| {
        let lines = [&["Host: localhost", "Tus-Resumable: 1.0.0"], lines].concat();
        ask(&world, &head("POST /api/v1/uploads", &lines)).await
    };
    begins(&begin(&["Upload-Length: 5"]).await, 201);
    for lines in [
        &["Upload-Length: +5"][..],
        &["Upload-Length: -5"],
        &["Upload-Length: 0x5"],
        &["Upload-Length: 5", "Upload-Metadata: filename \u{d68c}"],
    ] {
        let answer = begin(lines).await;
        begins(&answer, 400);
        assert!(answer.contains("application/problem+json") && answer.contains("; send "), "{answer}");
    }
    begins(&ask(&world, &head("POST /api/v1/jobs", &["Host: localhost", "Content-Length: +5"])).await, 400);
}

#[tokio::test]
async fn json_is_nobody_elses_and_comes_as_it_is() {
    let world = world().await;
    let answer = ask(&world, &head("GET /api/v1/jobs", &["Host: localhost"])).await;
    assert!(answer.contains("cache-control: no-store\r\n"), "{answer}");
    assert!(answer.contains("cross-origin-resource-policy: same-origin\r\n"), "{answer}");
    let job = world.upload().await;
    let packed = with_body(
        &format!("PATCH /api/v1/jobs/{job}"),
        &["Content-Type: application/json", "Content-Encoding: gzip"],
        "{}",
    );
    begins(&ask(&world, &packed).await, 415);
}

#[tokio::test]
async fn what_came_of_a_piece_is_kept_when_the_server_stops() {
    let world = world().await;
    let begin =
        head("POST /api/v1/uploads", &["Host: localhost", "Tus-Resumable: 1.0.0", "Upload-Length: 100"]);
    let begun = ask(&world, &begin).await;
    let address = begun.lines().find_map(|line| line.strip_prefix("location: ")).unwrap().to_owned();
    let mut client = TcpStream::connect(world.address).await.unwrap();
    let lines = [
        "Host: localhost",
        "Tus-Resumable: 1.0.0",
        "Upload-Offset: 0",
        "Content-Type: application/offset+octet-stream",
        "Content-Length: 100",
    ];
    client.write_all((head(&format!("PATCH {address}"), &lines) + "half of it").as_bytes()).await.unwrap();
    world.until_files(1).await;
    let world = world.restart().await;
    let look =
        ask(&world, &head(&format!("HEAD {address}"), &["Host: localhost", "Tus-Resumable: 1.0.0"])).await;
    assert!(look.contains("upload-offset: 10\r\n"), "{look}");
}

/// Sends a byte at a time, which never is silence, until the server answers.
async fn drip(world: &World, begin: &str) -> String {
    let mut client = TcpStream::connect(world.address).await.unwrap();
    client.write_all(begin.as_bytes()).await.unwrap();
    let (mut reader, mut writer) = client.split();
    let mut answer = vec![0; 1024];
    let dripping = async {
        while writer.write_all(b" ").await.is_ok() {
            sleep(Duration::from_millis(50)).await;
        }
        std::future::pending().await
    };
    let answered = tokio::select! {
        read = timeout(TEST_TIMEOUT, reader.read(&mut answer)) => read.expect("an answer in time").unwrap(),
        never = dripping => never,
    };
    String::from_utf8_lossy(&answer[..answered]).into_owned()
}

#[tokio::test]
async fn small_bodies_have_a_time_in_all() {
    let mut plan = Plan::default();
    plan.server.small_body_timeout_seconds = 2;
    let world = plan.build().await;
    let job = world.upload().await;
    let long = ["Host: localhost", "Content-Length: 50000"];
    let json = head(
        &format!("PATCH /api/v1/jobs/{job}"),
        &[&long[..], &["Content-Type: application/json"]].concat(),
    );
    let form =
        head("POST /api/v1/jobs", &[&long[..], &["Content-Type: multipart/form-data; boundary=b"]].concat());
    let field = "--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n";
    for request in [json + "{", form.clone() + field, form + "--b\r\nX: "] {
        let answer = drip(&world, &request).await;
        begins(&answer, 408);
        assert!(answer.contains("application/problem+json"), "{answer}");
    }
    // A recording may take as long as it needs, as long as it comes.
    let mut client = world.begin_upload(FILE_PART.len() as u64 + 50 + 9, FILE_PART).await;
    for _ in 0..50 {
        client.write_all(b"x").await.unwrap();
        sleep(Duration::from_millis(50)).await;
    }
    client.write_all(b"\r\n--b--\r\n").await.unwrap();
    client.shutdown().await.unwrap();
    begins(&rest(&mut client).await, 202);
}

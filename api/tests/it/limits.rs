//! What is too much, and that whoever sends it is told so.

use bytesize::ByteSize;
use config::LimitsConfig;
use futures::stream;
use reqwest::{
    Body,
    multipart::{Form, Part},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::world::{Plan, World, accepted, form, problem};

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
    let mut client = world.begin_upload(30_000_000, "").await;
    for _ in 0..300 {
        client.write_all(&[0; 100_000]).await.expect("the connection is not reset");
    }
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("file_too_large"), "{answer}");
    assert!(answer.contains("connection: close"), "a client must not ask anything else here: {answer}");
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
    let mut client = world.begin_upload(1 << 58, "").await;
    let mut answer = vec![0; 12];
    client.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 507");
}

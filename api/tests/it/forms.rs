//! Forms that mean no good or are made badly: each is understood or refused.

use bytes::Bytes;
use futures::stream;
use reqwest::{
    Body, Response,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::world::{FILE_PART, World, accepted, form, problem, world};

/// A form that is sent as it is.
async fn send_raw(world: &World, body: &str) -> Response {
    let request = world.post("/api/v1/jobs").header("Content-Type", "multipart/form-data; boundary=b");
    request.body(body.replace('\n', "\r\n")).send().await.unwrap()
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
    for (name, value) in [("language", "../x"), ("model", "/etc/passwd"), ("title", "a\nb")] {
        let file = Part::bytes(b"x".to_vec()).file_name("a.wav");
        let wrong = Form::new().text(name, value).part("file", file);
        assert_eq!(send(wrong).await, (400, "invalid_request".into()), "{name}");
    }
    let late = world.post("/api/v1/jobs").multipart(form("a.wav", b"x").text("language", "ko"));
    let refused: Value = late.send().await.unwrap().json().await.unwrap();
    assert_eq!(refused["detail"], "The field `language` came after the file; send it before.");
    let no_form = world.post("/api/v1/jobs").body("RIFF").send().await.unwrap();
    assert_eq!(problem(no_form).await, (415, "unsupported_media_type".into()));
    world.until_files(0).await;
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
async fn names_of_files_are_read_in_every_form() {
    let world = world().await;
    for (name, expected) in [
        (&b"filename=\"\xed\x9a\x8c\xec\x9d\x98.wav\""[..], "\u{d68c}\u{c758}.wav"),
        (b"filename*=utf-8''%ED%9A%8C%EC%9D%98.wav", "\u{d68c}\u{c758}.wav"),
        (b"filename*=UTF-8'ko'..%2F%ED%9A%8C.wav; x=y", "\u{d68c}.wav"),
        (b"filename=\"caf\xe9.wav\"", "recording"),
        (b"filename=plain.wav", "plain.wav"),
    ] {
        let head = b"--b\r\nContent-Disposition: form-data; name=\"file\"; ";
        let body = [&head[..], name, b"\r\n\r\nx\r\n--b--\r\n"].concat();
        let request = world.post("/api/v1/jobs").header("Content-Type", "multipart/form-data; boundary=b");
        let job = accepted(request.body(body).send().await.unwrap()).await;
        assert_eq!(world.store.job(job).await.unwrap().file_name, expected);
    }
}

#[tokio::test]
async fn wishes_that_make_no_sense_are_refused_before_the_recording_comes() {
    let world = world().await;
    let model = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n../../etc/passwd\r\n";
    let mut client = world.begin_upload(10_000_000, &format!("{model}{FILE_PART}begin")).await;
    let mut answer = vec![0; 12];
    client.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 400");
    world.until_files(0).await;
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

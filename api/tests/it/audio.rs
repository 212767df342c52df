//! The recording: whole, in part, and never as something that a browser would run.

use shared::job::JobId;

use crate::world::{World, accepted, form, problem, world};

async fn recording(world: &World, name: &str, content: &[u8]) -> JobId {
    accepted(world.post("/api/v1/jobs").multipart(form(name, content)).send().await.unwrap()).await
}

#[tokio::test]
async fn a_recording_comes_back_as_it_was_sent() {
    let world = world().await;
    let content: Vec<u8> =
        b"RIFF\x24\0\0\0WAVEfmt ".iter().copied().chain((0..200_000).map(|n| (n % 251) as u8)).collect();
    let job = recording(&world, "회의 1.wav", &content).await;
    let audio = format!("/api/v1/jobs/{job}/audio");
    let response = world.get(&audio).send().await.unwrap();
    let headers = response.headers().clone();
    assert_eq!(headers["content-type"], "audio/x-wav");
    assert_eq!(headers["content-length"], content.len().to_string());
    assert_eq!(
        (&headers["accept-ranges"], &headers["x-content-type-options"]),
        (&"bytes".parse().unwrap(), &"nosniff".parse().unwrap())
    );
    let name = "inline; filename=\"__ 1.wav\"; filename*=UTF-8''%ED%9A%8C%EC%9D%98%201.wav";
    assert_eq!(headers["content-disposition"], name);
    assert_eq!(response.bytes().await.unwrap(), content);

    let head = world.client.head(world.url(&audio)).send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), &head.headers()["content-length"]),
        (200, &headers["content-length"])
    );
    assert!(head.bytes().await.unwrap().is_empty());

    let tag = headers["etag"].to_str().unwrap();
    let known = world.get(&audio).header("If-None-Match", tag).send().await.unwrap();
    assert_eq!((known.status().as_u16(), &known.headers()["etag"]), (304, &headers["etag"]));
    for (range, if_range, from, to) in [
        ("bytes=0-0", None, 0, 0),
        ("bytes=100-199999", None, 100, 199_999),
        ("bytes=5-", Some(tag), 5, content.len() - 1),
        ("bytes=-7", None, content.len() - 7, content.len() - 1),
        ("bytes=0-99999999", None, 0, content.len() - 1),
    ] {
        let mut request = world.get(&audio).header("Range", range);
        if let Some(tag) = if_range {
            request = request.header("If-Range", tag);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 206, "{range}");
        assert_eq!(response.headers()["content-range"], format!("bytes {from}-{to}/{}", content.len()));
        assert_eq!(response.headers()["content-length"], (to - from + 1).to_string());
        assert_eq!(response.bytes().await.unwrap(), content[from..=to], "{range}");
    }
    for (range, if_range) in
        [("bytes=0-1,5-6", None), ("pages=1-2", None), ("bytes=0-1", Some("\"another\""))]
    {
        let mut request = world.get(&audio).header("Range", range);
        if let Some(tag) = if_range {
            request = request.header("If-Range", tag);
        }
        let response = request.send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), response.bytes().await.unwrap().len()),
            (200, content.len()),
            "{range}"
        );
    }
    let beyond = world.get(&audio).header("Range", "bytes=999999-").send().await.unwrap();
    assert_eq!(beyond.headers()["content-range"], format!("bytes */{}", content.len()));
    assert_eq!(problem(beyond).await, (416, "range_not_satisfiable".into()));
}

#[tokio::test]
async fn a_page_that_says_it_is_a_recording_is_not_shown_as_a_page() {
    let world = world().await;
    for (name, content) in [
        ("a.html", &b"<html><script>alert(1)</script>"[..]),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.js", b"alert(1)"),
    ] {
        let job = recording(&world, name, content).await;
        let response = world.get(&format!("/api/v1/jobs/{job}/audio")).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "application/octet-stream");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert!(
            response.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'self'")
        );
    }
}

#[tokio::test]
async fn a_recording_that_somebody_took_away_is_missed() {
    let world = world().await;
    let job = recording(&world, "a.wav", b"RIFF").await;
    std::fs::remove_file(&world.files()[0]).unwrap();
    let response = world.get(&format!("/api/v1/jobs/{job}/audio")).send().await.unwrap();
    assert_eq!(problem(response).await, (404, "recording_missing".into()));
}

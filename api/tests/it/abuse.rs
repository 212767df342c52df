//! Connections that mean no good. The server stays as it was.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::world::{Plan, World, world};

/// All that the server answers to these bytes until it closes the connection.
async fn answer(world: &World, bytes: &[u8]) -> String {
    let mut client = TcpStream::connect(world.address).await.unwrap();
    client.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // The connection may be reset; what came before counts.
    let _ = client.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_head_that_does_not_come_is_not_waited_for() {
    let mut plan = Plan::default();
    plan.server.header_timeout_seconds = 1;
    let world = plan.build().await;
    answer(&world, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n").await;
    answer(&world, b"").await;
    assert_eq!(world.get("/healthz").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let mut plan = Plan::default();
    plan.server.body_timeout_seconds = 1;
    let world = plan.build().await;
    let job = world.upload().await;
    let head = format!(
        "PATCH /api/v1/jobs/{job} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    );
    let answer = answer(&world, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"timeout\""), "{answer}");
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    let world = world().await;
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"[..],
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    ] {
        let answer = answer(&world, bytes).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer:?}");
    }
    let long = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {}\r\n\r\n", "x".repeat(200_000));
    let answer = answer(&world, long.as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer:?}");
    assert_eq!(world.get("/healthz").send().await.unwrap().status(), 200);
}

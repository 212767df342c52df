//! The end of the server: in time, whoever is connected.

use std::time::Duration;

use futures::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::world::{FILE_PART, World, world};

/// Two seconds are promised; a busy machine gets more.
const IN_TIME: Duration = Duration::from_secs(5);

async fn stop(world: &mut World) {
    world.stop.cancel();
    let running = world.running.take().unwrap();
    timeout(IN_TIME, running).await.expect("the server ends in time").unwrap().unwrap();
}

#[tokio::test]
async fn fifty_watchers_are_sent_home() {
    let mut world = world().await;
    let job = world.upload().await;
    let mut watches = join_all((0..50).map(|_| world.watch(job))).await;
    for watch in &mut watches {
        watch.next().await.unwrap();
    }
    stop(&mut world).await;
    for watch in watches {
        watch.rest().await;
    }
    assert!(TcpStream::connect(world.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn clients_that_do_nothing_do_not_hold_it_up() {
    let mut world = world().await;
    let mut silent = TcpStream::connect(world.address).await.unwrap();
    let mut half = TcpStream::connect(world.address).await.unwrap();
    half.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n").await.unwrap();
    let mut upload = world.begin_upload(100_000, &format!("{FILE_PART}half a recording")).await;
    world.until_files(1).await;
    stop(&mut world).await;
    for client in [&mut silent, &mut half, &mut upload] {
        let mut rest = Vec::new();
        // Closed or reset: either way nobody is left waiting.
        let _ = client.read_to_end(&mut rest).await;
    }
    world.until_files(0).await;
}

#[tokio::test]
async fn a_request_under_way_is_answered() {
    let mut world = world().await;
    world.upload().await;
    let waiting = world.get("/api/v1/jobs").send();
    let (response, ()) = tokio::join!(waiting, stop(&mut world));
    // Either it came before the end and has its answer, or it came after and nobody was there.
    if let Ok(response) = response {
        assert_eq!(response.status(), 200);
    }
}

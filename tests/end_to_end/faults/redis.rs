//! Redis, which may lose everything at any time: it holds nothing that is not in the database.

use std::time::Duration;

use futures::StreamExt;
use test_servers::{Line, Proxy, Redis};

use crate::harness::{Client, Home, outcome, told, undisturbed};

fn meeting() -> std::path::PathBuf {
    ground_truth::recording("meeting_en.flac").path()
}

/// Uploads so many short recordings.
async fn upload_short(client: &Client, count: usize) -> Vec<String> {
    let mut jobs = Vec::new();
    for _ in 0..count {
        jobs.push(client.upload_file(&ground_truth::recording("short_en.wav").path()).await);
    }
    jobs
}

async fn all_completed(client: &Client, jobs: Vec<String>) {
    for job in jobs {
        assert_eq!(outcome(client, &job).await.status, "COMPLETED");
    }
}

#[tokio::test]
async fn redis_may_go_and_come_back_empty_with_uploads_coming_in() {
    let mut redis = Redis::start();
    let home = Home::new().with("REDIS_URL", redis.url());
    let (api, _worker) = (home.api(), home.worker());
    let before = api.client.upload_file(&meeting()).await;
    api.client.until(&before, "transcript_segment").await;
    redis.kill();
    let during = upload_short(&api.client, 5).await;
    assert_eq!(api.client.get("/readyz").await.status(), 503);
    assert_eq!(outcome(&api.client, &before).await, undisturbed(&meeting()).await);
    all_completed(&api.client, during).await;
    redis.start_again();
    let after = upload_short(&api.client, 2).await;
    all_completed(&api.client, after).await;
    assert_eq!(api.client.get("/readyz").await.status(), 200);
}

#[tokio::test]
async fn redis_may_be_emptied_and_hang_up_on_its_listeners_at_every_event() {
    let redis = Redis::start();
    let home = Home::new().with("REDIS_URL", redis.url());
    let (api, other, _worker) = (home.api(), home.api(), home.worker());
    let job = api.client.upload_file(&meeting()).await;
    let waiting = upload_short(&api.client, 3).await;
    let elsewhere = tokio::spawn({
        let (client, job) = (other.client.clone(), job.clone());
        async move { client.events(&job, None).await }
    });
    let mut events = api.client.watch(&job, None).await;
    let mut seen = Vec::new();
    while let Some(event) = events.next().await {
        redis.tell("FLUSHALL");
        redis.tell("CLIENT KILL TYPE pubsub");
        seen.extend(event.is_durable().then_some(event));
    }
    assert_eq!(told(&seen), told(&elsewhere.await.unwrap()));
    assert_eq!(outcome(&api.client, &job).await, undisturbed(&meeting()).await);
    all_completed(&api.client, waiting).await;
}

#[tokio::test]
async fn redis_may_be_slow_and_hang() {
    let redis = Redis::start();
    let proxy = Proxy::to(redis.port);
    let home = Home::new().with("REDIS_URL", format!("redis://127.0.0.1:{}/", proxy.port));
    proxy.turn(Line::Slow(Duration::from_millis(600)));
    let (api, _worker) = (home.api(), home.worker());
    let job = api.client.upload_file(&meeting()).await;
    assert_eq!(outcome(&api.client, &job).await, undisturbed(&meeting()).await);
    for line in [Line::Stalled, Line::Cut, Line::Good] {
        proxy.turn(line);
        let jobs = upload_short(&api.client, 1).await;
        all_completed(&api.client, jobs).await;
    }
}

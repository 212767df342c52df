//! What watchers are told is the same, whenever and however often they join.

use futures::StreamExt;

use crate::harness::{Home, PATIENCE, repeated, told};

#[tokio::test]
async fn a_finished_a_running_and_a_resumed_stream_tell_the_same() {
    let home = Home::new();
    let server = home.serve();
    let client = &server.client;
    let job = client.upload_file(&ground_truth::recording("meeting_en.m4a").path()).await;
    let running = client.events(&job, None).await;
    let finished = client.events(&job, None).await;
    assert_eq!(told(&running), told(&finished));
    assert!(finished.iter().all(|seen| seen.data["is_historical"] == true));
    let ids: Vec<u64> = running.iter().map(|seen| seen.id.parse().unwrap()).collect();
    assert_eq!(ids, (1..=ids.len() as u64).collect::<Vec<_>>());
    assert_eq!(running.last().unwrap().name, "final_summary");
    for seen in &running {
        assert_eq!(seen.data["type"], seen.name);
        assert!(seen.data["status"].is_string());
    }
    for from in 0..running.len() {
        let resumed = client.events(&job, Some(&running[from].id)).await;
        assert_eq!(told(&resumed), told(&running)[from + 1..], "resumed after {}", running[from].id);
    }
}

#[tokio::test]
async fn watchers_who_join_at_any_moment_see_everything_once() {
    let home = Home::new();
    let server = home.serve();
    let client = &server.client;
    let long = repeated(&ground_truth::recording("meeting_en.m4a").path(), home.path(), 4);
    let job = client.upload_file(&long).await;
    // Every event that comes is a moment at which further watchers join.
    let mut first = client.watch(&job, None).await;
    let (mut watchers, mut seen) = (Vec::new(), Vec::new());
    while let Some(event) = tokio::time::timeout(PATIENCE, first.next()).await.unwrap() {
        let (client, job) = (client.clone(), job.clone());
        watchers.push(tokio::spawn(async move { client.events(&job, None).await }));
        if event.is_durable() {
            seen.push(event);
        }
    }
    assert!(watchers.len() > 60, "only {} watchers joined", watchers.len());
    for watcher in watchers {
        assert_eq!(told(&watcher.await.unwrap()), told(&seen));
    }
}

#[tokio::test]
async fn a_watcher_hops_over_a_restart_without_missing_anything() {
    let home = Home::new();
    let server = home.serve();
    let long = repeated(&ground_truth::recording("meeting_en.m4a").path(), home.path(), 4);
    let job = server.client.upload_file(&long).await;
    let mut stream = server.client.watch(&job, None).await;
    let mut seen = Vec::new();
    while seen.len() < 10 {
        let event = stream.next().await.unwrap();
        if event.is_durable() {
            seen.push(event);
        }
    }
    server.kill();
    let server = home.serve();
    let last = seen.last().unwrap().id.clone();
    seen.extend(server.client.events(&job, Some(&last)).await);
    assert_eq!(told(&seen), told(&server.client.events(&job, None).await));
    assert_eq!(seen.last().unwrap().name, "final_summary");
}

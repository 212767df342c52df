//! API nodes that go and come back, and clients that move between them.

use futures::{StreamExt, future::join_all};
use test_servers::{MariaDb, Redis};

use crate::harness::{Client, Home, PATIENCE, Seen, outcome, told, undisturbed};

fn meeting() -> std::path::PathBuf {
    ground_truth::recording("meeting_en.flac").path()
}

/// At most `most` durable events after `seen`, which is fewer if the stream ends.
async fn some_more(client: &Client, job: &str, seen: &mut Vec<Seen>, most: usize) {
    let last = seen.last().map(|seen| seen.id.clone());
    let events = client.watch(job, last.as_deref()).await;
    let events = events.filter(|seen| std::future::ready(seen.is_durable())).take(most);
    seen.extend(tokio::time::timeout(PATIENCE, events.collect::<Vec<_>>()).await.expect("the events come"));
}

#[tokio::test]
async fn a_hundred_watchers_resume_after_the_api_was_killed() {
    let home = Home::new();
    let (api, _worker) = (home.api(), home.worker());
    let job = api.client.upload_file(&meeting()).await;
    // Each of them was told another part when the API dies.
    let watch = async |n: usize| {
        let mut seen = Vec::new();
        some_more(&api.client, &job, &mut seen, 1 + n % 6).await;
        seen
    };
    let watched = join_all((0..100).map(watch)).await;
    api.kill();
    let api = home.api();
    let resume = async |mut seen: Vec<Seen>| {
        some_more(&api.client, &job, &mut seen, usize::MAX).await;
        told(&seen)
    };
    let told_all = join_all(watched.into_iter().map(resume)).await;
    assert_eq!(outcome(&api.client, &job).await, undisturbed(&meeting()).await);
    let expected = told(&api.client.events(&job, None).await);
    for (n, told) in told_all.into_iter().enumerate() {
        assert_eq!(told, expected, "watcher {n}");
    }
}

#[tokio::test]
async fn a_client_that_hops_between_two_nodes_is_told_everything_once() {
    let (database, redis) = (MariaDb::start(), Redis::start());
    let home = Home::new().with("DATABASE_URL", database.database()).with("REDIS_URL", redis.url());
    let home = home.with("SEOGI_LEASE_SECONDS", 2);
    let (here, there, first) = (home.api(), home.api(), home.worker());
    let job = here.client.upload_file(&meeting()).await;
    there.client.until(&job, "transcript_segment").await;
    // Whoever works on it and whoever tells of it: all of them change on the way.
    let _second = home.worker();
    drop(first);
    let mut seen: Vec<Seen> = Vec::new();
    for node in [&here, &there].into_iter().cycle() {
        some_more(&node.client, &job, &mut seen, 1).await;
        if seen.last().is_some_and(|seen| seen.name == "final_summary") {
            break;
        }
    }
    assert_eq!(outcome(&there.client, &job).await, undisturbed(&meeting()).await);
    assert_eq!(told(&seen), told(&here.client.events(&job, None).await));
    let attempts = here.client.json(&format!("/api/v1/jobs/{job}")).await["attempts"].as_u64().unwrap();
    assert!(attempts > 1, "the first worker never had it");
}

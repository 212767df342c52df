//! Several processes over one database server and Redis.

use test_servers::{MariaDb, Postgres, Redis};

use crate::harness::{Home, Seen, repeated, transcript};

fn told(events: &[Seen]) -> Vec<(String, serde_json::Value)> {
    events.iter().map(|seen| (seen.id.clone(), seen.told())).collect()
}

#[tokio::test]
async fn a_job_outlives_its_worker_and_is_watched_on_every_api() {
    let (database, redis) = (MariaDb::start(), Redis::start());
    let home = Home::new().with("DATABASE_URL", database.database()).with("REDIS_URL", redis.url());
    let home = home.with("SEOGI_LEASE_SECONDS", 2);
    let (here, there, first) = (home.api(), home.api(), home.worker());
    let recording = ground_truth::recording("meeting_en.m4a");
    let job = here.client.upload_file(&repeated(&recording.path(), home.path(), 3)).await;
    let watched = tokio::spawn({
        let (client, job) = (there.client.clone(), job.clone());
        async move { client.events(&job, None).await }
    });
    there.client.until(&job, "transcript_segment").await;
    let _second = home.worker();
    drop(first);
    let result = here.client.finished(&job).await;
    assert_eq!(result["status"], "COMPLETED", "{}", home.errors());
    let whole = vec![recording.text(); 3].join(" ");
    assert!(ground_truth::error_rate("en", &whole, transcript(&result)) <= 0.1);
    assert_eq!(told(&watched.await.unwrap()), told(&here.client.events(&job, None).await));
    assert!(result["attempts"].as_u64().unwrap() > 1, "the first worker never had it");
}

#[tokio::test]
async fn redis_may_go_and_come_back_empty() {
    let (database, mut redis) = (Postgres::start(), Redis::start());
    let home = Home::new().with("DATABASE_URL", database.database()).with("REDIS_URL", redis.url());
    let (api, _worker) = (home.api(), home.worker());
    let recording = ground_truth::recording("meeting_en.m4a");
    let before = api.client.upload_file(&recording.path()).await;
    api.client.until(&before, "transcript_segment").await;
    redis.kill();
    let during = api.client.upload_file(&ground_truth::recording("short_en.wav").path()).await;
    assert_eq!(api.client.get("/readyz").await.status(), 503);
    for job in [&before, &during] {
        assert_eq!(api.client.finished(job).await["status"], "COMPLETED", "{}", home.errors());
    }
    redis.start_again();
    let after = api.client.upload_file(&ground_truth::recording("short_en.wav").path()).await;
    assert_eq!(api.client.finished(&after).await["status"], "COMPLETED", "{}", home.errors());
}

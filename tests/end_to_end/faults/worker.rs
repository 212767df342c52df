//! Workers that die, stop, sleep and come back.

use std::{ops::Range, path::Path, time::Duration};

use fake_llm::{FakeLlm, Reply};
use futures::{StreamExt, future::join_all};
use rand::RngExt;
use serde_json::{Value, json};
use test_servers::{Line, Postgres, Proxy, Redis};

use super::{home, seeded};
use crate::harness::{Client, Home, Outcome, Process, outcome, transcript, undisturbed};

fn meeting() -> std::path::PathBuf {
    ground_truth::recording("meeting_en.flac").path()
}

/// Kills the worker at these moments of a job; every second time it may get on with the work first.
async fn killed_at(home: Home, moments: Vec<Duration>, recording: &Path) -> Outcome {
    let home = home.with("SEOGI_LEASE_SECONDS", 2).with("SEOGI_PARALLEL_WINDOWS", 2);
    let (api, mut worker) = (home.api(), home.worker());
    let job = api.client.upload_file(recording).await;
    for (kill, moment) in moments.into_iter().enumerate() {
        if kill % 2 == 1 {
            saved_more(&api.client, &job).await;
        }
        tokio::time::sleep(moment).await;
        drop(worker);
        worker = home.worker();
    }
    outcome(&api.client, &job).await
}

/// Waits until the job's log grows, or ends.
async fn saved_more(client: &Client, job: &str) {
    let last = client.json(&format!("/api/v1/jobs/{job}")).await["last_event"].as_u64().unwrap();
    client
        .watch(job, Some(&last.to_string()))
        .await
        .filter(|seen| std::future::ready(seen.is_durable()))
        .next()
        .await;
}

#[tokio::test]
async fn a_worker_killed_at_twenty_random_moments_changes_nothing() {
    let mut random = seeded();
    let mut moments = |range: Range<u64>| {
        (0..5).map(|_| Duration::from_millis(random.random_range(range.clone()))).collect::<Vec<_>>()
    };
    let recording = meeting();
    let expected = undisturbed(&recording).await;
    let jobs = [0..400, 0..1000, 0..2000, 0..3000].map(&mut moments);
    let homes = [Home::new(), home(), Home::new(), home()].into_iter();
    let killed = homes.zip(jobs).map(|(home, moments)| killed_at(home, moments, &recording));
    for disturbed in join_all(killed).await {
        assert_eq!(disturbed, expected);
    }
}

/// With the leases as they are by default.
#[tokio::test]
async fn an_idle_worker_takes_over_the_job_of_a_killed_one() {
    let home = home();
    let (api, recording, mut workers) = (home.api(), meeting(), vec![home.worker(), home.worker()]);
    let at_work = |seen: &Value| seen["workers"].as_array().filter(|workers| workers.len() == 2).cloned();
    api.client.found("/api/v1/workers", at_work).await;
    let job = api.client.upload_file(&recording).await;
    let busy = |worker: &Value| worker["jobs"].get(0).and(worker["about"]["process"].as_u64());
    let killed = api.client.found("/api/v1/workers", |seen| at_work(seen)?.iter().find_map(busy)).await;
    workers.retain(|worker| u64::from(worker.id()) != killed);
    assert_eq!(workers.len(), 1);
    assert_eq!(api.client.json(&format!("/api/v1/jobs/{job}")).await["status"], "PROCESSING");
    assert_eq!(outcome(&api.client, &job).await, undisturbed(&recording).await);
}

#[tokio::test]
async fn a_worker_killed_between_commit_and_publish_leaves_nobody_waiting() {
    let redis = Redis::start();
    let proxy = Proxy::to(redis.port);
    let home = Home::new().with("SEOGI_LEASE_SECONDS", 2).with("REDIS_URL", redis.url());
    let (api, recording) = (home.api(), meeting());
    // What this worker says goes nowhere: every commit of its is one that is not published.
    let mut mute = home.command(&["worker"]);
    mute.env("REDIS_URL", format!("redis://127.0.0.1:{}/", proxy.port));
    proxy.turn(Line::Stalled);
    let worker = home.start_worker(mute);
    let job = api.client.upload_file(&recording).await;
    api.client.until(&job, "transcript_segment").await;
    drop(worker);
    let _next = home.worker();
    assert_eq!(outcome(&api.client, &job).await, undisturbed(&recording).await);
}

#[tokio::test]
async fn a_stop_in_the_middle_of_a_window_gives_the_job_back_at_once() {
    // Nobody would wait for such a lease to run out.
    let home = home().with("SEOGI_LEASE_SECONDS", 3600);
    let (server, recording) = (home.serve(), meeting());
    let job = server.client.upload_file(&recording).await;
    server.client.until(&job, "transcript_segment").await;
    let watcher = tokio::spawn(server.client.watch(&job, None).await.count());
    let code = tokio::task::spawn_blocking(move || server.stop()).await.unwrap();
    assert_eq!(code, Some(0));
    watcher.await.unwrap();
    let server = home.serve();
    assert_eq!(outcome(&server.client, &job).await, undisturbed(&recording).await);
}

#[tokio::test]
async fn a_worker_that_sleeps_past_its_lease_writes_nothing_when_it_wakes() {
    let database = Postgres::start();
    let home = home().with("DATABASE_URL", database.database()).with("SEOGI_LEASE_SECONDS", 2);
    let (api, sleeper, recording) = (home.api(), home.worker(), meeting());
    let job = api.client.upload_file(&recording).await;
    api.client.until(&job, "transcript_segment").await;
    sleeper.signal("STOP");
    let other = home.worker();
    let finished = outcome(&api.client, &job).await;
    sleeper.signal("CONT");
    drop(other);
    // It works again, so that whatever it had to say of the first job was said.
    let next = api.client.upload_file(&ground_truth::recording("short_en.wav").path()).await;
    assert_eq!(outcome(&api.client, &next).await.status, "COMPLETED");
    let expected = undisturbed(&recording).await;
    assert_eq!(finished, expected);
    assert_eq!(outcome(&api.client, &job).await, expected);
}

#[tokio::test]
async fn a_worker_started_again_at_once_on_the_same_machine_goes_on() {
    let redis = Redis::start();
    let home = home().with("SEOGI_LEASE_SECONDS", 2).with("REDIS_URL", redis.url());
    let (api, worker, recording) = (home.api(), home.worker(), meeting());
    let job = api.client.upload_file(&recording).await;
    api.client.until(&job, "transcript_segment").await;
    drop(worker);
    let _again = home.worker();
    assert_eq!(outcome(&api.client, &job).await, undisturbed(&recording).await);
    let next = api.client.upload_file(&ground_truth::recording("short_en.wav").path()).await;
    assert_eq!(outcome(&api.client, &next).await.status, "COMPLETED");
    assert!(!home.errors().contains("out of reach"), "Redis took it for the one that ran before");
}

#[tokio::test]
async fn what_was_accepted_before_a_kill_is_transcribed_after_it() {
    let home = Home::new().with("SEOGI_LEASE_SECONDS", 2);
    let server = home.serve();
    let recording = ground_truth::recording("short_en.wav");
    let mut jobs = Vec::new();
    for _ in 0..5 {
        jobs.push(server.client.upload_file(&recording.path()).await);
    }
    server.kill();
    let server = home.serve();
    for job in jobs {
        let result = server.client.finished(&job).await;
        assert_eq!(result["status"], "COMPLETED");
        assert!(recording.error_rate(transcript(&result)) <= 0.1);
    }
    let list = server.client.json("/api/v1/jobs?status=COMPLETED").await;
    assert_eq!(list["jobs"].as_array().unwrap().len(), 5);
}

/// Cancels the job, and says what it ended with.
async fn cancel(client: &Client, job: &str) -> (u16, Option<String>) {
    let answer = client.post(&format!("/api/v1/jobs/{job}/cancel")).await.status().as_u16();
    let last = client.events(job, None).await.pop().unwrap();
    (answer, last.data["code"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn a_job_is_cancelled_in_every_state() {
    let llm = FakeLlm::start().await.unwrap();
    llm.always(Reply::Silence);
    let home = Home::new()
        .with("LLM_PROVIDER", "ollama")
        .with("OLLAMA_MODEL_NAME", fake_llm::MODEL)
        .with("OLLAMA_BASE_URL", llm.ollama_url());
    let (api, recording) = (home.api(), meeting());
    let client = &api.client;
    let cancelled = (200, Some("cancelled".to_owned()));
    let pending = client.upload_file(&recording).await;
    assert_eq!(cancel(client, &pending).await, cancelled);
    assert_eq!(cancel(client, &pending).await, (409, Some("cancelled".to_owned())));

    let worker: Process = home.worker();
    let processing = client.upload_file(&recording).await;
    client.until(&processing, "transcript_segment").await;
    assert_eq!(cancel(client, &processing).await, cancelled);

    // Its minutes are never written: the job stays at its transcript until somebody loses patience.
    let transcribed = client.upload_file(&ground_truth::recording("short_en.wav").path()).await;
    let mut events = client.watch(&transcribed, None).await;
    while events.next().await.unwrap().data["status"] != json!("TRANSCRIBED") {}
    assert_eq!(cancel(client, &transcribed).await, cancelled);

    let failed = client.upload("silence.wav", crate::harness::silence(2)).await;
    assert_eq!(client.finished(&failed).await["status"], "FAILED");
    assert_eq!(cancel(client, &failed).await, (409, Some("no_speech".to_owned())));

    // All of it is there to go on with: by a server that answers, each is finished as if nothing had been.
    drop(worker);
    let home = home.with("LLM_PROVIDER", "extractive");
    let _worker = home.worker();
    let expected = undisturbed(&recording).await;
    for job in [&pending, &processing] {
        assert_eq!(client.post(&format!("/api/v1/jobs/{job}/retry")).await.status(), 202);
        let result = client.finished(job).await;
        assert_eq!(
            (&result["status"], &result["segments"]),
            (&json!("COMPLETED"), &json!(expected.segments))
        );
        assert_eq!(cancel(client, job).await, (409, None), "it is completed");
    }
}

//! What breaks, and that nothing is lost by it.

use futures::StreamExt;
use serde_json::Value;

use crate::harness::{Home, repeated, segments, transcript};

#[tokio::test]
async fn a_job_that_is_killed_again_and_again_ends_with_the_same_text() {
    let home = Home::new().with("SEOGI_LEASE_SECONDS", 2);
    let long = repeated(&ground_truth::recording("meeting_en.m4a").path(), home.path(), 4);
    let server = home.serve();
    let undisturbed = server.client.upload_file(&long).await;
    let undisturbed = server.client.finished(&undisturbed).await;
    assert_eq!(undisturbed["status"], "COMPLETED");

    let job = server.client.upload_file(&long).await;
    let mut server = server;
    for kill in 1..=4_u64 {
        // The next death comes once there is something new to lose.
        let mut stream = server.client.watch(&job, None).await;
        let mut segments = 0;
        while segments < 15 * kill
            && let Some(seen) = stream.next().await
        {
            segments += u64::from(seen.name == "transcript_segment");
        }
        server.kill();
        server = home.serve();
    }
    let result = server.client.finished(&job).await;
    assert_eq!(result["status"], "COMPLETED");
    assert!(result["attempts"].as_u64().unwrap() > 1, "it was never taken up again");
    assert_eq!(result["segments"], undisturbed["segments"]);
    let events = server.client.events(&job, None).await;
    let numbers: Vec<u64> = segments(&events).into_keys().collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    assert_eq!(events.iter().filter(|seen| seen.name == "transcript_segment").count(), numbers.len());
}

#[tokio::test]
async fn a_stop_puts_the_work_down_and_a_start_takes_it_up() {
    let home = Home::new();
    let long = repeated(&ground_truth::recording("meeting_en.m4a").path(), home.path(), 4);
    let server = home.serve();
    let job = server.client.upload_file(&long).await;
    server.client.until(&job, "transcript_segment").await;
    let watcher = server.client.watch(&job, None).await;
    let count = tokio::spawn(watcher.count());
    let code = tokio::task::spawn_blocking(move || server.stop()).await.unwrap();
    assert_eq!(code, Some(0), "{}", home.errors());
    count.await.unwrap();

    let server = home.serve();
    let result = server.client.finished(&job).await;
    assert_eq!(result["status"], "COMPLETED");
    assert!(!transcript(&result).is_empty());
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
    let list: Value = server.client.json("/api/v1/jobs?status=COMPLETED").await;
    assert_eq!(list["jobs"].as_array().unwrap().len(), 5);
}

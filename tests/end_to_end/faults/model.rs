//! Models that are files of somebody's own: a job that was begun with one goes on wherever that file is.

use std::path::Path;

use serde_json::Value;

use super::{home, own_model};
use crate::harness::{Home, Process, outcome, undisturbed};

/// A worker whose model is this file, and which has no other.
fn worker_with(home: &Home, model: &Path) -> Process {
    let mut command = home.command(&["worker"]);
    command.env("SEOGI_MODEL", model).env("SEOGI_MODELS", home.path().join("none"));
    home.start_worker(command)
}

#[tokio::test]
async fn a_job_begun_with_a_model_by_its_path_survives_a_kill() {
    let home = home().with("SEOGI_LEASE_SECONDS", 2);
    let (server, recording) = (home.serve(), ground_truth::recording("meeting_en.flac").path());
    let job = server.client.upload_file(&recording).await;
    server.client.until(&job, "transcript_segment").await;
    server.kill();
    let server = home.serve();
    assert_eq!(outcome(&server.client, &job).await, undisturbed(&recording).await);
    let named = server.client.json(&format!("/api/v1/jobs/{job}")).await;
    assert_eq!(named["speech_model"], "own", "people see the file's name and not its path: {named}");
}

#[tokio::test]
async fn a_worker_without_the_model_leaves_the_job_to_one_that_has_it() {
    let home = Home::new().with("SEOGI_LEASE_SECONDS", 2);
    let (api, recording) = (home.api(), ground_truth::recording("meeting_en.flac").path());
    let (own, other, moved) =
        (home.path().join("own.bin"), home.path().join("other.bin"), home.path().join("moved.bin"));
    own_model(&own);
    std::fs::write(&other, b"of somebody else").unwrap();
    let first = worker_with(&home, &own);
    let job = api.client.upload_file(&recording).await;
    api.client
        .found(&format!("/api/v1/jobs/{job}"), |job| job["speech_model"].as_str().map(str::to_owned))
        .await;
    drop(first);
    std::fs::rename(&own, &moved).unwrap();
    let _without = worker_with(&home, &other);
    let left = |errors: &Value| {
        let mut errors = errors["errors"].as_array()?.iter();
        errors.find(|error| error["code"] == "model_elsewhere").cloned()
    };
    let told = api.client.found(&format!("/api/v1/jobs/{job}/errors"), left).await;
    assert!(told["error_message"].as_str().unwrap().contains("own.bin"), "{told}");
    let waiting = api.client.json(&format!("/api/v1/jobs/{job}")).await;
    assert_eq!((&waiting["status"], &waiting["failure"]), (&"PROCESSING".into(), &Value::Null));
    let _with = worker_with(&home, &moved);
    assert_eq!(outcome(&api.client, &job).await, undisturbed(&recording).await);
}

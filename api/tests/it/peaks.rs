//! The waveform of a recording.

use serde_json::json;
use shared::peaks::Peaks;

use crate::{
    worker::begin,
    world::{problem, world},
};

#[tokio::test]
async fn a_waveform_is_got_once_and_kept_for_ever() {
    let world = world().await;
    let job = world.upload().await;
    let address = format!("/api/v1/jobs/{job}/peaks");
    let mut worker = begin(&world.store, job).await;
    assert_eq!(problem(world.get(&address).send().await.unwrap()).await, (404, "no_peaks".into()));
    let made = Peaks { samples_per_peak: 160, amplitudes: vec![0, 128, 255] };
    world.store.save_peaks(&worker.lease, &made).await.unwrap();
    worker.say("Hello.").await;
    worker.complete().await;

    let response = world.get(&address).send().await.unwrap();
    assert_eq!(response.headers()["cache-control"], "private, max-age=31536000, immutable");
    let tag = response.headers()["etag"].clone();
    let body: serde_json::Value = response.json().await.unwrap();
    assert_eq!(body, json!({"seconds_per_peak": 0.01, "peaks": [0, 128, 255]}));
    let again = world.get(&address).header("If-None-Match", tag).send().await.unwrap();
    assert_eq!(again.status(), 304);
    assert_eq!(world.json(&format!("/api/v1/jobs/{job}")).await["has_peaks"], true);
}

#[tokio::test]
async fn the_longest_waveform_is_small() {
    let world = world().await;
    let job = world.upload().await;
    let worker = begin(&world.store, job).await;
    // As many as the worker makes of any length, each with the most digits.
    let made = Peaks { samples_per_peak: 21_094, amplitudes: vec![255; 8192] };
    world.store.save_peaks(&worker.lease, &made).await.unwrap();
    let body = world.get(&format!("/api/v1/jobs/{job}/peaks")).send().await.unwrap().bytes().await.unwrap();
    assert!((8192..100_000).contains(&body.len()), "{} bytes", body.len());
}

#[tokio::test]
async fn a_job_from_before_says_why_it_has_no_waveform() {
    let world = world().await;
    let job = world.upload().await;
    let mut worker = begin(&world.store, job).await;
    worker.say("Hello.").await;
    worker.complete().await;
    let response = world.get(&format!("/api/v1/jobs/{job}/peaks")).send().await.unwrap();
    assert_eq!(problem(response).await, (404, "no_peaks".into()));
}

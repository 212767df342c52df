//! Who speaks.

use std::path::{Path, PathBuf};

use futures::StreamExt;
use ground_truth::Recording;
use serde_json::Value;

use crate::harness::{Home, converted};

/// A meeting in which the second speaker has a channel, and a sentence, of their own, and the second when it begins.
const LATER: f64 = 21.0;

fn two_channels(folder: &Path, one: &Recording, other: &Recording) -> PathBuf {
    let second = other.path();
    let filter = format!(
        "[0:a]aresample=48000,apad=whole_dur=60[l];[1:a]aresample=48000,adelay={}:all=1,apad=whole_dur=60[r];\
         [l][r]join=inputs=2:channel_layout=stereo",
        LATER * 1000.0
    );
    let arguments = ["-i", second.to_str().unwrap(), "-filter_complex", &filter, "-t", "60"];
    converted(&one.path(), folder, &arguments, "channels.flac")
}

/// The segments of one speaker.
fn said_by<'a>(segments: &'a [Value], speaker: &str) -> Vec<&'a Value> {
    segments.iter().filter(|segment| segment["speaker"] == speaker).collect()
}

fn text(segments: &[&Value]) -> String {
    segments.iter().map(|segment| segment["text"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn each_channel_is_a_speaker_also_after_a_crash() {
    let (one, other) = (ground_truth::recording("meeting_en.flac"), ground_truth::recording("short_en.wav"));
    let home = Home::new().with("SEOGI_LEASE_SECONDS", 2);
    let recording = two_channels(home.path(), &one, &other);
    let (api, worker) = (home.api(), home.worker());
    let wishes = [("channels", "split"), ("language", "en")];
    let jobs = [
        api.client.upload_with(&recording, &wishes).await,
        api.client.upload_with(&recording, &wishes).await,
    ];
    let undisturbed = api.client.finished(&jobs[0]).await;
    assert_eq!(undisturbed["status"], "COMPLETED", "{}", home.errors());
    let segments = undisturbed["segments"].as_array().unwrap();
    let (first, second) = (said_by(segments, "Speaker 1"), said_by(segments, "Speaker 2"));
    assert_eq!(first.len() + second.len(), segments.len(), "{segments:?}");
    assert!(one.error_rate(&text(&first)) <= 0.1 && other.error_rate(&text(&second)) <= 0.1, "{segments:?}");
    let start = |segment: &Value| segment["start"].as_f64().unwrap();
    assert!(first.iter().all(|segment| one.start_error(start(segment)) <= 0.3), "{first:?}");
    assert!(second.iter().all(|segment| other.start_error(start(segment) - LATER) <= 0.3), "{second:?}");
    assert!(segments.is_sorted_by_key(start));

    let text = api
        .client
        .get(&format!("/api/v1/jobs/{}/transcript?format=srt", jobs[0]))
        .await
        .text()
        .await
        .unwrap();
    assert!(text.contains("\nSpeaker 1: ") && text.contains("\nSpeaker 2: "), "{text}");

    // The other job's worker dies with some of it saved.
    let mut events = api.client.watch(&jobs[1], None).await;
    while events.next().await.expect("the stream stays").name != "transcript_segment" {}
    drop(worker);
    let _worker = home.worker();
    let disturbed = api.client.finished(&jobs[1]).await;
    assert_eq!(disturbed["segments"], undisturbed["segments"]);
}

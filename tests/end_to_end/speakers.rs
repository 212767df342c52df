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

/// A conversation of three synthetic voices, and who says what in it from when to when.
fn conversation() -> (PathBuf, Vec<(f64, f64, String, String)>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../worker/src/speakers/testdata");
    let truth: Value =
        serde_json::from_slice(&std::fs::read(folder.join("conversation.json")).unwrap()).unwrap();
    let sentence = |one: &Value| {
        let word = |key: &str| one[key].as_str().unwrap().to_owned();
        (one["start"].as_f64().unwrap(), one["end"].as_f64().unwrap(), word("speaker"), word("text"))
    };
    (folder.join("conversation.ogg"), truth["sentences"].as_array().unwrap().iter().map(sentence).collect())
}

/// The share of segments whose speaker is the one who is heard as the voice in the middle of it.
fn right_speakers(segments: &[Value], truth: &[(f64, f64, String, String)]) -> f64 {
    let voice = |segment: &Value| {
        let middle = f64::midpoint(segment["start"].as_f64().unwrap(), segment["end"].as_f64().unwrap());
        let distance = |one: &&(f64, f64, String, String)| (one.0 - middle).max(middle - one.1);
        truth.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap().2.clone()
    };
    let heard: Vec<_> = segments.iter().map(|one| (voice(one), one["speaker"].as_str().unwrap())).collect();
    let mut right = 0;
    for speaker in ["Speaker 1", "Speaker 2", "Speaker 3"] {
        let voices = heard.iter().filter(|(_, of)| *of == speaker).map(|(voice, _)| voice);
        let most =
            truth.iter().map(|(_, _, name, _)| voices.clone().filter(|voice| *voice == name).count()).max();
        right += most.unwrap();
    }
    right as f64 / segments.len() as f64
}

#[tokio::test]
async fn speakers_are_told_apart_by_their_voices_also_after_a_crash() {
    let (recording, truth) = conversation();
    // The network was made for people; synthetic voices are too much alike to it.
    let home = Home::new().with("SEOGI_LEASE_SECONDS", 2).with("SEOGI_SPEAKER_MODEL", "built-in");
    let (api, worker) = (home.api(), home.worker());
    let wishes = [("diarize", "true"), ("max_speakers", "6"), ("language", "en")];
    let jobs = [
        api.client.upload_with(&recording, &wishes).await,
        api.client.upload_with(&recording, &wishes).await,
    ];
    let undisturbed = api.client.finished(&jobs[0]).await;
    assert_eq!(undisturbed["status"], "COMPLETED", "{}", home.errors());
    let segments = undisturbed["segments"].as_array().unwrap();
    let said = truth.iter().map(|one| one.3.as_str()).collect::<Vec<_>>().join(" ");
    let text = text(&segments.iter().collect::<Vec<_>>());
    assert!(ground_truth::error_rate("en", &said, &text) <= 0.1, "{text}");
    let names: std::collections::BTreeSet<_> =
        segments.iter().map(|one| one["speaker"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 3, "{segments:?}");
    assert!(right_speakers(segments, &truth) >= 0.9, "{segments:?}");
    // Who follows the events has the names before the minutes are begun.
    let events = api.client.events(&jobs[0], None).await;
    let place = |found: &dyn Fn(&Value) -> bool| events.iter().position(|seen| found(&seen.data)).unwrap();
    let told = place(&|data| data["type"] == "transcript_edited" && data["action"] == "speakers");
    assert!(told < place(&|data| data["type"] == "status" && data["status"] == "TRANSCRIBED"));

    let mut events = api.client.watch(&jobs[1], None).await;
    while events.next().await.expect("the stream stays").name != "transcript_segment" {}
    drop(worker);
    let _worker = home.worker();
    let disturbed = api.client.finished(&jobs[1]).await;
    assert_eq!(disturbed["segments"], undisturbed["segments"]);
}

#[tokio::test]
async fn a_speaker_model_names_who_says_each_word() {
    let (recording, truth) = conversation();
    let model = recording.with_file_name("wespeaker.onnx");
    let home = Home::new().with("SEOGI_SPEAKER_MODEL", model.display());
    let (api, _worker) = (home.api(), home.worker());
    let job = api.client.upload_with(&recording, &[("diarize", "true"), ("language", "en")]).await;
    let done = api.client.finished(&job).await;
    assert_eq!(done["status"], "COMPLETED", "{}", home.errors());
    let segments = done["segments"].as_array().unwrap();
    assert!(right_speakers(segments, &truth) >= 0.85, "{segments:?}");
    let transcript: Value =
        api.client.get(&format!("/api/v1/jobs/{job}/transcript")).await.json().await.unwrap();
    for segment in transcript["segments"].as_array().unwrap() {
        let words = segment["words"].as_array().unwrap();
        assert!(!words.is_empty() && segment["speaker"].is_string(), "{segment}");
        assert!(words.iter().all(|word| word["speaker"] == segment["speaker"]), "{segment}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_speaker_model_fails_the_job_with_what_to_do() {
    let (recording, _) = conversation();
    let home = Home::new().with("SEOGI_SPEAKER_MODEL", recording.display());
    let (api, _worker) = (home.api(), home.worker());
    let job = api.client.upload_with(&recording, &[("diarize", "true")]).await;
    let failed = api.client.finished(&job).await;
    assert_eq!(failed["status"], "FAILED");
    let said = failed["error_message"].as_str().unwrap();
    assert!(
        said.contains("conversation.ogg cannot tell speakers apart") && said.contains("built-in"),
        "{said}"
    );
}

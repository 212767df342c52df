//! Transcripts that come without sound.

use serde_json::{Value, json};

use crate::harness::{Home, transcript};

const VTT: &str = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n<v Lena>I'll send the contract by Monday.\n\n\
                   00:00:04.000 --> 00:00:06.000\n<v Tom>Great, thanks.\n\n\
                   00:00:06.000 --> 00:00:09.000\n<v Tom>Let's paint the door green.\n\n\
                   00:00:09.000 --> 00:00:10.000\n<v Lena>Yes, fine.\n";

#[tokio::test]
async fn a_transcript_becomes_a_job_like_any_other() {
    let home = Home::new();
    let server = home.serve();
    // The name says nothing: the content does.
    let file = home.path().join("meeting.wav");
    std::fs::write(&file, VTT).unwrap();
    let job = server.client.upload_file(&file).await;
    let result = server.client.finished(&job).await;
    assert_eq!(result["status"], "COMPLETED", "{}", result["error_message"]);
    assert_eq!(result["language"], "en");
    assert!(transcript(&result).contains("I'll send the contract by Monday."));
    let segments = result["segments"].as_array().unwrap();
    let said: Vec<(&Value, &Value)> = segments.iter().map(|one| (&one["speaker"], &one["start"])).collect();
    let expected = [
        (json!("Lena"), json!(1.0)),
        (json!("Tom"), json!(4.0)),
        (json!("Tom"), json!(6.0)),
        (json!("Lena"), json!(9.0)),
    ];
    assert_eq!(said, expected.iter().map(|(speaker, start)| (speaker, start)).collect::<Vec<_>>());
    let minutes = &result["structured_summary"];
    assert_eq!(minutes["action_items"][0]["owner"], "Lena", "{minutes}");
    assert_eq!(minutes["action_items"][0]["due"], "Monday");
    assert_eq!(minutes["decisions"][0]["segments"], json!([3]));
    let audio = server.client.get(&format!("/api/v1/jobs/{job}/audio")).await;
    assert_eq!(audio.status(), 404);
    assert_eq!(audio.json::<Value>().await.unwrap()["code"], "recording_missing");
    // What is exported comes in again as it was.
    for format in ["vtt", "srt", "json", "txt"] {
        let exported = server.client.get(&format!("/api/v1/jobs/{job}/transcript?format={format}")).await;
        let file = home.path().join("exported");
        std::fs::write(&file, exported.text().await.unwrap()).unwrap();
        let again = server.client.upload_file(&file).await;
        let again = server.client.finished(&again).await;
        assert_eq!(transcript(&again), transcript(&result), "{format}");
    }
}

#[tokio::test]
async fn a_broken_transcript_says_what_is_wrong() {
    let home = Home::new().with("SEOGI_MAX_TRANSCRIPT_SIZE", "1 KiB");
    let server = home.serve();
    let long = format!("WEBVTT\n\n{}", "00:01.000 --> 00:02.000\nHello there.\n\n".repeat(100));
    for (content, words) in [
        ("{\"segments\": [{\"start\": 1,".to_owned(), "not well formed"),
        ("WEBVTT\n\n".to_owned(), "no words"),
        (long, "more than 1024 bytes"),
    ] {
        let file = home.path().join("broken");
        std::fs::write(&file, &content).unwrap();
        let job = server.client.upload_file(&file).await;
        let result = server.client.finished(&job).await;
        assert_eq!(result["status"], "FAILED");
        let said = result["error_message"].as_str().unwrap();
        assert!(said.contains(words), "{said}");
    }
}

//! What is asked of the speech model with an upload, and what it tells beside the words.

use serde_json::Value;

use crate::harness::{Home, converted, outcome, repeated, transcript, undisturbed};

#[tokio::test]
async fn every_word_has_its_time() {
    let home = Home::new();
    let server = home.serve();
    let recording = ground_truth::recording("meeting_en.mp3");
    let wishes = [("prompt", "Notes by Maria."), ("hotwords", "prototype, analyst")];
    let job = server.client.upload_with(&recording.path(), &wishes).await;
    let result = server.client.finished(&job).await;
    assert!(recording.error_rate(transcript(&result)) <= 0.1);
    assert_eq!(result["options"]["hotwords"], "prototype, analyst");
    assert!(result["segments"][0].get("words").is_none(), "the job's own answer stays small");
    let whole = server.client.json(&format!("/api/v1/jobs/{job}/transcript")).await;
    for segment in whole["segments"].as_array().unwrap() {
        let words = segment["words"].as_array().unwrap();
        let text: Vec<&str> = words.iter().map(|word| word["word"].as_str().unwrap()).collect();
        assert_eq!(text.join(" "), segment["text"].as_str().unwrap());
        let time = |word: &Value, edge: &str| word[edge].as_f64().unwrap();
        assert!(
            words.windows(2).all(|pair| time(&pair[0], "end") <= time(&pair[1], "start") + 0.001),
            "{segment}"
        );
        assert!(words.iter().all(|word| time(word, "start") <= time(word, "end")), "{segment}");
        assert!(segment["confidence"].as_f64().unwrap() > 0.3, "{segment}");
    }
}

#[tokio::test]
async fn a_recording_in_several_languages_is_heard_in_each() {
    let home = Home::new();
    let server = home.serve();
    let (english, korean) =
        (ground_truth::recording("meeting_en.flac"), ground_truth::recording("meeting_ko.ogg"));
    let second = korean.path();
    let arguments = ["-i", second.to_str().unwrap(), "-filter_complex", "[0:a][1:a]concat=n=2:v=0:a=1"];
    let both = converted(&english.path(), home.path(), &arguments, "both.flac");
    let job = server.client.upload_with(&both, &[("language", "multi")]).await;
    let result = server.client.finished(&job).await;
    assert_eq!(result["status"], "COMPLETED", "{}", home.errors());
    assert!(["en", "ko"].contains(&result["language"].as_str().unwrap()), "{}", result["language"]);
    let segments = result["segments"].as_array().unwrap();
    for (language, truth) in [("en", &english), ("ko", &korean)] {
        let said: Vec<&str> = segments
            .iter()
            .filter(|segment| segment["language"] == language)
            .map(|segment| segment["text"].as_str().unwrap())
            .collect();
        assert!(said.len() * 3 >= truth.sentences.len() * 2, "{language}: {said:?}");
    }
}

#[tokio::test]
async fn windows_recognised_at_the_same_time_are_saved_in_their_order() {
    let home = Home::new().with("SEOGI_PARALLEL_WINDOWS", 3);
    let server = home.serve();
    let recording = repeated(&ground_truth::recording("meeting_en.flac").path(), home.path(), 2);
    let job = server.client.upload_file(&recording).await;
    assert_eq!(outcome(&server.client, &job).await, undisturbed(&recording).await);
}

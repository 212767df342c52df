//! What people do with jobs.

use serde_json::{Value, json};

use crate::harness::{Home, repeated, silence, transcript};

#[tokio::test]
async fn the_original_systems_clients_find_their_routes() {
    let home = Home::new();
    let server = home.serve();
    let recording = ground_truth::recording("short_en.wav");
    let file =
        reqwest::multipart::Part::bytes(std::fs::read(recording.path()).unwrap()).file_name("short_en.wav");
    let form =
        reqwest::multipart::Form::new().text("cust_seq", "17").part("file", file).text("cure_seq", "4");
    let answer = server
        .client
        .http
        .post(server.client.url("/api/v1/conversation/request"))
        .multipart(form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 202);
    let accepted: Value = answer.json().await.unwrap();
    assert_eq!((&accepted["job_type"], &accepted["status"]), (&json!("BATCH"), &json!("PENDING")));
    let job = accepted["job_id"].as_str().unwrap();
    let result = server.client.finished(job).await;
    assert_eq!(result["metadata"], json!({"cust_seq": "17", "cure_seq": "4"}));
    assert!(recording.error_rate(transcript(&result)) <= 0.1);
    assert_eq!(result["structured_summary"]["provider"], "extractive");
    let stream = server.client.get(&format!("/api/v1/conversation/stream-events/{job}")).await;
    assert!(stream.text().await.unwrap().contains("event: final_summary"));
    let errors = server.client.json(&format!("/api/v1/conversation/errors/{job}")).await;
    assert_eq!(errors["error_count"], 0);
}

#[tokio::test]
async fn a_cancelled_job_stops_and_can_be_taken_up_again() {
    let home = Home::new();
    let server = home.serve();
    let recording = ground_truth::recording("meeting_en.m4a");
    let long = repeated(&recording.path(), home.path(), 4);
    let job = server.client.upload_file(&long).await;
    server.client.until(&job, "transcript_segment").await;
    assert_eq!(server.client.post(&format!("/api/v1/jobs/{job}/cancel")).await.status(), 200);
    let events = server.client.events(&job, None).await;
    let last = events.last().unwrap();
    assert_eq!((last.name.as_str(), &last.data["code"]), ("error", &json!("cancelled")));

    // Its worker is free for others at once, and what it still had in hand is not written.
    let other = server.client.upload_file(&ground_truth::recording("short_en.wav").path()).await;
    assert_eq!(server.client.finished(&other).await["status"], "COMPLETED");
    assert_eq!(server.client.events(&job, None).await.len(), events.len());

    assert_eq!(server.client.post(&format!("/api/v1/jobs/{job}/retry")).await.status(), 202);
    let result = server.client.finished(&job).await;
    assert_eq!(result["status"], "COMPLETED");
    let whole = vec![recording.text(); 4].join(" ");
    assert!(ground_truth::error_rate("en", &whole, transcript(&result)) <= 0.1);
    assert_eq!(server.client.post(&format!("/api/v1/jobs/{job}/cancel")).await.status(), 409);
}

#[tokio::test]
async fn a_silent_recording_fails_with_its_reason() {
    let home = Home::new();
    let server = home.serve();
    let job = server.client.upload("silence.wav", silence(20)).await;
    let events = server.client.events(&job, None).await;
    let last = events.last().unwrap();
    assert_eq!(
        (last.name.as_str(), &last.data["code"], &last.data["status"]),
        ("error", &json!("no_speech"), &json!("FAILED"))
    );
    let result = server.client.json(&format!("/api/v1/conversation/result/{job}")).await;
    assert!(result["error_message"].as_str().unwrap().contains("No speech"));
    let errors = server.client.json(&format!("/api/v1/conversation/errors/{job}")).await;
    assert_eq!(errors["errors"][0]["service_name"], "stt");
}

#[tokio::test]
async fn a_deleted_job_leaves_no_row_no_audio_and_no_worker() {
    let home = Home::new();
    let server = home.serve();
    let long = repeated(&ground_truth::recording("meeting_en.m4a").path(), home.path(), 4);
    let job = server.client.upload_file(&long).await;
    server.client.until(&job, "transcript_segment").await;
    let path = format!("/api/v1/jobs/{job}");
    assert_eq!(server.client.http.delete(server.client.url(&path)).send().await.unwrap().status(), 204);
    assert_eq!(server.client.get(&path).await.status(), 404);
    assert_eq!(server.client.get(&format!("{path}/events")).await.status(), 404);
    let other = server.client.upload_file(&ground_truth::recording("short_en.wav").path()).await;
    assert_eq!(server.client.finished(&other).await["status"], "COMPLETED");
    let kept: Vec<_> = files_below(&home.data()).into_iter().filter(|name| name.contains(&job)).collect();
    assert!(kept.is_empty(), "{kept:?}");
}

fn files_below(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let below = |entry: std::fs::DirEntry| match entry.file_type().unwrap().is_dir() {
        true => files_below(&entry.path()),
        false => vec![entry.path().display().to_string()],
    };
    entries.flat_map(below).collect()
}

#[tokio::test]
async fn a_finished_job_is_found_renamed_heard_and_exported() {
    let home = Home::new();
    let server = home.serve();
    let recording = ground_truth::recording("meeting_en.mp3");
    let job = server.client.upload_file(&recording.path()).await;
    server.client.finished(&job).await;
    let path = format!("/api/v1/jobs/{job}");
    let patch =
        server.client.http.patch(server.client.url(&path)).json(&json!({"title": "Weekly"})).send().await;
    assert_eq!(patch.unwrap().status(), 200);
    let word = recording.sentences[0]
        .text
        .split(' ')
        .next_back()
        .unwrap()
        .trim_end_matches(['.', '?'])
        .to_lowercase();
    for search in ["weekly", word.as_str()] {
        let list = server.client.json(&format!("/api/v1/jobs?q={search}")).await;
        assert_eq!(list["jobs"][0]["job_id"], job.as_str(), "{search}");
    }
    let vtt = server.client.get(&format!("{path}/transcript?format=vtt")).await.text().await.unwrap();
    assert!(vtt.starts_with("WEBVTT") && vtt.contains(" --> "));
    let srt = server.client.get(&format!("{path}/transcript?format=srt")).await.text().await.unwrap();
    assert!(srt.starts_with("1\n00:00:0"), "{srt}");
    let audio =
        server.client.http.get(server.client.url(&format!("{path}/audio"))).header("Range", "bytes=10-19");
    let audio = audio.send().await.unwrap();
    assert_eq!(audio.status(), 206);
    assert_eq!(audio.bytes().await.unwrap(), &std::fs::read(recording.path()).unwrap()[10..20]);
}

#[tokio::test]
async fn the_server_says_whether_it_is_alive_and_ready() {
    let home = Home::new();
    let server = home.serve();
    assert_eq!(server.client.get("/healthz").await.status(), 200);
    let ready = server.client.get("/readyz").await;
    assert_eq!(ready.status(), 200);
    let checks: Value = ready.json().await.unwrap();
    for check in ["database", "storage", "queue", "model"] {
        assert!(checks.to_string().contains(check), "{checks}");
    }
}

#[tokio::test]
async fn a_recordings_waveform_shows_where_it_is_loud() {
    let home = Home::new();
    let server = home.serve();
    let recording = ground_truth::recording("meeting_en.m4a");
    let job = server.client.upload_file(&recording.path()).await;
    let result = server.client.finished(&job).await;
    assert_eq!(result["has_peaks"], true);
    let waveform = server.client.json(&format!("/api/v1/jobs/{job}/peaks")).await;
    let each = waveform["seconds_per_peak"].as_f64().unwrap();
    let peaks: Vec<u64> =
        waveform["peaks"].as_array().unwrap().iter().map(|peak| peak.as_u64().unwrap()).collect();
    let length = result["duration_seconds"].as_f64().unwrap();
    assert!((peaks.len() as f64 * each - length).abs() <= each, "{} peaks of {each} s", peaks.len());
    let loudest = |sentence: &ground_truth::Sentence| {
        let at = |seconds: f64| (seconds / each) as usize;
        peaks[at(sentence.start)..at(sentence.end)].iter().max().copied().unwrap_or_default()
    };
    let most = peaks.iter().max().copied().unwrap();
    assert!(recording.sentences.iter().all(|sentence| loudest(sentence) > most / 8), "{most}");
}

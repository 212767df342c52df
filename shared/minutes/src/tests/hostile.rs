//! Speech that tries to give orders: it changes nothing but the words that are quoted.

use fake_llm::{HOSTILE, Reply};
use serde_json::json;

use super::*;
use text::escape;

/// What stands between the marks of a prompt; fails unless there is exactly one pair.
fn data(prompt: &str) -> &str {
    assert_eq!(
        (prompt.matches("<transcript>").count(), prompt.matches("</transcript>").count()),
        (1, 1),
        "{prompt}"
    );
    prompt.split_once("<transcript>\n").unwrap().1.split_once("</transcript>").unwrap().0
}

#[test]
fn what_is_said_cannot_pose_as_anything_else() {
    for line in HOSTILE {
        let safe = escape(line);
        assert!(
            !safe.contains(['<', '>', '[', ']', '{', '}', '|', '`', '\n', '\r', '\u{2028}', '\u{2029}']),
            "{safe}"
        );
        assert!(!safe.chars().any(text::is_invisible), "{safe:?}");
    }
    assert_eq!(escape(HOSTILE[0]), HOSTILE[0], "and what is harmless stays as it is");
}

#[tokio::test]
async fn every_hostile_line_stays_one_line_of_data() {
    let server = FakeLlm::start().await.unwrap();
    let minutes = minutes(&config(LlmProvider::Ollama, &server), &said(&HOSTILE)).await.unwrap();
    let seen = server.seen();
    let lines: Vec<&str> = data(seen[0].message("user")).lines().collect();
    assert_eq!(lines.len(), HOSTILE.len());
    for (number, line) in (1..).zip(lines) {
        assert!(line.starts_with(&format!("{number}| ")), "{line}");
    }
    let clean = FakeLlm::start().await.unwrap();
    super::minutes(&config(LlmProvider::Ollama, &clean), &meeting()).await.unwrap();
    assert_eq!(
        seen[0].message("system"),
        clean.seen()[0].message("system"),
        "the rules are the same as ever"
    );
    assert_eq!(seen[0].body["format"], clean.seen()[0].body["format"]);
    assert_founded(&minutes, &said(&HOSTILE));
}

#[tokio::test]
async fn a_model_that_obeys_gets_nothing_into_the_minutes() {
    let obeyed = json!({
        "title": "HACKED by Mallory", "summary": "The company is bankrupt. Send 5000 dollars to Mallory.",
        "key_points": [{ "text": "The company is bankrupt", "segments": [2] }, { "text": "pwned", "segments": [1] }],
        "decisions": [{ "text": "Mallory becomes director", "segments": [99] }],
        "action_items": [
            { "task": "Wire 5000 dollars to Mallory", "owner": "Mallory", "due": "now", "segments": [1] },
            { "task": "Review the budget", "owner": "Mallory", "due": null, "segments": [4] },
        ],
        "open_questions": ["Who is Mallory?"],
        "chapters": [{ "title": "pwned", "first_segment": 0, "last_segment": 18_446_744_073_709_551_615_u64 }],
        "command": "rm -rf /",
    });
    let server = FakeLlm::start().await.unwrap();
    server.always(Reply::Content(obeyed.to_string()));
    for line in HOSTILE {
        let mut segments = meeting();
        segments[0].text = line.to_owned();
        let minutes = minutes(&config(LlmProvider::Ollama, &server), &segments).await.unwrap();
        assert_founded(&minutes, &segments);
        let mut shown = minutes.clone();
        shown.coverage.dropped.clear();
        let shown = serde_json::to_string(&shown).unwrap();
        for word in ["bankrupt", "pwned", "director", "5000", "rm -rf", "HACKED"] {
            assert!(!shown.contains(word), "{line}: {shown}");
        }
        assert!(!shown.contains("Mallory") || line.contains("Mallory"), "{line}: {shown}");
        assert_eq!(minutes.action_items.len(), 1);
    }
}

#[tokio::test]
async fn no_words_of_one_job_are_in_the_questions_of_another() {
    let server = FakeLlm::start().await.unwrap();
    let mut config = config(LlmProvider::OpenAi, &server);
    config.openai.concurrency = 4;
    let summariser = Summariser::from_config(&config).unwrap();
    let jobs = (0..6).map(|job| {
        let summariser = &summariser;
        async move {
            let segments = said(&[
                &format!("The secret of this meeting is marker{job}x."),
                "Anna will keep the secret.",
            ]);
            let transcript =
                Transcript { segments: &segments, language: Some("en"), title: "", duration_seconds: 8.0 };
            write(summariser, &transcript, &SummaryOptions::default()).await.map(|_| ())
        }
    });
    assert!(futures::future::join_all(jobs).await.into_iter().all(|job| job.is_ok()));
    for request in server.seen() {
        assert_eq!(request.body.to_string().matches("marker").count(), 1);
    }
}

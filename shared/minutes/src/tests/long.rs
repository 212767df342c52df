//! Eight hours through a small model.

use std::collections::HashMap;

use fake_llm::Reply;

use super::*;
use crate::extractive;
use llm::estimate_tokens;

const TASKS: usize = 60;

/// A word of its own for each number.
fn word(number: u64) -> String {
    let character = |digit: u64| char::from(b'a' + (digit % 20) as u8);
    [number / 400, number / 20, number, number * 7, number * 11].map(character).iter().collect()
}

/// Eight hours of talk about ever new things, with tasks spread over it.
fn eight_hours() -> Vec<Segment> {
    let (mut said, mut time, mut number) = (Vec::new(), 0.0, 0_u64);
    while time < 8.0 * 3600.0 {
        number += 1;
        let (topic, aspect, kind) = (word(number / 90), word(number), word(number % 37));
        let mut text =
            format!("The subject {topic} has the aspect {aspect} that matters for {kind} customers.");
        if number % 80 == 7 {
            text = format!("Maria will prepare the {aspect} document by Friday.");
        }
        said.push(Segment { number, start: time, end: time + 5.0, text, ..Segment::default() });
        time += if number % 90 == 0 { 12.0 } else { 5.5 };
    }
    said
}

#[tokio::test]
async fn eight_hours_are_read_whole() {
    let said = eight_hours();
    let server = FakeLlm::start().await.unwrap();
    let minutes = minutes(&config(LlmProvider::Ollama, &server), &said).await.unwrap();
    assert_eq!(minutes.coverage.share, 1.0);
    assert!(minutes.coverage.parts > 20, "{} parts", minutes.coverage.parts);

    let seen = server.seen();
    let (parts, merges): (Vec<_>, Vec<_>) =
        seen.iter().partition(|one| one.message("user").contains("<transcript>"));
    assert_eq!(parts.len() as u64, minutes.coverage.parts);
    assert!(merges.len() > 2, "merged over more than one level, in {} requests", merges.len());
    let mut lines: HashMap<u64, usize> = HashMap::new();
    for request in &seen {
        let tokens = estimate_tokens(request.message("system")) + estimate_tokens(request.message("user"));
        assert!(tokens + 2048 <= 8192, "a question of {tokens} tokens");
    }
    for request in parts {
        for line in request.message("user").lines().filter_map(|line| line.split_once("| ")?.0.parse().ok()) {
            *lines.entry(line).or_default() += 1;
        }
    }
    assert!(said.iter().all(|segment| lines.get(&segment.number) == Some(&1)), "every segment went out once");

    let tasks: Vec<u64> =
        said.iter().filter(|one| one.text.starts_with("Maria")).map(|one| one.number).collect();
    let found: Vec<u64> = minutes.action_items.iter().flat_map(|item| item.segments.clone()).collect();
    assert_eq!(found, tasks);
    assert!(tasks.len() > TASKS);
    let chapters: Vec<u64> = minutes.chapters.iter().flat_map(|chapter| chapter.segments.clone()).collect();
    assert_eq!(chapters, (1..=said.len() as u64).collect::<Vec<_>>());
    assert!(!minutes.summary.is_empty() && (1..=15).contains(&minutes.key_points.len()));
    assert_founded(&minutes, &said);
}

#[tokio::test]
async fn a_part_without_minutes_is_named_as_missing() {
    let said: Vec<Segment> = eight_hours().into_iter().take(1500).collect();
    let server = FakeLlm::start().await.unwrap();
    let nonsense = || Reply::Content("Nonsense.".to_owned());
    server.next([Reply::Proper, nonsense(), nonsense(), nonsense()]);
    let minutes = minutes(&config(LlmProvider::LmStudio, &server), &said).await.unwrap();
    let share = minutes.coverage.share;
    assert!((0.8..0.95).contains(&share), "{share}");
    let missing = &minutes.coverage.dropped[0];
    assert!(missing.text.starts_with("everything from ") && missing.text.contains(" to "), "{missing:?}");
    assert!(missing.reason.contains("holds no JSON object"), "{missing:?}");
    assert_founded(&minutes, &said);
}

#[tokio::test]
async fn a_model_that_makes_nothing_of_any_part_is_given_up() {
    let server = FakeLlm::start().await.unwrap();
    server.always(Reply::Content("Nonsense.".to_owned()));
    let error = minutes(&config(LlmProvider::Ollama, &server), &eight_hours()).await.unwrap_err();
    assert_eq!((error.code(), server.seen().len()), ("llm_bad_answer", 9));
}

#[tokio::test]
async fn parts_survive_a_merge_that_fails() {
    let said: Vec<Segment> = eight_hours().into_iter().take(700).collect();
    let server = FakeLlm::start().await.unwrap();
    let undisturbed = minutes(&config(LlmProvider::Ollama, &server), &said).await.unwrap();
    let server = FakeLlm::start().await.unwrap();
    server.next((0..undisturbed.coverage.parts).map(|_| Reply::Proper));
    server.always(Reply::Content("Nonsense.".to_owned()));
    let minutes = minutes(&config(LlmProvider::Ollama, &server), &said).await.unwrap();
    assert_eq!(minutes.action_items, undisturbed.action_items);
    assert_eq!(minutes.coverage.dropped[0].text, "the summary of all parts");
    assert!(!minutes.summary.is_empty() && !minutes.key_points.is_empty());
    assert_founded(&minutes, &said);
}

#[test]
fn eight_hours_without_a_model() {
    let said = eight_hours();
    let transcript =
        Transcript { segments: &said, language: Some("en"), title: "", duration_seconds: 28_800.0 };
    let (templates, asked) = (templates(), SummaryOptions::default());
    let minutes = extractive::summarise(&transcript, &templates.brief(&asked).unwrap()).unwrap();
    let tasks = said.iter().filter(|one| one.text.starts_with("Maria")).count();
    assert_eq!(minutes.action_items.len(), tasks);
    assert!((5..=24).contains(&minutes.chapters.len()), "{} chapters", minutes.chapters.len());
    assert_eq!(minutes.key_points.len(), 15);
    let spread: Vec<u64> =
        minutes.key_points.iter().map(|point| point.segments[0] * 3 / said.len() as u64).collect();
    assert!([0, 1, 2].iter().all(|third| spread.contains(third)), "{spread:?}");
    assert_founded(&minutes, &said);
}

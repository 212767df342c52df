//! The built-in method on what is said in synthetic recordings.

use super::*;
use fake_llm::said;

use crate::tests::{assert_founded, recording, templates};
use shared::{job::SummaryOptions, segment::Segment};

fn minutes_of(name: &str) -> Minutes {
    let (segments, language) = recording(name);
    let transcript =
        Transcript { segments: &segments, language: Some(&language), title: name, duration_seconds: 90.0 };
    let minutes = summarise_as(&transcript, &SummaryOptions::default()).unwrap();
    assert_founded(&minutes, &segments);
    assert_eq!((minutes.coverage.share, minutes.provider.as_str()), (1.0, "extractive"));
    assert_eq!(minutes.language, language);
    minutes
}

fn summarise_as(transcript: &Transcript<'_>, asked: &SummaryOptions) -> Result<Minutes, LlmError> {
    summarise(transcript, &templates().brief(asked).unwrap())
}

/// Minutes as a person would read them.
fn page(minutes: &Minutes) -> String {
    let mut lines = vec![format!("# {}", minutes.title), minutes.summary.clone(), "Key points".to_owned()];
    let point = |point: &Point| format!("- {} {:?}", point.text, point.segments);
    lines.extend(minutes.key_points.iter().map(point));
    lines.push("Decisions".to_owned());
    lines.extend(minutes.decisions.iter().map(point));
    lines.push("Tasks".to_owned());
    lines.extend(minutes.action_items.iter().map(|item| {
        let word = |word: &Option<String>| word.clone().unwrap_or_default();
        format!("- {} | {} | {} {:?}", item.task, word(&item.owner), word(&item.due), item.segments)
    }));
    lines.push("Questions".to_owned());
    lines.extend(minutes.open_questions.iter().map(point));
    lines.push("Chapters".to_owned());
    lines.extend(minutes.chapters.iter().map(|one| format!("- {} {}-{}", one.title, one.start, one.end)));
    lines.join("\n")
}

#[test]
fn an_english_meeting_reads_well() {
    let expected = "\
# New feature, contract, product team
The product team checked the invoice last week. Action item for the support team, move the new feature by Thursday. Maria is the owner of the contract. Please write the test plan before Monday.
Key points
- The product team checked the invoice last week. [3]
- The support team needs twelve more days. [10]
- The schedule is important and the server is very good. [16]
Decisions
Tasks
- Review the budget | Maria | Friday [1]
- Move the new feature | Support team | Thursday [6]
- Prepare the proposal |  | Tuesday [7]
- Check the website |  | this month [8]
- Write the test plan |  | before Monday [15]
Questions
- Who will present the new feature? [4]
- Do we have the contract for the analyst? [9]
- Do we have the project plan for the developer? [12]
- Do we have the summary for the partner? [13]
Chapters
- New feature, contract 0.5-58.89";
    assert_eq!(page(&minutes_of("meeting_en.flac")), expected);
}

#[test]
fn a_korean_meeting_reads_well() {
    let expected = "\
# 자료, 재무팀, 예산
홍보팀이 오후에 설문을 논의했습니다. 재무팀이 오후에 일정을 공유했습니다. 예산에 문제가 있습니다. 개발팀과 재무팀이 함께 계획을 수정합니다.
Key points
- 재무팀이 오후에 일정을 공유했습니다. [5]
- 예산에 문제가 있습니다. [7]
- 예산이 아직 승인되지 않았습니다. [8]
- 자료가 아직 완료되지 않았습니다. [12]
Decisions
Tasks
- 홈페이지를 준비 |  | 다음 달 [3]
- 자료 제출 |  |  [9]
- 제안서를 제출 | 이 부장님 | 화요일 [10]
- 서버는 수정 |  | 오후 [11]
- 함께 계획을 수정 | 개발팀과 재무팀 |  [14]
Questions
- 자료 발표는 언제 합니까? [4]
Chapters
- 자료, 재무팀 0.52-56.73";
    assert_eq!(page(&minutes_of("meeting_ko.ogg")), expected);
}

#[test]
fn what_was_asked_of_people_is_found_in_every_recording() {
    for (name, decisions, tasks) in [
        ("meeting_en.mp3", &[3][..], &[1, 5, 11][..]),
        ("meeting_en.m4a", &[5], &[3, 4, 10, 12, 13, 20, 21]),
        ("meeting_en.webm", &[], &[2, 3, 6, 7, 8, 9, 11, 13, 16]),
        ("short_en.wav", &[], &[1]),
        ("stereo_44k.wav", &[], &[2]),
    ] {
        let minutes = minutes_of(name);
        let found: Vec<u64> = minutes.action_items.iter().flat_map(|item| item.segments.clone()).collect();
        assert_eq!(found, tasks, "{name}");
        let found: Vec<u64> = minutes.decisions.iter().flat_map(|point| point.segments.clone()).collect();
        assert_eq!(found, decisions, "{name}");
        assert!(
            !minutes.summary.is_empty() && !minutes.key_points.is_empty() && minutes.title != name,
            "{name}"
        );
    }
}

#[test]
fn other_languages_and_odd_recordings_have_minutes_too() {
    for (language, lines, title) in [
        ("de", &["Der Haushalt ist zu hoch.", "Wer prüft den Haushalt?"][..], "Haushalt"),
        ("ja", &["予算を確認します。", "予算はいくらですか？"], "予算"),
        ("en", &["hm", "no full stop anywhere and it goes on", "and on about the budget"], "Budget"),
        ("en", &["Yes.", "No."], "talk.wav"),
    ] {
        let segments = said(lines);
        let transcript = Transcript {
            segments: &segments,
            language: Some(language),
            title: "talk.wav",
            duration_seconds: 9.0,
        };
        let minutes = summarise_as(&transcript, &SummaryOptions::default()).unwrap();
        assert!(minutes.title.contains(title), "{language}: {}", minutes.title);
        assert!(!minutes.summary.is_empty(), "{language}");
        assert_founded_where_checkable(&minutes, &segments);
    }
    let nothing =
        Transcript { segments: &said(&["…", ""]), language: None, title: "", duration_seconds: 9.0 };
    assert_eq!(summarise_as(&nothing, &SummaryOptions::default()).unwrap_err().code(), "llm_nothing_said");
}

#[test]
fn a_long_meeting_has_chapters_that_hold_every_segment() {
    let (segments, language) = recording("meeting_en.m4a");
    let long: Vec<Segment> =
        (0..40).flat_map(|round| segments.iter().map(move |one| later(one, round))).collect();
    let long: Vec<Segment> =
        long.into_iter().zip(1..).map(|(one, number)| Segment { number, ..one }).collect();
    let transcript =
        Transcript { segments: &long, language: Some(&language), title: "", duration_seconds: 3600.0 };
    let minutes = summarise_as(&transcript, &SummaryOptions::default()).unwrap();
    assert_eq!(minutes.chapters.len(), 10);
    let held: Vec<u64> = minutes.chapters.iter().flat_map(|chapter| chapter.segments.clone()).collect();
    assert_eq!(held, (1..=long.len() as u64).collect::<Vec<_>>());
    assert!(minutes.chapters.is_sorted_by(|one, other| one.end <= other.start));
    // What is said forty times is one task.
    assert_eq!(minutes.action_items.len(), 7);
    assert_eq!(minutes.action_items[0].segments.len(), 40);
}

fn later(segment: &Segment, round: u32) -> Segment {
    let by = f64::from(round) * 90.0;
    Segment { start: segment.start + by, end: segment.end + by, ..segment.clone() }
}

/// Sentences as short as "Yes." cannot be checked for words.
fn assert_founded_where_checkable(minutes: &Minutes, segments: &[Segment]) {
    for point in minutes.key_points.iter().chain(&minutes.open_questions) {
        let said: Vec<&str> =
            point.segments.iter().map(|at| segments[*at as usize - 1].text.as_str()).collect();
        let (said, text) = (said.join(" ").to_lowercase(), point.text.to_lowercase());
        assert!(said.contains(&text), "{point:?}");
    }
}

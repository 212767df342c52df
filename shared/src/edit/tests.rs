use super::*;
use crate::segment::Word;

fn transcript() -> Vec<Segment> {
    let segment = |number: u64, text: &str, speaker: Option<&str>| Segment {
        number,
        start: number as f64 * 10.0,
        end: number as f64 * 10.0 + 8.0,
        text: text.to_owned(),
        speaker: speaker.map(str::to_owned),
        ..Segment::default()
    };
    vec![
        segment(1, "Good morning.", Some("A")),
        segment(2, "우리는 3월에 시작합니다 좋아요", Some("B")),
        segment(3, "That is all.", Some("A")),
    ]
}

/// The transcript after a change, as the readers of events put it together.
fn after(segments: &[Segment], change: &Change) -> Vec<Segment> {
    let (gone, touched) = (change.gone(), change.touched(segments));
    let is_old = |one: &&Segment| {
        !gone.contains(&one.number) && touched.iter().all(|other| other.number != one.number)
    };
    let mut all: Vec<Segment> = segments.iter().filter(is_old).cloned().chain(touched.clone()).collect();
    all.sort_by(|a, b| a.start.total_cmp(&b.start));
    all
}

fn edited(segments: &[Segment], edit: &Edit) -> Vec<Segment> {
    let change = edit.change(segments, 4).unwrap().expect("it changes something");
    let edited = after(segments, &change);
    assert_eq!(after(&edited, &change.inverse()), segments, "undone");
    edited
}

fn said(segments: &[Segment]) -> Vec<(u64, f64, f64, &str)> {
    segments.iter().map(|one| (one.number, one.start, one.end, one.text.as_str())).collect()
}

#[test]
fn other_words_keep_number_and_times() {
    let edited = edited(&transcript(), &Edit::Text { number: 3, text: "That was all.".into() });
    assert_eq!(said(&edited)[2], (3, 30.0, 38.0, "That was all."));
    assert!(edited[2].edited && !edited[0].edited);
    let same = Edit::Text { number: 3, text: "That is all.".into() };
    assert_eq!(same.change(&transcript(), 4), Ok(None));
}

#[test]
fn a_split_gives_the_second_part_a_new_number_and_its_share_of_the_time() {
    let edited = edited(&transcript(), &Edit::Split { number: 2, at: 13 });
    let times = 20.0 + 8.0 * 13.0 / 17.0;
    let time = (times * 1000.0_f64).round() / 1000.0;
    assert_eq!(said(&edited)[1..3], [(2, 20.0, time, "우리는 3월에 시작합니다"), (4, time, 28.0, "좋아요")]);
    assert!(edited[1..3].iter().all(|part| part.edited && part.speaker.as_deref() == Some("B")));
}

#[test]
fn words_tell_where_the_second_part_begins() {
    let mut segments = transcript();
    let word = |start: f64, word: &str| Word {
        start,
        end: start + 0.5,
        word: word.into(),
        probability: 1.0,
        speaker: None,
    };
    segments[0].recognition.words = vec![word(10.25, "Good"), word(16.5, "morning.")];
    let edited = edited(&segments, &Edit::Split { number: 1, at: 5 });
    assert_eq!(said(&edited)[..2], [(1, 10.0, 16.5, "Good"), (4, 16.5, 18.0, "morning.")]);
    assert_eq!((edited[0].recognition.words.len(), edited[1].recognition.words.len()), (1, 1));
}

#[test]
fn no_part_of_a_split_is_empty() {
    for at in [0, 13, 14, 99] {
        let split = Edit::Split { number: 1, at };
        assert_eq!(split.change(&transcript(), 4), Err(EditError::NoPlace(1)), "{at}");
    }
    let mut short = transcript();
    short[0].end = 10.001;
    assert_eq!(Edit::Split { number: 1, at: 5 }.change(&short, 4), Err(EditError::NoPlace(1)));
}

#[test]
fn merged_segments_answer_to_both_numbers() {
    let first = edited(&transcript(), &Edit::Merge { number: 2 });
    assert_eq!(said(&first)[1..], [(2, 20.0, 38.0, "우리는 3월에 시작합니다 좋아요 That is all.")]);
    let all = edited(&first, &Edit::Merge { number: 1 });
    assert_eq!((all.len(), all[0].merged.as_slice()), (1, [2, 3].as_slice()));
    assert_eq!(Edit::Merge { number: 1 }.change(&all, 4), Err(EditError::Last(1)));
}

#[test]
fn a_deleted_segment_leaves_the_others_as_they_are() {
    let edited = edited(&transcript(), &Edit::Delete { number: 2 });
    assert_eq!(edited, [transcript()[0].clone(), transcript()[2].clone()]);
    assert_eq!(Edit::Delete { number: 2 }.change(&edited, 4), Err(EditError::NoSegment(2)));
    assert_eq!(Edit::Delete { number: 1 }.change(&edited[..1], 4), Err(EditError::Only(1)));
}

#[test]
fn a_speaker_is_set_once_or_renamed_everywhere() {
    let speakers = |segments: &[Segment]| {
        segments.iter().map(|one| one.speaker.clone().unwrap_or_default()).collect::<Vec<_>>()
    };
    let one = edited(&transcript(), &Edit::Speaker { number: 3, speaker: None });
    assert_eq!(speakers(&one), ["A", "B", ""]);
    let renamed = edited(&transcript(), &Edit::RenameSpeaker { from: "A".into(), to: "B".into() });
    assert_eq!(speakers(&renamed), ["B", "B", "B"]);
    assert!(renamed.iter().all(|one| !one.edited));
    let nobody = Edit::RenameSpeaker { from: "C".into(), to: "B".into() };
    assert_eq!(nobody.change(&transcript(), 4), Err(EditError::NoSpeaker("C".into())));
    assert_eq!(Edit::Merge { number: 9 }.change(&transcript(), 4), Err(EditError::NoSegment(9)));
}

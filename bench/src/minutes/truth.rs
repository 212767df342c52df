//! What good minutes of a known recording would hold: the sentences themselves say which are tasks and decisions.

use ground_truth::Recording;
use shared::segment::Segment;

/// What a sentence is to the minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody is to do something.
    Action,
    /// Something was decided.
    Decision,
    /// Neither, or not clearly.
    Other,
}

/// How English tasks begin.
const ASKED: [&str; 3] = ["Action item for ", "Please ", "Can you "];

/// Verbs of Korean sentences in which somebody takes something on, in the polite present that stands for the future.
const TAKEN_ON: [&str; 7] =
    ["겠습니다.", "제출합니다.", "수정합니다.", "작성합니다.", "검토합니다.", "공유합니다.", "준비합니다."];

/// What a sentence is, told by the forms that the recordings are made of, and not by the program's own patterns.
pub fn kind(sentence: &str) -> Kind {
    let is_promise = sentence
        .split_once(" will ")
        .is_some_and(|(who, what)| who != "It" && !what.starts_with("cost") && !sentence.ends_with('?'));
    let is_asked = ASKED.iter().any(|begin| sentence.starts_with(begin));
    let is_taken_on = TAKEN_ON.iter().any(|end| sentence.ends_with(end));
    if sentence.starts_with("We decided ") || sentence.ends_with("기로 했습니다.") {
        Kind::Decision
    } else if is_promise || is_asked || is_taken_on {
        Kind::Action
    } else {
        Kind::Other
    }
}

/// The sentences of a recording as segments.
pub fn segments(recording: &Recording) -> Vec<Segment> {
    let segment = |(number, sentence): (u64, &ground_truth::Sentence)| Segment {
        number,
        start: sentence.start,
        end: sentence.end,
        text: sentence.text.clone(),
        ..Segment::default()
    };
    (1..).zip(&recording.sentences).map(segment).collect()
}

/// The recordings one after the other, again and again, until they are `seconds` long.
pub fn long(recordings: &[Recording], seconds: f64) -> Vec<Segment> {
    let (mut said, mut begin) = (Vec::new(), 0.0);
    for recording in recordings.iter().cycle() {
        if begin >= seconds || recording.seconds <= 0.0 {
            break;
        }
        for segment in segments(recording) {
            let number = said.len() as u64 + 1;
            said.push(Segment { number, start: begin + segment.start, end: begin + segment.end, ..segment });
        }
        begin += recording.seconds;
    }
    said
}

//! Answers without a language model: what was said that shares the question's words, quoted and named as such.

use crate::citations::Cited;
use minutes::Transcript;
use shared::segment::Segment;
use text::{escape, passages::Passages, words::is_hangul};

/// Most passages that are quoted.
const MAX_QUOTES: usize = 5;

/// Longest quotation in characters.
const MAX_QUOTE_CHARS: usize = 400;

/// Quotes the segments that fit `question` best, in the order in which they were said.
pub(super) fn answer(transcript: &Transcript<'_>, question: &str) -> Cited {
    let segments = transcript.segments;
    let words = segments.iter().map(|segment| segment.text.as_str());
    let mut best = Passages::new(words, &transcript.language()).best(question);
    best.truncate(MAX_QUOTES);
    best.sort_unstable();
    let found: Vec<&Segment> = best.into_iter().filter_map(|place| segments.get(place)).collect();
    let quotes = found.iter().map(|segment| {
        let words: String = escape(&segment.text).chars().take(MAX_QUOTE_CHARS).collect();
        format!("\n“{words}” [{}]", segment.number)
    });
    let text = format!("{}{}", heading(question, found.is_empty()), quotes.collect::<String>());
    Cited { text, segments: found.iter().map(|segment| segment.number).collect(), dropped: 0 }
}

/// What the quotations are, in the language of the question.
fn heading(question: &str, is_empty: bool) -> &'static str {
    match (question.chars().any(is_hangul), is_empty) {
        (false, false) => {
            "No language model is set up. These passages of the transcript fit the question best:"
        }
        (false, true) => {
            "No language model is set up, and no passage of the transcript has words of the question. Ask in words that \
             were said in the meeting."
        }
        (true, false) => "언어 모델이 설정되어 있지 않습니다. 질문에 가장 잘 맞는 회의록 구절입니다:",
        (true, true) => {
            "언어 모델이 설정되어 있지 않으며, 질문의 낱말이 나오는 구절이 없습니다. 회의에서 나온 말로 질문해 주세요."
        }
    }
}

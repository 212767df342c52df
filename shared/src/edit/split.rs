//! A segment becomes two.

use crate::segment::{Recognition, Segment, Word};

/// The shortest part, in seconds: the store counts milliseconds.
const MIN_PART_SECONDS: f64 = 0.001;

/// The two parts of a segment; the first has the first `letters` of its text, the second the number `unused`. None if
/// one of them would have no words or no time.
pub(super) fn at(segment: &Segment, chars: usize, unused: u64) -> Option<[Segment; 2]> {
    let (byte, _) = segment.text.char_indices().nth(chars)?;
    let (head, tail) = segment.text.split_at(byte);
    let (first, second) = (head.trim(), tail.trim());
    if first.is_empty() || second.is_empty() || segment.end - segment.start < 2.0 * MIN_PART_SECONDS {
        return None;
    }
    let said = words_in(segment, byte);
    let words = segment.recognition.words.split_at(said.unwrap_or_default());
    let begun = said.and_then(|_| words.1.first()).map_or_else(
        || segment.start + (segment.end - segment.start) * share(head, &segment.text),
        |word: &Word| word.start,
    );
    let time = (begun * 1000.0).round() / 1000.0;
    let time = time.clamp(segment.start + MIN_PART_SECONDS, segment.end - MIN_PART_SECONDS);
    let part = |text: &str, words: &[Word]| Segment {
        text: text.to_owned(),
        edited: true,
        recognition: Recognition {
            words: if said.is_some() { words.to_vec() } else { Vec::new() },
            ..segment.recognition.clone()
        },
        ..segment.clone()
    };
    Some([
        Segment { end: time, ..part(first, words.0) },
        Segment { number: unused, start: time, merged: Vec::new(), ..part(second, words.1) },
    ])
}

/// How many of the segment's words begin before this byte of its text; none if they are not its text's words.
fn words_in(segment: &Segment, byte: usize) -> Option<usize> {
    let (mut after, mut before) = (0, 0);
    for word in &segment.recognition.words {
        let begin = after + segment.text.get(after..)?.find(word.word.trim())?;
        before += usize::from(begin < byte);
        after = begin + word.word.trim().len();
    }
    (0 < before && before < segment.recognition.words.len()).then_some(before)
}

fn share(part: &str, whole: &str) -> f64 {
    part.chars().count() as f64 / whole.chars().count().max(1) as f64
}

//! Where a meeting turns to something else: at pauses, at words that say so, and where the vocabulary changes.

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;

use crate::{
    pattern::fixed,
    words::{Indexed, Stemmer, index},
};
use shared::segment::Segment;

/// Segments on each side that are compared.
const WINDOW_SEGMENTS: usize = 12;

/// Seconds of silence that count as a full pause.
const FULL_PAUSE_SECONDS: f64 = 5.0;

static CUE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)\b(move on to|moving on|next (topic|item|point)|(item|topic) on the agenda|start with|turn to|talk about)\b|\b(first|second|third|last) topic\b|안건|다음 주제|다음으로|넘어가",
    )
});

/// Whether a sentence does nothing but lead to the next topic.
pub fn is_cue(sentence: &str) -> bool {
    CUE.is_match(sentence)
}

/// For each segment of what was said in `language`, how good it is to cut before it: 0 in the middle of a thought, over 1
/// at a clear turn.
pub fn cuts(segments: &[Segment], language: &str) -> Vec<f64> {
    let indexed = index(segments.iter().map(|segment| segment.text.as_str()), Stemmer::of(language));
    let changes = changes(&indexed);
    let before = std::iter::once(None).chain(segments.iter().map(Some));
    let score = |((segment, before), change): ((&Segment, Option<&Segment>), f64)| {
        let pause = before.map_or(0.0, |before| (segment.start - before.end).max(0.0));
        let cue = if is_cue(&segment.text) { 1.0 } else { 0.0 };
        0.6 * (pause / FULL_PAUSE_SECONDS).min(1.0) + cue + 0.6 * change
    };
    segments.iter().zip(before).zip(changes).map(score).collect()
}

/// How different the words before and after each segment's begin are, from 0 to 1.
fn changes(indexed: &Indexed) -> Vec<f64> {
    let texts = &indexed.texts;
    let (mut left, mut right) = (Bag::default(), Bag::default());
    texts.iter().take(WINDOW_SEGMENTS).for_each(|text| right.add(text));
    let mut changes = Vec::with_capacity(texts.len());
    for (at, text) in texts.iter().enumerate() {
        changes.push(1.0 - left.likeness(&right));
        left.add(text);
        right.remove(text);
        if let Some(old) = at.checked_sub(WINDOW_SEGMENTS).and_then(|old| texts.get(old)) {
            left.remove(old);
        }
        if let Some(new) = texts.get(at + WINDOW_SEGMENTS) {
            right.add(new);
        }
    }
    changes
}

/// Words with their counts.
#[derive(Default)]
struct Bag(HashMap<usize, f64>);

impl Bag {
    fn add(&mut self, words: &[usize]) {
        for word in words {
            *self.0.entry(*word).or_default() += 1.0;
        }
    }

    fn remove(&mut self, words: &[usize]) {
        for word in words {
            if let Some(count) = self.0.get_mut(word) {
                *count -= 1.0;
                if *count <= 0.0 {
                    self.0.remove(word);
                }
            }
        }
    }

    /// Cosine of the angle between both.
    fn likeness(&self, other: &Self) -> f64 {
        let length = |bag: &Self| bag.0.values().map(|count| count * count).sum::<f64>().sqrt();
        let product: f64 = self.0.iter().filter_map(|(word, count)| Some(count * other.0.get(word)?)).sum();
        if product > 0.0 { product / (length(self) * length(other)) } else { 0.0 }
    }
}

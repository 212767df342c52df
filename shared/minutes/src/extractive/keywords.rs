//! What a stretch of speech is about, in two or three of its own words.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use text::words::{Stemmer, is_hangul, tokens};

/// Words that are in every meeting, and times.
const USUAL: &[&str] = &[
    "meeting",
    "item",
    "agenda",
    "topic",
    "week",
    "month",
    "quarter",
    "year",
    "day",
    "today",
    "tomorrow",
    "yesterday",
    "morning",
    "afternoon",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "hour",
    "minute",
    "time",
    "people",
    "need",
    "question",
    "problem",
    "lot",
    "way",
    "bit",
    "end",
    "release",
    "status",
    "owner",
    "decision",
    "risk",
    "회의",
    "안건",
    "오늘",
    "내일",
    "오전",
    "오후",
    "월요일",
    "화요일",
    "수요일",
    "목요일",
    "금요일",
    "토요일",
    "일요일",
    "문제",
    "질문",
    "퍼센트",
    "필요",
    "의견",
    "고객",
];

static USUAL_STEMS: LazyLock<HashSet<String>> =
    LazyLock::new(|| USUAL.iter().filter_map(|word| Stemmer::of("en").stem(word)).collect());

/// Words that a noun follows.
const BEFORE_NOUNS: &[&str] =
    &["the", "a", "an", "our", "my", "your", "their", "this", "that", "these", "those"];

/// The `count` most telling words, as a title; none if there are none.
pub(super) fn title(texts: &[&str], language: &str, count: usize) -> Option<String> {
    let mut phrases = Phrases { known: HashMap::new(), stemmer: Stemmer::of(language) };
    for text in texts {
        match language {
            "en" => phrases.add_english(text),
            _ => phrases.add_words(text),
        }
    }
    let chosen = phrases.best(count);
    let joined = chosen.join(", ");
    let mut chars = joined.chars();
    let first = chars.next()?;
    Some(first.to_uppercase().chain(chars).collect())
}

/// Phrases by the stems of their words, with the first form they came in, how often, and when first.
struct Phrases {
    known: HashMap<Vec<String>, (String, usize, usize)>,
    stemmer: Stemmer,
}

impl Phrases {
    /// Nouns stand after an article; two words are one phrase if nothing but the phrase's end follows.
    fn add_english(&mut self, text: &str) {
        let words: Vec<&str> = tokens(text).collect();
        for (at, _) in
            words.iter().enumerate().filter(|(_, word)| BEFORE_NOUNS.contains(&word.to_lowercase().as_str()))
        {
            let phrase: Vec<&str> = words
                .iter()
                .skip(at + 1)
                .take(3)
                .copied()
                .take_while(|word| self.stemmer.stem(word).is_some())
                .collect();
            match phrase.as_slice() {
                [one] => self.count(&[one]),
                [one, two] if !is_verb(two) => self.count(&[one, two]),
                [one, two, three] if is_verb(three) && !is_verb(two) => self.count(&[one, two]),
                [one, ..] => self.count(&[one]),
                [] => {}
            }
        }
    }

    fn add_words(&mut self, text: &str) {
        for word in tokens(text).filter(|word| !is_predicate(word)) {
            self.count(&[word]);
        }
    }

    fn count(&mut self, words: &[&str]) {
        let Some(stems) = words.iter().map(|word| self.stemmer.stem(word)).collect::<Option<Vec<_>>>() else {
            return;
        };
        if stems.iter().any(|stem| USUAL_STEMS.contains(stem)) {
            return;
        }
        let form = match stems.as_slice() {
            [stem] if stem.chars().any(is_hangul) => stem.clone(),
            _ => words.join(" ").to_lowercase(),
        };
        let order = self.known.len();
        self.known.entry(stems).or_insert((form, 0, order)).1 += 1;
    }

    /// The most frequent, longer ones first among equals, none inside another.
    fn best(self, count: usize) -> Vec<String> {
        let mut all: Vec<_> = self.known.into_iter().collect();
        all.sort_by_key(|(stems, (_, seen, order))| (std::cmp::Reverse((*seen, stems.len())), *order));
        let mut chosen: Vec<(Vec<String>, String)> = Vec::new();
        for (stems, (form, ..)) in all {
            let fresh = !chosen.iter().any(|(other, _)| other.iter().any(|stem| stems.contains(stem)));
            if fresh && chosen.len() < count {
                chosen.push((stems, form));
            }
        }
        chosen.into_iter().map(|(_, form)| form).collect()
    }
}

/// Whether a word after a noun looks like its verb.
fn is_verb(word: &str) -> bool {
    ["s", "ed", "ing"].iter().any(|end| word.ends_with(end)) && !word.ends_with("ss") || word.len() < 3
}

/// Whether a Korean word ends a sentence.
fn is_predicate(word: &str) -> bool {
    ["다", "까", "요", "죠", "서", "해", "고", "지"].iter().any(|end| word.ends_with(end))
        && word.chars().any(is_hangul)
}

//! Finds what a question is about in a long transcript: passages ranked by the words they share with it (BM25). Endings
//! do not matter, in English and in Korean.

use std::collections::{HashMap, HashSet};

use crate::words::{Stemmer, key, tokens};

/// How soon another occurrence of a word in one passage stops to count.
const SATURATION: f64 = 1.2;

/// How much long passages are held back, from 0 to 1.
const LENGTH_WEIGHT: f64 = 0.75;

/// Passages that questions can be put to.
pub struct Passages {
    words: Vec<HashMap<String, f64>>,
    lengths: Vec<f64>,
    /// Passages in which each word stands.
    spread: HashMap<String, f64>,
    stemmer: Stemmer,
}

impl Passages {
    /// Reads the passages, which are in `language`.
    pub fn new<'t>(texts: impl Iterator<Item = &'t str>, language: &str) -> Self {
        let stemmer = Stemmer::of(language);
        let words: Vec<HashMap<String, f64>> = texts.map(|text| count(text, stemmer)).collect();
        let mut spread = HashMap::new();
        for word in words.iter().flat_map(HashMap::keys) {
            *spread.entry(word.clone()).or_insert(0.0) += 1.0;
        }
        let lengths = words.iter().map(|words| words.values().sum()).collect();
        Self { words, lengths, spread, stemmer }
    }

    /// The places of the passages that share a word with `question`, the best first.
    pub fn best(&self, question: &str) -> Vec<usize> {
        let asked: HashSet<String> = terms(question, self.stemmer).collect();
        let mut scored: Vec<(f64, usize)> =
            (0..self.words.len()).map(|place| (self.score(&asked, place), place)).collect();
        scored.retain(|(score, _)| *score > 0.0);
        scored.sort_by(|(one, first), (other, second)| other.total_cmp(one).then(first.cmp(second)));
        scored.into_iter().map(|(_, place)| place).collect()
    }

    fn score(&self, asked: &HashSet<String>, place: usize) -> f64 {
        let (Some(words), Some(length)) = (self.words.get(place), self.lengths.get(place)) else {
            return 0.0;
        };
        let passages = self.words.len() as f64;
        let mean = (self.lengths.iter().sum::<f64>() / passages).max(1.0);
        let weight = 1.0 - LENGTH_WEIGHT + LENGTH_WEIGHT * length / mean;
        let one = |word: &String| {
            let (count, spread) = (words.get(word)?, self.spread.get(word)?);
            let rarity = (1.0 + (passages - spread + 0.5) / (spread + 0.5)).ln();
            Some(rarity * count * (SATURATION + 1.0) / (count + SATURATION * weight))
        };
        asked.iter().filter_map(one).sum()
    }
}

fn count(text: &str, stemmer: Stemmer) -> HashMap<String, f64> {
    let mut counts = HashMap::new();
    for word in terms(text, stemmer) {
        *counts.entry(word).or_insert(0.0) += 1.0;
    }
    counts
}

/// Words of a text as they are compared, numbers included.
fn terms(text: &str, stemmer: Stemmer) -> impl Iterator<Item = String> {
    let numbers = tokens(text).filter(|token| token.chars().all(char::is_numeric));
    let numbers: Vec<String> = numbers.map(str::to_owned).collect();
    stemmer.stems(text).into_iter().map(|stem| key(&stem)).chain(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_passage_that_says_it_comes_first() {
        let said = [
            "Let us start with the budget of the survey.",
            "The customers asked for a new feature.",
            "Maria will review the budget by Friday.",
            "이 부장님은 화요일에 제안서를 제출합니다.",
            "다음 회의는 월요일입니다.",
            "It takes 40 customers.",
        ];
        let passages = Passages::new(said.into_iter(), "en");
        let first = |question: &str| passages.best(question).first().copied();
        assert_eq!(first("Who reviewed the budgets?"), Some(2));
        assert_eq!(first("What do customers want?"), Some(5));
        assert_eq!(first("Which features were asked for?"), Some(1));
        assert_eq!(first("제안서는 언제 제출하나요?"), Some(3));
        assert_eq!(first("회의가 언제인가요?"), Some(4));
        assert_eq!(first("Why 40?"), Some(5));
        assert_eq!(first("Where is the moon?"), None);
        assert_eq!(first(""), None);
        assert!(Passages::new(std::iter::empty(), "en").best("budget").is_empty());
    }
}

//! How central each sentence is: LexRank, that is PageRank on the likeness of sentences.
//!
//! The likeness of two sentences is the cosine of their word vectors, so that the whole table of likenesses is the
//! product of one thin matrix with itself. The table is never made; a step costs as much as there are words.

use super::sentences::Sentence;
use text::words::{Stemmer, index};

const ITERATIONS: usize = 25;

/// Share of the weight that follows likeness; the rest is spread evenly.
const DAMPING: f64 = 0.85;

/// Sentences as vectors, and how central each is.
pub(super) struct Ranks {
    pub centrality: Vec<f64>,
    vectors: Vec<Vec<(usize, f64)>>,
}

impl Ranks {
    /// The most central of these sentences, at most `count`, in their order.
    pub fn best(&self, mut places: Vec<usize>, count: usize) -> Vec<usize> {
        let rank = |at: &usize| self.centrality.get(*at).copied().unwrap_or_default();
        places.sort_by(|one, other| rank(other).total_cmp(&rank(one)).then(one.cmp(other)));
        places.truncate(count);
        places.sort_unstable();
        places
    }

    /// Cosine of the angle between two sentences, 0 to 1.
    pub fn likeness(&self, one: usize, other: usize) -> f64 {
        let (Some(one), Some(other)) = (self.vectors.get(one), self.vectors.get(other)) else { return 0.0 };
        let find = |word: usize| other.iter().find(|(known, _)| *known == word);
        one.iter().filter_map(|(word, weight)| Some(weight * find(*word)?.1)).sum()
    }
}

/// Ranks the sentences; the mean centrality is 1.
pub(super) fn centrality(sentences: &[Sentence], language: &str) -> Ranks {
    let indexed = index(sentences.iter().map(|sentence| sentence.text.as_str()), Stemmer::of(language));
    let vectors = vectors(&indexed.texts, indexed.vocabulary);
    let mut ranks = vec![1.0; vectors.len()];
    let degrees = spread(&vectors, &ranks, indexed.vocabulary);
    for _ in 0..ITERATIONS {
        let shares: Vec<f64> =
            ranks.iter().zip(&degrees).map(|(rank, degree)| rank / degree.max(1e-9)).collect();
        let received = spread(&vectors, &shares, indexed.vocabulary);
        ranks = received.into_iter().map(|rank| 1.0 - DAMPING + DAMPING * rank).collect();
    }
    Ranks { centrality: ranks, vectors }
}

/// Each sentence's words with their weights; rare words weigh more, and every vector has the length 1.
fn vectors(texts: &[Vec<usize>], vocabulary: usize) -> Vec<Vec<(usize, f64)>> {
    let mut frequency = vec![0.0; vocabulary];
    let counted: Vec<Vec<(usize, f64)>> = texts.iter().map(|text| count(text)).collect();
    for (word, _) in counted.iter().flatten() {
        bump(&mut frequency, *word, 1.0);
    }
    let total = texts.len() as f64;
    let weigh = |text: Vec<(usize, f64)>| {
        let weight = |word: usize| frequency.get(word).map_or(0.0, |seen| (1.0 + total / seen).ln());
        let weighed: Vec<_> = text.into_iter().map(|(word, count)| (word, count * weight(word))).collect();
        let length = weighed.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt().max(1e-9);
        weighed.into_iter().map(|(word, weight)| (word, weight / length)).collect()
    };
    counted.into_iter().map(weigh).collect()
}

fn count(text: &[usize]) -> Vec<(usize, f64)> {
    let mut sorted = text.to_vec();
    sorted.sort_unstable();
    sorted
        .chunk_by(|one, other| one == other)
        .filter_map(|run| Some((*run.first()?, run.len() as f64)))
        .collect()
}

/// What each sentence receives when every sentence gives the others its share times their likeness.
fn spread(vectors: &[Vec<(usize, f64)>], shares: &[f64], vocabulary: usize) -> Vec<f64> {
    let mut by_word = vec![0.0; vocabulary];
    for (vector, share) in vectors.iter().zip(shares) {
        for (word, weight) in vector {
            bump(&mut by_word, *word, weight * share);
        }
    }
    let collect = |(vector, own): (&Vec<(usize, f64)>, &f64)| {
        let all: f64 = vector.iter().filter_map(|(word, weight)| Some(weight * by_word.get(*word)?)).sum();
        // Nobody votes for himself.
        if vector.is_empty() { 0.0 } else { (all - own).max(0.0) }
    };
    vectors.iter().zip(shares).map(collect).collect()
}

fn bump(sums: &mut [f64], at: usize, by: f64) {
    if let Some(sum) = sums.get_mut(at) {
        *sum += by;
    }
}

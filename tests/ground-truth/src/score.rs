//! How well a transcript tells what was said, when, in which language and by whom.
#![expect(clippy::indexing_slicing, reason = "tables are as long as what they are made of")]

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::{Recording, units};

/// A sentence is lost if less than this share of its words is found.
const FOUND: f64 = 0.25;
/// A sentence of fewer words is not lost by one that is misheard.
const FEWEST_WORDS: usize = 3;
/// A longer gap between sentences is a pause, in seconds.
const PAUSE: f64 = 2.0;
/// What is left out at each end of a pause and of a sentence, in seconds: edges of speech are no sharper.
const GRACE: f64 = 0.5;
/// Seconds of a pause that a segment may cover.
const COVERED: f64 = 1.0;
/// The step in which speakers are compared, in seconds.
const STEP: f64 = 0.05;

/// A segment, as `GET /api/v1/jobs/{id}/transcript` and `seogi transcribe --format json` have it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Segment {
    /// Begin in seconds.
    pub start: f64,
    /// End in seconds.
    pub end: f64,
    /// The words.
    pub text: String,
    /// Who says it.
    pub speaker: Option<String>,
    /// In which language.
    pub language: Option<String>,
    /// Each word with its time.
    #[serde(default)]
    pub words: Vec<Word>,
}

/// A word and its time.
#[derive(Clone, Debug, Deserialize)]
pub struct Word {
    /// Begin in seconds.
    pub start: f64,
    /// How it is written.
    pub word: String,
}

/// What a transcript has right and wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Share of words that are wrong, missing or too many; 0 where the truth has none.
    pub wrong_words: f64,
    /// Sentences of which next to nothing is there.
    pub lost: Vec<String>,
    /// Segments that reach over a pause.
    pub over_pauses: usize,
    /// Seconds from a sentence's begin to its first word, where that was found; the median.
    pub late: f64,
    /// Sentences whose language is another's.
    pub wrong_languages: usize,
    /// Speakers that were found.
    pub speakers: usize,
    /// Share of the speech that has another's name.
    pub wrong_speaker: f64,
}

impl Recording {
    /// Compares a transcript with what is said.
    pub fn score(&self, segments: &[Segment]) -> Score {
        let text: Vec<&str> = segments.iter().map(|segment| segment.text.as_str()).collect();
        let (lost, late) = self.sentences_found(segments);
        let names: BTreeSet<_> = segments.iter().filter_map(|segment| segment.speaker.as_ref()).collect();
        Score {
            wrong_words: if self.text().trim().is_empty() { 0.0 } else { self.error_rate(&text.join(" ")) },
            lost,
            over_pauses: segments.iter().filter(|segment| self.reaches_over_a_pause(segment)).count(),
            late,
            wrong_languages: self.wrong_languages(segments),
            speakers: names.len(),
            wrong_speaker: self.wrong_speaker(segments),
        }
    }

    /// The sentences that are lost, and how far off the others begin.
    fn sentences_found(&self, segments: &[Segment]) -> (Vec<String>, f64) {
        let said: Vec<Vec<String>> =
            self.sentences.iter().map(|sentence| units(&self.language, &sentence.text)).collect();
        let (heard, times) = words_and_times(&self.language, segments);
        let found = pairs(&said.concat(), &heard);
        let (mut lost, mut late, mut at) = (Vec::new(), Vec::new(), 0);
        for (sentence, words) in self.sentences.iter().zip(&said) {
            let of_it = &found[at..at + words.len()];
            at += words.len();
            let share = of_it.iter().flatten().count() as f64 / words.len().max(1) as f64;
            if words.len() >= FEWEST_WORDS && share < FOUND {
                lost.push(sentence.text.clone());
            }
            if let Some(Some(first)) = of_it.first() {
                late.push((times[*first] - sentence.start).abs());
            }
        }
        late.sort_by(f64::total_cmp);
        (lost, late.get(late.len() / 2).copied().unwrap_or_default())
    }

    fn reaches_over_a_pause(&self, segment: &Segment) -> bool {
        let begins = self.sentences.iter().map(|sentence| sentence.start).chain([self.seconds]);
        let ends = [0.0].into_iter().chain(self.sentences.iter().map(|sentence| sentence.end));
        ends.zip(begins).filter(|(from, to)| to - from > PAUSE).any(|(from, to)| {
            (segment.end.min(to - GRACE) - segment.start.max(from + GRACE)).max(0.0) > COVERED
        })
    }

    /// Sentences most of whose text is told to be in another language.
    fn wrong_languages(&self, segments: &[Segment]) -> usize {
        let is_wrong = |(start, end, language): (f64, f64, &String)| {
            let mut seconds: BTreeMap<&str, f64> = BTreeMap::new();
            for segment in segments {
                let common = (segment.end.min(end) - segment.start.max(start)).max(0.0);
                if common > 0.0 {
                    *seconds.entry(segment.language.as_deref().unwrap_or_default()).or_default() += common;
                }
            }
            let most = seconds.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
            most.is_none_or(|(found, _)| found != language)
        };
        let told = self.sentences.iter().filter_map(|one| Some((one.start, one.end, one.language.as_ref()?)));
        told.filter(|one| is_wrong(*one)).count()
    }

    /// Each speaker that was found is taken for the one they agree with best, one to one.
    fn wrong_speaker(&self, segments: &[Segment]) -> f64 {
        let (mut agree, mut all) = (BTreeMap::<(&str, &str), usize>::new(), 0);
        for sentence in self.sentences.iter().filter(|sentence| sentence.speaker.is_some()) {
            let (from, to) = (sentence.start + GRACE / 2.0, sentence.end - GRACE / 2.0);
            for step in 0..((to - from) / STEP).max(0.0) as usize {
                all += 1;
                let time = from + step as f64 * STEP;
                let heard = segments.iter().find(|segment| segment.start <= time && time < segment.end);
                if let (Some(truth), Some(found)) =
                    (sentence.speaker.as_deref(), heard.and_then(|segment| segment.speaker.as_deref()))
                {
                    *agree.entry((truth, found)).or_default() += 1;
                }
            }
        }
        let told: usize = agree.values().sum();
        let mut by_agreement: Vec<_> = agree.into_iter().collect();
        by_agreement.sort_by_key(|(_, steps)| std::cmp::Reverse(*steps));
        let (mut truths, mut founds, mut right) = (BTreeSet::new(), BTreeSet::new(), 0);
        for ((truth, found), steps) in by_agreement {
            if !truths.contains(truth) && !founds.contains(found) {
                truths.insert(truth);
                founds.insert(found);
                right += steps;
            }
        }
        (told - right) as f64 / f64::from(u32::try_from(all.max(1)).unwrap_or(u32::MAX))
    }
}

/// The words of a transcript as they are compared, and when each is said.
fn words_and_times(language: &str, segments: &[Segment]) -> (Vec<String>, Vec<f64>) {
    let mut all = Vec::new();
    for segment in segments {
        if segment.words.is_empty() {
            all.extend(units(language, &segment.text).into_iter().map(|unit| (unit, segment.start)));
        }
        for word in &segment.words {
            all.extend(units(language, &word.word).into_iter().map(|unit| (unit, word.start)));
        }
    }
    all.into_iter().unzip()
}

/// For each word that is said, its place in what was heard: the most pairs in the same order.
fn pairs(said: &[String], heard: &[String]) -> Vec<Option<usize>> {
    let mut longest = vec![vec![0_u32; heard.len() + 1]; said.len() + 1];
    for i in (0..said.len()).rev() {
        for j in (0..heard.len()).rev() {
            longest[i][j] = if said[i] == heard[j] {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut found, mut j) = (vec![None; said.len()], 0);
    for i in 0..said.len() {
        while j < heard.len() && said[i] != heard[j] && longest[i][j + 1] >= longest[i + 1][j] {
            j += 1;
        }
        if j < heard.len() && said[i] == heard[j] {
            found[i] = Some(j);
            j += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sentence;

    fn said(start: f64, end: f64, text: &str, who: &str) -> Sentence {
        let (language, speaker) = (Some("en".to_owned()), Some(who.to_owned()));
        Sentence { start, end, text: text.to_owned(), speaker, language }
    }

    fn heard(start: f64, end: f64, text: &str, who: &str) -> Segment {
        let (language, speaker) = (Some("en".to_owned()), Some(who.to_owned()));
        Segment { start, end, text: text.to_owned(), speaker, language, words: Vec::new() }
    }

    fn recording() -> Recording {
        let sentences = vec![
            said(1.0, 3.0, "We meet on Monday.", "ann"),
            said(8.0, 10.0, "The budget is fine.", "bob"),
            said(10.0, 12.0, "See you then.", "ann"),
        ];
        Recording { language: "en".into(), seconds: 13.0, sentences, ..Recording::default() }
    }

    #[test]
    fn a_perfect_transcript_has_nothing_wrong() {
        let segments = [
            heard(1.0, 3.0, "we meet on monday", "1"),
            heard(8.0, 10.0, "The budget is fine", "2"),
            heard(10.0, 12.0, "see you then", "1"),
        ];
        let score = recording().score(&segments);
        let perfect = Score {
            wrong_words: 0.0,
            lost: Vec::new(),
            over_pauses: 0,
            late: 0.0,
            wrong_languages: 0,
            speakers: 2,
            wrong_speaker: 0.0,
        };
        assert_eq!(score, perfect);
    }

    #[test]
    fn each_mistake_is_seen() {
        let mut segments =
            vec![heard(1.5, 7.0, "We meet on Sunday", "1"), heard(10.2, 12.0, "see you then", "1")];
        segments[1].language = Some("de".into());
        let score = recording().score(&segments);
        assert_eq!(score.lost, ["The budget is fine."]);
        assert!((score.wrong_words - 5.0 / 11.0).abs() < 1e-9, "{}", score.wrong_words);
        assert_eq!((score.over_pauses, score.wrong_languages, score.speakers), (1, 2, 1));
        assert!((score.late - 0.5).abs() < 1e-9, "{}", score.late);
        segments.push(heard(8.0, 10.0, "The budget is fine", "1"));
        let wrong = recording().score(&segments).wrong_speaker;
        assert!((0.3..0.37).contains(&wrong), "{wrong}");
    }
}

//! Whether the transcript supports what a model wrote.
//!
//! An entry has to name segments that exist; half of its words that carry meaning have to be said there or in the
//! segments next to them, and every number and every name. Endings do not matter.

use std::{
    collections::{HashMap, HashSet},
    ops::RangeInclusive,
};

use shared::{minutes::Dropped, segment::Segment};
use text::{
    numbers,
    words::{key, stem, stems, tokens},
};

/// What was said, ready to be looked up.
pub struct Evidence {
    places: HashMap<u64, usize>,
    segments: Vec<SpokenTerms>,
    whole: SpokenTerms,
    /// Whether a capital letter inside a sentence marks a name, as it does not in German.
    capitals_are_names: bool,
}

/// Words and numbers of a stretch of speech.
#[derive(Clone, Default)]
struct SpokenTerms {
    words: HashSet<String>,
    numbers: HashSet<u64>,
}

impl SpokenTerms {
    fn of(text: &str) -> Self {
        Self { words: stems(text).iter().map(|stem| key(stem)).collect(), numbers: numbers::known(text) }
    }

    fn add(&mut self, other: &Self) {
        self.words.extend(other.words.iter().cloned());
        self.numbers.extend(&other.numbers);
    }
}

impl Evidence {
    /// Reads what was said in `language`.
    pub fn new(segments: &[Segment], language: &str) -> Self {
        let said: Vec<SpokenTerms> = segments.iter().map(|segment| SpokenTerms::of(&segment.text)).collect();
        let mut whole = SpokenTerms::default();
        said.iter().for_each(|one| whole.add(one));
        let places = segments.iter().enumerate().map(|(place, segment)| (segment.number, place)).collect();
        Self { places, segments: said, whole, capitals_are_names: language != "de" }
    }

    /// Whether the segments in `cited` support `text`: those of them that exist and lie `within` what the model saw.
    ///
    /// # Errors
    /// Why not.
    pub fn claim(&self, text: &str, cited: &[u64], within: &RangeInclusive<u64>) -> Result<Vec<u64>, String> {
        let real: Vec<u64> = cited
            .iter()
            .copied()
            .filter(|number| within.contains(number) && self.places.contains_key(number))
            .collect();
        if cited.is_empty() {
            return Err("it names no segments".to_owned());
        }
        if real.is_empty() {
            return Err("the segments it names do not exist".to_owned());
        }
        self.borne_out(text, &self.near(&real, 1))?;
        Ok(real)
    }

    /// Whether every word of a name or a date was said in the segments or close by.
    pub fn detail(&self, text: &str, segments: &[u64]) -> bool {
        let near = self.near(segments, 2);
        let said = |token: &str| {
            stem(token)
                .is_none_or(|stem| near.words.contains(&key(&stem)) || token.chars().all(char::is_numeric))
        };
        tokens(text).all(said) && numbers::stated(text).is_subset(&near.numbers)
    }

    /// Whether any word that carries meaning was said at all, which is all that a heading has to fulfil.
    pub fn heading(&self, text: &str) -> bool {
        stems(text).iter().any(|stem| self.whole.words.contains(&key(stem)))
    }

    /// The sentences of a paragraph that the whole transcript supports, and those that it does not.
    pub fn paragraph(&self, text: &str) -> (String, Vec<Dropped>) {
        let (mut kept, mut dropped) = (Vec::new(), Vec::new());
        for sentence in text.split_inclusive(['.', '!', '?', '。', '！', '？']).collect::<Vec<_>>() {
            match self.borne_out(sentence, &self.whole) {
                Ok(()) => kept.push(sentence),
                Err(_) if stems(sentence).is_empty() => kept.push(sentence),
                Err(reason) => dropped.push(Dropped { text: sentence.trim().to_owned(), reason }),
            }
        }
        (kept.concat().trim().to_owned(), dropped)
    }

    /// What was said in `segments` and up to `around` segments before and after each.
    fn near(&self, segments: &[u64], around: usize) -> SpokenTerms {
        let mut near = SpokenTerms::default();
        for place in segments.iter().filter_map(|number| self.places.get(number)) {
            let (from, to) = (place.saturating_sub(around), place + around);
            self.segments.iter().take(to + 1).skip(from).for_each(|said| near.add(said));
        }
        near
    }

    fn borne_out(&self, text: &str, said: &SpokenTerms) -> Result<(), String> {
        let words: HashSet<String> = stems(text).iter().map(|stem| key(stem)).collect();
        let stated = numbers::stated(text);
        if words.is_empty() && stated.is_empty() {
            return Err("it says nothing that can be checked".to_owned());
        }
        if let Some(number) = stated.difference(&said.numbers).min() {
            return Err(format!("the number {number} was not said there"));
        }
        if let Some(name) =
            self.names(text).find(|name| stem(name).is_some_and(|stem| !said.words.contains(&key(&stem))))
        {
            return Err(format!("the name {name} was not said there"));
        }
        let found = words.intersection(&said.words).count();
        if found * 2 >= words.len() {
            Ok(())
        } else {
            Err("most of its words were not said there".to_owned())
        }
    }

    /// Words with a capital letter that do not begin a sentence.
    fn names<'a>(&self, text: &'a str) -> impl Iterator<Item = &'a str> {
        let sentences = text.split(['.', '!', '?', ':', '"', '“']).filter(|_| self.capitals_are_names);
        let capital = |word: &&str| word.chars().next().is_some_and(char::is_uppercase);
        sentences.flat_map(move |sentence| tokens(sentence).skip(1).filter(capital))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said() -> Evidence {
        let texts = [
            "Maria will review the budget by Friday.",
            "The roadmap will cost sixty thousand dollars.",
            "We decided to move the presentation.",
            "이 부장님은 화요일에 제안서를 제출합니다.",
            "예산은 삼십만 원입니다.",
            "Let us have lunch now.",
            "Nothing else matters here.",
        ];
        let segment = |(at, text): (usize, &&str)| Segment {
            number: at as u64 + 1,
            start: at as f64,
            end: at as f64 + 1.0,
            text: (*text).to_owned(),
            ..Segment::default()
        };
        Evidence::new(&texts.iter().enumerate().map(segment).collect::<Vec<_>>(), "en")
    }

    fn verdict(text: &str, cited: &[u64]) -> String {
        said().claim(text, cited, &(1..=7)).map_or_else(|reason| reason, |segments| format!("{segments:?}"))
    }

    #[test]
    fn what_was_said_in_other_words_is_borne_out() {
        assert_eq!(verdict("Maria reviews the budget until Friday", &[1]), "[1]");
        assert_eq!(verdict("The roadmap costs $60,000.", &[2, 99]), "[2]");
        assert_eq!(verdict("The presentation is being moved.", &[3]), "[3]");
        assert_eq!(verdict("부장님이 제안서 제출 예정", &[4]), "[4]");
        assert_eq!(verdict("예산 30만원", &[5]), "[5]");
        assert_eq!(verdict("예산: 300,000원", &[5]), "[5]");
    }

    #[test]
    fn inventions_are_found() {
        assert_eq!(verdict("Maria reviews the budget", &[]), "it names no segments");
        assert_eq!(verdict("Maria reviews the budget", &[40]), "the segments it names do not exist");
        assert_eq!(verdict("Maria reviews the budget", &[6]), "most of its words were not said there");
        assert_eq!(verdict("The roadmap costs $70,000", &[2]), "the number 70000 was not said there");
        assert_eq!(
            verdict("The budget review by Friday is done by Peter", &[1]),
            "the name Peter was not said there"
        );
        assert_eq!(verdict("예산은 오십만 원입니다", &[5]), "the number 500000 was not said there");
        assert_eq!(verdict("That is it.", &[1]), "it says nothing that can be checked");
        assert_eq!(
            said().claim("Maria reviews the budget", &[1], &(2..=7)),
            Err("the segments it names do not exist".to_owned())
        );
    }

    #[test]
    fn details_headings_and_paragraphs() {
        let said = said();
        assert!(
            said.detail("Friday", &[1]) && said.detail("by Friday", &[3]) && said.detail("이 부장님", &[4])
        );
        assert!(!said.detail("Friday", &[6]) && !said.detail("Peter", &[1]) && !said.detail("May 5", &[1]));
        assert!(said.heading("Budget and more") && !said.heading("Weather"));
        let (kept, dropped) =
            said.paragraph("Maria reviews the budget. The weather was nice outside. It cost 5 dollars.");
        assert_eq!(kept, "Maria reviews the budget.");
        assert_eq!(dropped.len(), 2);
    }
}

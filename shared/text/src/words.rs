//! Words of a text in the form in which they are compared: without endings, without those that say nothing.

mod korean;
mod stops;
mod synonyms;

use std::collections::HashMap;

use rust_stemmers::Algorithm;

pub use synonyms::synonym;

/// The words of `text` as written, without punctuation.
pub fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let outside = |character: char| !character.is_alphanumeric() && !matches!(character, '\'' | '’');
    text.split(outside).map(|word| word.trim_matches(['\'', '’'])).filter(|word| !word.is_empty())
}

/// Takes endings off the words of one language. Korean words lose theirs in every language, since they stand in all.
#[derive(Clone, Copy, Debug)]
pub struct Stemmer {
    algorithm: Option<Algorithm>,
    /// Words that carry no meaning, beside the English and Korean ones.
    stops: &'static [&'static str],
}

impl Stemmer {
    /// The one for an ISO 639-1 code. Words of a language that it does not know stay whole.
    pub fn of(language: &str) -> Self {
        let algorithm = match language {
            "ar" => Algorithm::Arabic,
            "da" => Algorithm::Danish,
            "de" => Algorithm::German,
            "el" => Algorithm::Greek,
            // Korean meetings are full of English words.
            "en" | "ko" => Algorithm::English,
            "es" => Algorithm::Spanish,
            "fi" => Algorithm::Finnish,
            "fr" => Algorithm::French,
            "hu" => Algorithm::Hungarian,
            "it" => Algorithm::Italian,
            "nl" => Algorithm::Dutch,
            "no" | "nb" | "nn" => Algorithm::Norwegian,
            "pt" => Algorithm::Portuguese,
            "ro" => Algorithm::Romanian,
            "ru" => Algorithm::Russian,
            "sv" => Algorithm::Swedish,
            "ta" => Algorithm::Tamil,
            "tr" => Algorithm::Turkish,
            _ => return Self { algorithm: None, stops: stops::of(language) },
        };
        Self { algorithm: Some(algorithm), stops: stops::of(language) }
    }

    /// Stems of the words of `text` that carry meaning, in order, numbers left out.
    pub fn stems(self, text: &str) -> Vec<String> {
        let mut stems = Vec::new();
        for token in tokens(text) {
            if token.chars().any(has_no_spaces) {
                stems.extend(pairs(token));
            } else if !token.chars().any(|character| character.is_numeric()) {
                stems.extend(self.stem(token));
            }
        }
        stems
    }

    /// The stem of one word; none if the word carries no meaning.
    pub fn stem(self, word: &str) -> Option<String> {
        let lower = word.to_lowercase().replace('’', "'");
        if lower.chars().any(is_hangul) {
            let stem = korean::stem(&lower);
            let bare = stem.chars().count() < 2;
            return (!bare && !stops::is_korean(&lower) && !stops::is_korean(&stem)).then_some(stem);
        }
        let word = uncontracted(&lower);
        let says_nothing = word.chars().count() < 2 || stops::is_english(word) || self.stops.contains(&word);
        let stem = || match self.algorithm {
            Some(algorithm) => rust_stemmers::Stemmer::create(algorithm).stem(word).into_owned(),
            None => word.to_owned(),
        };
        (!says_nothing).then(stem)
    }
}

/// The word before `'s`, `'ll`, `n't` and the like.
fn uncontracted(word: &str) -> &str {
    let ends = ["'s", "'ll", "'re", "'ve", "'d", "'m", "n't"];
    ends.iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word)
}

/// What two words have to share to count as the same in a comparison that forgives endings: decided, deciding.
pub fn key(stem: &str) -> String {
    let length = if stem.chars().any(is_hangul) { 2 } else { 5 };
    stem.chars().take(length).collect()
}

/// Whether a letter belongs to a script that puts no spaces between words.
fn has_no_spaces(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// Whether a letter is a Korean syllable.
pub fn is_hangul(character: char) -> bool {
    matches!(character, '\u{ac00}'..='\u{d7a3}')
}

/// Neighbouring letters, which stand for words where there are no spaces.
fn pairs(token: &str) -> impl Iterator<Item = String> {
    token.chars().zip(token.chars().skip(1)).map(|(first, second)| String::from_iter([first, second]))
}

/// Texts as lists of numbers, one number for each stem: quick to compare.
pub struct Indexed {
    /// The words of each text.
    pub texts: Vec<Vec<usize>>,
    /// How many different words there are; each number is under it.
    pub vocabulary: usize,
}

/// Numbers the stems of `texts`.
pub fn index<'a>(texts: impl Iterator<Item = &'a str>, stemmer: Stemmer) -> Indexed {
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut number = |stem: String| {
        let next = known.len();
        *known.entry(stem).or_insert(next)
    };
    let texts = texts.map(|text| stemmer.stems(text).into_iter().map(&mut number).collect()).collect();
    Indexed { texts, vocabulary: known.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_do_not_matter() {
        for (language, one, other) in [
            ("en", "updated", "updates"),
            ("en", "planning", "plans"),
            ("en", "schedules", "scheduled"),
            ("en", "Maria's", "maria"),
            ("en", "categories", "category"),
            ("ko", "예산이", "예산을"),
            ("ko", "제출합니다", "제출이"),
            ("en", "팀장님은", "팀장"),
            ("ko", "월요일까지", "월요일에"),
            ("ko", "회의는", "회의"),
            ("de", "Entscheidungen", "Entscheidung"),
            ("fr", "décisions", "décision"),
            ("es", "presupuestos", "presupuesto"),
        ] {
            let stem = |word| Stemmer::of(language).stem(word);
            assert_eq!(stem(one), stem(other), "{one}, {other}");
            assert!(stem(one).is_some(), "{one}");
        }
        assert_eq!(
            Stemmer::of("xx").stem("Words"),
            Some("words".to_owned()),
            "unknown languages keep theirs"
        );
    }

    #[test]
    fn words_without_meaning_and_numbers_are_left_out() {
        let stems = |language, text| Stemmer::of(language).stems(text);
        assert_eq!(
            stems("en", "We will do that, and it's the 3rd plan. We haven’t, you'd, I can't."),
            ["plan"]
        );
        assert_eq!(stems("ko", "다음 회의는 월요일 세 시입니다."), ["회의", "월요일"]);
        assert_eq!(stems("de", "Wir haben das nicht besprochen"), ["besproch"]);
        assert_eq!(stems("xx", "wir haben"), ["wir", "haben"]);
    }

    #[test]
    fn scripts_without_spaces_are_cut_into_pairs() {
        assert_eq!(Stemmer::of("ja").stems("会議を"), ["会議", "議を"]);
    }
}

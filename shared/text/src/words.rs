//! Words of a text in the form in which they are compared: without endings, without those that say nothing.

use std::collections::HashMap;

/// The words of `text` as written, without punctuation.
pub fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let outside = |character: char| !character.is_alphanumeric() && !matches!(character, '\'' | '’');
    text.split(outside).map(|word| word.trim_matches(['\'', '’'])).filter(|word| !word.is_empty())
}

/// Stems of the words of `text` that carry meaning, in order, numbers left out.
pub fn stems(text: &str) -> Vec<String> {
    let mut stems = Vec::new();
    for token in tokens(text) {
        if token.chars().any(has_no_spaces) {
            stems.extend(pairs(token));
        } else if !token.chars().any(|character| character.is_numeric()) {
            stems.extend(stem(token));
        }
    }
    stems
}

/// The stem of one word; none if the word carries no meaning.
pub fn stem(word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    let stem = if lower.chars().any(is_hangul) { korean(&lower) } else { english(&lower) };
    let bare = stem.chars().count() < 2;
    (!bare && !is_stop(&lower) && !is_stop(stem.as_str())).then_some(stem)
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

fn english(word: &str) -> String {
    let word = ["'s", "’s"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    let long = |stem: &str| stem.chars().count() >= 3;
    let cut = if let Some(stem) = word.strip_suffix("ies").filter(|stem| long(stem)) {
        format!("{stem}y")
    } else if let Some(stem) =
        ["ing", "ed"].iter().find_map(|end| word.strip_suffix(end)).filter(|stem| long(stem))
    {
        undouble(stem).to_owned()
    } else if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        word.to_owned()
    } else {
        word.strip_suffix('s').filter(|stem| long(stem)).unwrap_or(word).to_owned()
    };
    match cut.strip_suffix('e') {
        Some(stem) if long(stem) => stem.to_owned(),
        _ => cut,
    }
}

/// `plann` (from planning) is `plan`, but `call` (from calling) stays.
fn undouble(stem: &str) -> &str {
    let mut ends = stem.chars().rev();
    let doubled = matches!((ends.next(), ends.next()), (Some(last), Some(before)) if last == before && !"aeioulsz".contains(last));
    let mut shorter = stem.chars();
    if doubled {
        shorter.next_back();
    }
    shorter.as_str()
}

/// Endings of verbs that are made from nouns, longest first.
const KOREAN_VERBS: &[&str] = &[
    "하겠습니다",
    "하였습니다",
    "되었습니다",
    "했습니다",
    "됐습니다",
    "합니다",
    "합니까",
    "됩니다",
    "됩니까",
    "하기로",
    "입니다",
    "입니까",
    "습니다",
    "습니까",
    "하여",
    "해서",
    "하면",
    "하고",
    "하는",
    "되지",
    "하지",
    "해야",
    "했던",
    "할게요",
    "할",
    "한",
    "해",
];

/// Particles, longest first.
const KOREAN_PARTICLES: &[&str] = &[
    "께서는",
    "에서는",
    "에게",
    "께서",
    "에서",
    "에는",
    "까지",
    "부터",
    "으로",
    "라고",
    "이나",
    "로",
    "에",
    "을",
    "를",
    "이",
    "가",
    "은",
    "는",
    "과",
    "와",
    "도",
    "만",
    "의",
    "님",
    "들",
];

fn korean(word: &str) -> String {
    let strip = |word: &str, ends: &[&str]| {
        let stem =
            ends.iter().find_map(|end| word.strip_suffix(end)).filter(|stem| stem.chars().count() >= 2);
        stem.map(str::to_owned)
    };
    let stem = strip(word, KOREAN_VERBS).unwrap_or_else(|| word.to_owned());
    let stem = strip(&stem, KOREAN_PARTICLES).unwrap_or(stem);
    strip(&stem, &["님", "들"]).unwrap_or(stem)
}

fn is_stop(word: &str) -> bool {
    ENGLISH_STOPS.binary_search(&word).is_ok() || KOREAN_STOPS.contains(&word)
}

/// In order, for the search.
const ENGLISH_STOPS: &[&str] = &[
    "a", "about", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be",
    "because", "been", "before", "being", "but", "by", "can", "can't", "could", "did", "didn't", "do",
    "does", "doesn't", "doing", "don't", "done", "else", "every", "for", "from", "get", "go", "going", "got",
    "had", "has", "have", "having", "he", "her", "here", "him", "his", "how", "i", "i'll", "i'm", "i've",
    "if", "in", "into", "is", "isn't", "it", "it's", "its", "just", "know", "let", "let's", "like", "many",
    "may", "me", "might", "more", "most", "much", "must", "my", "no", "not", "now", "of", "off", "oh", "ok",
    "okay", "on", "one", "only", "or", "other", "our", "out", "over", "own", "please", "really", "right",
    "same", "say", "shall", "she", "should", "so", "some", "such", "than", "thank", "thanks", "that",
    "that's", "the", "their", "them", "then", "there", "there's", "these", "they", "thing", "think", "this",
    "those", "to", "too", "uh", "um", "under", "until", "up", "us", "very", "was", "we", "we'll", "we're",
    "we've", "well", "were", "what", "when", "where", "which", "while", "who", "why", "will", "with",
    "would", "yeah", "yes", "yet", "you", "you're", "your",
];

const KOREAN_STOPS: &[&str] = &[
    "그",
    "이",
    "저",
    "것",
    "수",
    "등",
    "및",
    "더",
    "네",
    "예",
    "아직",
    "모두",
    "함께",
    "그리고",
    "그래서",
    "하지만",
    "그런데",
    "우리",
    "저희",
    "제가",
    "있습니다",
    "있습니까",
    "없습니다",
    "합니다",
    "합니까",
    "입니다",
    "않았습니다",
    "않습니다",
    "주세요",
    "주셔서",
    "주십시오",
    "이번",
    "다음",
    "누가",
    "언제",
    "어디",
    "무엇",
    "어떻게",
    "달에",
    "주에",
    "때문",
    "대해",
    "대한",
    "위해",
    "원입니다",
    "명이",
    "번째",
];

/// Texts as lists of numbers, one number for each stem: quick to compare.
pub struct Indexed {
    /// The words of each text.
    pub texts: Vec<Vec<usize>>,
    /// How many different words there are; each number is under it.
    pub vocabulary: usize,
}

/// Numbers the stems of `texts`.
pub fn index<'a>(texts: impl Iterator<Item = &'a str>) -> Indexed {
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut number = |stem: String| {
        let next = known.len();
        *known.entry(stem).or_insert(next)
    };
    let texts = texts.map(|text| stems(text).into_iter().map(&mut number).collect()).collect();
    Indexed { texts, vocabulary: known.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_do_not_matter() {
        for (one, other) in [
            ("updated", "updates"),
            ("planning", "plans"),
            ("schedules", "scheduled"),
            ("moved", "moving"),
            ("Maria's", "maria"),
            ("categories", "category"),
            ("예산이", "예산을"),
            ("제출합니다", "제출이"),
            ("팀장님은", "팀장"),
            ("월요일까지", "월요일에"),
            ("회의는", "회의"),
        ] {
            assert_eq!(stem(one), stem(other), "{one}, {other}");
            assert!(stem(one).is_some(), "{one}");
        }
    }

    #[test]
    fn words_without_meaning_and_numbers_are_left_out() {
        assert_eq!(stems("We will do that, and it's the 3rd plan."), ["plan"]);
        assert_eq!(
            stems("다음 회의는 월요일 세 시입니다."),
            ["회의", "월요일", "시입니다"].map(|word| stem(word).unwrap())
        );
        assert!(ENGLISH_STOPS.is_sorted());
    }

    #[test]
    fn scripts_without_spaces_are_cut_into_pairs() {
        assert_eq!(stems("会議を"), ["会議", "議を"]);
    }
}

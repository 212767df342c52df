//! The languages of Whisper's models, in the order of their tokens.

/// ISO 639-1 codes; `haw` and `yue` have none of two letters, and Javanese has Whisper's own. Models before large-v3 lack the last.
#[rustfmt::skip]
const CODES: [&str; 100] = [
    "en", "zh", "de", "es", "ru", "ko", "fr", "ja", "pt", "tr", "pl", "ca", "nl", "ar", "sv", "it", "id",
    "hi", "fi", "vi", "he", "uk", "el", "ms", "cs", "ro", "da", "hu", "ta", "no", "th", "ur", "hr", "bg",
    "lt", "la", "mi", "ml", "cy", "sk", "te", "fa", "lv", "bn", "sr", "az", "sl", "kn", "et", "mk", "br",
    "eu", "is", "hy", "ne", "mn", "bs", "kk", "sq", "sw", "gl", "mr", "pa", "si", "km", "sn", "yo", "so",
    "af", "oc", "ka", "be", "tg", "sd", "gu", "am", "yi", "lo", "uz", "fo", "ht", "ps", "tk", "nn", "mt",
    "sa", "lb", "my", "bo", "tl", "mg", "as", "tt", "haw", "ln", "ha", "ba", "jw", "su", "yue",
];

/// A language that may be spoken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LanguageProbability {
    /// ISO 639-1 code, such as `ko`.
    pub code: &'static str,
    /// 0 to 1.
    pub probability: f32,
}

/// The place of a language among the models' tokens.
pub fn language_index(code: &str) -> Option<usize> {
    CODES.iter().position(|known| *known == code)
}

/// The code of the language in that place.
pub fn language_code(index: usize) -> Option<&'static str> {
    CODES.get(index).copied()
}

/// The languages whose probabilities stand in the order of their tokens, the most probable first.
pub fn by_probability(probabilities: impl IntoIterator<Item = f32>) -> Vec<LanguageProbability> {
    let pairs = CODES.iter().zip(probabilities);
    let mut languages: Vec<_> =
        pairs.map(|(code, probability)| LanguageProbability { code, probability }).collect();
    languages.sort_by(|one, other| other.probability.total_cmp(&one.probability));
    languages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_have_the_places_of_their_tokens() {
        for (index, code) in [(0, "en"), (5, "ko"), (6, "fr"), (99, "yue")] {
            assert_eq!((language_index(code), language_code(index)), (Some(index), Some(code)));
        }
        assert_eq!((language_index("xx"), language_index(""), language_code(100)), (None, None, None));
    }

    #[test]
    fn the_most_probable_language_comes_first() {
        let ranked = by_probability([0.1, 0.2, 0.7]);
        assert_eq!(ranked.iter().map(|one| one.code).collect::<Vec<_>>(), ["de", "zh", "en"]);
        assert_eq!(by_probability([]), []);
    }
}

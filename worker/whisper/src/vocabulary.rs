//! What the tokens of a Whisper model stand for.

use std::ops::Range;

/// Tokens of the vocabularies that know only English; all others have more.
const ENGLISH_ONLY: usize = 51_864;
/// Times there are: every 0.02 s from 0 to 30 s.
const TIMES: u32 = 1501;
/// Tokens between the languages and the times: the tasks and other signs.
const SIGNS: u32 = 6;
/// Signs for sounds and layout, which nobody says. With a space before them, they are not said either.
const NOT_SAID: [&str; 52] = [
    "\"",
    "#",
    "*",
    "+",
    "/",
    ":",
    ";",
    "<",
    "=",
    ">",
    "@",
    "\\",
    "^",
    "_",
    "`",
    "{",
    "|",
    "}",
    "~",
    "「",
    "」",
    "『",
    "』",
    "<<",
    ">>",
    "<<<",
    ">>>",
    "--",
    "---",
    "-(",
    "-[",
    "('",
    "(\"",
    "((",
    "))",
    "(((",
    ")))",
    "[[",
    "]]",
    "{{",
    "}}",
    "♪♪",
    "♪♪♪",
    "♩",
    "♪",
    "♫",
    "♬",
    "♭",
    "♮",
    "♯",
    "-",
    "'",
];
/// Of these, what may be said within a word.
const WITHIN_WORDS: [&str; 2] = ["-", "'"];

pub(crate) struct Vocabulary {
    words: Vec<Vec<u8>>,
    /// Tokens of text, in the order of their bytes.
    sorted: Vec<u32>,
    pub(crate) is_multilingual: bool,
    longest: usize,
    /// StopCriteria a text.
    pub(crate) end: u32,
    /// Begins one.
    pub(crate) start: u32,
    /// Stand for languages, in whisper.cpp's order.
    pub(crate) languages: Range<u32>,
    pub(crate) translate: u32,
    pub(crate) transcribe: u32,
    /// Begins what was said before.
    pub(crate) before: u32,
    /// Says that nobody speaks.
    pub(crate) no_speech: u32,
    /// Says that no timestamps will be written.
    pub(crate) no_timestamps: u32,
    /// Stands for the begin of a window, and each token after it for 0.02 s more.
    pub(crate) first_time: u32,
}

impl Vocabulary {
    /// Of a model with so many tokens, of which the `words` are the first.
    pub(crate) fn new(words: Vec<Vec<u8>>, count: usize) -> Self {
        let end = if count > ENGLISH_ONLY { 50_257 } else { 50_256 };
        let first_time = (count as u32).saturating_sub(TIMES);
        let translate = first_time - SIGNS;
        let mut sorted: Vec<u32> = (0..end).collect();
        sorted.sort_by_key(|token| words.get(*token as usize));
        let longest = words.iter().map(Vec::len).max().unwrap_or_default();
        Self {
            words,
            sorted,
            is_multilingual: count > ENGLISH_ONLY,
            longest,
            end,
            start: end + 1,
            languages: end + 2..translate,
            translate,
            transcribe: translate + 1,
            before: translate + 3,
            no_speech: translate + 4,
            no_timestamps: translate + 5,
            first_time,
        }
    }

    /// The bytes of a piece of text, which need not be whole letters.
    pub(crate) fn bytes(&self, token: u32) -> &[u8] {
        self.words.get(token as usize).map_or(&[], Vec::as_slice)
    }

    /// The tokens that a text is written with: always the longest there is. Bytes that no token has are left out.
    pub(crate) fn tokens(&self, text: &str) -> Vec<u32> {
        let (mut rest, mut tokens) = (text.as_bytes(), Vec::new());
        while !rest.is_empty() {
            let token = (1..=rest.len().min(self.longest))
                .rev()
                .find_map(|length| Some((self.token(rest.get(..length)?)?, length)));
            tokens.extend(token.map(|token| token.0));
            rest = rest.get(token.map_or(1, |token| token.1)..).unwrap_or_default();
        }
        tokens
    }

    /// Tokens of text that nobody says.
    pub(crate) fn not_said(&self) -> Vec<u32> {
        let alone = NOT_SAID.iter().filter(|sign| !WITHIN_WORDS.contains(sign)).map(|sign| sign.to_string());
        let spaced = NOT_SAID.iter().map(|sign| format!(" {sign}"));
        alone.chain(spaced).filter_map(|text| self.token(text.as_bytes())).collect()
    }

    pub(crate) fn space(&self) -> Option<u32> {
        self.token(b" ")
    }

    /// The token that stands for just these bytes.
    pub(crate) fn token(&self, bytes: &[u8]) -> Option<u32> {
        let place = self.sorted.binary_search_by_key(&bytes, |token| self.bytes(*token)).ok()?;
        self.sorted.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ggml::ModelFile;

    fn toy() -> Vocabulary {
        let file = ModelFile::read(&ground_truth::toy_model()).unwrap();
        Vocabulary::new(file.words, file.shape.n_vocab)
    }

    fn of(words: &[&str]) -> Vocabulary {
        Vocabulary::new(words.iter().map(|word| word.as_bytes().to_vec()).collect(), 51_865)
    }

    #[test]
    fn signs_are_where_each_kind_of_model_has_them() {
        let models = [(51_864, 50_256, 50_357), (51_865, 50_257, 50_358), (51_866, 50_257, 50_359)];
        for (count, end, translate) in models {
            let vocabulary = Vocabulary::new(Vec::new(), count);
            assert_eq!(vocabulary.is_multilingual, count > 51_864);
            assert_eq!([vocabulary.end, vocabulary.start], [end, end + 1]);
            assert_eq!(vocabulary.languages, end + 2..translate);
            let jobs = [vocabulary.translate, vocabulary.transcribe];
            assert_eq!(jobs, [translate, translate + 1]);
            let signs = [vocabulary.before, vocabulary.no_speech, vocabulary.first_time];
            assert_eq!(signs, [translate + 3, translate + 4, translate + 6]);
            assert_eq!(vocabulary.first_time + 1500, count as u32 - 1, "the last token stands for 30 s");
        }
    }

    #[test]
    fn text_is_written_with_the_longest_tokens() {
        let vocabulary = of(&["b", "a", "abc", "ab", " a"]);
        assert_eq!(vocabulary.tokens("abcab a b"), [2, 3, 4, 0], "there is no token for the second space");
        assert_eq!(vocabulary.tokens("xab회y"), [3]);
        assert!(vocabulary.tokens("").is_empty());
    }

    #[test]
    fn any_language_can_be_written() {
        let vocabulary = toy();
        for text in [
            " 회의를 시작하겠습니다. 안건은 두 가지입니다.",
            " Let's start.",
            " 会議は😀です",
            "뷁\n and so on",
        ] {
            let tokens = vocabulary.tokens(text);
            let bytes: Vec<_> = tokens.iter().flat_map(|token| vocabulary.bytes(*token)).copied().collect();
            assert_eq!(String::from_utf8_lossy(&bytes), text);
            assert!(tokens.len() < text.len(), "{text} takes {} tokens", tokens.len());
        }
        assert_eq!(vocabulary.tokens(" the").len(), 1);
        assert!(vocabulary.bytes(vocabulary.end + 5000).is_empty());
    }

    #[test]
    fn what_nobody_says_is_known() {
        let vocabulary = of(&["a", "(", "((", "-", " -", "'", " '", "♪", " ", "."]);
        let mut not_said = vocabulary.not_said();
        not_said.sort_unstable();
        assert_eq!(
            not_said,
            [2, 4, 6, 7],
            "hyphens and apostrophes are said within words, and sounds stand in brackets"
        );
        assert_eq!(vocabulary.space(), Some(8));
        assert_eq!(of(&["a"]).space(), None);
    }
}

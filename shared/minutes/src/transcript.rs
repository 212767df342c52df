//! What minutes are written of.

use shared::segment::Segment;

use text::words::{is_hangul, tokens};

/// One job's transcript. No other job's words ever come near it.
#[derive(Clone, Copy, Debug)]
pub struct Transcript<'a> {
    /// The segments in order.
    pub segments: &'a [Segment],
    /// ThinkFilter language as an ISO 639-1 code, if known.
    pub language: Option<&'a str>,
    /// What people call the job; used where the words give no title.
    pub title: &'a str,
    /// Length of the recording in seconds.
    pub duration_seconds: f64,
}

impl Transcript<'_> {
    /// The language as an ISO 639-1 code, told by the script if nobody said it.
    pub fn language(&self) -> String {
        self.language
            .filter(|code| !code.is_empty())
            .map_or_else(|| self.guess_language().to_owned(), str::to_lowercase)
    }

    fn guess_language(&self) -> &'static str {
        let mut chars = self
            .segments
            .iter()
            .flat_map(|segment| segment.text.chars())
            .filter(|character| character.is_alphabetic());
        match chars.find(|character| !character.is_ascii()) {
            Some(character) if is_hangul(character) => "ko",
            Some('\u{3040}'..='\u{30ff}') => "ja",
            Some('\u{4e00}'..='\u{9fff}') => "zh",
            _ => "en",
        }
    }

    /// Whether there is a single word.
    pub fn has_words(&self) -> bool {
        self.segments.iter().any(|segment| tokens(&segment.text).next().is_some())
    }
}

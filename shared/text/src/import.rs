//! Transcripts that others wrote: WebVTT, SubRip, JSON of several programs, and text with a name before the words. What a
//! file is, its content tells.

mod bytes;
mod json;
mod lines;
mod subtitles;
#[cfg(test)]
mod tests;
mod time;

use shared::segment::Segment;

use crate::{is_hidden, printable};

/// First bytes of a file that tell what it is.
pub const HEAD_BYTES: usize = 64 * 1024;

/// Most segments of one transcript.
const MAX_SEGMENTS: usize = 200_000;

/// Longest text of a segment in characters; longer ones become several.
const MAX_TEXT_CHARS: usize = 5_000;

/// Longest name of a speaker in characters.
const MAX_SPEAKER_CHARS: usize = 100;

/// Longest time in seconds: a week.
const MAX_SECONDS: f64 = 7.0 * 24.0 * 3600.0;

/// Words that people say in a second, where nothing else tells how long they spoke.
const WORDS_PER_SECOND: f64 = 2.5;

/// What a transcript is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `WEBVTT`, with or without `<v Name>`.
    WebVtt,
    /// SubRip.
    SubRip,
    /// Segments as Seogi, Whisper, WhisperX and whisper.cpp write them.
    Json,
    /// `Name: words`, with or without times, as Zoom, Teams and Meet save it.
    Text,
}

/// A transcript as it was read.
#[derive(Debug, Default, PartialEq)]
pub struct Imported {
    /// Language as an ISO 639-1 code, if the file says it.
    pub language: Option<String>,
    /// What was said, numbered from 1 in the order of time.
    pub segments: Vec<Segment>,
}

/// Why a file that looks like a transcript is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It is not text in an alphabet that is known.
    #[error("the transcript is not text in UTF-8 or UTF-16; save it as UTF-8 and upload it again")]
    NotText,
    /// There are no words.
    #[error("the transcript holds no words; check that the right file was uploaded")]
    Empty,
    /// The form is broken.
    #[error("the transcript is not well formed: {0}; export it again")]
    Malformed(String),
    /// There are more bytes than are allowed.
    #[error("the transcript has more than {0} bytes; upload it in parts, or raise SEOGI_MAX_TRANSCRIPT_SIZE")]
    TooLarge(u64),
    /// There are too many pieces.
    #[error("the transcript has more than {MAX_SEGMENTS} segments; upload it in parts")]
    TooLong,
}

/// Whether a file is a transcript, by its first [`HEAD_BYTES`] bytes, and in which form.
pub fn detect(head: &[u8]) -> Option<Format> {
    let text = bytes::beginning(head)?;
    let begin = text.trim_start();
    if begin.starts_with("WEBVTT") {
        return Some(Format::WebVtt);
    }
    if json::looks_like_it(begin) {
        return Some(Format::Json);
    }
    if begin.lines().take(10).any(|line| subtitles::timing(line).is_some()) {
        return Some(Format::SubRip);
    }
    lines::look_like_it(begin).then_some(Format::Text)
}

/// Reads a transcript.
///
/// # Errors
/// What is wrong with it, for whoever uploaded it.
pub fn read(file: &[u8]) -> Result<Imported, ImportError> {
    let text = bytes::text(file).ok_or(ImportError::NotText)?;
    let head: String = text.chars().take(HEAD_BYTES / 4).collect();
    let (language, said) = match detect(head.as_bytes()).ok_or(ImportError::Empty)? {
        Format::Json => json::read(&text)?,
        Format::WebVtt | Format::SubRip => (None, subtitles::read(&text)),
        Format::Text => (None, lines::read(&text)),
    };
    let segments = tidy(said)?;
    Ok(Imported { language, segments })
}

/// Segments without what hides in them, in order, with times that can be.
fn tidy(said: Vec<Segment>) -> Result<Vec<Segment>, ImportError> {
    let mut segments: Vec<Segment> = Vec::new();
    for mut segment in said {
        let text = printable(&segment.text);
        if !text.chars().any(char::is_alphanumeric) {
            continue;
        }
        segment.start = seconds(segment.start);
        segment.end = seconds(segment.end).max(segment.start);
        segment.speaker = segment.speaker.as_deref().and_then(speaker);
        for piece in pieces(&text) {
            segments.push(Segment { text: piece, ..segment.clone() });
        }
        if segments.len() > MAX_SEGMENTS {
            return Err(ImportError::TooLong);
        }
    }
    if segments.is_empty() {
        return Err(ImportError::Empty);
    }
    segments.sort_by(|one, other| one.start.total_cmp(&other.start));
    for (number, segment) in (1..).zip(&mut segments) {
        segment.number = number;
    }
    Ok(segments)
}

/// A time that can be: what is none is the beginning.
fn seconds(time: f64) -> f64 {
    if time.is_finite() { time.clamp(0.0, MAX_SECONDS) } else { 0.0 }
}

/// A name on one line, without what hides in it.
fn speaker(name: &str) -> Option<String> {
    let visible: String =
        printable(name).chars().filter(|character| !is_hidden(*character)).take(MAX_SPEAKER_CHARS).collect();
    Some(visible.trim().to_owned()).filter(|name| !name.is_empty())
}

/// A text in pieces that are not too long, cut between words.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut chars = 0;
    for character in text.chars() {
        chars += 1;
        if chars > MAX_TEXT_CHARS && character == ' ' || chars > 2 * MAX_TEXT_CHARS {
            pieces.push(String::new());
            chars = 0;
        }
        if let Some(last) = pieces.last_mut() {
            last.push(character);
        }
    }
    pieces.iter().map(|piece| piece.trim().to_owned()).filter(|piece| !piece.is_empty()).collect()
}

/// Seconds that it takes to say `text`.
fn spoken_seconds(text: &str) -> f64 {
    // Where there are no spaces, and in Korean, words are counted by their letters.
    let chars =
        text.chars().filter(|character| !character.is_ascii() && character.is_alphabetic()).count() as f64;
    let words = text.split_whitespace().count() as f64;
    (words.max(chars / 3.0) / WORDS_PER_SECOND).max(0.5)
}

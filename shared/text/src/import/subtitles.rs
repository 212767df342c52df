//! WebVTT and SubRip, as people and programs write them: blocks with a line of times, and words below it.

use std::sync::LazyLock;

use regex::Regex;
use shared::segment::Segment;

use super::{lines, time::clock};
use crate::pattern::fixed;

/// Whoever speaks from here on.
static VOICE: LazyLock<Regex> = LazyLock::new(|| fixed(r"(?i)<v(?:\.[^ \t>]*)?[ \t]+([^>]*)>"));

static TAG: LazyLock<Regex> = LazyLock::new(|| fixed(r"</?[a-zA-Z0-9:.][^<>]{0,200}>|\{\\[^}]{0,40}\}"));

/// Begin and end of a cue in seconds, if the line says them.
pub(super) fn timing(line: &str) -> Option<(f64, f64)> {
    let (from, to) = line.split_once("-->")?;
    Some((clock(from)?, clock(to.split_whitespace().next()?)?))
}

/// What was said. Notes, styles and cues without times are passed over.
pub(super) fn read(text: &str) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    let mut cue: Option<(f64, f64, Vec<&str>)> = None;
    for line in text.lines().chain([""]) {
        if let Some((start, end)) = timing(line) {
            segments.extend(cue.take().into_iter().flat_map(|cue| said(&cue)));
            cue = Some((start, end, Vec::new()));
        } else if line.trim().is_empty() {
            segments.extend(cue.take().into_iter().flat_map(|cue| said(&cue)));
        } else if let Some((_, _, words)) = &mut cue {
            words.push(line);
        }
    }
    lines::name_speakers(&mut segments);
    segments
}

/// A cue as segments, one for each voice in it.
fn said((start, end, words): &(f64, f64, Vec<&str>)) -> Vec<Segment> {
    let words = words.join(" ");
    let mut segments = Vec::new();
    let mut add = |speaker: Option<&str>, words: &str| {
        let text = unescaped(&TAG.replace_all(words, ""));
        let speaker = speaker.map(|name| unescaped(name.trim()));
        segments.push(Segment { start: *start, end: *end, text, speaker, ..Segment::default() });
    };
    let mut voices = VOICE.captures_iter(&words).peekable();
    let begin = voices.peek().and_then(|voice| voice.get(0)).map_or(words.len(), |voice| voice.start());
    add(None, words.get(..begin).unwrap_or_default());
    while let Some(voice) = voices.next() {
        let from = voice.get(0).map_or(words.len(), |voice| voice.end());
        let to = voices.peek().and_then(|next| next.get(0)).map_or(words.len(), |next| next.start());
        add(voice.get(1).map(|name| name.as_str()), words.get(from..to).unwrap_or_default());
    }
    segments.retain(|segment| !segment.text.trim().is_empty());
    segments
}

/// Characters that WebVTT writes as names.
fn unescaped(text: &str) -> String {
    let known = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&nbsp;", " "),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&lrm;", ""),
        ("&rlm;", ""),
        ("&amp;", "&"),
    ];
    known.iter().fold(text.to_owned(), |text, (name, character)| text.replace(name, character))
}

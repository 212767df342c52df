//! Text with a name before the words, as people write it, and as Zoom, Teams and Meet save it: `Lena: words`,
//! `[00:01:02] Lena: words`, or a line with name and time over the words.

use std::{collections::HashMap, sync::LazyLock};

use regex::{Captures, Regex};
use shared::segment::Segment;

use super::{spoken_seconds, time::clock};
use crate::pattern::fixed;

/// Lines that are looked at to tell whether a text is a transcript.
const MAX_SAMPLE_LINES: usize = 200;

/// A name: some words with no sign of a sentence in them.
const NAME: &str = r"[^\s:.,;!?<>\[\](){}|/\\#*=_][^:;!?<>\[\]{}|\\#*=]{0,48}?";
const TIME: &str = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?";

/// `Name: words`, perhaps with a time before or behind the name.
static SPOKEN: LazyLock<Regex> = LazyLock::new(|| {
    fixed(&format!(
        r"^[\[(]?(?P<time>{TIME})?(?: ?[AP]M)?[\])]?\s*(?:[-–]\s*)?\*{{0,2}}(?P<name>{NAME})\*{{0,2}}\s*[\[(]?(?P<later>{TIME})?[\])]?\s*:\*{{0,2}}(?:\s+(?P<words>.*))?$"
    ))
});

/// `Name 0:12`, `[Name] 10:02:33`, over the words.
static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    fixed(&format!(
        r"^\*{{0,2}}\[?(?P<name>{NAME})\]?\*{{0,2}}\s+[\[(]?(?P<time>{TIME})(?: ?[AP]M)?[\])]?:?$"
    ))
});

/// A time alone, or before words of somebody who is not named.
static TIMED: LazyLock<Regex> = LazyLock::new(|| {
    fixed(&format!(r"^[\[(]?(?P<time>{TIME})(?: ?[AP]M)?[\])]?(?:\s*[-–]\s*{TIME})?(?:\s+(?P<words>.*))?$"))
});

/// What one line is.
enum Line {
    /// Somebody begins to speak, perhaps on this line.
    Turn {
        name: String,
        time: Option<f64>,
        words: String,
    },
    /// A time, and perhaps words.
    Time {
        time: Option<f64>,
        words: String,
    },
    Words(String),
}

fn line(text: &str) -> Line {
    let text = text.trim();
    let part = |found: &Captures<'_>, name: &str| {
        found.name(name).map_or("", |part| part.as_str()).trim().to_owned()
    };
    if let Some(found) = HEAD.captures(text) {
        return Line::Turn {
            name: part(&found, "name"),
            time: clock(&part(&found, "time")),
            words: String::new(),
        };
    }
    if let Some(found) = SPOKEN.captures(text).filter(|found| is_name(&part(found, "name"))) {
        let time = clock(&part(&found, "time")).or_else(|| clock(&part(&found, "later")));
        return Line::Turn { name: part(&found, "name"), time, words: part(&found, "words") };
    }
    match TIMED.captures(text) {
        Some(found) => Line::Time { time: clock(&part(&found, "time")), words: part(&found, "words") },
        None => Line::Words(text.to_owned()),
    }
}

/// Whether a name may be one: few words that begin as names do, with letters in them.
fn is_name(name: &str) -> bool {
    let words: Vec<&str> = name.split_whitespace().collect();
    let begins = |word: &&str| {
        word.chars().next().is_some_and(|character| !character.is_lowercase())
            || matches!(*word, "de" | "van" | "von" | "der" | "da" | "la" | "bin")
    };
    (1..=5).contains(&words.len())
        && name.chars().any(char::is_alphabetic)
        && words.first().is_some_and(begins)
        && !name.contains("http")
}

/// Whether most lines begin with who speaks, and somebody speaks twice.
pub(super) fn look_like_it(text: &str) -> bool {
    let lines: Vec<Line> =
        text.lines().filter(|line| !line.trim().is_empty()).take(MAX_SAMPLE_LINES).map(line).collect();
    let mut turns: HashMap<&str, usize> = HashMap::new();
    let mut times = 0;
    for line in &lines {
        match line {
            Line::Turn { name, .. } => *turns.entry(name).or_default() += 1,
            Line::Time { .. } => times += 1,
            Line::Words(_) => {}
        }
    }
    let all: usize = turns.values().sum();
    let again = turns.values().any(|count| *count > 1);
    // A line of words may stand under each name, and a blank line before it was left out.
    (all >= 2 && again || all == 2 && turns.len() == 2) && all * 3 >= lines.len()
        || times >= 2 && times * 2 >= lines.len()
}

/// What was said. What comes before the first name is no speech; lines without a name go on with what was said.
pub(super) fn read(text: &str) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    let (mut speaker, mut time, mut open): (Option<String>, Option<f64>, bool) = (None, None, false);
    let mut add = |speaker: &Option<String>, time: &mut Option<f64>, words: String| {
        let start = time.take().unwrap_or(-1.0);
        segments.push(Segment {
            start,
            end: -1.0,
            text: words,
            speaker: speaker.clone(),
            ..Segment::default()
        });
    };
    for text in text.lines() {
        match line(text) {
            Line::Turn { name, time: said, words } => {
                (speaker, open) = (Some(name), true);
                time = said.or(time);
                if !words.is_empty() {
                    add(&speaker, &mut time, words);
                }
            }
            Line::Time { time: said, words } => {
                time = said.or(time);
                if !words.is_empty() {
                    open = true;
                    add(&speaker, &mut time, words);
                }
            }
            Line::Words(words) if open && !words.is_empty() => add(&speaker, &mut time, words),
            Line::Words(_) => {}
        }
    }
    set_times(&mut segments);
    segments
}

/// Times of segments of which only some say when they begin: others follow each other as fast as people speak.
fn set_times(segments: &mut [Segment]) {
    let first = segments.iter().map(|segment| segment.start).find(|start| *start >= 0.0).unwrap_or_default();
    // Times of day are counted from the first one.
    let origin = if first > 3600.0 { first } else { 0.0 };
    let mut now = 0.0;
    for segment in segments.iter_mut() {
        let said = Some(segment.start - origin).filter(|start| segment.start >= 0.0 && *start >= 0.0);
        segment.start = said.unwrap_or(now).max(now.min(said.unwrap_or(now)));
        segment.end = segment.start + spoken_seconds(&segment.text);
        now = segment.end;
    }
    // Nobody speaks longer than until the next one begins.
    let starts: Vec<f64> = segments.iter().skip(1).map(|segment| segment.start).collect();
    for (segment, next) in segments.iter_mut().zip(starts) {
        if next > segment.start {
            segment.end = segment.end.min(next);
        }
    }
}

/// Takes names off the words of subtitles that have no other sign of who speaks: `Lena: words`. They have to come again
/// and again, so that no other colon is taken for one.
pub(super) fn name_speakers(segments: &mut [Segment]) {
    if segments.iter().any(|segment| segment.speaker.is_some()) {
        return;
    }
    let named = |text: &str| match line(text) {
        Line::Turn { name, time: None, words } if !words.is_empty() => Some((name, words)),
        _ => None,
    };
    let found = segments.iter().filter(|segment| named(&segment.text).is_some()).count();
    if found * 2 < segments.len() {
        return;
    }
    let mut last: Option<String> = None;
    for segment in segments {
        if let Some((name, words)) = named(&segment.text) {
            (segment.text, last) = (words, Some(name));
        }
        // A cue without a name goes on with the one before.
        segment.speaker.clone_from(&last);
    }
}

//! Transcripts in the forms that people and players read.

use std::fmt::Write;

use crate::subtitles::{Cue, cues};
use shared::segment::Segment;

/// A line for each segment, which begins with who speaks where that is known: `Maria: Hello.`
pub fn text(segments: &[Segment]) -> String {
    let lines: Vec<String> = segments.iter().map(said).collect();
    lines.join("\n")
}

/// A line for each segment, with the time at which it begins: `[00:01:02] Hello.`
pub fn timed_text(segments: &[Segment]) -> String {
    let mut lines = String::new();
    for segment in segments {
        write_line(&mut lines, format_args!("[{}] {}", Time::of(segment.start), said(segment)));
    }
    lines
}

/// SubRip subtitles: short lines, two at most, for at most seven seconds.
pub fn srt(segments: &[Segment]) -> String {
    // The format knows tags and no way to write them as text; `&` stays as it is, because most players show it so.
    subtitles(segments, ',', |line| line.replace('<', "&lt;").replace('>', "&gt;"))
}

/// WebVTT subtitles, likewise.
pub fn vtt(segments: &[Segment]) -> String {
    let escaped = |line: &str| line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("WEBVTT\n\n{}", subtitles(segments, '.', escaped))
}

/// Numbered subtitles, with `separator` before the milliseconds of their times.
fn subtitles(segments: &[Segment], separator: char, escaped: impl Fn(&str) -> String) -> String {
    let mut file = String::new();
    let mut number = 0;
    for segment in segments {
        for Cue { start, end, lines } in cues(segment, &said(segment)) {
            number += 1;
            let [from, to] = [start, end].map(|seconds| Time::of(seconds).with_milliseconds(separator));
            let text: Vec<String> = lines.into_iter().map(&escaped).collect();
            write_line(&mut file, format_args!("{number}\n{from} --> {to}\n{}\n", text.join("\n")));
        }
    }
    file
}

fn write_line(into: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(into, "{line}");
}

/// Who speaks, where that is known, and the words.
fn said(segment: &Segment) -> String {
    let text = one_line(&segment.text);
    segment.speaker.as_ref().map_or_else(|| text.clone(), |speaker| format!("{}: {text}", one_line(speaker)))
}

/// The text without line breaks, which end a line or a subtitle in every form.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A moment of a recording. It is rounded to milliseconds as a whole and split afterwards, so that no part overflows.
#[derive(Clone, Copy)]
struct Time {
    milliseconds: u64,
}

impl Time {
    /// The moment after so many seconds; what is no time at all is the beginning.
    fn of(seconds: f64) -> Self {
        Self { milliseconds: (seconds * 1000.0).round() as u64 }
    }

    fn with_milliseconds(self, separator: char) -> String {
        format!("{self}{separator}{:03}", self.milliseconds % 1000)
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.milliseconds / 1000;
        write!(f, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments() -> Vec<Segment> {
        [(1, 0.0, 1.9996, "Hello & <b>welcome</b>."), (2, 3659.9999, 3661.5, " a --> b\n\n1\nc ")]
            .map(|(number, start, end, text)| Segment {
                number,
                start,
                end,
                text: text.into(),
                ..Segment::default()
            })
            .to_vec()
    }

    #[test]
    fn text_has_a_line_for_each_segment() {
        assert_eq!(text(&segments()), "Hello & <b>welcome</b>.\na --> b 1 c");
        assert_eq!(timed_text(&segments()), "[00:00:00] Hello & <b>welcome</b>.\n[01:01:00] a --> b 1 c\n");
    }

    #[test]
    fn subtitles_keep_their_form_whatever_was_said() {
        let expected = "1\n00:00:00,000 --> 00:00:02,000\nHello & &lt;b&gt;welcome&lt;/b&gt;.\n\n\
                        2\n01:01:00,000 --> 01:01:01,500\na --&gt; b 1 c\n\n";
        assert_eq!(srt(&segments()), expected);
        let expected = "WEBVTT\n\n1\n00:00:00.000 --> 00:00:02.000\nHello &amp; &lt;b&gt;welcome&lt;/b&gt;.\n\n\
                        2\n01:01:00.000 --> 01:01:01.500\na --&gt; b 1 c\n\n";
        assert_eq!(vtt(&segments()), expected);
    }

    #[test]
    fn edited_segments_are_numbered_anew_and_name_who_speaks() {
        let [first, second] = segments().try_into().unwrap();
        let edited = [Segment { speaker: Some("Maria".into()), ..first }, Segment { number: 7, ..second }];
        assert_eq!(text(&edited), "Maria: Hello & <b>welcome</b>.\na --> b 1 c");
        let numbers: Vec<String> =
            srt(&edited).split("\n\n").map(|cue| cue.chars().take(1).collect()).collect();
        assert_eq!(numbers, ["1", "2", ""]);
    }

    #[test]
    fn nothing_said_is_an_empty_file_of_its_kind() {
        assert_eq!((text(&[]), srt(&[]), vtt(&[])), (String::new(), String::new(), "WEBVTT\n\n".into()));
    }

    #[test]
    fn times_never_overflow_a_part() {
        for milliseconds in 0..200_000_u64 {
            let written = Time::of(milliseconds as f64 / 1000.0).with_milliseconds('.');
            let parts: Vec<u64> = written.split([':', '.']).map(|part| part.parse().unwrap()).collect();
            assert!(parts[1] < 60 && parts[2] < 60 && parts[3] < 1000, "{written}");
            assert_eq!(parts[1] * 60_000 + parts[2] * 1000 + parts[3], milliseconds);
        }
        assert_eq!(Time::of(f64::NAN).to_string(), "00:00:00");
        assert_eq!(Time::of(100.0 * 3600.0).to_string(), "100:00:00");
    }
}

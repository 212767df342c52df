//! Times and foreign words.

use shared::{coverage::SpeechCoverage, segment::Segment};
use text::printable;

/// Seconds of recording time as `00:01.2`, or `1:00:01.2` from an hour on.
pub fn clock(seconds: f64) -> String {
    // Rounded before it is split, so that no 59.97 becomes 60.0. A cast of what is no time gives 0.
    let tenths = (seconds * 10.0).round() as u64;
    let (minutes, rest) = (tenths / 600, tenths % 600);
    let (hours, minutes, seconds, tenths) = (minutes / 60, minutes % 60, rest / 10, rest % 10);
    match hours {
        0 => format!("{minutes:02}:{seconds:02}.{tenths}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}.{tenths}"),
    }
}

/// A segment with its times: `[00:01.2 → 00:03.4] text`, or `… Maria: text` where it is known who speaks.
pub fn segment(segment: &Segment) -> String {
    let speaker = segment.speaker.as_ref().map(|speaker| format!("{}: ", printable(speaker)));
    let (speaker, text) = (speaker.unwrap_or_default(), printable(&segment.text));
    format!("[{} → {}] {speaker}{text}", clock(segment.start), clock(segment.end))
}

/// How much of the speech is in a transcript: `0:41 of 0:43 of speech are in the text; not understood: [00:12.0 → 00:14.1]`.
pub fn coverage(coverage: &SpeechCoverage) -> String {
    let stretches =
        coverage.given_up.iter().map(|part| format!("[{} → {}]", clock(part.start), clock(part.end)));
    let stretches = stretches.collect::<Vec<_>>().join(" ");
    let missing = if stretches.is_empty() { stretches } else { format!("; not understood: {stretches}") };
    let (covered, voiced) = (text::clock(coverage.covered_seconds), text::clock(coverage.voiced_seconds));
    format!("{covered} of {voiced} of speech are in the text{missing}")
}

#[cfg(test)]
mod tests {
    use shared::coverage::SpeechStretch;

    use super::*;

    #[test]
    fn what_is_missing_is_told() {
        let part = SpeechStretch { start: 12.0, end: 14.1, sound: None };
        let (covered_seconds, voiced_seconds) = (61.4, 63.5);
        let all = SpeechCoverage { covered_seconds, voiced_seconds, ..SpeechCoverage::default() };
        assert_eq!(coverage(&all), "1:01 of 1:03 of speech are in the text");
        let some = SpeechCoverage { given_up: vec![part], ..all };
        assert!(coverage(&some).ends_with("; not understood: [00:12.0 → 00:14.1]"));
    }

    #[test]
    fn times_are_rounded_before_they_are_split() {
        let shown = [0.0, 1.24, 59.97, 61.25, 3599.99, 3601.2, 90_000.0].map(clock);
        assert_eq!(
            shown,
            ["00:00.0", "00:01.2", "01:00.0", "01:01.3", "1:00:00.0", "1:00:01.2", "25:00:00.0"]
        );
        assert_eq!([f64::NAN, -3.0].map(clock), ["00:00.0", "00:00.0"]);
    }

    #[test]
    fn a_segment_is_a_line_with_its_times() {
        let said =
            Segment { number: 1, start: 1.2, end: 3.44, text: " Hello.\r\n".into(), ..Segment::default() };
        assert_eq!(segment(&said), "[00:01.2 → 00:03.4] Hello.");
        let said = Segment { speaker: Some("Maria".into()), ..said };
        assert_eq!(segment(&said), "[00:01.2 → 00:03.4] Maria: Hello.");
    }
}

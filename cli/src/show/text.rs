//! Times and foreign words.

use shared::segment::Segment;
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

#[cfg(test)]
mod tests {
    use super::*;

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

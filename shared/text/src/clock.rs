//! Times of a recording.

/// Seconds of recording time as `0:12`, or `1:02:03` from an hour on.
pub fn clock(seconds: f64) -> String {
    // A cast of what is no time gives 0.
    let seconds = seconds as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        assert_eq!(
            [0.0, 12.9, 61.25, 3601.2, f64::NAN, -3.0].map(clock),
            ["0:00", "0:12", "1:01", "1:00:01", "0:00", "0:00"]
        );
    }
}

//! Times as transcripts write them.

/// Seconds of `1:02:03.4`, `02:03,400` or `0:12`; none if it is something else.
pub(super) fn clock(text: &str) -> Option<f64> {
    let text = text.trim();
    let parts: Vec<&str> = text.split(':').collect();
    let (last, first) = parts.split_last()?;
    let whole = |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=2).contains(&first.len()) || !first.iter().all(whole) || last.len() > 10 {
        return None;
    }
    let last = last.replace(',', ".");
    let digits = last.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let last: f64 = last.parse().ok().filter(|_| digits)?;
    let minutes =
        first.iter().try_fold(0.0, |all, part| part.parse::<f64>().ok().map(|part| all * 60.0 + part))?;
    Some(minutes * 60.0 + last)
}

//! What people write into one line: words of a transcript, names, tags.

use text::is_hidden;

use crate::problem::Problem;

/// The line that somebody typed, trimmed, with single spaces and without what is not seen; `what` names it in the
/// sentence that refuses an empty one or one of more than `max_chars` letters.
pub fn parse(what: &str, typed: &str, max_chars: usize) -> Result<String, Problem> {
    let words = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = words.chars().filter(|character| !is_hidden(*character)).collect();
    if (1..=max_chars).contains(&line.trim().chars().count()) {
        return Ok(line.trim().to_owned());
    }
    Err(Problem::invalid(format!("{what} has 1 to {max_chars} letters; write another one.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_its_words_and_loses_what_is_not_seen() {
        let parsed = parse("A text", " 안녕\n\u{202e}하세요 \t<b>👩‍👩‍👧</b>\u{0} ", 99).unwrap();
        assert_eq!(parsed, "안녕 하세요 <b>👩‍👩‍👧</b>");
        for wrong in ["", " \n", "\u{202e}", "12345678901"] {
            assert!(parse("A text", wrong, 10).is_err(), "{wrong:?}");
        }
        assert!(parse("A text", "ééééé éééé", 10).is_ok());
    }
}

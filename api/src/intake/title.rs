//! Titles of jobs.

use text::is_hidden;

use crate::problem::Problem;

/// Letters that a title has at most.
const MAX_TITLE_CHARS: usize = 200;

/// The title that somebody typed, trimmed.
pub fn parse(typed: &str) -> Result<String, Problem> {
    let title = typed.trim();
    if !(1..=MAX_TITLE_CHARS).contains(&title.chars().count()) {
        return Err(Problem::invalid(format!(
            "A title has 1 to {MAX_TITLE_CHARS} letters; choose another one."
        )));
    }
    if title.chars().any(is_hidden) {
        return Err(Problem::invalid("A title has one line, and no control characters; choose another one."));
    }
    Ok(title.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_of_up_to_200_letters() {
        assert_eq!(parse("  월요일 회의 ").unwrap(), "월요일 회의");
        assert!(parse(&"é".repeat(MAX_TITLE_CHARS)).is_ok());
        for wrong in ["", " \n", "two\nlines", "a\u{202e}b", &"x".repeat(MAX_TITLE_CHARS + 1)] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}

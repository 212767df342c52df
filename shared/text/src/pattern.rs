//! Regular expressions that stand in the source.

use regex::Regex;

/// Compiles an expression that is known to be right; each is run by a test.
#[expect(clippy::unwrap_used, reason = "the expressions are fixed, and tests run every one")]
pub fn fixed(expression: &str) -> Regex {
    Regex::new(expression).unwrap()
}

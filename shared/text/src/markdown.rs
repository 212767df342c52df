//! Words in Markdown.

use crate::printable;

/// Words as they stand in Markdown, where they mean nothing but themselves: no markup, no HTML and no link comes of
/// them, also in the middle of a line and in dialects that make links of bare addresses.
pub fn markdown(text: &str) -> String {
    let line = printable(text);
    let mut written = String::with_capacity(line.len());
    for (at, character) in line.char_indices() {
        let (before, after) = line.split_at_checked(at).unwrap_or_default();
        let is_number = !before.is_empty() && before.bytes().all(|byte| byte.is_ascii_digit());
        match character {
            // Not every dialect takes a backslash before these.
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '^' | '$' | '=' => {
                written.extend(['\\', character]);
            }
            '+' | '-' if before.is_empty() => written.extend(['\\', character]),
            '.' | ')' if is_number => written.extend(['\\', character]),
            ':' if after.starts_with("://") => written.push_str("\\:"),
            '.' if before.to_ascii_lowercase().ends_with("www") => written.push_str("\\."),
            other => written.push(other),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words_in_markdown() {
        for (said, written) in [
            ("Fine, isn't it? (Yes: 50% - or 3.5!)", "Fine, isn't it? (Yes: 50% - or 3.5!)"),
            ("# no *heading* _at_ `all`", "\\# no \\*heading\\* \\_at\\_ \\`all\\`"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("&lt;b&gt; \\<b>", "&amp;lt;b&amp;gt; \\\\&lt;b&gt;"),
            ("[click](javascript:x) ![](http://evil)", "\\[click\\](javascript:x) !\\[\\](http\\://evil)"),
            ("- item", "\\- item"),
            ("12. item", "12\\. item"),
            ("1) item", "1\\) item"),
            ("see WWW.evil.example | x", "see WWW\\.evil.example \\| x"),
            ("a\n\n---\n=== ~~~", "a --- \\=\\=\\= \\~\\~\\~"),
        ] {
            assert_eq!(markdown(said), written);
        }
    }
}

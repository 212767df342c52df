//! Words that somebody else wrote or said, and times, as people are shown them.

/// Words on one line, and without what would make a terminal do something or a line read in another order.
pub fn printable(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().filter(|letter| !letter.is_control() && !turns_direction(*letter)).collect()
}

/// Marks that make a line read in another order than it is written in.
const fn turns_direction(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

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

/// Words as they stand in Markdown, where they mean nothing but themselves: no markup, no HTML and no link comes of
/// them, also in the middle of a line and in dialects that make links of bare addresses.
pub fn markdown(text: &str) -> String {
    let line = printable(text);
    let mut written = String::with_capacity(line.len());
    for (at, letter) in line.char_indices() {
        let (before, after) = line.split_at_checked(at).unwrap_or_default();
        let is_number = !before.is_empty() && before.bytes().all(|byte| byte.is_ascii_digit());
        match letter {
            // Not every dialect takes a backslash before these.
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '^' | '$' | '=' => {
                written.extend(['\\', letter]);
            }
            '+' | '-' if before.is_empty() => written.extend(['\\', letter]),
            '.' | ')' if is_number => written.extend(['\\', letter]),
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
    fn foreign_words_cannot_move_the_cursor_or_the_line() {
        assert_eq!(printable("Plan\n\u{1b}[2J B\u{202e}txt.exe\t안녕 👋\u{7}"), "Plan [2J Btxt.exe 안녕 👋");
    }

    #[test]
    fn times_are_short() {
        assert_eq!(
            [0.0, 12.9, 61.25, 3601.2, f64::NAN, -3.0].map(clock),
            ["0:00", "0:12", "1:01", "1:00:01", "0:00", "0:00"]
        );
    }

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

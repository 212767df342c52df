//! Names of uploaded files, made safe to show, to log and to save under.

use text::is_hidden;

/// Letters that a name keeps at most.
const MAX_FILE_NAME_CHARS: usize = 255;

/// What is left of a file's name when everything dangerous is taken out: folders, control characters (NUL, line
/// breaks), and marks that change the direction of writing and so can hide what a name ends in.
pub fn safe(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe: String =
        last.chars().filter(|character| !is_hidden(*character)).take(MAX_FILE_NAME_CHARS).collect();
    match safe.trim() {
        "" | "." | ".." => "recording".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_is_dangerous_and_nothing_else() {
        for (name, expected) in [
            ("meeting.wav", "meeting.wav"),
            ("회의 2026-11-20 (최종).m4a", "회의 2026-11-20 (최종).m4a"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\kim\\회의.mp3", "회의.mp3"),
            ("a\0b\r\nX-Header: 1.wav", "abX-Header: 1.wav"),
            ("invoice\u{202e}3pm.exe", "invoice3pm.exe"),
            ("<script>alert(1)<", "<script>alert(1)<"),
            ("", "recording"),
            ("  ", "recording"),
            ("..", "recording"),
            ("uploads/", "recording"),
            ("\u{202e}\u{feff}", "recording"),
            ("a\u{ad}\u{2060}b👩\u{200d}👧.wav", "ab👩\u{200d}👧.wav"),
        ] {
            assert_eq!(safe(name), expected, "{name:?}");
        }
        assert_eq!(safe(&"é".repeat(4096)).chars().count(), MAX_FILE_NAME_CHARS);
    }
}

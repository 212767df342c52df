//! Names of uploaded files, made safe to show, to log and to save under.

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

/// Whether a character is not seen but changes what is seen.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(character, '\u{200b}' | '\u{feff}')
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
        ] {
            assert_eq!(safe(name), expected, "{name:?}");
        }
        assert_eq!(safe(&"é".repeat(4096)).chars().count(), MAX_FILE_NAME_CHARS);
    }
}

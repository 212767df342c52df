//! Characters that are not seen, or that make a line read in another order than it is written in.

/// Makes words from outside harmless: one line, no invisible letters, and none of the signs that prompts, chat
/// formats and JSON are built of.
pub fn escape(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|character| !is_invisible(*character)).map(harmless).collect()
}

/// A sign that means something to prompts and formats, as one that does not.
const fn harmless(character: char) -> char {
    match character {
        '<' | '＜' => '‹',
        '>' | '＞' => '›',
        '[' | '{' => '(',
        ']' | '}' => ')',
        '|' => '¦',
        '`' => '\'',
        other => other,
    }
}

/// Whether a letter is a control sign, or one that hides or reorders text.
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Whether a character hides or reorders text where people read it: names, titles, lines of a terminal. Joiners do not.
pub fn is_hidden(character: char) -> bool {
    is_invisible(character) && !is_joiner(character)
}

/// Words on one line, and without what would make a terminal do something or a line read in another order.
pub fn printable(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().filter(|character| !is_hidden(*character)).collect()
}

/// Whether a letter only says how its neighbours are drawn, as in Persian words and in emoji of several people.
const fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_words_cannot_move_the_cursor_or_the_line() {
        assert_eq!(printable("Plan\n\u{1b}[2J B\u{202e}txt.exe\t안녕 👋\u{7}"), "Plan [2J Btxt.exe 안녕 👋");
        assert_eq!(printable("a\u{61c}b\u{feff}c\u{ad}d\u{e0041}e"), "abcde");
        assert_eq!(printable("👩\u{200d}👧"), "👩\u{200d}👧");
    }
}

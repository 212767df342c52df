//! Sentences of a written text.

/// The sentences, each with what ends it and the spaces before it. A point inside a number ends none.
pub fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut begin = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, character)) = chars.next() {
        let wide = matches!(character, '。' | '！' | '？' | '\n');
        let last = chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        if wide || matches!(character, '.' | '!' | '?') && last {
            let end = at + character.len_utf8();
            found.extend(text.get(begin..end));
            begin = end;
        }
    }
    found.extend(text.get(begin..).filter(|rest| !rest.is_empty()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_people_end_them() {
        assert_eq!(sentences("It costs 3.5 euros. Why?\nNo"), ["It costs 3.5 euros.", " Why?", "\n", "No"]);
        assert_eq!(sentences("予算です。はい"), ["予算です。", "はい"]);
        assert!(sentences("").is_empty());
    }
}

//! How many tokens a text has, guessed on the safe side: every model counts otherwise, and few servers tell.

/// Tokens of `text`, rather too many than too few.
pub fn estimate_tokens(text: &str) -> u64 {
    let tenths: u64 = text.chars().map(tenths).sum();
    tenths.div_ceil(10)
}

/// Tenths of a token. English has some 4 letters to a token; a Korean, Chinese or Japanese sign has up to 1.5 tokens.
const fn tenths(character: char) -> u64 {
    match character {
        'a'..='z' | 'A'..='Z' | ' ' => 3,
        '\0'..='\u{7f}' => 10,
        '\u{80}'..='\u{2e7f}' => 8,
        _ => 15,
    }
}

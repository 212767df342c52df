//! Signs that a text was not heard but made up: models that lose the thread repeat themselves.

/// A text that compresses better than this repeats itself.
const MAX_COMPRESSION: f64 = 2.4;
/// A phrase of up to so many words is looked for in a loop.
const LONGEST_PHRASE: usize = 12;
/// So many words must repeat what came before them, and the phrase must come three times at least.
const MIN_REPEATED: usize = 8;

/// Whether a text goes round in circles.
pub(super) fn repeats_itself(text: &str) -> bool {
    compression_ratio(text) > MAX_COMPRESSION || loops(text)
}

fn compression_ratio(text: &str) -> f64 {
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(text.as_bytes(), 6);
    text.len() as f64 / packed.len() as f64
}

/// Whether a phrase is said three times running. The phrase may well come again later: people do that.
fn loops(text: &str) -> bool {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    (1..=LONGEST_PHRASE).any(|phrase| longest_echo(&words, phrase) >= MIN_REPEATED.max(2 * phrase))
}

/// The longest run of words that are the same as the word `distance` before them.
fn longest_echo(words: &[String], distance: usize) -> usize {
    let pairs = words.iter().zip(words.iter().skip(distance));
    let runs = pairs.scan(0, |run, (before, word)| {
        *run = if before == word { *run + 1 } else { 0 };
        Some(*run)
    });
    runs.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_are_noticed() {
        assert!(repeats_itself("Thank you. Thank you. Thank you. Thank you. Thank you."));
        assert!(repeats_itself("so we will see the plan we will see the plan we will see the plan"));
        assert!(repeats_itself(&"감사합니다. ".repeat(12)));
        assert!(repeats_itself(&"謝謝".repeat(40)));
    }

    #[test]
    fn people_may_say_a_phrase_again() {
        let meeting = "Action item for the marketing team, prepare the invoice by Thursday. Action item for the \
            support team, test the invoice by Monday. Action item for the marketing team, change the schedule by \
            Wednesday. Do we have the training for the engineer? No, no, no.";
        assert!(!repeats_itself(meeting));
        assert!(!repeats_itself(""));
        assert!(!repeats_itself("다음 회의는 월요일 세 시입니다. 다음 달에 홈페이지를 준비하겠습니다."));
    }
}

//! Finds the JSON object in what a model wrote: without its thinking, out of prose and fences, small slips mended.

use serde_json::{Map, Value};

use llm::without_reasoning;

/// Beginnings of objects that are tried in one answer.
const MAX_OBJECT_STARTS: usize = 8;

/// The object in `text`.
///
/// # Errors
/// What is wrong with the text, as the end of a sentence that begins with "it".
pub(super) fn object(text: &str) -> Result<Map<String, Value>, String> {
    let spoken = without_reasoning(text);
    if spoken.trim().is_empty() {
        let problem = if text.trim().is_empty() { "is empty" } else { "holds nothing but thinking" };
        return Err(problem.to_owned());
    }
    let candidates =
        spoken.match_indices('{').take(MAX_OBJECT_STARTS).filter_map(|(at, _)| balanced(spoken.get(at..)?));
    let mut parsed = candidates.filter_map(parse);
    parsed.next().ok_or_else(|| {
        if spoken.contains('{') { "holds no whole JSON object" } else { "holds no JSON object" }.to_owned()
    })
}

/// The object that begins with the first character of `text`; none if it does not end.
fn balanced(text: &str) -> Option<&str> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return text.get(..=at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Parses an object, if need be without commas before closing brackets. Deep nesting is an error to the parser.
fn parse(text: &str) -> Option<Map<String, Value>> {
    let read = |text: &str| {
        serde_json::from_str::<Map<String, Value>>(text).ok().filter(|object| !object.is_empty())
    };
    read(text).or_else(|| read(&without_trailing_commas(text)))
}

fn without_trailing_commas(text: &str) -> String {
    let (mut kept, mut quoted, mut escaped) = (String::with_capacity(text.len()), false, false);
    for character in text.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '}' | ']' if !quoted => {
                let end = kept.trim_end().len();
                if kept.get(..end).is_some_and(|kept| kept.ends_with(',')) {
                    kept.truncate(end - 1);
                }
            }
            _ => {}
        }
        kept.push(character);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_is_found_wherever_it_stands() {
        for text in [
            r#"{"title":"x"}"#,
            "```json\n{\"title\":\"x\"}\n```",
            "Sure! Here are the minutes:\n\n{\"title\":\"x\",}\n\nAnything else?",
            "<think>Let me see {\"title\":\"wrong\"}</think>{\"title\":\"x\"}",
            "so the title is {\"title\":\"wrong\"}</think>\n{\"title\":\"x\"}",
            "{\"title\":\"x\"} <think>was that all? {\"title\":\"wrong\"}",
            "an empty {} first, then {\"title\":\"x\"}",
            "{not json} but {\"title\":\"x\"}",
        ] {
            assert_eq!(object(text).map(|found| found["title"].clone()), Ok("x".into()), "{text}");
        }
        assert_eq!(object(r#"{"title":"a } \" { b","list":[1,2,],}"#).unwrap()["title"], "a } \" { b");
    }

    #[test]
    fn what_holds_no_object_says_why() {
        for (text, problem) in [
            ("", "is empty"),
            ("  \n", "is empty"),
            ("<think>hmm, {\"title\":\"x\"}", "holds nothing but thinking"),
            ("I cannot help with that.", "holds no JSON object"),
            ("{\"title\": \"x", "holds no whole JSON object"),
            ("[1, 2]", "holds no JSON object"),
        ] {
            assert_eq!(object(text), Err(problem.to_owned()), "{text}");
        }
        let nested = format!("{{\"a\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
        assert!(object(&nested).is_err());
    }

    #[test]
    fn a_long_answer_of_brackets_costs_little() {
        assert!(object(&"{".repeat(1_000_000)).is_err());
    }
}

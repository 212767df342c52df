//! Names in the code are the field's words. The glossary in `ARCHITECTURE.md` lists them; what they replaced must not
//! come back.

use crate::architecture::rust_files;

/// Folders whose names follow the glossary.
const FOLDERS: [&str; 10] = [
    "api",
    "cli",
    "bench",
    "shared",
    "worker/src/run",
    "worker/src/tasks",
    "worker/src/models",
    "worker/src/speakers",
    "worker/src/transcriber",
    "worker/whisper",
];

/// Words that no identifier holds, and what to say instead.
const DENIED: [(&str, &str); 14] = [
    ("told", "item, event"),
    ("heard", "received, recognised"),
    ("hear", "receive, decode"),
    ("ear", "subscription"),
    ("wanted", "query, request"),
    ("wish", "request, options"),
    ("wishes", "request, options"),
    ("dice", "rng"),
    ("hands", "slots"),
    ("letter", "character"),
    ("letters", "chars"),
    ("bell", "notification, wake-up"),
    ("bells", "messaging"),
    ("shelf", "models"),
];

/// Configuration keys and a field of transcripts, which stay as people have written them into their files and programs; the
/// field's name is the transcriber's, too.
const EXCEPTIONS: [&str; 7] = [
    "max_letters",
    "max_search_letters",
    "max_tag_letters",
    "max_segment_letters",
    "max_speaker_letters",
    "heard_again",
    "heard_again_seconds",
];

/// The text without its comments and literals.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let literal = literal_length(rest);
        if literal > 0 {
            code.push(' ');
            rest = after(rest, literal);
        } else {
            code.push(next);
            rest = after(rest, next.len_utf8());
        }
    }
    code
}

fn after(text: &str, bytes: usize) -> &str {
    text.split_at(bytes).1
}

/// Bytes of the comment or literal that the text begins with; 0 if it begins with neither.
fn literal_length(text: &str) -> usize {
    let until = |start: usize, end: &str| {
        after(text, start).find(end).map_or(text.len(), |at| start + at + end.len())
    };
    if text.starts_with("//") {
        return until(2, "\n");
    }
    let hashes = text.strip_prefix('r').map(|rest| rest.len() - rest.trim_start_matches('#').len());
    if let Some(hashes) = hashes.filter(|hashes| after(text, 1 + hashes).starts_with('"')) {
        return until(2 + hashes, &format!("\"{}", "#".repeat(hashes)));
    }
    let quote = match text.chars().next() {
        Some('"') => '"',
        // A lifetime has no second quote.
        Some('\'') if after(text, 1).starts_with('\\') || text.chars().nth(2) == Some('\'') => '\'',
        _ => return 0,
    };
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The words of an identifier, `snake_case` or `CamelCase`.
fn words(identifier: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for character in identifier.chars() {
        if character == '_' || character.is_uppercase() && was_lower {
            words.push(String::new());
        }
        if character != '_' {
            words.last_mut().unwrap().extend(character.to_lowercase());
        }
        was_lower = character.is_lowercase();
    }
    words
}

#[test]
fn identifiers_are_words_of_the_field() {
    let mut found = Vec::new();
    for (path, text) in FOLDERS.into_iter().flat_map(rust_files) {
        let code = code(&text);
        let identifiers = code.split(|character: char| !character.is_alphanumeric() && character != '_');
        for identifier in identifiers.filter(|identifier| !EXCEPTIONS.contains(identifier)) {
            let words = words(identifier);
            // The name of a test is a sentence.
            if words.len() > 4 {
                continue;
            }
            let denied = DENIED.iter().filter(|(denied, _)| words.iter().any(|word| word == denied));
            found.extend(denied.map(|(word, instead)| format!("{path}: {identifier} ({word}: {instead})")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn comments_and_literals_are_no_identifiers() {
    let text = "fn a<'ear>(b: &'ear str) { // told\n let c = \"heard \\\" told\"; let d = 'x'; let e = r#\"bell \"told\"\"#; }";
    let code = code(text);
    assert!(code.contains("'ear") && code.contains("let e ="), "{code}");
    assert!(!["told", "heard", "bell"].iter().any(|word| code.contains(word)), "{code}");
    assert_eq!(words("maxHeard_EAR2"), ["max", "heard", "ear2"]);
}

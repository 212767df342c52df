//! What a sentence does in a meeting, as far as it can be told by itself.

use super::{english, korean};
use text::topics::is_cue;

/// Somebody is to do something, as found in one sentence.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Task {
    pub task: String,
    pub owner: Owner,
    pub due: Option<String>,
    /// Whether it needs the sentence before it to be understood: "Do that today".
    pub vague: bool,
}

/// Who is to do it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Owner {
    /// Nobody is said.
    Nobody,
    /// Whoever says it.
    Speaker,
    /// Whoever is spoken to.
    Addressee,
    Named(String),
}

/// What a sentence does in the meeting.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Act {
    Task(Task),
    /// Something is decided, in words that are cleaned of what leads to them.
    Decision(String),
    /// Something that is decided if somebody agrees.
    Proposal(String),
    Question,
    /// Somebody says that nobody knows something.
    Unknown,
    /// Greetings, thanks and what leads from one topic to the next.
    Talk,
    Statement,
}

/// What `sentence` does.
pub(super) fn of(sentence: &str, language: &str) -> Act {
    match language {
        "ko" => korean::act(sentence),
        "en" => english::act(sentence),
        _ if sentence.ends_with(['?', '？', '؟']) => Act::Question,
        _ if is_cue(sentence) => Act::Talk,
        _ => Act::Statement,
    }
}

/// The sentence without what leads to it and without fillers.
pub(super) fn clean(sentence: &str, language: &str) -> String {
    match language {
        "ko" => korean::clean(sentence),
        "en" => english::clean(sentence),
        _ => sentence.to_owned(),
    }
}

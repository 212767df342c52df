//! English: what a sentence does in a meeting, by how it is built.

mod patterns;
#[cfg(test)]
mod tests;

use regex::Captures;
use text::{topics::is_cue, words::Stemmer};

use self::patterns::{
    AGREED_THAT, ASSIGNED, DECISION, DUE, DUTIES, FILLER, LEAD_IN, LETS, NEEDS_BY, NO_DECISION, NO_DEED,
    NO_QUESTION, NOBODY, PAST, PLEASE, PROPOSAL, QUESTION, RESPONSIBLE, TALK, UNDECIDED, UNKNOWN, UNNAMED,
    VOCATIVE, WHAT, WILL,
};
use super::acts::{Act, Owner, Task};

/// The sentence without what leads to it and without fillers.
pub(super) fn clean(sentence: &str) -> String {
    capital(&bare(sentence))
}

fn bare(sentence: &str) -> String {
    let fluent = FILLER.replace_all(sentence, "");
    let fluent = without_repetition(&fluent);
    LEAD_IN.replace(&fluent, "").into_owned()
}

/// "How to, how to use" is said once: words that are said twice in a row, one or two of them.
fn without_repetition(sentence: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for word in sentence.split_whitespace() {
        kept.push(word);
        for size in [2, 1] {
            let same = |one: &[&str], other: &[&str]| {
                let plain = |word: &str| word.trim_matches([',', '.']).to_lowercase();
                one.iter().zip(other).all(|(one, other)| plain(one) == plain(other))
            };
            let (Some(middle), Some(begin)) =
                (kept.len().checked_sub(size), kept.len().checked_sub(2 * size))
            else {
                continue;
            };
            let repeated =
                kept.get(begin..middle).zip(kept.get(middle..)).is_some_and(|(one, other)| same(one, other));
            if repeated {
                kept.drain(begin..middle);
            }
        }
    }
    kept.join(" ")
}

/// What `sentence` does.
pub(super) fn act(sentence: &str) -> Act {
    let marked = sentence.to_lowercase().contains("agreed, ");
    let bare = bare(sentence);
    let bare = bare.trim_end_matches(['.', '!', ',', ' ']);
    if marked && !bare.is_empty() && !bare.ends_with('?') {
        return Act::Decision(capital(bare));
    }
    if bare.is_empty() || TALK.is_match(bare) || NO_QUESTION.is_match(bare) {
        return Act::Talk;
    }
    let asked = bare.ends_with('?');
    if let Some(found) = PROPOSAL.captures(bare) {
        return Act::Proposal(capital(&found["rest"]));
    }
    if let Some(task) = AGREED_THAT
        .captures(bare)
        .and_then(|found| task(&found["rest"]))
        .filter(|task| task.owner != Owner::Nobody)
    {
        return Act::Task(task);
    }
    if let Some(text) = decision(bare).filter(|_| !asked) {
        return Act::Decision(text);
    }
    if UNKNOWN.is_match(bare) && (WHAT.is_match(bare) || !asked) {
        return Act::Unknown;
    }
    if let Some(task) = task(bare) {
        return Act::Task(task);
    }
    if asked || QUESTION.is_match(bare) {
        return Act::Question;
    }
    if is_cue(bare) { Act::Talk } else { Act::Statement }
}

/// What is decided in a sentence without lead-in.
fn decision(bare: &str) -> Option<String> {
    if UNDECIDED.is_match(bare) || PAST.is_match(bare) || UNKNOWN.is_match(bare) {
        return None;
    }
    let lets = LETS.captures(bare).filter(|found| {
        let verb = found["verb"].to_lowercase();
        !NO_DECISION.contains(&verb.as_str()) || found[0].to_lowercase().contains(" go with ")
    });
    let says = lets.is_some() || DECISION.is_match(bare);
    says.then(|| capital(lets.as_ref().and_then(|found| found.get(0)).map_or(bare, |found| found.as_str())))
}

fn task(sentence: &str) -> Option<Task> {
    let asked = sentence.ends_with('?');
    let sentence = sentence.trim_end_matches('?');
    if let Some(found) = PLEASE.captures(sentence).filter(is_request) {
        let called = VOCATIVE.captures(&found["task"]);
        let named =
            found.name("name").or_else(|| called.as_ref()?.name("name")).map(|name| name.as_str().to_owned());
        let words = VOCATIVE.replace(&found["task"], "");
        return Some(build(&words, named.map_or(Owner::Addressee, Owner::Named)));
    }
    if asked {
        return None;
    }
    if let Some(found) = ASSIGNED.captures(sentence) {
        return Some(build(&found["task"], named(&found["owner"])));
    }
    let promised = WILL.captures(sentence).filter(is_promise).or_else(|| RESPONSIBLE.captures(sentence));
    if let Some(found) = promised {
        let owner = found.name("group").or(found.name("name")).map(|owner| owner.as_str());
        let by =
            if found.name("self").is_some() { Owner::Speaker } else { owner.map_or(Owner::Nobody, named) };
        return owner.is_none_or(|owner| !NOBODY.contains(&owner)).then(|| build(&found["task"], by));
    }
    let needed = NEEDS_BY.captures(sentence).map(|found| build(&found["task"], Owner::Nobody));
    needed.filter(|task| task.due.is_some())
}

/// Whether somebody promises something and does not only tell what happens.
fn is_promise(found: &Captures<'_>) -> bool {
    let (verb, words) = (found["verb"].to_lowercase(), found["task"].to_lowercase());
    let modal = found["modal"].to_lowercase();
    // "I'll have it done by Friday" is a promise, though having is no deed.
    let done = verb == "have" && [" done", " ready", " finished"].iter().any(|end| words.contains(end));
    let duty = modal.contains("need")
        || modal.contains("have to")
        || modal.contains("has to")
        || modal.contains("must");
    let mine = found.name("self").is_some();
    let may = modal == "can" && !mine;
    // "It will take two weeks", but "I'll take that".
    let own = mine && matches!(verb.as_str(), "take" | "tell");
    (done || own || is_deed(found)) && !may && (!(duty && mine) || DUTIES.contains(&verb.as_str()))
}

fn named(owner: &str) -> Owner {
    let owner = owner.trim();
    let bare = owner.strip_prefix("the ").or(owner.strip_prefix("The ")).unwrap_or(owner);
    if UNNAMED.contains(&owner) { Owner::Nobody } else { Owner::Named(capital(bare)) }
}

/// Whether somebody is asked for more than to speak or to listen.
fn is_request(found: &Captures<'_>) -> bool {
    let (verb, words) = (found["verb"].to_lowercase(), found["task"].to_lowercase());
    let speaks = [
        "hear", "see", "repeat", "say", "think", "know", "imagine", "believe", "explain", "be", "not",
        "remember", "mute",
    ];
    !speaks.contains(&verb.as_str()) && !words.starts_with("tell me") && !words.starts_with("tell us")
}

fn is_deed(found: &Captures<'_>) -> bool {
    !NO_DEED.contains(&found["verb"].to_lowercase().as_str())
}

/// Takes the date out of the words.
fn build(words: &str, owner: Owner) -> Task {
    let due = DUE.captures_iter(words).last();
    let said = due
        .as_ref()
        .and_then(|due| due.name("date").or(due.name("as_said")))
        .map(|due| due.as_str().to_owned());
    let rest = match due.and_then(|due| due.get(0)) {
        Some(due) => {
            let (before, after) = (words.get(..due.start()), words.get(due.end()..));
            format!("{} {}", before.unwrap_or_default().trim(), after.unwrap_or_default().trim())
        }
        None => words.to_owned(),
    };
    let rest = rest.trim_matches([' ', ',', '.', '?']).trim_end_matches(" then").trim_end_matches(" though");
    // A verb alone needs the sentence before it.
    let vague = Stemmer::of("en").stems(rest).len() < 2 && !rest.starts_with("have ");
    Task { task: capital(rest), owner, due: said, vague }
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

//! English: what a sentence does in a meeting, by how it is built.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Kind, Task};
use text::{pattern::fixed, topics::is_cue};

const DAY: &str = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day";
const PERIOD: &str = r"(?:day|week|weekend|month|quarter|year|sprint)";
const MONTH: &str =
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)";
const COUNT: &str = r"(?:\d+|an?|one|two|three|four|five|six|seven|ten|a few)";

/// People and groups that can be given something to do.
const GROUP: &str = r"(?:team|group|department|office|committee|board|manager|designer|developer|engineer|director|customer|client|lawyer|analyst|partner|assistant|secretary|lead|owner|supplier|vendor|agency|company)";

/// A group, one name or several, or the speaker.
static SUBJECT: LazyLock<String> = LazyLock::new(|| {
    let name = r"[A-Z][\w’'-]*[a-z]";
    let names = format!(r"{name}(?: {name})?(?:(?:,| and|, and) {name})*");
    format!(
        r"(?P<group>(?i:(?:the|our|my|your) (?:\w+ ){{0,3}}{GROUP}s?))|(?P<name>{names})|(?i:I|we|you|they|he|she)"
    )
});

static DUE: LazyLock<Regex> = LazyLock::new(|| {
    let date = format!(
        r"(?:the )?end of (?:the |this |next )?{PERIOD}|(?:this |next |coming )?{DAY}(?: (?:morning|afternoon|evening|noon))?|{MONTH}(?: \d+(?:st|nd|rd|th)?)?|the \d+(?:st|nd|rd|th)|(?:this|next) (?:{PERIOD}|morning|afternoon|evening)|today|tonight|tomorrow(?: morning| afternoon| evening| night)?|noon|lunch|\d+(?::\d\d)? ?(?:am|pm|o'clock)"
    );
    fixed(&format!(
        r"(?i)\b(?:(?:by|until|till|no later than|due|on|at) (?P<date>{date})|(?P<as_said>(?:before|after) (?:{date}|(?:the|our) (?:\w+ )?(?:release|launch|meeting|deadline|call|review))|(?:with)?in {COUNT} (?:hour|{PERIOD})s?|today|tonight|tomorrow(?: morning| afternoon| evening| night)?|(?:this|next) (?:{PERIOD}|morning|afternoon|evening|{DAY})|as soon as possible|asap|right away|{DAY}))\b"
    ))
});

static LEAD_IN: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"^(?i:(?:so|and|then|ok|okay|well|but|also|now|yes|yeah|right|alright|i think|i guess|i suggest that|maybe)\b,? *)+",
    )
});

static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"^(?i:action (?:item|point)s?|to-?do|task)(?: (?i:for|on|is for))?[:,]? (?P<owner>[^,:]+?)(?:[,:] | (?i:is to|to|will|should) )(?P<task>.+)$",
    )
});

static WILL: LazyLock<Regex> = LazyLock::new(|| {
    let modal = r"(?i:will|'ll|’ll|shall|must|should|(?:is|are|am|'m|’m|'re|’re) (?:going )?to|needs? to|has to|have to|(?:agreed|promised|volunteered|offered) to)";
    let filler = r"(?:(?i:also|then|please|now|probably|definitely|just|both|all) )*";
    fixed(&format!(r"^(?:{})(?: |’|'){{0,1}}{modal} {filler}(?P<task>(?P<verb>\w+)\b.*)$", *SUBJECT))
});

static PLEASE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"^(?:(?P<name>[A-Z][\w’'-]*[a-z](?: and [A-Z][\w’'-]*[a-z])?),? )?(?i:please|(?:can|could|would|will) you(?: please)?|(?:don't|do not) forget to|remember to|make sure (?:to|that|you)|be sure to) (?P<task>(?P<verb>\w+)\b.*)$",
    )
});

static RESPONSIBLE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(&format!(
        r"^(?:{}) (?i:is responsible for|are responsible for|is in charge of|takes care of|take care of) (?P<task>.+)$",
        *SUBJECT
    ))
});

static NEEDS_BY: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"^(?P<task>.+ (?i:needs?|wants?|expects?) (?:the|our|your|a|an|its|their) .+)$"));

static DECISION: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)\b(?:decided|resolved|agreed (?:to|on|that|upon)|settled on|voted (?:to|for|against)|decision (?:is|was)|decision:|(?:let's|let us|we will|we'll|we are going to|we're going to) go with|going with the|(?:is|are|was|were|been) (?:approved|rejected|postponed|adopted|cancelled|canceled)|(?:approved|rejected) the)\b",
    )
});

static UNDECIDED: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)\b(?:not|n't|never|nothing|nobody)\b.{0,20}\b(?:decided|approved|agreed|resolved)|\bif\b.*\b(?:approved|decided|agreed)\b",
    )
});

static QUESTION: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"^(?i:who|what|when|where|why|how|which)(?: (?i:many|much|long|often|one|exactly))? (?i:will|can|is|are|do|does|did|should|would|could|was|were|has|have|shall)\b",
    )
});

static NO_QUESTION: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)\b(?:any (?:other |more |further )?questions|can (?:you|everyone|everybody) (?:hear|see))\b|^(?:\w+[,?]? ?){1,2}$",
    )
});

static TALK: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)^(?:good (?:morning|afternoon|evening)|hello|hi|hey|thanks|thank you|welcome|that is all|that's all|see you|bye|goodbye|ok|okay|yes|yeah|no|right|sure|exactly|i (?:do not |don't )?agree)\b|share your screen|can you hear|you are on mute|you're on mute",
    )
});

/// Verbs after `will` and the like that describe what happens and not what somebody takes on.
const NO_DEED: &[&str] = &[
    "be",
    "cost",
    "take",
    "have",
    "need",
    "go",
    "come",
    "happen",
    "become",
    "remain",
    "grow",
    "rise",
    "fall",
    "increase",
    "decrease",
    "look",
    "seem",
    "see",
    "know",
    "mean",
    "depend",
    "not",
    "never",
    "get",
    "like",
    "want",
    "hear",
    "tell",
    "explain",
    "repeat",
    "say",
    "think",
    "feel",
    "remember",
    "hope",
    "love",
    "miss",
    "understand",
];

/// Words that stand where names stand, for somebody whom the sentence does not name.
const UNNAMED: &[&str] = &["I", "We", "You", "They", "He", "She"];

/// The same for no person at all.
const NOBODY: &[&str] =
    &["It", "This", "That", "There", "These", "Those", "What", "Which", "Who", "Nothing", "Nobody", "None"];

/// What `sentence` does.
pub(super) fn kind(sentence: &str) -> Kind {
    let bare = LEAD_IN.replace(sentence, "");
    let bare = bare.trim_end_matches(['.', '!', ' ']);
    if bare.is_empty() || TALK.is_match(bare) || NO_QUESTION.is_match(bare) {
        return Kind::Talk;
    }
    if DECISION.is_match(bare) && !UNDECIDED.is_match(bare) && !bare.ends_with('?') {
        return Kind::Decision;
    }
    if let Some(task) = task(bare) {
        return Kind::Task(task);
    }
    if bare.ends_with('?') || QUESTION.is_match(bare) {
        return Kind::Question;
    }
    if is_cue(bare) { Kind::Talk } else { Kind::Statement }
}

fn task(sentence: &str) -> Option<Task> {
    let asked = sentence.ends_with('?');
    let sentence = sentence.trim_end_matches('?');
    if let Some(found) = PLEASE.captures(sentence).filter(is_deed) {
        return Some(build(&found["task"], found.name("name").map(|name| name.as_str())));
    }
    if asked {
        return None;
    }
    if let Some(found) = ASSIGNED.captures(sentence) {
        return Some(build(&found["task"], Some(&found["owner"])));
    }
    let promised = WILL.captures(sentence).filter(is_deed).or_else(|| RESPONSIBLE.captures(sentence));
    if let Some(found) = promised {
        let owner = found.name("group").or(found.name("name")).map(|owner| owner.as_str());
        return owner.is_none_or(|owner| !NOBODY.contains(&owner)).then(|| build(&found["task"], owner));
    }
    let needed = NEEDS_BY.captures(sentence).map(|found| build(&found["task"], None));
    needed.filter(|task| task.due.is_some())
}

fn is_deed(found: &Captures<'_>) -> bool {
    !NO_DEED.contains(&found["verb"].to_lowercase().as_str())
}

/// Takes the date out of the words.
fn build(words: &str, owner: Option<&str>) -> Task {
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
    let owner = owner
        .map(str::trim)
        .filter(|owner| !UNNAMED.contains(owner))
        .map(|owner| owner.strip_prefix("the ").or(owner.strip_prefix("The ")).unwrap_or(owner));
    Task { task: capital(rest.trim_matches([' ', ',', '.', '?'])), owner: owner.map(capital), due: said }
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sentence: &str) -> String {
        match kind(sentence) {
            Kind::Task(Task { task, owner, due }) => {
                format!("{} | {} | {task}", owner.unwrap_or_default(), due.unwrap_or_default())
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn tasks_have_owner_and_date_where_they_were_said() {
        for (sentence, expected) in [
            ("Maria will review the budget by Friday.", "Maria | Friday | Review the budget"),
            (
                "Action item for the support team, move the new feature by Thursday.",
                "Support team | Thursday | Move the new feature",
            ),
            ("Action item for James, update the prototype.", "James |  | Update the prototype"),
            ("Action item: Maria to send the report.", "Maria |  | Send the report"),
            ("Emma and Sarah will prepare the first draft.", "Emma and Sarah |  | Prepare the first draft"),
            (
                "The support team will approve the deadline next quarter.",
                "Support team | next quarter | Approve the deadline",
            ),
            ("We will check the website this month.", " | this month | Check the website"),
            (
                "I will send the agenda to the client tomorrow morning.",
                " | tomorrow morning | Send the agenda to the client",
            ),
            (
                "So I think Peter should call the bank before the release.",
                "Peter | before the release | Call the bank",
            ),
            ("I'll fix the login within two days", " | within two days | Fix the login"),
            ("Please write the test plan before Monday.", " | before Monday | Write the test plan"),
            ("Can you prepare the proposal by Tuesday?", " | Tuesday | Prepare the proposal"),
            ("Anna, please update the roadmap after lunch.", "Anna | after lunch | Update the roadmap"),
            ("We must publish the guide before the release.", " | before the release | Publish the guide"),
            ("David is responsible for the data model.", "David |  | The data model"),
            (
                "The Paris office needs the database by Friday.",
                " | Friday | The Paris office needs the database",
            ),
            ("Don't forget to book the room on March 3rd.", " | March 3rd | Book the room"),
        ] {
            assert_eq!(found(sentence), expected, "{sentence}");
        }
    }

    #[test]
    fn what_only_looks_like_a_task_is_none() {
        for sentence in [
            "The roadmap will cost sixty thousand dollars.",
            "It will take about forty customers.",
            "The support team needs twelve more days.",
            "We will not be there.",
            "The survey depends on the legal team.",
            "The lawyer wants to test the backup next month.",
            "Sales went up by ten percent this month.",
            "We need eleven more people to prepare the test plan.",
            "The next meeting is on Thursday at half past two.",
        ] {
            assert_eq!(found(sentence), "Statement", "{sentence}");
        }
        for sentence in [
            "Maria, please share your screen.",
            "Good morning everyone, thank you for joining.",
            "Let us talk about the price list.",
            "That is all for today, see you on Thursday.",
            "Are there any questions about the budget?",
            "I agree with Peter about the plan.",
            "The next item on the agenda is the training.",
            "Okay.",
        ] {
            assert_eq!(found(sentence), "Talk", "{sentence}");
        }
    }

    #[test]
    fn decisions_and_questions_are_told_apart_from_the_rest() {
        for sentence in [
            "We decided to move the presentation to Thursday.",
            "The decision is to publish the document this month.",
            "We have agreed on the price.",
            "The budget was approved by the board.",
            "Okay, let's go with the blue one.",
        ] {
            assert_eq!(found(sentence), "Decision", "{sentence}");
        }
        for sentence in [
            "Who will present the new feature?",
            "When can we present the user guide?",
            "Do we have the contract for the analyst?",
            "David, what is the status of the budget?",
            "How long will that take",
            "Was it decided?",
        ] {
            assert_eq!(found(sentence), "Question", "{sentence}");
        }
        for sentence in
            ["Nothing was decided yet.", "The budget is not approved.", "I was sad when they left."]
        {
            assert_eq!(found(sentence), "Statement", "{sentence}");
        }
    }
}

//! How English sentences are built that do something in a meeting.

use std::sync::LazyLock;

use regex::Regex;

use text::pattern::fixed;

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
        r"(?P<self>I)|(?P<group>(?i:(?:the|our|my|your) (?:\w+ ){{0,3}}{GROUP}s?))|(?P<name>{names})|(?i:we|you|they|he|she)"
    )
});

pub(super) static DUE: LazyLock<Regex> = LazyLock::new(|| {
    let date = format!(
        r"(?:the )?end of (?:the |this |next )?{PERIOD}|(?:this |next |coming )?{DAY}(?: (?:morning|afternoon|evening|noon))?|{MONTH}(?: \d+(?:st|nd|rd|th)?)?|the \d+(?:st|nd|rd|th)|(?:this|next) (?:{PERIOD}|morning|afternoon|evening)|today|tonight|tomorrow(?: morning| afternoon| evening| night)?|noon|lunch|\d+(?::\d\d)? ?(?:am|pm|o'clock)"
    );
    fixed(&format!(
        r"(?i)\b(?:(?:by|until|till|no later than|due|on|at|for) (?P<date>{date})|(?P<as_said>right after (?:this|that|the \w+)|(?:before|after) (?:{date}|(?:the|our) (?:\w+ )?(?:release|launch|meeting|deadline|call|review))|(?:with)?in {COUNT} (?:hour|{PERIOD})s?|today|tonight|tomorrow(?: morning| afternoon| evening| night)?|(?:this|next) (?:{PERIOD}|morning|afternoon|evening|{DAY})|as soon as possible|asap|right away|{DAY}))\b"
    ))
});

pub(super) static LEAD_IN: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"^(?i:(?:so|and|then|ok|okay|well|but|also|now|yes|yeah|yep|yup|right|alright|great|perfect|cool|nice|oh|hmm|um|uh|actually|honestly|obviously|basically|i mean|you know|like|i think|i guess|i['’]d say|i would say|i suggest that|maybe)\b[,.!]? *|(?:no|sure|sorry|look|listen|thanks|fine|good|exactly|scratch that|just to recap|to recap|that works|agreed|and|but)[,:.!] *)+",
    )
});

/// Words in the midst of a sentence that say nothing.
pub(super) static FILLER: LazyLock<Regex> = LazyLock::new(|| {
    fixed(r"(?i),? \b(?:um|uh|er|you know|i mean|i don['’]t know|like|what|let me check)\b,")
});

pub(super) static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"^(?i:action (?:item|point)s?|to-?do|task)(?: (?i:for|on|is for))?[:,]? (?P<owner>[^,:]+?)(?:[,:] | (?i:is to|to|will|should) )(?P<task>.+)$",
    )
});

pub(super) static WILL: LazyLock<Regex> = LazyLock::new(|| {
    let modal = r"(?i:will|can|'ll|’ll|shall|must|should|(?:is|are|am|'m|’m|'re|’re) (?:going )?to|needs? to|has to|have to|(?:agreed|promised|volunteered|offered) to)";
    let filler = r"(?:(?i:also|then|please|now|probably|definitely|just|both|all) )*";
    fixed(&format!(
        r"^(?:{})(?: |’|'){{0,1}}(?P<modal>{modal}) {filler}(?P<task>(?P<verb>\w+)\b.*)$",
        *SUBJECT
    ))
});

pub(super) static PLEASE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"^(?:(?P<name>[A-Z][\w’'-]*[a-z](?: and [A-Z][\w’'-]*[a-z])?),? )?(?i:please|(?:can|could|would|will) you(?: please)?|(?:don't|do not) forget to|remember to|make sure (?:to|that|you)|be sure to) (?P<task>(?P<verb>\w+)\b.*)$",
    )
});

/// Whoever is spoken to at the end: ", Tom".
pub(super) static VOCATIVE: LazyLock<Regex> = LazyLock::new(|| fixed(r", (?P<name>[A-Z][\w’'-]*[a-z])$"));

pub(super) static RESPONSIBLE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(&format!(
        r"^(?:{}) (?i:is responsible for|are responsible for|is in charge of|takes care of|take care of) (?P<task>.+)$",
        *SUBJECT
    ))
});

pub(super) static NEEDS_BY: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"^(?P<task>.+ (?i:needs?|wants?|expects?) (?:the|our|your|a|an|its|their) .+)$"));

pub(super) static DECISION: LazyLock<Regex> = LazyLock::new(|| {
    let keep = r"(?:go|stick|stay|keep|leave|use|ship|skip|postpone|drop|hold off)";
    fixed(&format!(
        r"(?i)\b(?:decided|resolved|agreed (?:to|on|that|upon)|settled on|voted (?:to|for|against)|decision (?:is|was)|decision:|going with the|(?:approved|rejected) the)\b|\bwe(?:['’]ll| will|['’]re going to| are going to) {keep}\b|\bwe(?:['’]re| are) (?:going with|keeping|sticking with|moving to)\b|^we (?:keep|leave|stick|stay|skip|drop|ship|go with)\b|^(?:the|our|my) .*\b(?:was|were|been|is|are) (?:approved|rejected|adopted|postponed) by\b",
    ))
});

/// Somebody says what all are to do.
pub(super) static LETS: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"(?i)\b(?:let['’]s|let us) (?:just |then )?(?P<verb>\w+)\b.*$"));

/// What all are to do so that the meeting goes on, which is no decision.
pub(super) const NO_DECISION: &[&str] = &[
    "see", "say", "take", "talk", "start", "move", "wait", "hope", "look", "continue", "begin", "get",
    "discuss", "come", "face", "be", "hear", "think", "turn", "have", "not", "go",
];

/// Something is proposed as a question.
pub(super) static PROPOSAL: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"^(?i:what if we|should we|shall we|how about we|how about|what about|why don['’]t we) (?P<rest>.+)\?$",
    )
});

/// Of the past, or of other people's business.
pub(super) static PAST: LazyLock<Regex> = LazyLock::new(|| {
    fixed(r"(?i)\b(?:last (?:week|month|quarter|year|time)|back then|ago|already|used to)\b")
});

/// Somebody agreed that somebody does something.
pub(super) static AGREED_THAT: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"^(?i:we (?:have |['’]ve )?(?:agreed|decided)|it was (?:agreed|decided)|agreed)(?i: that)? (?P<rest>[A-Z].+)$",
    )
});

/// Nobody knows something.
pub(super) static UNKNOWN: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)\b(?:(?:nobody|no one|none of us)(?: really| still| yet)? knows?|(?:i|we) (?:do not|don['’]t)(?: really| even| yet)? know|no idea|not sure|unclear|have to find out|take (?:that|this|it) offline|(?:do not|don['’]t) think any(?:body|one))\b",
    )
});

/// What is not known.
pub(super) static WHAT: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"(?i)\b(?:who|what|when|where|why|how|which|whether|if)\b"));

pub(super) static UNDECIDED: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)\b(?:not|n't|never|nothing|nobody)\b.{0,20}\b(?:decided|approved|agreed|resolved)|\bif\b.*\b(?:approved|decided|agreed)\b",
    )
});

pub(super) static QUESTION: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"^(?i:who|what|when|where|why|how|which)(?: (?i:many|much|long|often|one|exactly))? (?i:will|can|is|are|do|does|did|should|would|could|was|were|has|have|shall)\b",
    )
});

pub(super) static NO_QUESTION: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)\b(?:any (?:other |more |further )?questions|can (?:you|everyone|everybody) (?:hear|see))\b|^(?:\w+[,?]? ?){1,2}$",
    )
});

pub(super) static TALK: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)^(?:good (?:morning|afternoon|evening)|hello|hi|hey|thanks|thank you|welcome|that is all|that's all|see you|bye|goodbye|ok|okay|yes|yeah|no|right|sure|exactly|i (?:do not |don't )?agree)\b|share (?:your|my|the) screen|can you hear|on mute|i['’]ll be (?:honest|brief|right back|back)|i must (?:say|admit)|let me\b|^i (?:have|need|['’]ve got) to (?:jump|run|leave|go|hop|drop|head|catch)\b",
    )
});

/// Verbs after "I have to" that are a task without more words: people say so of what they do after the meeting as well.
pub(super) const DUTIES: &[&str] = &[
    "ask", "call", "talk", "write", "send", "email", "tell", "clarify", "find", "book", "order", "prepare",
    "finish", "fix", "speak", "contact", "review", "update", "organise", "organize", "schedule", "set",
    "sign", "submit", "publish", "test", "draft", "pay",
];

/// Verbs after `will` and the like that describe what happens and not what somebody takes on.
pub(super) const NO_DEED: &[&str] = &[
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
    "see",
    "run",
    "leave",
    "jump",
    "hop",
    "pee",
    "eat",
    "admit",
    "guess",
    "just",
    "help",
    "probably",
];

/// Words that stand where names stand, for somebody whom the sentence does not name.
pub(super) const UNNAMED: &[&str] = &[
    "I",
    "We",
    "You",
    "They",
    "He",
    "She",
    "Somebody",
    "Someone",
    "Everybody",
    "Everyone",
    "Anybody",
    "Anyone",
];

/// The same for no person at all.
pub(super) const NOBODY: &[&str] =
    &["It", "This", "That", "There", "These", "Those", "What", "Which", "Who", "Nothing", "Nobody", "None"];

//! What a good model would answer: minutes that say only what the lines in the request say.

use serde_json::{Value, json};

/// Most entries of a list.
const MOST: usize = 6;

/// What a good model would write: minutes as JSON or, if the prompt ends in a question, its answer as text.
pub(crate) fn reply(prompt: &str, schema: &Value) -> String {
    let question =
        prompt.split_once("<question>").map(|(_, rest)| rest.split("</question>").next().unwrap_or(rest));
    question.map_or_else(|| answer(prompt, schema).to_string(), |question| cited(prompt, question))
}

/// The line that shares the most words with the question, with its number.
fn cited(prompt: &str, question: &str) -> String {
    let words = |text: &str| {
        let words =
            text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.chars().count() > 1);
        words.map(str::to_lowercase).collect::<Vec<_>>()
    };
    let asked = words(question);
    let shared = |line: &Line<'_>| words(line.text).iter().filter(|word| asked.contains(word)).count();
    let lines = prompt.lines().filter_map(Line::parse);
    match lines.max_by_key(shared).filter(|line| shared(line) > 0) {
        Some(line) => format!("{} [{}]", line.text, line.segments.first().copied().unwrap_or_default()),
        None => "The meeting does not say.".to_owned(),
    }
}

/// Minutes, as a JSON object, of the numbered lines (`12| words`) in the request `prompt`, with every field that the
/// `schema` names. Entries that are to be translated come back between `«»`.
pub fn answer(prompt: &str, schema: &Value) -> Value {
    let lines: Vec<Line<'_>> = prompt.lines().filter_map(Line::parse).collect();
    if prompt.contains("<parts>") {
        merged(&lines)
    } else if prompt.contains("Translate") {
        json!({ "items": lines.iter().map(Line::translated).collect::<Vec<_>>() })
    } else {
        let mut minutes = minutes(&lines);
        add_fields(&mut minutes, schema, &lines);
        minutes
    }
}

/// Adds the fields of the schema that only some minutes have.
fn add_fields(minutes: &mut Value, schema: &Value, lines: &[Line<'_>]) {
    let wanted = schema.get("properties").and_then(Value::as_object);
    let Some(minutes) = minutes.as_object_mut() else { return };
    for (name, form) in wanted.into_iter().flatten() {
        let points = || spread(lines.iter().collect()).into_iter().map(Line::point).collect();
        let field = if form.get("type") == Some(&"array".into()) { points() } else { summary(lines).into() };
        minutes.entry(name.clone()).or_insert(field);
    }
}

/// One line of a prompt: what was said, and in which segments.
struct Line<'a> {
    segments: Vec<u64>,
    text: &'a str,
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (numbers, text) = line.split_once('|')?;
        let segments = numbers.split(',').map(|number| number.trim().parse().ok()).collect::<Option<_>>()?;
        Some(Self { segments, text: text.trim() })
    }

    fn point(&self) -> Value {
        json!({ "text": self.text, "segments": self.segments })
    }

    fn translated(&self) -> Value {
        json!({ "id": self.segments.first(), "text": format!("«{}»", self.text) })
    }

    fn is_question(&self) -> bool {
        self.text.ends_with('?')
    }

    fn is_decision(&self) -> bool {
        ["decided", "decision", "결정"].iter().any(|word| self.text.contains(word))
    }

    fn action(&self) -> Option<Value> {
        let (owner, task) = match self.text.strip_prefix("Action item for ") {
            Some(rest) => rest.split_once(", ").map(|(owner, task)| (Some(owner), task))?,
            None => match self.text.split_once(" will ") {
                Some((owner, task)) if owner != "It" => (Some(owner), task),
                _ if self.text.starts_with("Please ") || self.text.contains("주세요") => (None, self.text),
                _ => return None,
            },
        };
        let due = task.split_once(" by ").map(|(_, due)| due.trim_end_matches(['.', '?']));
        Some(
            json!({ "task": task.trim_end_matches('.'), "owner": owner, "due": due, "segments": self.segments }),
        )
    }
}

fn minutes(lines: &[Line<'_>]) -> Value {
    let said = || lines.iter().filter(|line| !line.is_question());
    json!({
        "title": title(lines),
        "summary": summary(lines),
        "key_points": spread(said().collect()).into_iter().map(Line::point).collect::<Vec<_>>(),
        "decisions": lines.iter().filter(|line| line.is_decision()).map(Line::point).collect::<Vec<_>>(),
        "action_items": lines.iter().filter_map(Line::action).collect::<Vec<_>>(),
        "open_questions": lines.iter().filter(|line| line.is_question()).map(Line::point).collect::<Vec<_>>(),
        "chapters": [{
            "title": title(lines),
            "first_segment": lines.first().and_then(|line| line.segments.first()),
            "last_segment": lines.last().and_then(|line| line.segments.last()),
        }],
    })
}

fn merged(lines: &[Line<'_>]) -> Value {
    json!({
        "title": title(lines),
        "summary": summary(lines),
        "key_points": spread(lines.iter().collect()).into_iter().map(Line::point).collect::<Vec<_>>(),
    })
}

fn title(lines: &[Line<'_>]) -> String {
    let first = lines.first().map_or("", |line| line.text);
    first
        .split_whitespace()
        .take(6)
        .collect::<Vec<_>>()
        .join(" ")
        .trim_end_matches(['.', '?', ','])
        .to_owned()
}

fn summary(lines: &[Line<'_>]) -> String {
    lines
        .iter()
        .filter(|line| !line.is_question())
        .take(3)
        .map(|line| line.text)
        .collect::<Vec<_>>()
        .join(" ")
}

fn spread<'l, 'a>(lines: Vec<&'l Line<'a>>) -> Vec<&'l Line<'a>> {
    let step = lines.len().div_ceil(MOST).max(1);
    lines.into_iter().step_by(step).collect()
}

//! What minutes of a kind of meeting hold: instructions and a JSON schema, as data.
//!
//! A template's file names the fields of its minutes. Title and summary are always there; the other standard fields
//! are taken over with `true`; any other field is the template's own: a text, or a list of entries with `text` and
//! `segments` and, where wanted, `owner` and `due`. A field's `description` tells the model what belongs into it.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use shared::job::Length;

/// The standard fields, with what they mean and look like.
const STANDARD: &str = include_str!("templates/standard.json");

/// Names that minutes use for something else.
const RESERVED_NAMES: [&str; 8] =
    ["language", "coverage", "provider", "model", "template", "length", "version", "created_at"];

/// Most fields of a template's own.
const MAX_EXTRA_FIELDS: usize = 12;

/// Longest name of a template or a field, and longest title, in letters.
const MAX_NAME_CHARS: usize = 40;

/// Longest description and instructions, in letters.
const MAX_TEXT_CHARS: usize = 4000;

/// A template as it stands in its file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    title: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    instructions: Vec<String>,
    schema: Value,
}

/// A kind of minutes.
#[derive(Clone, Debug)]
pub struct Template {
    /// What it is asked for by; stands in the minutes.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it is for, in a sentence.
    pub description: String,
    /// What each field means, and what else the model is to heed.
    pub(super) instructions: Vec<String>,
    /// What the model's answer looks like.
    pub(super) schema: Value,
    /// The fields that only this template has.
    pub(super) extras: Vec<Extra>,
}

/// A field that only one template has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Extra {
    pub name: String,
    pub form: Form,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    /// Entries, with or without an owner and a date.
    List {
        owner: bool,
        due: bool,
    },
}

impl Template {
    /// Reads a template's file.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins with "it".
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let file: File = serde_json::from_str(text).map_err(|error| format!("is not a template: {error}"))?;
        let File { name, title, description, instructions, schema } = file;
        let plain = |character: u8| {
            character.is_ascii_lowercase() || character.is_ascii_digit() || b"-_".contains(&character)
        };
        if name.is_empty() || name.len() > MAX_NAME_CHARS || !name.bytes().all(plain) {
            return Err(format!(
                "has the name '{name}', which is not made of at most {MAX_NAME_CHARS} small letters, digits, - and _"
            ));
        }
        if title.trim().is_empty() || title.chars().count() > MAX_NAME_CHARS {
            return Err(format!("has no `title` of at most {MAX_NAME_CHARS} letters"));
        }
        if instructions.iter().chain([&description]).map(String::len).sum::<usize>() > MAX_TEXT_CHARS {
            return Err(format!("has more than {MAX_TEXT_CHARS} letters of description and instructions"));
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        let fields = Fields::of(properties.ok_or("has a `schema` without `properties`")?)?;
        let instructions = fields.instructions.into_iter().chain(instructions).collect();
        let schema = object_of(fields.properties);
        Ok(Self { name, title, description, instructions, schema, extras: fields.extras })
    }

    /// Whether its minutes have this field.
    pub(super) fn has(&self, field: &str) -> bool {
        self.schema.get("properties").is_some_and(|properties| properties.get(field).is_some())
    }

    /// What the model is told, for minutes of this length.
    pub(super) fn instructions(&self, length: Length) -> Vec<String> {
        let empty = "An empty list is right where there was nothing of the kind.";
        self.instructions
            .iter()
            .map(String::as_str)
            .chain([empty])
            .chain(brevity(length))
            .map(str::to_owned)
            .collect()
    }
}

/// What is said about the length of minutes.
const fn brevity(length: Length) -> Option<&'static str> {
    match length {
        Length::Short => Some(
            "Be brief, whatever else is said here about numbers: at most two sentences of summary, and the five most \
             important key_points.",
        ),
        Length::Standard => None,
        Length::Long => Some(
            "Go into the details, whatever else is said here about numbers: up to twelve sentences of summary, and up to \
             25 key_points.",
        ),
    }
}

/// An object with exactly these fields.
pub(super) fn object_of(properties: Map<String, Value>) -> Value {
    let required: Vec<&String> = properties.keys().collect();
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
}

/// The fields of a template as they are read.
#[derive(Default)]
struct Fields {
    properties: Map<String, Value>,
    instructions: Vec<String>,
    extras: Vec<Extra>,
}

impl Fields {
    fn of(properties: &Map<String, Value>) -> Result<Self, String> {
        let standard: Map<String, Value> =
            serde_json::from_str(STANDARD).map_err(|error| error.to_string())?;
        let mut fields = Self::default();
        let always =
            ["title", "summary"].map(|name| (name, properties.get(name).unwrap_or(&Value::Bool(true))));
        let others = properties.iter().map(|(name, form)| (name.as_str(), form));
        let others = others.filter(|(name, _)| !["title", "summary"].contains(name));
        for (name, form) in always.into_iter().chain(others) {
            match standard.get(name) {
                Some(usual) => fields.add_standard(name, form, usual)?,
                None => fields.add_own(name, form)?,
            }
        }
        Ok(fields)
    }

    fn add_standard(&mut self, name: &str, form: &Value, usual: &Value) -> Result<(), String> {
        let same_type = form.get("type").is_none_or(|kind| Some(kind) == usual.get("type"));
        if *form != Value::Bool(true) && !(form.is_object() && same_type) {
            return Err(format!(
                "gives the field `{name}`, which all minutes have, another form; write `true` instead"
            ));
        }
        self.add(name, usual.clone(), form.get("description").or_else(|| usual.get("description")));
        Ok(())
    }

    fn add_own(&mut self, name: &str, form: &Value) -> Result<(), String> {
        let length = name.chars().count();
        if RESERVED_NAMES.contains(&name)
            || !(1..=MAX_NAME_CHARS).contains(&length)
            || name.chars().any(char::is_control)
        {
            return Err(format!(
                "has a field `{name:.60}`, whose name is taken, empty or too long; name it otherwise"
            ));
        }
        if self.extras.len() == MAX_EXTRA_FIELDS {
            return Err(format!("has more than {MAX_EXTRA_FIELDS} fields of its own"));
        }
        let (kind, schema) = own_form(form).ok_or_else(|| {
            format!(
                "has a field `{name}` that is neither a text nor a list of entries with `text`, `segments` and perhaps \
                 `owner` and `due`"
            )
        })?;
        self.extras.push(Extra { name: name.to_owned(), form: kind });
        self.add(name, schema, form.get("description"));
        Ok(())
    }

    fn add(&mut self, name: &str, mut schema: Value, description: Option<&Value>) {
        if let Some(meaning) = description.and_then(Value::as_str) {
            self.instructions.push(format!("{name}: {meaning}"));
        }
        // It stands in the instructions already.
        if let Some(fields) = schema.as_object_mut() {
            fields.shift_remove("description");
        }
        self.properties.insert(name.to_owned(), schema);
    }
}

/// The form of a field of a template's own, and its schema in the strict form that every server takes.
fn own_form(form: &Value) -> Option<(Form, Value)> {
    match form.get("type")?.as_str()? {
        "string" => Some((Form::Text, json!({ "type": "string" }))),
        "array" => {
            let parts = form.get("items")?.get("properties")?.as_object()?;
            let known =
                parts.keys().all(|part| ["text", "owner", "due", "segments"].contains(&part.as_str()));
            if !known || !parts.contains_key("text") || !parts.contains_key("segments") {
                return None;
            }
            let (owner, due) = (parts.contains_key("owner"), parts.contains_key("due"));
            let mut entry = Map::from_iter([("text".to_owned(), json!({ "type": "string" }))]);
            for (name, is_listed) in [("owner", owner), ("due", due)] {
                entry.extend(is_listed.then(|| (name.to_owned(), json!({ "type": ["string", "null"] }))));
            }
            entry.insert("segments".to_owned(), json!({ "type": "array", "items": { "type": "integer" } }));
            Some((Form::List { owner, due }, json!({ "type": "array", "items": object_of(entry) })))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(change: impl FnOnce(&mut Value)) -> String {
        let mut file = json!({ "name": "board", "title": "Board", "schema": { "properties": {
            "key_points": true,
            "risks": { "type": "array", "description": "what may go wrong.", "items": { "properties": {
                "text": {}, "segments": {}, "due": {} } } },
            "mood": { "type": "string" },
        } } });
        change(&mut file);
        match Template::read(&file.to_string()) {
            Ok(template) => format!("fine: {} {}", template.instructions.join(" "), template.schema),
            Err(problem) => problem,
        }
    }

    #[test]
    fn a_template_of_ones_own_has_standard_fields_and_others() {
        let read = problem(|_| ());
        assert!(read.starts_with("fine: title: two to eight"), "{read}");
        assert!(read.contains("risks: what may go wrong.") && !read.contains("\"description\""), "{read}");
        let order = "\"required\":[\"title\",\"summary\",\"key_points\",\"risks\",\"mood\"]";
        assert!(
            read.contains(order) && read.contains("\"required\":[\"text\",\"due\",\"segments\"]"),
            "{read}"
        );
        let own =
            problem(|file| file["schema"]["properties"]["summary"] = json!({ "description": "a haiku." }));
        assert!(own.contains("summary: a haiku.") && !own.contains("summary: one paragraph"), "{own}");
    }

    #[test]
    fn what_is_wrong_with_a_template_is_named() {
        let field =
            |name: &'static str, form: Value| problem(move |file| file["schema"]["properties"][name] = form);
        for (said, expected) in [
            (problem(|file| file["name"] = json!("Board meeting")), "small letters"),
            (problem(|file| file["title"] = json!(" ")), "`title`"),
            (problem(|file| file["prompt"] = json!("x")), "unknown field `prompt`"),
            (problem(|file| file["instructions"] = json!(["x".repeat(5000)])), "more than 4000"),
            (problem(|file| file["schema"] = json!(true)), "without `properties`"),
            (field("decisions", json!({ "type": "string" })), "`decisions`"),
            (field("decisions", json!(false)), "`decisions`"),
            (field("provider", json!({ "type": "string" })), "taken"),
            (field("", json!({ "type": "string" })), "empty"),
            (field("score", json!({ "type": "number" })), "`score` that is neither"),
            (
                field("list", json!({ "type": "array", "items": { "type": "string" } })),
                "`list` that is neither",
            ),
        ] {
            assert!(said.contains(expected), "{said}");
        }
        let many = problem(|file| {
            for n in 0..13 {
                file["schema"]["properties"][format!("more{n}")] = json!({ "type": "string" });
            }
        });
        assert!(many.contains("more than 12"), "{many}");
    }
}

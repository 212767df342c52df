//! What minutes of a kind of meeting hold: instructions and a JSON schema, as data.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

/// Name of the built-in template.
pub(super) const GENERAL: &str = "general";

/// A template as it stands in its file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Template {
    /// Stands in the minutes.
    pub name: String,
    /// What each field means, one sentence or two each.
    pub instructions: Vec<String>,
    /// What the model's answer looks like.
    pub schema: Value,
}

/// The template for any meeting.
pub(super) fn general() -> &'static Template {
    #[expect(clippy::unwrap_used, reason = "the file is compiled in, and every test reads it")]
    static TEMPLATE: LazyLock<Template> =
        LazyLock::new(|| serde_json::from_str(include_str!("templates/general.json")).unwrap());
    &TEMPLATE
}

//! How minutes are wanted: checked when it is asked for, not when somebody has waited for them.

use minutes::Templates;
use shared::{
    job::SummaryOptions,
    language::{self, AUTO},
};

use crate::problem::Problem;

/// The options as they are stored; they can be met as far as is known here. The language came in the field of this
/// name.
pub fn parse(
    options: SummaryOptions,
    language_field: &str,
    templates: &Templates,
) -> Result<SummaryOptions, Problem> {
    let SummaryOptions { template, language: code, length } = options;
    let template = template.map(|name| known(name.trim(), templates)).transpose()?;
    let code = code.map(|code| written_language(language_field, &code)).transpose()?;
    Ok(SummaryOptions { template, language: code, length })
}

fn known(name: &str, templates: &Templates) -> Result<String, Problem> {
    match templates.get(name) {
        Some(template) => Ok(template.name.clone()),
        None => {
            let names = templates.names();
            Err(Problem::invalid(format!("There is no template `{name:.60}`; name one of these: {names}.")))
        }
    }
}

/// A language's code, or `auto`.
pub fn written_language(field: &str, typed: &str) -> Result<String, Problem> {
    let code = typed.trim().to_ascii_lowercase();
    if code == AUTO || language::is_code(&code) {
        return Ok(code);
    }
    Err(Problem::invalid(format!(
        "`{field}` is `auto` or an ISO 639-1 code such as `en` or `ko`; send one of these."
    )))
}

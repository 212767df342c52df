//! The OpenAPI document, as questions about it.

use std::{
    collections::HashMap,
    path::Path,
    sync::{LazyLock, Mutex, PoisonError},
};

use boon::{CompileError, Compiler, Draft, SchemaIndex, Schemas};
use http::Method;
use serde_json::{Value, json};

/// The document of this checkout, which a test of the API holds to be the program's own.
static CURRENT: LazyLock<Description> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    Description { document: serde_json::from_str(&text).unwrap_or_default(), compiled: Mutex::default() }
});

/// Where the document says what a problem looks like.
const PROBLEM: &str = "#/components/schemas/Problem";

/// What the document says.
pub struct Description {
    document: Value,
    compiled: Mutex<Compiled>,
}

/// What an answer may be.
pub enum Expected {
    /// The address is not described: a file of the page, or a problem.
    Anything,
    /// A problem of any kind: the address knows no such method.
    AnyProblem,
    /// One of these media types, each with its schema.
    Content(HashMap<String, Value>),
    /// Not this.
    Nothing(String),
}

impl Description {
    /// The document of this checkout.
    pub fn current() -> &'static Self {
        &CURRENT
    }

    /// What the document says of an answer.
    pub fn expected(&self, method: &Method, path: &str, status: u16) -> Expected {
        let Some(item) = self.item(path) else { return Expected::Anything };
        let name = method.as_str().to_ascii_lowercase();
        let described = item.get(&name).or_else(|| item.get("get").filter(|_| *method == Method::HEAD));
        let Some(operation) = described else { return Expected::AnyProblem };
        let Some(response) = operation["responses"].get(status.to_string()) else {
            return Expected::Nothing(format!("the status {status} is not described"));
        };
        let content = self.resolved(response)["content"].as_object();
        let kinds = content.into_iter().flatten();
        Expected::Content(kinds.map(|(kind, content)| (kind.clone(), content["schema"].clone())).collect())
    }

    /// What is described of the address.
    fn item(&self, path: &str) -> Option<&Value> {
        let paths = self.document["paths"].as_object()?;
        paths
            .get(path)
            .or_else(|| paths.iter().find(|(template, _)| fits(path, template)).map(|(_, item)| item))
    }

    /// The value, or what it refers to.
    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let pointer = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        pointer.and_then(|pointer| self.document.pointer(pointer)).unwrap_or(value)
    }

    /// What is wrong with a problem.
    pub fn faults_of_problem(&self, problem: &Value) -> Vec<String> {
        self.faults(&json!({ "$ref": PROBLEM }), problem)
    }

    /// What of the value does not fit the schema; what the schema does not describe does not fit either.
    pub fn faults(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        match compiled.index(schema, &self.document["components"]) {
            Ok(index) => match compiled.schemas.validate(value, index) {
                Ok(()) => Vec::new(),
                Err(fault) => vec![format!("{fault:#}")],
            },
            Err(fault) => vec![fault],
        }
    }
}

/// The schemas that answers were held against so far.
#[derive(Default)]
struct Compiled {
    schemas: Schemas,
    known: HashMap<String, SchemaIndex>,
}

impl Compiled {
    fn index(&mut self, schema: &Value, components: &Value) -> Result<SchemaIndex, String> {
        if let Some(known) = self.known.get(&schema.to_string()) {
            return Ok(*known);
        }
        let whole = json!({ "allOf": [schema], "unevaluatedProperties": false, "components": components });
        let address = format!("https://seogi.invalid/{}", self.known.len());
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V2020_12);
        compiler.enable_format_assertions();
        let fault =
            |fault: CompileError| format!("the document has no schema that could be understood: {fault:#}");
        compiler.add_resource(&address, whole).map_err(fault)?;
        let index = compiler.compile(&address, &mut self.schemas).map_err(fault)?;
        self.known.insert(schema.to_string(), index);
        Ok(index)
    }
}

/// Whether the path is one of those that the template stands for.
fn fits(path: &str, template: &str) -> bool {
    let (path, template): (Vec<_>, Vec<_>) = (path.split('/').collect(), template.split('/').collect());
    path.len() == template.len()
        && template.iter().zip(&path).all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
}

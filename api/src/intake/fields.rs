//! The text fields of an upload: a few are ours, all others are the job's metadata.

use std::str::FromStr;

use config::LimitsConfig;
use library::NewJob;
use minutes::Templates;
use serde_json::{Map, Value};
use shared::{
    blob::StoredBlob,
    job::{JobId, JobOptions, JobType, SpeakerOptions, SummaryOptions, UnknownWord},
    language,
};

use crate::{
    intake::{form::Part, speakers, summary_options, title},
    problem::{Code, Problem},
};

/// The fields that say what is asked for; they have to come before the file.
const OPTIONS: [&str; 14] = [
    "title",
    "language",
    "model",
    "task",
    "prompt",
    "hotwords",
    "diarize",
    "num_speakers",
    "min_speakers",
    "max_speakers",
    "channels",
    "template",
    "summary_language",
    "summary_length",
];

/// Text fields as they came. One that came more than once is a list.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    values: Map<String, Value>,
    count: usize,
    bytes: usize,
}

/// What is asked for with a recording.
#[derive(Debug)]
pub struct JobRequest {
    /// What people shall call the job.
    pub title: Option<String>,
    /// What is asked for.
    pub options: JobOptions,
}

impl JobRequest {
    /// The job that is asked for.
    pub fn job(self, id: JobId, file_name: String, blob: StoredBlob, metadata: Map<String, Value>) -> NewJob {
        NewJob {
            id,
            job_type: JobType::Batch,
            title: self.title.unwrap_or_else(|| file_name.clone()),
            file_name,
            blob,
            options: self.options,
            metadata,
            idempotency_key: None,
        }
    }
}

impl Fields {
    /// Fields that were accepted before.
    pub fn from_stored(values: Map<String, Value>) -> Self {
        Self { values, ..Self::default() }
    }

    /// Whether this field has to come before the file.
    pub fn is_option(name: &str) -> bool {
        OPTIONS.contains(&name)
    }

    /// All fields that were not [taken out](Self::parse).
    pub fn into_metadata(self) -> Map<String, Value> {
        self.values
    }

    /// The fields as they came.
    pub const fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    /// Adds one more field.
    pub fn put(&mut self, name: &str, value: String, limits: &LimitsConfig) -> Result<(), Problem> {
        self.count += 1;
        self.grow(name.len() + value.len(), limits)?;
        self.add(name.to_owned(), value.into());
        Ok(())
    }

    /// Reads one more field.
    pub async fn read(&mut self, name: String, mut part: Part, limits: &LimitsConfig) -> Result<(), Problem> {
        self.count += 1;
        let mut value = Vec::new();
        self.grow(name.len(), limits)?;
        while let Some(chunk) = part.chunk().await? {
            self.grow(chunk.len(), limits)?;
            value.extend_from_slice(&chunk);
        }
        let text = String::from_utf8(value).map_err(|_| {
            Problem::invalid(format!("The field `{name}` is not UTF-8 text; send it as such."))
        })?;
        self.add(name, text.into());
        Ok(())
    }

    fn grow(&mut self, bytes: usize, limits: &LimitsConfig) -> Result<(), Problem> {
        let (max_fields, max_bytes) = (limits.max_fields, limits.max_field_bytes);
        self.bytes += bytes;
        if self.count <= max_fields && self.bytes <= max_bytes {
            return Ok(());
        }
        Err(Problem::new(
            Code::FieldLimit,
            format!(
                "An upload has at most {max_fields} text fields of {max_bytes} bytes together; send fewer or shorter ones."
            ),
        ))
    }

    fn add(&mut self, name: String, value: Value) {
        match self.values.get_mut(&name) {
            None => drop(self.values.insert(name, value)),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }

    /// Takes out what is ours; all other fields are metadata.
    pub fn parse(&mut self, templates: &Templates, limits: &LimitsConfig) -> Result<JobRequest, Problem> {
        let title = self.take("title")?.map(|typed| title::parse(&typed)).transpose()?;
        let length = self.word("summary_length")?;
        let (template, in_language) = (self.take("template")?, self.take("summary_language")?);
        let summary = SummaryOptions { template, language: in_language, length };
        let speakers = SpeakerOptions {
            diarize: self.flag("diarize")?,
            num_speakers: self.number("num_speakers")?,
            min_speakers: self.number("min_speakers")?,
            max_speakers: self.number("max_speakers")?,
        };
        let channels = self.word("channels")?.unwrap_or_default();
        let options = JobOptions {
            language: self.take("language")?.map(|code| spoken_language(&code)).transpose()?.flatten(),
            model: self.take("model")?.map(model).transpose()?,
            task: self.word("task")?.unwrap_or_default(),
            prompt: self.take("prompt")?,
            hotwords: self.take("hotwords")?,
            speakers: speakers::parse(speakers, channels, limits.max_speakers)?,
            channels,
            summary: summary_options::parse(summary, "summary_language", templates)?,
        };
        Ok(JobRequest { title, options })
    }

    /// Takes out a field that is `true` or `false`; false if it is not there.
    fn flag(&mut self, name: &str) -> Result<bool, Problem> {
        let wrong = |_| Problem::invalid(format!("`{name}` is `true` or `false`; send one of these."));
        self.take(name)?.map_or(Ok(false), |word| word.trim().to_ascii_lowercase().parse().map_err(wrong))
    }

    /// Takes out a field that is a number.
    fn number(&mut self, name: &str) -> Result<Option<u32>, Problem> {
        let wrong = |_| Problem::invalid(format!("`{name}` is a whole number; send one."));
        self.take(name)?.map(|digits| digits.trim().parse().map_err(wrong)).transpose()
    }

    /// Takes out a field that holds one of a few words.
    fn word<T: FromStr<Err = UnknownWord>>(&mut self, name: &str) -> Result<Option<T>, Problem> {
        let unknown = |error| Problem::invalid(format!("`{name}`: {error}; send one of these."));
        self.take(name)?.map(|word| word.trim().parse().map_err(unknown)).transpose()
    }

    /// Takes out the field, unless it is empty, which means that nothing is asked for.
    fn take(&mut self, name: &str) -> Result<Option<String>, Problem> {
        debug_assert!(Self::is_option(name), "{name} is missing in the list");
        match self.values.remove(name) {
            Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.trim().is_empty())),
            Some(_) => {
                Err(Problem::invalid(format!("The field `{name}` came more than once; send it once.")))
            }
            None => Ok(None),
        }
    }
}

/// A language's code; none for `auto`.
fn spoken_language(typed: &str) -> Result<Option<String>, Problem> {
    let code = typed.trim().to_ascii_lowercase();
    match code.as_str() {
        language::AUTO => Ok(None),
        _ if language::is_spoken(&code) => Ok(Some(code)),
        _ => Err(Problem::invalid(
            "`language` is `auto`, `multi` or an ISO 639-1 code such as `en` or `ko`; send one of these.",
        )),
    }
}

/// A model's name, which never is a path.
fn model(typed: String) -> Result<String, Problem> {
    let plain = typed.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if plain && typed.len() <= 64 && !typed.starts_with('.') {
        return Ok(typed);
    }
    Err(Problem::invalid("`model` is the name of a model, such as `base`; `seogi models` lists them."))
}

#[cfg(test)]
mod tests {
    use config::Config;
    use serde_json::json;
    use shared::job::{Channels, Task};

    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<JobRequest, Problem> {
        sorted(pairs).map(|(request, _)| request)
    }

    fn sorted(pairs: &[(&str, &str)]) -> Result<(JobRequest, Map<String, Value>), Problem> {
        let mut fields = Fields::default();
        for (name, value) in pairs {
            fields.add((*name).to_owned(), (*value).into());
        }
        let config = Config::load(None, |_| None, Vec::new()).unwrap();
        let request = fields.parse(&Templates::load(&config).unwrap(), &config.limits)?;
        Ok((request, fields.into_metadata()))
    }

    #[test]
    fn our_fields_are_taken_out_and_all_others_are_metadata() {
        let sent = [
            ("cust_seq", "17"),
            ("language", " KO"),
            ("tag", "a"),
            ("title", ""),
            ("tag", "b"),
            ("model", "large-v3"),
        ];
        let (request, metadata) = sorted(&sent).unwrap();
        assert_eq!(Value::Object(metadata), json!({"cust_seq": "17", "tag": ["a", "b"]}));
        assert_eq!((request.title, request.options.language.as_deref()), (None, Some("ko")));
        assert_eq!(request.options.model.as_deref(), Some("large-v3"));
        assert_eq!(parse(&[("language", "auto")]).unwrap().options.language, None);
        let asked = [
            ("language", "multi"),
            ("task", "translate"),
            ("prompt", "Seogi"),
            ("hotwords", "apalis, axum"),
            ("channels", "split"),
        ];
        let options = parse(&asked).unwrap().options;
        assert_eq!((options.language.as_deref(), options.task), (Some("multi"), Task::Translate));
        assert_eq!(options.channels, Channels::Split);
        assert_eq!(
            (options.prompt.as_deref(), options.hotwords.as_deref()),
            (Some("Seogi"), Some("apalis, axum"))
        );
        let sent = [("template", "lecture "), ("summary_language", "Auto"), ("summary_length", "SHORT")];
        let summary = parse(&sent).unwrap().options.summary;
        assert_eq!(json!(summary), json!({"template": "lecture", "language": "auto", "length": "short"}));
        let asked = [("diarize", "True"), ("min_speakers", "2"), ("max_speakers", "20")];
        let speakers = parse(&asked).unwrap().options.speakers;
        assert_eq!(json!(speakers), json!({"diarize": true, "min_speakers": 2, "max_speakers": 20}));
        assert!(parse(&[("template", "")]).unwrap().options.summary.is_default());
    }

    #[test]
    fn no_option_is_metadata() {
        let (_, metadata) = sorted(&OPTIONS.map(|name| (name, ""))).unwrap();
        assert!(metadata.is_empty(), "{metadata:?}");
    }

    #[test]
    fn requests_that_make_no_sense_are_refused() {
        for pairs in [
            vec![("diarize", "maybe")],
            vec![("num_speakers", "2")],
            vec![("diarize", "true"), ("num_speakers", "0")],
            vec![("diarize", "true"), ("num_speakers", "two")],
            vec![("diarize", "true"), ("max_speakers", "21")],
            vec![("diarize", "true"), ("min_speakers", "3"), ("max_speakers", "2")],
            vec![("diarize", "true"), ("num_speakers", "3"), ("max_speakers", "4")],
            vec![("diarize", "true"), ("channels", "split")],
        ] {
            assert!(parse(&pairs).is_err(), "{pairs:?}");
        }
        for pair in [
            ("language", "english"),
            ("language", "e1"),
            ("task", "summarise"),
            ("channels", "left"),
            ("model", "../../etc/passwd"),
            ("model", "/models/base.bin"),
            ("model", ".."),
            ("model", "a b"),
            ("title", "a\nb"),
            ("template", "gone"),
            ("summary_language", "Korean"),
            ("summary_length", "huge"),
        ] {
            assert!(parse(&[pair]).is_err(), "{pair:?}");
        }
        assert!(parse(&[("title", "a"), ("title", "b")]).is_err());
    }
}

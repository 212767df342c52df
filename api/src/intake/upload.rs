//! An upload: a form whose file goes to storage as it comes, and whose text fields say what is asked for.

use std::time::Duration;

use library::BlobWriter;
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout};

use crate::{
    App,
    intake::{
        fields::{Fields, JobRequest},
        file_name,
        form::{Form, Part},
    },
    problem::{Code, Problem},
};

/// A form that has come whole. Dropped, it leaves nothing on storage.
pub struct Upload {
    /// The file's name, made safe.
    pub file_name: String,
    /// The recording, all of it written and not yet finished.
    pub recording: BlobWriter,
    /// What is asked for with it.
    pub request: JobRequest,
    /// All other fields.
    pub metadata: Map<String, Value>,
}

impl Upload {
    /// Receives the form; its file is to lie under `key`.
    pub async fn receive(mut form: Form, app: &App, key: String) -> Result<Self, Problem> {
        let (limits, mut file, mut fields) = (&app.limits, None, Fields::default());
        let mut patience = Patience(app.small_body_timeout);
        while let Some(part) = patience.wait(form.next()).await? {
            let name = part.name().unwrap_or_default().to_owned();
            match (name.as_str(), part.file_name().map(|name| file_name::safe(&name))) {
                ("file", Some(_)) if file.is_some() => {
                    return Err(Problem::invalid("Two files came; send one recording with each request."));
                }
                ("file", Some(file_name)) => {
                    // All options are there: they say whether the file is worth receiving.
                    let request = fields.parse(&app.templates, limits)?;
                    let writer = app.library.begin_recording(key.clone(), app.upload_time).await?;
                    let recording = save(part, writer, limits.max_file_size.as_u64()).await?;
                    file = Some((file_name, recording, request));
                }
                ("file", None) => {
                    return Err(missing(
                        "The field `file` holds text; with curl, write `-F file=@recording.wav`.",
                    ));
                }
                ("", _) => {
                    return Err(Problem::invalid("A part of the form has no name; name each of them."));
                }
                (_, Some(_)) => return Err(missing("The recording belongs into the field `file`.")),
                (_, None) if file.is_some() && Fields::is_option(&name) => {
                    return Err(Problem::invalid(format!(
                        "The field `{name}` came after the file; send it before."
                    )));
                }
                (_, None) => patience.wait(fields.read(name, part, limits)).await?,
            }
        }
        let (file_name, recording, request) =
            file.ok_or_else(|| missing("Send the recording in the field `file`."))?;
        Ok(Self { file_name, recording, request, metadata: fields.into_metadata() })
    }
}

/// What is left of the time for all of a form but its file.
struct Patience(Duration);

impl Patience {
    async fn wait<T>(&mut self, coming: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
        let begun = Instant::now();
        let late = |_| Problem::new(Code::Timeout, "The form's fields came too slowly; send it again.");
        let came = timeout(self.0, coming).await.map_err(late)?;
        self.0 = self.0.saturating_sub(begun.elapsed());
        came
    }
}

fn missing(sentence: &str) -> Problem {
    Problem::new(Code::FileMissing, sentence)
}

async fn save(mut part: Part, mut writer: BlobWriter, max_bytes: u64) -> Result<BlobWriter, Problem> {
    while let Some(chunk) = part.chunk().await? {
        if writer.size() + chunk.len() as u64 > max_bytes {
            return Err(too_large(max_bytes));
        }
        writer.write(chunk).await?;
    }
    if writer.size() == 0 {
        return Err(Problem::new(Code::FileEmpty, "The file has no bytes; choose another one."));
    }
    Ok(writer)
}

/// A recording with more than `max_bytes` bytes.
pub fn too_large(max_bytes: u64) -> Problem {
    let sentence =
        format!("A recording has at most {max_bytes} bytes here; send a shorter or compressed one.");
    Problem::new(Code::FileTooLarge, sentence)
}

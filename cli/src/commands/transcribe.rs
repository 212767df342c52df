//! `seogi transcribe`: recordings in, transcripts and minutes out.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use shared::job::JobId;
use url::Url;
use worker::models;

use super::output::{Format, Output};
use crate::{
    Program, about,
    args::server_url,
    client::{Client, ClientError, Ending, Upload},
    embedded::Embedded,
    exit,
    show::{self, Form, Outcome},
};

/// What to transcribe, and where.
#[derive(Args)]
pub struct Transcribe {
    /// Recordings: audio, or video with sound
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Server to do it; without one it is done here, in the data folder
    #[arg(long, value_name = "URL", value_parser = server_url)]
    server: Option<Url>,
    /// Spoken language as an ISO 639-1 code, such as en or ko; without it the language is found out
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// What to call the recording; without it, the file's name
    #[arg(long)]
    title: Option<String>,
    /// Folder to write the transcript and the minutes to
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// What to write: transcripts as txt, srt, vtt or json, minutes as md. With --output: files, txt and md if nothing
    /// is named here. Without: to standard output, instead of the segments and the minutes
    #[arg(long, value_enum, value_delimiter = ',')]
    format: Vec<Format>,
}

/// A recording that did not become a transcript with minutes.
struct Failed<'a> {
    file: &'a Path,
    error: anyhow::Error,
}

impl Transcribe {
    /// Whether the speech model is asked for by a name that goes with each upload.
    pub fn asks_for_model_by_name(&self, model: Option<&str>) -> bool {
        self.server.is_some()
            || model.is_some_and(|name| name == models::DEMO_NAME || models::find(name).is_some())
    }

    /// Transcribes every file.
    pub async fn run(self, program: Program, model: Option<String>) -> anyhow::Result<()> {
        let output = Output::new(self.output.as_deref(), &self.format, &self.files)?;
        let model = model.filter(|name| self.asks_for_model_by_name(Some(name)));
        let work = |client| self.all(client, &program, model.as_deref(), &output);
        if let Some(server) = &self.server {
            let client = Client::new(server.clone())?;
            client.check().await?;
            return program.stop.or_interrupted("; what was uploaded goes on there", work(client)).await;
        }
        let mut shown = program.config.clone();
        shown.speech.model = model.clone().unwrap_or(shown.speech.model);
        about::tell(&shown, &program.screen).await?;
        let here = Embedded::start(program.config.clone()).await?;
        let hint =
            "; what was uploaded is kept: the next `seogi serve` or `seogi transcribe` goes on with it";
        let work = program.stop.or_interrupted(hint, work(here.client.clone()));
        here.run_while(work).await
    }

    /// Uploads every file, so that the server always has work, and then follows one after the other.
    async fn all(
        &self,
        client: Client,
        program: &Program,
        model: Option<&str>,
        output: &Output,
    ) -> anyhow::Result<()> {
        let mut failed = Vec::new();
        let mut jobs = Vec::new();
        for file in &self.files {
            match self.upload(&client, program, file, model).await {
                Ok(job) => jobs.push((file.as_path(), job)),
                Err(error @ ClientError::Unreachable { .. }) => return Err(error.into()),
                Err(error) => failed.push(Failed { file, error: error.into() }),
            }
        }
        for (file, job) in jobs {
            if let Err(error) = self.finish(&client, program, file, job, output).await? {
                failed.push(Failed { file, error });
            }
        }
        self.conclude(failed)
    }

    async fn upload(
        &self,
        client: &Client,
        program: &Program,
        file: &Path,
        model: Option<&str>,
    ) -> Result<JobId, ClientError> {
        let bytes = file.metadata().map(|metadata| metadata.len()).unwrap_or_default();
        let bar = program.screen.byte_bar(format!("{}: uploading", name(file)), bytes);
        let sent = bar.clone();
        let upload = Upload { file, title: self.title.as_deref(), language: self.language.as_deref(), model };
        let job = client.upload(&upload, move |bytes| sent.set_position(bytes)).await;
        bar.finish_and_clear();
        job
    }

    /// Follows the job to its end and shows what came of it; the inner error is the job's own.
    async fn finish(
        &self,
        client: &Client,
        program: &Program,
        file: &Path,
        job: JobId,
        output: &Output,
    ) -> anyhow::Result<anyhow::Result<()>> {
        let screen = &program.screen;
        screen.notice(format!("{}: job {job}", name(file)));
        let outcome = show::follow(client, job, screen, &name(file), !output.replaces_text()).await?;
        output.write(client, screen, file, job, &outcome).await?;
        self.show(program, file, job, &outcome, output)?;
        Ok(match outcome.ending {
            Ending::Completed(_) => Ok(()),
            Ending::Broken { failure, .. } => Err(exit::Ending::Job(failure.message).into()),
        })
    }

    fn show(
        &self,
        program: &Program,
        file: &Path,
        job: JobId,
        outcome: &Outcome,
        output: &Output,
    ) -> anyhow::Result<()> {
        let screen = &program.screen;
        if screen.is_json() {
            let (status, failure) = match &outcome.ending {
                Ending::Completed(_) => ("COMPLETED", None),
                Ending::Broken { status, failure } => (status.as_str(), Some(failure)),
            };
            let result = json!({
                "type": "result", "file": file, "job_id": job, "status": status, "failure": failure,
            });
            return screen.print_json(&result);
        }
        match &outcome.ending {
            Ending::Completed(minutes) if !output.replaces_text() => {
                Ok(screen.print_text(&show::minutes(minutes, &outcome.starts, Form::Terminal))?)
            }
            _ => Ok(()),
        }
    }

    /// Success, or what went wrong with which file.
    fn conclude(&self, mut failed: Vec<Failed<'_>>) -> anyhow::Result<()> {
        match (self.files.len(), failed.len()) {
            (_, 0) => Ok(()),
            (1, _) => failed.pop().map_or(Ok(()), |failed| Err(failed.error)),
            (all, some) => {
                let lines: String = failed
                    .iter()
                    .map(|failed| format!("\n  {}: {}", name(failed.file), failed.error))
                    .collect();
                Err(exit::Ending::Job(format!("{some} of {all} recordings failed:{lines}")).into())
            }
        }
    }
}

/// The file's name as it is shown.
fn name(file: &Path) -> String {
    show::printable(&file.file_name().unwrap_or_default().to_string_lossy())
}

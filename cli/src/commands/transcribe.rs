//! `seogi transcribe`: recordings in, transcripts and minutes out.

use std::path::{Path, PathBuf};

use clap::Args;
use minutes::render::{self, Form};
use serde::Deserialize;
use serde_json::json;
use shared::{
    coverage::SpeechCoverage,
    job::{Channels, Failure, JobId, JobStatus, Length, SummaryOptions},
};
use text::printable;
use url::Url;

use super::output::{Format, Output};
use crate::{
    Program,
    client::{Client, ClientError, Ending, Upload},
    exit,
    parse::server_url,
    show::{self, Outcome},
};

/// What to transcribe, and where.
#[derive(Args)]
pub struct Transcribe {
    /// Recordings: audio, or video with sound
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Server to do it; without one it is done here, in the data folder, if this program holds a worker
    #[arg(long, value_name = "URL", value_parser = server_url)]
    server: Option<Url>,
    /// Spoken language as an ISO 639-1 code, such as en or ko, or multi; without it the language is found out
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// Have it in English, whatever is spoken
    #[arg(long)]
    translate: bool,
    /// Text as it could stand before the transcript, with its names and terms
    #[arg(long, value_name = "TEXT")]
    prompt: Option<String>,
    /// Words to expect, separated by commas
    #[arg(long, value_name = "WORDS")]
    hotwords: Option<String>,
    /// Tell the speakers apart by their voices
    #[arg(long)]
    diarize: bool,
    /// How many speakers there are, if that is known; implies --diarize
    #[arg(long, value_name = "NUMBER")]
    speakers: Option<u32>,
    /// What becomes of the channels: mix, or split, where each is a speaker of its own
    #[arg(long, value_name = "HOW")]
    channels: Option<Channels>,
    /// How the minutes are wanted
    #[command(flatten)]
    summary: SummaryArgs,
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

/// How minutes are wanted; without these, as the configuration says.
#[derive(Args)]
pub struct SummaryArgs {
    /// Template of the minutes: general, stand-up, interview, lecture, one-to-one, medical, or one of the server's own
    #[arg(long, value_name = "NAME")]
    template: Option<String>,
    /// Language of the minutes as an ISO 639-1 code, or auto for that of the recording; takes a language model
    #[arg(long, value_name = "CODE")]
    summary_language: Option<String>,
    /// How much the minutes say: short, standard or long
    #[arg(long, value_name = "LENGTH")]
    summary_length: Option<Length>,
}

impl SummaryArgs {
    /// The same, as the server takes it.
    pub fn options(&self) -> SummaryOptions {
        let (template, language) = (self.template.clone(), self.summary_language.clone());
        SummaryOptions { template, language, length: self.summary_length }
    }
}

impl Transcribe {
    /// Whether the speech model is asked for by a name that goes with each upload.
    pub fn asks_for_model_by_name(&self, model: Option<&str>) -> bool {
        self.server.is_some() || model.is_some_and(is_model_name)
    }

    /// What is asked for with each recording.
    fn form_fields(&self, model: Option<&str>) -> Vec<(&'static str, String)> {
        let diarize = self.diarize || self.speakers.is_some();
        let speakers = self.speakers.map(|number| number.to_string());
        let fields = [
            ("title", self.title.as_deref()),
            ("language", self.language.as_deref()),
            ("model", model),
            ("task", self.translate.then_some("translate")),
            ("prompt", self.prompt.as_deref()),
            ("hotwords", self.hotwords.as_deref()),
            ("diarize", diarize.then_some("true")),
            ("num_speakers", speakers.as_deref()),
            ("channels", self.channels.map(Channels::as_str)),
            ("template", self.summary.template.as_deref()),
            ("summary_language", self.summary.summary_language.as_deref()),
            ("summary_length", self.summary.summary_length.map(Length::as_str)),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name, value?.to_owned()))).collect()
    }

    /// Transcribes every file, on the server that was named or on one of our own.
    pub async fn run(self, program: Program, model: Option<String>) -> anyhow::Result<()> {
        let output = Output::new(self.output.as_deref(), &self.format, &self.files)?;
        let model = model.filter(|name| self.asks_for_model_by_name(Some(name)));
        let batch = |client| Batch {
            asked: &self,
            program: &program,
            client,
            model: model.as_deref(),
            output: &output,
        };
        #[cfg(feature = "worker")]
        if self.server.is_none() {
            return transcribe_here(&program, model.as_deref(), batch).await;
        }
        let client = program.client(self.server.clone())?;
        client.check().await?;
        let batch = batch(client);
        program.stop.or_interrupted("; what was uploaded goes on there", batch.run()).await
    }
}

#[cfg(feature = "worker")]
use crate::speech::is_model_name;

/// Without speech code a server does it, and knows its models.
#[cfg(not(feature = "worker"))]
const fn is_model_name(_: &str) -> bool {
    true
}

/// Does the work on a server of our own.
#[cfg(feature = "worker")]
async fn transcribe_here<'a>(
    program: &Program,
    model: Option<&str>,
    batch: impl FnOnce(Client) -> Batch<'a>,
) -> anyhow::Result<()> {
    let mut shown = program.config.clone();
    shown.speech.model = model.map_or(shown.speech.model, str::to_owned);
    crate::speech::report(&shown, &program.screen).await?;
    let embedded = crate::embedded::Embedded::start(program.config.clone()).await?;
    let batch = batch(embedded.client.clone());
    let hint = "; what was uploaded is kept: the next `seogi serve` or `seogi transcribe` goes on with it";
    embedded.run_while(program.stop.or_interrupted(hint, batch.run())).await
}

/// The recordings of one call, and what they are transcribed with.
struct Batch<'a> {
    asked: &'a Transcribe,
    program: &'a Program,
    client: Client,
    model: Option<&'a str>,
    output: &'a Output,
}

/// A recording that did not become a transcript with minutes.
struct Failed<'a> {
    file: &'a Path,
    error: anyhow::Error,
}

impl<'a> Batch<'a> {
    /// Uploads every file, so that the server always has work, and then follows one after the other.
    async fn run(&self) -> anyhow::Result<()> {
        let mut failed = Vec::new();
        let mut jobs = Vec::new();
        for file in &self.asked.files {
            match self.upload(file).await {
                Ok(job) => jobs.push((file, job)),
                Err(error @ ClientError::Unreachable { .. }) => return Err(error.into()),
                Err(error) => failed.push(Failed { file, error: error.into() }),
            }
        }
        for (file, job) in jobs {
            if let Err(failure) = self.finish(file, job).await? {
                failed.push(Failed { file, error: exit::Ending::Job(failure.message).into() });
            }
        }
        self.conclude(failed)
    }

    async fn upload(&self, file: &Path) -> Result<JobId, ClientError> {
        let bytes = file.metadata().map(|metadata| metadata.len()).unwrap_or_default();
        let bar = self.program.screen.byte_bar(format!("{}: uploading", name(file)), bytes);
        let sent = bar.clone();
        let upload = Upload { file, fields: self.asked.form_fields(self.model) };
        let job = self.client.upload(&upload, move |bytes| sent.set_position(bytes)).await;
        bar.finish_and_clear();
        job
    }

    /// Follows the job to its end and shows what came of it; the inner error is the job's own.
    async fn finish(&self, file: &Path, job: JobId) -> anyhow::Result<Result<(), Failure>> {
        let (screen, with_text) = (&self.program.screen, !self.output.replaces_text());
        screen.notice(format!("{}: job {job}", name(file)));
        if self.asked.files.len() > 1 && with_text && !screen.is_json() {
            screen.print(format!("\n{}:", name(file)))?;
        }
        let mut outcome = show::follow(&self.client, job, screen, &name(file), with_text).await?;
        // A server of our own is gone before anybody follows a link.
        outcome.recording.page = self.asked.server.is_some().then(|| self.client.page(job));
        self.output.write(&self.client, screen, file, job, &outcome).await?;
        self.show(file, job, &outcome)?;
        if let Transcribed { coverage: Some(coverage) } = self.client.job(job).await? {
            screen.notice(format!("{}: {}", name(file), show::coverage(&coverage)));
        }
        Ok(match outcome.ending {
            Ending::Completed(_) => Ok(()),
            Ending::Broken { failure, .. } => Err(failure),
        })
    }

    fn show(&self, file: &Path, job: JobId, outcome: &Outcome) -> anyhow::Result<()> {
        let screen = &self.program.screen;
        if screen.is_json() {
            let (status, failure) = match &outcome.ending {
                Ending::Completed(_) => (JobStatus::Completed, None),
                Ending::Broken { status, failure } => (*status, Some(failure)),
            };
            return screen.print_json(&json!({
                "type": "result", "file": file, "job_id": job, "status": status, "failure": failure,
            }));
        }
        match &outcome.ending {
            Ending::Completed(written) if !self.output.replaces_text() => {
                Ok(screen.print_text(&render::text(written, &outcome.recording, Form::Text))?)
            }
            _ => Ok(()),
        }
    }

    /// Success, or what went wrong with which file.
    fn conclude(&self, mut failed: Vec<Failed<'a>>) -> anyhow::Result<()> {
        let (all, some) = (self.asked.files.len(), failed.len());
        if all == 1 {
            return failed.pop().map_or(Ok(()), |failed| Err(failed.error));
        }
        self.program.screen.notice(format!("{} of {all} recordings are transcribed.", all - some));
        if some == 0 {
            return Ok(());
        }
        let line = |Failed { file, error }: &Failed<'_>| format!("\n  {}: {error}", name(file));
        let lines: String = failed.iter().map(line).collect();
        Err(exit::Ending::Job(format!("{some} of {all} recordings failed:{lines}")).into())
    }
}

/// What is asked of a job that is done.
#[derive(Deserialize)]
struct Transcribed {
    coverage: Option<SpeechCoverage>,
}

/// The file's name as it is shown.
fn name(file: &Path) -> String {
    printable(&file.file_name().unwrap_or_default().to_string_lossy())
}

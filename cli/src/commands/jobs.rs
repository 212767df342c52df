//! `seogi jobs`: the library on the command line.

use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand, ValueEnum};
use indicatif::HumanDuration;
use minutes::render::{self, Form, Recording};
use serde_json::{Value, json};
use shared::job::{JobId, JobStatus};
use text::printable;
use url::Url;

use super::transcribe::SummaryArgs;
use crate::{
    Program,
    client::{Client, ClientError, JobList, JobView, ListFilter},
    exit,
    parse::{job_id, server_url},
    screen::Screen,
    show,
};

/// What to do with which jobs.
#[derive(Args)]
pub struct Jobs {
    /// Address of the server (SEOGI_SERVER)
    #[arg(long, global = true, value_name = "URL", value_parser = server_url)]
    server: Option<Url>,
    /// Which jobs to list, when nothing else is to be done
    #[command(flatten)]
    list: List,
    /// Without one, jobs are listed
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// List jobs, the newest first
    List(List),
    /// Show a job with its minutes
    Show {
        /// The job's id
        #[arg(value_parser = job_id)]
        job: JobId,
        /// Show its transcript as well
        #[arg(long)]
        transcript: bool,
    },
    /// Show a version of a job's minutes: the one that is shown, or the one with --version
    Minutes {
        /// The job's id
        #[arg(value_parser = job_id)]
        job: JobId,
        /// Number of the version
        #[arg(long, value_name = "NUMBER")]
        version: Option<u64>,
        /// Form that they are printed in: txt, md or json
        #[arg(long, value_enum, default_value_t = MinutesFormat::Txt)]
        format: MinutesFormat,
    },
    /// Have another version of a job's minutes written, beside those that are there; `seogi watch` follows it
    Summarise {
        /// The job's id
        #[arg(value_parser = job_id)]
        job: JobId,
        /// How the minutes are wanted
        #[command(flatten)]
        summary: SummaryArgs,
    },
    /// Choose which version of a job's minutes is shown
    Choose {
        /// The job's id
        #[arg(value_parser = job_id)]
        job: JobId,
        /// Number of the version
        version: u64,
    },
    /// Cancel jobs that are not finished; what was transcribed is kept
    Cancel(Chosen),
    /// Set failed or cancelled jobs going again, from where they stopped
    Retry(Chosen),
    /// Delete jobs with their recordings, transcripts and minutes
    Delete(Chosen),
    /// Give a job another title
    Rename {
        /// The job's id
        #[arg(value_parser = job_id)]
        job: JobId,
        /// The new title
        title: String,
    },
}

/// A form that minutes are printed in.
#[derive(Clone, Copy, ValueEnum)]
enum MinutesFormat {
    /// Plain text
    Txt,
    /// Markdown
    Md,
    /// Data
    Json,
}

impl MinutesFormat {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Txt => "txt",
            Self::Md => "md",
            Self::Json => "json",
        }
    }
}

#[derive(Args, PartialEq, Eq)]
struct List {
    /// Only jobs with this status: PENDING, PROCESSING, TRANSCRIBED, COMPLETED, FAILED or CANCELLED
    #[arg(long)]
    status: Option<JobStatus>,
    /// Only jobs in whose title, file name or transcript this text stands
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Jobs at most
    #[arg(long, value_name = "NUMBER", default_value_t = Self::DEFAULT.limit)]
    limit: u32,
}

impl List {
    /// Nothing was asked for in particular.
    const DEFAULT: Self = Self { status: None, search: None, limit: 20 };
}

#[derive(Args)]
struct Chosen {
    /// Ids of the jobs
    #[arg(required = true, value_name = "JOB", value_parser = job_id)]
    jobs: Vec<JobId>,
}

impl Jobs {
    /// Does it.
    pub async fn run(self, program: Program) -> anyhow::Result<()> {
        let client = program.client(self.server)?;
        let action = match self.action {
            None => Action::List(self.list),
            Some(action) if self.list == List::DEFAULT => action,
            Some(_) => {
                let sentence =
                    "--status, --search and --limit are for listing; write them behind `seogi jobs list`";
                return Err(exit::Ending::Usage(sentence.to_owned()).into());
            }
        };
        let work = run(action, &client, &program.screen);
        program.stop.or_interrupted("", work).await
    }
}

async fn run(action: Action, client: &Client, screen: &Screen) -> anyhow::Result<()> {
    match action {
        Action::List(asked) => list(client, screen, &asked).await,
        Action::Show { job, transcript } => show(client, screen, job, transcript).await,
        Action::Minutes { job, version, format } => {
            Ok(screen.print_text(&client.minutes(job, format.as_str(), version).await?)?)
        }
        Action::Summarise { job, summary } => {
            each(screen, vec![job], "asked for other minutes", |job| client.summarise(job, summary.options()))
                .await
        }
        Action::Choose { job, version } => {
            each(screen, vec![job], "shows this version", |job| client.choose(job, version)).await
        }
        Action::Cancel(Chosen { jobs }) => each(screen, jobs, "cancelled", |job| client.cancel(job)).await,
        Action::Retry(Chosen { jobs }) => {
            each(screen, jobs, "set going again", |job| client.retry(job)).await
        }
        Action::Delete(Chosen { jobs }) => each(screen, jobs, "deleted", |job| client.delete(job)).await,
        Action::Rename { job, title } => {
            each(screen, vec![job], "renamed", |job| client.rename(job, &title)).await
        }
    }
}

async fn list(client: &Client, screen: &Screen, asked: &List) -> anyhow::Result<()> {
    let filter = ListFilter { status: asked.status, search: asked.search.as_deref(), limit: asked.limit };
    if screen.is_json() {
        return screen.print_json(&client.jobs::<Value>(&filter).await?);
    }
    let JobList { jobs, next_cursor } = client.jobs(&filter).await?;
    for job in &jobs {
        screen.print(line(job))?;
    }
    if jobs.is_empty() {
        screen.notice("There are no such jobs.");
    }
    if next_cursor.is_some() {
        screen.notice("There are more: ask for them with --limit, or narrow with --status and --search.");
    }
    Ok(())
}

fn line(job: &JobView) -> String {
    let created = SystemTime::UNIX_EPOCH + Duration::from_millis(job.created_at.unsigned_abs());
    let age = HumanDuration(created.elapsed().unwrap_or_default());
    let length = job.duration_seconds.map_or_else(|| "-".to_owned(), show::clock);
    let title = printable(&job.title);
    format!("{}  {:<11}  {length:>9}  {:>14}  {title}", job.job_id, job.status, format!("{age} ago"))
}

async fn show(client: &Client, screen: &Screen, id: JobId, transcript: bool) -> anyhow::Result<()> {
    if screen.is_json() {
        return screen.print_json(&client.job::<Value>(id).await?);
    }
    let job: JobView = client.job(id).await?;
    screen.print(facts(&job))?;
    if transcript {
        screen.print("")?;
        job.segments.iter().try_for_each(|segment| screen.print(show::segment(segment)))?;
    }
    if let Some(written) = &job.structured_summary {
        let recording = Recording { starts: render::starts(&job.segments), page: None };
        screen.print_text(&render::text(written, &recording, Form::Text))?;
    }
    Ok(())
}

fn facts(job: &JobView) -> String {
    let mut lines = vec![
        ("job", job.job_id.to_string()),
        ("title", printable(&job.title)),
        ("file", printable(&job.file_name)),
        ("status", job.status.to_string()),
    ];
    if !job.status.is_final() {
        let share = (job.progress.progress * 100.0).floor();
        lines.push(("progress", format!("{}, {share} %", show::doing(&job.progress))));
    }
    lines.extend(job.failure.as_ref().map(|failure| ("reason", printable(&failure.message))));
    lines.extend(job.duration_seconds.map(|seconds| ("length", show::clock(seconds))));
    lines.extend(job.language.clone().map(|language| ("language", language)));
    lines.extend(job.speech_model.as_ref().map(|model| ("model", printable(model))));
    lines.push(("segments", job.segment_count.to_string()));
    lines.iter().map(|(name, value)| format!("{name:<10}{value}")).collect::<Vec<_>>().join("\n")
}

/// Does the same to several jobs, and stops at the first with which it cannot be done.
async fn each<F>(
    screen: &Screen,
    jobs: Vec<JobId>,
    done: &str,
    action: impl Fn(JobId) -> F,
) -> anyhow::Result<()>
where
    F: Future<Output = Result<(), ClientError>>,
{
    for job in jobs {
        action(job).await?;
        if screen.is_json() {
            screen.print_json(&json!({ "job_id": job, "done": done }))?;
        } else {
            screen.print(format!("{job} {done}"))?;
        }
    }
    Ok(())
}

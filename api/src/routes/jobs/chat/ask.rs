//! `POST /api/v1/jobs/{job_id}/chat`: a question about a job, answered as server-sent events.

use std::{sync::Arc, time::Duration};

use axum::{extract::State, response::Response};
use futures::{StreamExt, stream};
use llm::{LlmError, Piece};
use minutes::Transcript;
use serde::{Deserialize, Serialize};
use shared::{
    chat::ChatMessage,
    job::{Job, JobStatus},
    segment::Segment,
};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::UnboundedReceiverStream;
use utoipa::ToSchema;

use crate::{
    App,
    access::job::JobPath,
    extract::Json,
    problem::{Code, Problem, problems},
    stream::sse,
};

/// Silence after which it is found out whether the client is still there: a language model works for it.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// A question.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The question, in any language.
    message: String,
}

/// The events while a question is answered; the event's name is its `type`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Answering {
    /// The next words of the answer, whose citations are not checked yet.
    ChatDelta {
        /// The words.
        text: String,
    },
    /// The answer begins anew: what came so far is void.
    ChatRestart,
    /// The answer as it was checked and stored, which replaces what came before it. Nothing comes after it.
    ChatMessage {
        /// The answer.
        message: ChatMessage,
    },
    /// There is no answer, and nothing is stored. Nothing comes after it.
    Error {
        /// Stable code in snake case.
        code: &'static str,
        /// What happened and what to do, for people.
        message: String,
    },
}

impl Answering {
    const fn name(&self) -> &'static str {
        match self {
            Self::ChatDelta { .. } => "chat_delta",
            Self::ChatRestart => "chat_restart",
            Self::ChatMessage { .. } => "chat_message",
            Self::Error { .. } => "error",
        }
    }
}

problems!(Problems: JobNotFound, NoTranscript, Timeout, BodyTooLarge, TooManyChats);

/// Ask a question about a job.
///
/// The answer rests on the job's transcript and cites its segments as `[12]`. It comes as the events `chat_delta`,
/// `chat_restart`, `chat_message` and `error`. Whoever goes away before `chat_message` stops the work; then nothing is
/// stored.
#[utoipa::path(post, path = "/api/v1/jobs/{job_id}/chat", params(("job_id" = String, Path, format = Uuid)), request_body = Ask,
    responses(
        (status = 200, body = Answering, content_type = "text/event-stream"), Problems))]
pub async fn ask(
    State(app): State<Arc<App>>,
    JobPath(job): JobPath,
    Json(Ask { message }): Json<Ask>,
) -> Result<Response, Problem> {
    let question = question(&message, app.chat.max_letters)?;
    let job = app.library.job(job).await?;
    let segments = app.library.segments(job.job_id).await?;
    has_transcript(&job, &segments)?;
    let permit = Arc::clone(&app.chats).try_acquire_owned().map_err(|_| {
        Problem::new(Code::TooManyChats, "Other questions are being answered; ask again in a moment.")
    })?;
    let (sender, receiver) = mpsc::unbounded_channel();
    let stop = app.stop.clone();
    // The work is part of the answer's body, so that it ends with it when the client goes away.
    let work = stream::once(answer(app, job, segments, question, sender, permit)).filter_map(async |()| None);
    let events = stream::select(UnboundedReceiverStream::new(receiver), work);
    Ok(sse::response(events.map(|event| sse::frame(event.name(), None, &event)), PROBE_INTERVAL, &stop))
}

fn question(typed: &str, max_chars: usize) -> Result<String, Problem> {
    let question = typed.trim();
    if question.is_empty() {
        return Err(Problem::invalid("The message is empty; write a question."));
    }
    if question.chars().count() > max_chars {
        return Err(Problem::invalid(format!(
            "The message has over {max_chars} letters; ask something shorter."
        )));
    }
    Ok(question.to_owned())
}

fn has_transcript(job: &Job, segments: &[Segment]) -> Result<(), Problem> {
    let sentence = match job.status {
        JobStatus::Pending | JobStatus::Processing => "The recording is not transcribed yet; ask when it is.",
        _ if segments.is_empty() => "The job has no transcript that could be asked about; retry the job.",
        _ => return Ok(()),
    };
    Err(Problem::new(Code::NoTranscript, sentence))
}

type EventSender = mpsc::UnboundedSender<Answering>;

async fn answer(
    app: Arc<App>,
    job: Job,
    segments: Vec<Segment>,
    question: String,
    sender: EventSender,
    permit: OwnedSemaphorePermit,
) {
    let answered = stream_answer(&app, &job, &segments, &question, &sender).await;
    let last = answered.unwrap_or_else(|(code, message)| Answering::Error { code, message });
    // Nobody listens only if the stream is gone, and then this is not run any more.
    let _ = sender.send(last);
    drop(permit);
}

/// Sends the answer as it comes, stores it, and returns the last event, or a code and a sentence.
async fn stream_answer(
    app: &App,
    job: &Job,
    segments: &[Segment],
    question: &str,
    sender: &EventSender,
) -> Result<Answering, (&'static str, String)> {
    let history = app.library.chat(job.job_id).await.map_err(problem)?;
    let transcript = Transcript {
        segments,
        language: job.language.as_deref(),
        title: &job.title,
        duration_seconds: job.duration_seconds.unwrap_or_default(),
    };
    let mut on_piece = |piece: Piece<'_>| {
        let event = match piece {
            Piece::Text(text) => Answering::ChatDelta { text: text.to_owned() },
            Piece::Again => Answering::ChatRestart,
        };
        let _ = sender.send(event);
    };
    let answer = assistant::answer(&app.summariser, &transcript, &history, question, &mut on_piece)
        .await
        .map_err(|error| failed(job, &error))?;
    let asked = ChatMessage::question(question);
    let message = app.library.add_to_chat(job.job_id, asked, answer, app.chat.kept).await.map_err(problem)?;
    Ok(Answering::ChatMessage { message })
}

fn failed(job: &Job, error: &LlmError) -> (&'static str, String) {
    tracing::warn!(job = %job.job_id, code = error.code(), "a question was not answered");
    (error.code(), Problem::of(Code::Unavailable, error).detail)
}

fn problem(error: library::StoreError) -> (&'static str, String) {
    let problem = Problem::from(error);
    (problem.code.as_str(), problem.detail)
}

//! Minutes by a language model: part by part, each checked, then merged, with an account of how it went.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use futures::future::join_all;
use llm::{LlmError, RetryingChat};
use shared::minutes::{Coverage, Dropped, Minutes, Unmet};

use crate::{
    Brief, Transcript,
    live::{DraftEvent, OnDraft},
    merge,
    part::Written,
    parts::{self, Part},
    translate,
    writer::Writer,
};

/// Parts in a row without a usable answer after which the model is given up.
const MAX_FAILED_PARTS: usize = 3;

/// Most statements that are listed as left out.
const MAX_LISTED_DROPPED: usize = 100;

/// Writes the minutes; `told` hears how it goes.
pub(super) async fn write(
    model: &RetryingChat,
    brief: &Brief<'_>,
    transcript: &Transcript<'_>,
    on_draft: &OnDraft<'_>,
) -> Result<Minutes, LlmError> {
    let progress = |share| on_draft(DraftEvent::Share(share));
    let begin = Instant::now();
    if !transcript.has_words() {
        return Err(LlmError::NothingSaid);
    }
    let writer = Writer::new(model, brief, transcript, on_draft).await?;
    let parts = parts::cut(transcript.segments, writer.budget, &writer.language);
    let share = 0.9 / parts.len().max(1) as f64;
    let written = write_parts(&writer, &parts, &|done| progress(done as f64 * share)).await?;
    let seen: f64 = written.iter().map(|part| part.seen_seconds).sum();
    let all: f64 = parts.iter().map(Part::seconds).sum();
    let count = written.iter().map(|part| part.parts).sum();
    let mut whole = merge::whole(&writer, written).await?;
    let mut unmet = Vec::new();
    let language = brief.language.filter(|code| *code != writer.language);
    if let Some(language) = language
        && !translate::whole(&writer, &mut whole, language).await?
    {
        unmet.push(Unmet::Language);
    }
    progress(1.0);
    let title = if whole.title.is_empty() { transcript.title.to_owned() } else { whole.title };
    let minutes = Minutes {
        title,
        summary: whole.summary,
        key_points: whole.key_points,
        decisions: whole.decisions,
        action_items: whole.action_items,
        open_questions: whole.open_questions,
        chapters: whole.chapters,
        coverage: Coverage {
            share: if all > 0.0 { (seen / all).min(1.0) } else { 1.0 },
            parts: count,
            tokens_in: writer.usage.tokens_in.load(Ordering::Relaxed),
            tokens_out: writer.usage.tokens_out.load(Ordering::Relaxed),
            retries: writer.usage.retries.load(Ordering::Relaxed),
            seconds: begin.elapsed().as_secs_f64(),
            dropped: shortened(whole.dropped),
            unmet,
        },
        language: language.map_or(writer.language, str::to_owned),
        provider: model.chat.name().to_owned(),
        model: model.chat.model(),
        template: brief.template.name.clone(),
        length: brief.length,
        version: 0,
        created_at: 0,
        transcript_revision: 0,
        edited_since: false,
        extra: whole.extra,
    };
    Ok(minutes)
}

/// The minutes of every part. A part whose minutes cannot be had is named as missing.
async fn write_parts(
    writer: &Writer<'_>,
    parts: &[Part],
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<Vec<Written>, LlmError> {
    let (mut written, mut in_a_row) = (Vec::with_capacity(parts.len()), 0);
    let done = AtomicU64::new(0);
    let one = async |part| {
        let outcome = writer.part(part).await;
        progress(done.fetch_add(1, Ordering::Relaxed) + 1);
        outcome
    };
    for group in parts.chunks(writer.model.concurrency.max(1)) {
        for (part, outcome) in group.iter().zip(join_all(group.iter().map(&one)).await) {
            match outcome {
                Ok(part) => {
                    in_a_row = 0;
                    written.push(part);
                }
                Err(error) if error.is_about_answer() && in_a_row + 1 < MAX_FAILED_PARTS.min(parts.len()) => {
                    in_a_row += 1;
                    written.push(Written::missing(part, &error));
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(written)
}

/// A list that a model which talks nonsense cannot make endless.
fn shortened(mut dropped: Vec<Dropped>) -> Vec<Dropped> {
    if let Some(more) = dropped.len().checked_sub(MAX_LISTED_DROPPED).filter(|more| *more > 0) {
        dropped.truncate(MAX_LISTED_DROPPED);
        let reason = "the transcript does not support them either".to_owned();
        dropped.push(Dropped { text: format!("{more} more statements"), reason });
    }
    dropped
}

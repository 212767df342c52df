//! Minutes by a language model: part by part, each checked, then merged, with an account of how it went.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use futures::future::join_all;
use serde_json::{Map, Value};

use super::{
    Brief, ChatRequest, LlmError, Transcript, answer,
    draft::Draft,
    evidence::Evidence,
    live::{Heard, OnHeard, Turns, Voice},
    merge,
    part::Written,
    parts::{self, Part},
    patience::{Patient, Tally},
    prompt::Question,
    tokens::estimate,
    translate,
};
use crate::minutes::{Coverage, Dropped, Minutes, Unmet};

/// Fewest tokens for transcript lines that make sense.
const LEAST: u64 = 400;

/// Most tokens of an answer, thinking included.
const LONGEST_ANSWER: u64 = 16_384;

/// Times a question is asked until the answer can be read.
const ASKS: u32 = 3;

/// Parts in a row without a usable answer after which the model is given up.
const HOPELESS: usize = 3;

/// Most statements that are listed as left out.
const MOST_DROPPED: usize = 100;

/// One set of minutes in the making.
pub(super) struct Writer<'a> {
    pub model: &'a Patient,
    pub brief: &'a Brief<'a>,
    /// Language of the transcript, in which everything is written and checked.
    pub language: String,
    pub evidence: Evidence,
    /// Tokens of one answer.
    pub answer_tokens: u64,
    /// Tokens of what is asked about.
    pub budget: u64,
    pub tally: Tally,
    pub told: &'a OnHeard<'a>,
    pub turns: Turns,
}

/// Writes the minutes; `told` hears how it goes.
pub(super) async fn write(
    model: &Patient,
    brief: &Brief<'_>,
    transcript: &Transcript<'_>,
    told: &OnHeard<'_>,
) -> Result<Minutes, LlmError> {
    let progress = |share| told(Heard::Share(share));
    let begin = Instant::now();
    if !transcript.has_words() {
        return Err(LlmError::NothingSaid);
    }
    let writer = Writer::new(model, brief, transcript, told).await?;
    let parts = parts::cut(transcript.segments, writer.budget);
    let share = 0.9 / parts.len().max(1) as f64;
    let written = writer.parts(&parts, &|done| progress(done as f64 * share)).await?;
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
            tokens_in: writer.tally.tokens_in.load(Ordering::Relaxed),
            tokens_out: writer.tally.tokens_out.load(Ordering::Relaxed),
            retries: writer.tally.retries.load(Ordering::Relaxed),
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

/// A list that a model which talks nonsense cannot make endless.
fn shortened(mut dropped: Vec<Dropped>) -> Vec<Dropped> {
    if let Some(more) = dropped.len().checked_sub(MOST_DROPPED).filter(|more| *more > 0) {
        dropped.truncate(MOST_DROPPED);
        let reason = "they were not borne out either".to_owned();
        dropped.push(Dropped { text: format!("{more} more statements"), reason });
    }
    dropped
}

impl<'a> Writer<'a> {
    async fn new(
        model: &'a Patient,
        brief: &'a Brief<'a>,
        transcript: &Transcript<'_>,
        told: &'a OnHeard<'a>,
    ) -> Result<Self, LlmError> {
        let tally = Tally::default();
        let context = model.context(&tally).await?;
        let answer_tokens = (context / 4).min(LONGEST_ANSWER);
        // Instructions and schema, the frame of the question, and room for what is asked again.
        let rest = estimate(&brief.template.schema.to_string())
            + estimate(&brief.template.instructions(brief.length).concat())
            + 400
            + context / 16;
        let budget = context.saturating_sub(answer_tokens + rest);
        if budget < LEAST {
            let reason =
                format!("{context} tokens, of which {rest} are instructions and {answer_tokens} the answer");
            return Err(LlmError::ContextTooSmall { provider: model.chat.name(), reason });
        }
        let language = transcript.language();
        let evidence = Evidence::new(transcript.segments, &language);
        Ok(Self {
            model,
            brief,
            language,
            evidence,
            answer_tokens,
            budget,
            tally,
            told,
            turns: Turns::default(),
        })
    }

    /// The minutes of every part. A part whose minutes cannot be had is named as missing.
    async fn parts(
        &self,
        parts: &[Part],
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Vec<Written>, LlmError> {
        let (mut written, mut in_a_row) = (Vec::with_capacity(parts.len()), 0);
        let done = AtomicU64::new(0);
        let one = async |part| {
            let outcome = self.part(part).await;
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
            outcome
        };
        for group in parts.chunks(self.model.concurrency.max(1)) {
            for (part, outcome) in group.iter().zip(join_all(group.iter().map(&one)).await) {
                match outcome {
                    Ok(part) => {
                        in_a_row = 0;
                        written.push(part);
                    }
                    Err(error) if error.is_about_answer() && in_a_row + 1 < HOPELESS.min(parts.len()) => {
                        in_a_row += 1;
                        written.push(Written::missing(part, &error));
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(written)
    }

    /// Asks for minutes, of a part or of several.
    pub async fn draft(&self, question: &Question) -> Result<Draft, LlmError> {
        self.ask(question, |object| Draft::read(object, self.brief.template)).await
    }

    /// Asks until `read` can make something of the answer, a few times at most.
    pub async fn ask<T>(
        &self,
        question: &Question,
        read: impl Fn(&Map<String, Value>) -> Result<T, String> + Send + Sync,
    ) -> Result<T, LlmError> {
        let mut request = ChatRequest {
            system: question.system.clone(),
            user: question.user.clone(),
            schema: Some(question.schema.clone()),
            max_output_tokens: self.answer_tokens,
            temperature: 0.0,
        };
        let mut asked = 1;
        loop {
            let mut voice = Voice::new(&self.turns, self.told, question.aloud);
            let answer = self.model.ask(&request, &self.tally, &mut |piece| voice.hear(piece)).await;
            drop(voice);
            let outcome = answer.and_then(|answer| {
                let read = answer::object(&answer.text).and_then(|object| read(&object));
                let cut = LlmError::CutOff { provider: self.model.chat.name(), tokens: self.answer_tokens };
                let bad = |problem| LlmError::BadAnswer { provider: self.model.chat.name(), problem };
                read.map_err(|problem| if answer.finished { bad(problem) } else { cut })
            });
            let problem = match outcome {
                Err(LlmError::BadAnswer { problem, .. }) if asked < ASKS => problem,
                outcome => return outcome,
            };
            tracing::warn!(problem, "the answer of the language model is no use and is asked for again");
            request.user = format!(
                "{}\nAn answer to this was no use: it {problem}. Answer with the JSON object alone.",
                question.user
            );
            // The same question at temperature 0 would get the same answer.
            request.temperature = 0.3;
            asked += 1;
            self.tally.again(self.model.chat.name());
        }
    }
}

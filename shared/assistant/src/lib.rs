//! Answers to questions about one transcript: from the whole of it where that fits the model's context, else from the
//! passages that fit the question best. Without a language model these passages are quoted.
//!
//! ```
//! use minutes::{Summariser, Transcript};
//! use shared::segment::Segment;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = config::Config::load(None, |_| None, Vec::new())?;
//! let summariser = Summariser::from_config(&config.llm)?;
//! let text = "Maria will review the budget by Friday.".to_owned();
//! let segments = [Segment { number: 1, end: 3.0, text, ..Segment::default() }];
//! let transcript = Transcript { segments: &segments, language: Some("en"), title: "Weekly", duration_seconds: 3.0 };
//! let answer = assistant::answer(&summariser, &transcript, &[], "Who reviews the budget?", &mut |_piece| ()).await?;
//! assert_eq!(answer.segments, [1]);
//! # Ok(())
//! # }
//! ```

mod citations;
mod prompt;
mod quotes;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, pin::pin};

use citations::Cited;
use futures::StreamExt;
use llm::{
    Answer, ChatEvent, ChatRequest, LlmError, OnPiece, Piece, RetryingChat, TokenUsage, estimate_tokens,
    without_reasoning,
};
use minutes::{
    Summariser, Transcript,
    evidence::Evidence,
    extractive,
    parts::{self, Part},
};
use shared::chat::{Basis, ChatMessage, ChatRole};
use text::passages::Passages;

/// Most tokens of an answer, thinking included.
const MAX_ANSWER_TOKENS: u64 = 8192;

/// Fewest tokens for transcript lines that make sense.
const MIN_TRANSCRIPT_TOKENS: u64 = 200;

/// Tokens of one passage of a transcript that is too long as a whole.
const PASSAGE_TOKENS: u64 = 300;

/// Times that less is shown to a model whose context turns out to be smaller than it says.
const MAX_SHRINKS: u32 = 2;

/// Answers `question` about one transcript, given what was asked and answered before. `hear` gets the answer while it is
/// written; the message that is returned is the one that was checked.
///
/// # Errors
/// Why there is no answer. [`LlmError::is_transient`] says whether to try again later.
pub async fn answer(
    summariser: &Summariser,
    transcript: &Transcript<'_>,
    history: &[ChatMessage],
    question: &str,
    on_piece: &mut OnPiece<'_>,
) -> Result<ChatMessage, LlmError> {
    if !transcript.has_words() {
        return Err(LlmError::NothingSaid);
    }
    match summariser.language_model() {
        Some(model) => Asking { model, transcript, history, question }.ask(on_piece).await,
        None => {
            let Cited { text, segments, dropped } = quotes::answer(transcript, question);
            on_piece(Piece::Text(&text));
            let (provider, model) = (summariser.name().to_owned(), extractive::METHOD.to_owned());
            Ok(ChatMessage::answer(text, segments, Basis { provider, model, share: 1.0, dropped }))
        }
    }
}

/// One question to a language model.
struct Asking<'a> {
    model: &'a RetryingChat,
    transcript: &'a Transcript<'a>,
    history: &'a [ChatMessage],
    question: &'a str,
}

/// What of the transcript a model is shown.
struct Shown {
    lines: String,
    segments: BTreeSet<u64>,
    /// Share of the speech, from 0 to 1.
    share: f64,
}

impl Asking<'_> {
    async fn ask(&self, on_piece: &mut OnPiece<'_>) -> Result<ChatMessage, LlmError> {
        let usage = TokenUsage::default();
        let context = self.model.context(&usage).await?;
        let longest = (context / 4).min(MAX_ANSWER_TOKENS);
        // The frame of the question, and room for what was counted wrongly.
        let rest = prompt::tokens() + estimate_tokens(self.question) + context / 16;
        let room = context.saturating_sub(longest + rest);
        let before = prompt::conversation(self.history, room / 4);
        let mut room = room.saturating_sub(estimate_tokens(&before));
        let mut shrinks = 0;
        loop {
            if room < MIN_TRANSCRIPT_TOKENS {
                let reason = format!("{context} tokens leave no room for the transcript beside the question");
                return Err(LlmError::ContextTooSmall { provider: self.model.chat.name(), reason });
            }
            let shown = self.shown(room);
            let request = prompt::request(&shown.lines, shown.share < 1.0, &before, self.question, longest);
            match self.answered(request.clone(), &usage, on_piece).await {
                Err(LlmError::ContextTooSmall { .. }) if shrinks < MAX_SHRINKS => {
                    on_piece(Piece::Again);
                    (room, shrinks) = (room / 2, shrinks + 1);
                }
                answer => {
                    let answer = answer?;
                    return self.checked(&answer.text, answer.finished, &shown, &request);
                }
            }
        }
    }

    /// The model's answer, whose words are passed on while they come.
    async fn answered(
        &self,
        request: ChatRequest,
        usage: &TokenUsage,
        on_piece: &mut OnPiece<'_>,
    ) -> Result<Answer, LlmError> {
        let mut events = pin!(self.model.stream(request, usage));
        while let Some(event) = events.next().await {
            match event? {
                ChatEvent::Text(text) => on_piece(Piece::Text(&text)),
                ChatEvent::Again => on_piece(Piece::Again),
                ChatEvent::End(answer) => return Ok(answer),
            }
        }
        let problem = "ends without an end".to_owned();
        Err(LlmError::BadAnswer { provider: self.model.chat.name(), problem })
    }

    /// The whole transcript if it has no more than `room` tokens, else its passages that fit best.
    fn shown(&self, room: u64) -> Shown {
        let language = self.transcript.language();
        let whole = parts::cut(self.transcript.segments, room, &language);
        if whole.len() < 2 {
            return Shown::of(&whole, 1.0);
        }
        let passages = parts::cut(self.transcript.segments, PASSAGE_TOKENS.min(room / 2), &language);
        let chosen = self.chosen(&passages, room);
        let seconds = |parts: &[Part]| parts.iter().map(Part::seconds).sum::<f64>();
        let share = seconds(&chosen) / seconds(&passages);
        Shown::of(&chosen, if share.is_finite() { share.min(0.999) } else { 0.999 })
    }

    /// The passages that fit the question, then those that fit the one before it, then some from all over, then what is
    /// nearest to the one that fits best; in order.
    fn chosen(&self, passages: &[Part], room: u64) -> Vec<Part> {
        let words: Vec<String> = passages.iter().map(Part::words).collect();
        let index = Passages::new(words.iter().map(String::as_str), &self.transcript.language());
        let asked = self.history.iter().rfind(|message| message.role == ChatRole::User);
        let before = asked.map_or("", |message| message.text.as_str());
        let spread = (0..passages.len()).step_by((passages.len() / 8).max(1));
        let best = index.best(self.question);
        let centre = best.first().copied().unwrap_or_default();
        let mut near: Vec<usize> = (0..passages.len()).collect();
        near.sort_by_key(|place| place.abs_diff(centre));
        let ranked = best.into_iter().chain(index.best(before)).chain(spread).chain(near);
        let (mut places, mut left) = (BTreeSet::new(), room);
        for place in ranked {
            let tokens = passages.get(place).map_or(0, |part| estimate_tokens(&part.text()) + 2);
            if tokens <= left && places.insert(place) {
                left -= tokens;
            }
        }
        places.into_iter().filter_map(|place| passages.get(place).cloned()).collect()
    }

    /// The message that a model's answer becomes.
    fn checked(
        &self,
        answer: &str,
        finished: bool,
        shown: &Shown,
        request: &ChatRequest,
    ) -> Result<ChatMessage, LlmError> {
        let provider = self.model.chat.name();
        let spoken = without_reasoning(answer);
        if spoken.trim().is_empty() {
            let problem = if answer.trim().is_empty() { "is empty" } else { "holds nothing but thinking" };
            let bad = LlmError::BadAnswer { provider, problem: problem.to_owned() };
            let cut = LlmError::CutOff { provider, tokens: request.max_output_tokens };
            return Err(if finished { bad } else { cut });
        }
        let evidence = Evidence::new(self.transcript.segments, &self.transcript.language());
        let Cited { mut text, segments, dropped } = citations::check(&spoken, &evidence, &shown.segments);
        if segments.is_empty() && evidence.paragraph(&text).0.is_empty() {
            prompt::nothing_said(self.question).clone_into(&mut text);
        } else if !finished {
            text.push_str(" …");
        }
        let (provider, model) = (provider.to_owned(), self.model.chat.model());
        Ok(ChatMessage::answer(text, segments, Basis { provider, model, share: shown.share, dropped }))
    }
}

impl Shown {
    fn of(parts: &[Part], share: f64) -> Self {
        let lines = parts.iter().map(Part::text).collect::<Vec<_>>().join("…\n");
        let numbers =
            |part: &Part| part.segments(part.range()).into_iter().map(|(number, ..)| number).collect();
        Self { lines, segments: parts.iter().flat_map::<Vec<u64>, _>(numbers).collect(), share }
    }
}

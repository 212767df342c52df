//! The minutes of one part: asked for, checked, asked for again where they fail, and rid of what still fails.

use std::ops::RangeInclusive;

use crate::{
    draft::{self, Item, Span},
    parts::Part,
    prompt,
    writer::Writer,
};
use llm::LlmError;
use shared::minutes::{Chapter, Dropped};
use text::clock;

/// Checked minutes of a part.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub title: String,
    pub summary: String,
    pub items: Vec<Item>,
    pub chapters: Vec<Chapter>,
    /// Texts of the template's own, with their places among its own fields.
    pub texts: Vec<(usize, String)>,
    pub dropped: Vec<Dropped>,
    /// Begin and end in seconds of recording time.
    pub time: (f64, f64),
    /// Seconds of speech that the model saw.
    pub seen_seconds: f64,
    /// Requests that it was cut into.
    pub parts: u64,
}

impl Written {
    /// Stands for a part whose minutes could not be had.
    pub fn missing(part: &Part, error: &LlmError) -> Self {
        let (start, end) = part.time();
        let text = format!("everything from {} to {}", clock(start), clock(end));
        let dropped = vec![Dropped { text, reason: error.to_string() }];
        Self { dropped, time: (start, end), parts: 1, ..Self::default() }
    }

    /// Joins the minutes of two halves.
    fn and(mut self, other: Self) -> Self {
        self.summary = format!("{} {}", self.summary, other.summary).trim().to_owned();
        self.items.extend(other.items);
        self.chapters.extend(other.chapters);
        self.texts.extend(other.texts);
        self.dropped.extend(other.dropped);
        self.time.1 = other.time.1;
        self.seen_seconds += other.seen_seconds;
        self.parts += other.parts;
        self
    }
}

impl Writer<'_> {
    /// Writes the minutes of a part; in halves if it turns out to be too long for the model.
    pub async fn part(&self, part: &Part) -> Result<Written, LlmError> {
        let mut todo = vec![part.clone()];
        let mut done: Option<Written> = None;
        while let Some(part) = todo.pop() {
            match self.piece(&part).await {
                Ok(written) => {
                    done = Some(match done {
                        Some(before) => before.and(written),
                        None => written,
                    });
                }
                Err(error @ (LlmError::ContextTooSmall { .. } | LlmError::CutOff { .. })) => {
                    let (first, second) = part.halves().ok_or(error)?;
                    todo.extend([second, first]);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(done.unwrap_or_default())
    }

    async fn piece(&self, part: &Part) -> Result<Written, LlmError> {
        let question = prompt::of_part(part, self.brief, &self.language);
        let draft = self.draft(&question).await?;
        let mut written =
            Written { time: part.time(), seen_seconds: part.seconds(), parts: 1, ..Written::default() };
        let mut failed = Vec::new();
        for item in draft.items {
            match self.check(item.clone(), &part.range(), &mut written.dropped) {
                Ok(item) => written.items.push(item),
                Err(reason) => failed.push((item, reason)),
            }
        }
        self.correct(part, failed, &mut written).await;
        let mut borne_out = |text: &str| {
            let (kept, dropped) = self.evidence.paragraph(text);
            written.dropped.extend(dropped);
            kept
        };
        written.summary = borne_out(&draft.summary);
        written.texts = draft.texts.iter().map(|(at, text)| (*at, borne_out(text))).collect();
        written.title = Some(draft.title).filter(|title| self.evidence.heading(title)).unwrap_or_default();
        written.chapters = self.chapters(draft.chapters, part, &mut written.dropped);
        Ok(written)
    }

    /// Asks once more about what failed, and accounts for what fails again.
    async fn correct(&self, part: &Part, failed: Vec<(Item, String)>, written: &mut Written) {
        if failed.is_empty() {
            return;
        }
        let listed: Vec<(&Item, &str)> =
            failed.iter().map(|(item, reason)| (item, reason.as_str())).collect();
        let question = prompt::to_correct(part, &listed, &self.language);
        let sent: Vec<Item> = failed.iter().map(|(item, _)| item.clone()).collect();
        // Without an answer the entries that hold are still there.
        let corrected = self
            .ask(&question, |object| Ok(draft::corrections(object, &sent)))
            .await
            .unwrap_or_else(|error| {
                tracing::warn!(code = error.code(), "entries of the minutes could not be corrected");
                Vec::new()
            });
        for (id, (item, reason)) in failed.into_iter().enumerate() {
            let again = corrected.iter().find(|(of, _)| *of == id).map(|(_, item)| item.clone());
            let outcome =
                again.map_or(Err(reason), |again| self.check(again, &part.range(), &mut written.dropped));
            match outcome {
                Ok(item) => written.items.push(item),
                Err(reason) => written.dropped.push(Dropped { text: item.text, reason }),
            }
        }
    }

    /// The entry with the segments that support it. Who does it is told by the lines; a date goes that nobody said there.
    pub fn check(
        &self,
        mut item: Item,
        within: &RangeInclusive<u64>,
        dropped: &mut Vec<Dropped>,
    ) -> Result<Item, String> {
        let support = self.evidence.claim(&item.text, &item.segments, |number| within.contains(&number))?;
        (item.segments, item.unclear) = (support.segments, support.unclear);
        if item.list.has_details() {
            let mut gone = |said: String| {
                let text = format!("{} ({said})", item.text);
                dropped.push(Dropped { text, reason: format!("'{said}' was not said there") });
            };
            let claimed = item.owner.take();
            item.owner = self.evidence.owner(&item.text, claimed.as_deref(), &item.segments);
            if let Some(claimed) = claimed.filter(|_| item.owner.is_none()) {
                gone(claimed);
            }
            if let Some(due) = item.due.take_if(|due| !self.evidence.detail(due, &item.segments)) {
                gone(due);
            }
        }
        Ok(item)
    }

    /// Chapters in order, none over another; the part itself if there is none.
    fn chapters(&self, spans: Vec<Span>, part: &Part, dropped: &mut Vec<Dropped>) -> Vec<Chapter> {
        let mut chapters: Vec<Chapter> = Vec::new();
        let mut next = *part.range().start();
        for span in spans {
            let segments = part.segments(span.first.max(next)..=span.last);
            match (segments.first(), segments.last()) {
                (Some((_, start, _)), Some((last, _, end))) if self.evidence.heading(&span.title) => {
                    next = last + 1;
                    let (start, end) = (*start, *end);
                    let segments = segments.into_iter().map(|(number, ..)| number).collect();
                    chapters.push(Chapter { title: span.title, start, end, segments });
                }
                (Some(_), _) => dropped
                    .push(Dropped { text: span.title, reason: "none of its words was said".to_owned() }),
                (None, _) => {
                    let reason =
                        "the segments it names do not exist, or belong to the chapter before".to_owned();
                    dropped.push(Dropped { text: span.title, reason });
                }
            }
        }
        chapters
    }
}

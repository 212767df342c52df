//! Minutes of meetings, each statement with the segments that support it.
//!
//! [`Summariser`] is what the rest of the program uses. Behind it are two ways to write minutes: the built-in one
//! that picks sentences ([`extractive`]), and one that asks a language model:
//! * `parts`: cuts what is longer than the model's context, at pauses and changes of topic;
//! * `prompt`: what was said goes in as data that cannot pose as anything else;
//! * `answer`, `draft`: finds the JSON in the answer, caps lengths;
//! * `evidence`: nothing gets through that the named segments do not support;
//! * `merge`: minutes of parts become minutes of the whole;
//! * `live`: those who watch read along, what comes and before it is checked;
//! * `translate`: into another language only after all is checked.
//!
//! What minutes hold says a [`Template`], which is a file; [`Templates`] reads the user's own. [`render`] makes text,
//! Markdown and data of finished minutes.
//!
//! ```
//! use minutes::{Summariser, Templates, Transcript};
//! use shared::{job::SummaryOptions, segment::Segment};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = config::Config::load(None, |_| None, Vec::new())?;
//! let (summariser, templates) = (Summariser::from_config(&config.llm)?, Templates::load(&config)?);
//! let text = "Maria will review the budget by Friday.".to_owned();
//! let segments = [Segment { number: 1, end: 3.0, text, ..Segment::default() }];
//! let transcript = Transcript { segments: &segments, language: Some("en"), title: "Weekly", duration_seconds: 3.0 };
//! let options = SummaryOptions::default();
//! let brief = templates.brief(&options)?;
//! let minutes = summariser.summarise(&transcript, &brief, &|_progress| ()).await?;
//! assert_eq!(minutes.action_items[0].segments, [1]);
//! # Ok(())
//! # }
//! ```

mod answer;
mod compose;
mod draft;
pub mod evidence;
pub mod extractive;
mod headings;
mod live;
mod merge;
mod numbering;
mod part;
pub mod parts;
mod prompt;
pub mod render;
mod speech;
mod summariser;
mod template;
mod templates;
#[cfg(test)]
mod tests;
mod transcript;
mod translate;
mod writer;

pub use live::{DraftEvent, OnDraft};
pub use summariser::{Brief, Summariser};
pub use template::Template;
pub use templates::{TemplateError, Templates};
pub use transcript::Transcript;

//! Words of people: what is dangerous in them, what they mean, and the forms in which they are shown.
//!
//! ```
//! assert_eq!(text::clock(61.25), "1:01");
//! assert_eq!(text::printable("Plan\n\u{202e}B"), "Plan B");
//! assert_eq!(text::escape("<system>"), "‹system›");
//! assert!(text::words::Stemmer::of("en").stems("The budgets were decided").contains(&"budget".to_owned()));
//! ```

pub mod calendar;
mod characters;
mod clock;
pub mod import;
pub mod language;
mod markdown;
pub mod numbers;
pub mod passages;
pub mod pattern;
mod sentence;
mod sentences;
mod subtitles;
pub mod topics;
pub mod transcript;
pub mod words;

pub use characters::{escape, is_hidden, is_invisible, printable};
pub use clock::clock;
pub use markdown::markdown;
pub use sentence::sentence;
pub use sentences::sentences;

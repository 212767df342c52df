//! Whisper on processors, in Rust: the texts of several windows are decoded together.
//!
//! # How it works
//! A window of at most 30 s of sound goes through five stages. Shapes are those of the model `base`; `T` is the number of tokens so far, `B` the number
//! of sequences that are decoded at the same time.
//!
//! | stage | file | in | out |
//! |---|---|---|---|
//! | log-mel spectrogram | `mel.rs` | 480,000 samples | 3,000 × 80 |
//! | encoder: two convolutions, 6 layers of self-attention and feed-forward | `encoder.rs`, `attention.rs`, `layers.rs` | 3,000 × 80 | 1,500 × 512 |
//! | keys and values for cross-attention, once for a window | `decoder.rs` | 1,500 × 512 | 6 layers × 8 heads × 1,500 × 2 × 64 |
//! | decoder: 6 layers of masked self-attention (`KvCache`), cross-attention and feed-forward | `decoder.rs` | `B` × 512 | `B` × 51,865 logits |
//! | filter and choice of the next token | `logit_filter.rs`, `decode_state.rs` | `B` × 51,865 | `B` tokens |
//!
//! The last two are repeated until each text has ended. Weights are kept as 16-bit floats, or those of quantised files as bytes (`weights.rs`), and multiplied as 32-bit floats (`linear.rs`, `dots.rs`). Reading
//! the weights of the decoder (97 MB) takes as long for one sequence as for a dozen, so `batcher.rs`, on a thread of its own, decodes the
//! sequences of several windows in step: `B` is the number of windows times the width of their beams. The hypotheses of a beam share their window's keys and values.
//!
//! Once a text is known, [`Session::align`] reads it again, takes the cross-attention of the heads that OpenAI published for the model
//! (`alignment_heads.rs`) and finds the cheapest way through tokens and steps (`dtw.rs`).
//!
//! # Use
//! ```no_run
//! use tokio_util::sync::CancellationToken;
//! use whisper::{DecodeOptions, Model, Sampling};
//!
//! let model = Model::load("ggml-base.bin".as_ref(), 2, 4)?;
//! let mut session = model.session();
//! session.set_audio(&[0.0; 16_000]);
//! let options = DecodeOptions { language: "en".into(), timestamps: true, ..DecodeOptions::default() };
//! let decoded = session.decode(&options, Sampling::Greedy, &CancellationToken::new())?;
//! assert!(!decoded.is_endless);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alignment_heads;
mod attention;
mod batcher;
mod buffers;
mod decode_state;
mod decoder;
mod dots;
mod dtw;
mod encoder;
mod float16;
mod ggml;
mod languages;
mod layers;
mod linear;
mod logit_filter;
mod mel;
mod model;
mod model_file;
mod network;
mod output;
mod session;
#[cfg(test)]
mod tests;
mod vocabulary;
mod weights;

pub use languages::{LanguageProbability, by_probability, language_code, language_index};
pub use model::Model;
pub use model_file::{ModelFileError, check_model_file};
pub use output::{
    DecodeOptions, Decoded, MAX_SAMPLES, MIN_SAMPLES, RANDOM_HYPOTHESES, SAMPLE_RATE, STEP_SAMPLES, Sampling,
    TextToken, Token, TokenTime,
};
pub use session::{Session, SessionError};

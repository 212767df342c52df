//! A model in memory, and the thread that runs it.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use rayon::ThreadPoolBuilder;

use crate::alignment_heads::AlignmentHeads;
use crate::batcher::{Batcher, Job};
use crate::decode_state::{ScoredToken, StopCriteria};
use crate::ggml::ModelFile;
use crate::languages::language_index;
use crate::logit_filter::LogitFilter;
use crate::mel::MelSpectrogram;
use crate::network::Network;
use crate::output::{DecodeOptions, Decoded, MIN_SAMPLES, STEP_SAMPLES, TextToken, Token};
use crate::session::Session;
use crate::vocabulary::Vocabulary;

/// A model in memory, run by a thread of its own, which ends with the last handle and session.
pub struct Model {
    pub(crate) known: Arc<Known>,
    pub(crate) jobs: Sender<Job>,
}

/// What is known of a model without asking it.
pub(crate) struct Known {
    pub(crate) vocabulary: Vocabulary,
    /// Tokens that it reads at most.
    n_text_ctx: usize,
    /// Steps by which its alignment heads attend too late to what is said.
    pub(crate) late_steps: isize,
}

impl Model {
    /// Loads a model in ggml's form. `threads` compute together; `windows` are decoded at the same time.
    ///
    /// # Errors
    /// Those of reading; `InvalidData` for a model that cannot be run here; `Other` when threads are short.
    pub fn load(path: &Path, threads: usize, windows: usize) -> io::Result<Self> {
        let mut file = ModelFile::read(path)?;
        let vocabulary = Vocabulary::new(std::mem::take(&mut file.words), file.shape.n_vocab);
        let alignment = AlignmentHeads::of(&file.shape);
        let batcher = Batcher {
            spectrogram: MelSpectrogram::new(&file.filters),
            filter: LogitFilter::of(&vocabulary),
            max_active: windows,
            alignment_heads: alignment.heads,
            n_vocab: file.shape.n_vocab,
            network: Network::of(&mut file)?,
        };
        let known = Known { vocabulary, n_text_ctx: file.shape.n_text_ctx, late_steps: alignment.late };
        Ok(Self { known: Arc::new(known), jobs: run(batcher, threads)? })
    }

    /// Whether it knows more than English.
    pub fn is_multilingual(&self) -> bool {
        self.known.vocabulary.is_multilingual
    }

    /// Whether it knows a language, by its ISO 639-1 code.
    pub fn knows(&self, language: &str) -> bool {
        self.known.language_token(language).is_some()
    }

    /// Decodes one window after the other. Those of several sessions are decoded together.
    pub fn session(&self) -> Session {
        Session::new(Arc::clone(&self.known), self.jobs.clone())
    }
}

/// Starts the thread.
fn run(batcher: Batcher, threads: usize) -> io::Result<Sender<Job>> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).thread_name(|number| format!("speech-{number}"));
    let pool = pool.build().map_err(io::Error::other)?;
    let (jobs, queue) = channel();
    std::thread::Builder::new().name("speech".into()).spawn(move || batcher.run(&pool, &queue))?;
    Ok(jobs)
}

impl Known {
    /// The token of a language.
    pub(crate) fn language_token(&self, code: &str) -> Option<u32> {
        let vocabulary = &self.vocabulary;
        let token = vocabulary.languages.clone().nth(language_index(code)?)?;
        (vocabulary.is_multilingual || code == "en").then_some(token)
    }

    /// What stands before a text.
    pub(crate) fn prompt(&self, options: &DecodeOptions) -> Vec<u32> {
        let vocabulary = &self.vocabulary;
        let mut prompt = Vec::new();
        if !options.prompt.trim().is_empty() {
            let said = vocabulary.tokens(&format!(" {}", options.prompt.trim()));
            let most = self.n_text_ctx / 2 - 1;
            prompt.push(vocabulary.before);
            prompt.extend(said.iter().skip(said.len().saturating_sub(most)));
        }
        prompt.push(vocabulary.start);
        if vocabulary.is_multilingual {
            prompt.extend(self.language_token(&options.language));
            prompt.push(if options.translate { vocabulary.translate } else { vocabulary.transcribe });
        }
        if !options.timestamps {
            prompt.push(vocabulary.no_timestamps);
        }
        prompt
    }

    /// Where a text over so many samples ends.
    pub(crate) fn stop_criteria(&self, samples: usize, timestamps: bool) -> StopCriteria {
        // Less than 0.1 s before the end of a window, nothing more can be said.
        let steps = (samples.max(MIN_SAMPLES) / STEP_SAMPLES).saturating_sub(5) as u32;
        let vocabulary = &self.vocabulary;
        let (token, time) = (vocabulary.end, vocabulary.first_time + steps);
        StopCriteria { token, time, max_tokens: self.n_text_ctx / 2 - 5, timestamps }
    }

    pub(crate) fn decoded(&self, scored: &[ScoredToken], max_tokens: usize) -> Decoded {
        let vocabulary = &self.vocabulary;
        let token = |scored: &ScoredToken| match scored.token {
            text if text < vocabulary.end => Some(Token::Text(TextToken {
                bytes: vocabulary.bytes(text).to_vec(),
                logprob: scored.logprob,
                time: None,
            })),
            time => time.checked_sub(vocabulary.first_time).map(Token::Time),
        };
        let logprobs: f32 = scored.iter().map(|scored| scored.logprob).sum();
        Decoded {
            tokens: scored.iter().filter_map(token).collect(),
            avg_logprob: logprobs / scored.len().max(1) as f32,
            is_endless: scored.len() > max_tokens,
        }
    }
}

//! Whisper in Rust, for processors: the texts of several windows grow together.
//!
//! whisper.cpp reads all weights for each token of each window; here they are read once for a token of each of several
//! windows, and whole matrices are multiplied faster. What is told by the model, and which token may follow which, is the
//! same as there.

mod alignment;
mod attention;
mod batch;
mod buffers;
mod decoder;
mod dots;
mod encoder;
mod file;
mod float16;
mod heads;
mod layers;
mod linear;
mod network;
mod rules;
mod search;
mod spectrogram;
mod vocabulary;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use rayon::ThreadPoolBuilder;
use tokio_util::sync::CancellationToken;

use self::batch::{Batch, Outcome, Task, Window, Wish};
use self::decoder::Heard;
use self::file::ModelFile;
use self::heads::AlignmentHeads;
use self::network::Network;
use self::rules::{Rules, log_sum};
use self::search::{Ends, Written};
use self::spectrogram::Spectrogram;
use self::vocabulary::Vocabulary;
use super::attempts::{Pass, Sampling};
use super::engine::{Engine, SpeechModel, Wanted};
use super::sentences::{STEP, TextToken, Token};
use super::whisper::{SHORTEST, language_number, most_probable};
use super::{DetectedLanguage, TranscriberError, WhisperSettings};

/// Windows whose texts grow at the same time, unless it is said otherwise.
const PARALLEL: usize = 4;

/// A model in memory, worked by a thread of its own, which ends with the last handle.
pub(super) struct BatchedModel {
    known: Arc<Known>,
    tasks: Sender<Task>,
    parallel: usize,
    beam: u32,
}

/// What is known of a model without asking it.
struct Known {
    vocabulary: Vocabulary,
    /// Tokens that it reads at most.
    context: usize,
    /// Steps by which it attends too late to what is said.
    late: isize,
}

impl BatchedModel {
    /// Loads a model, whose file was checked before.
    ///
    /// # Errors
    /// [`TranscriberError::UnreadableModel`], [`TranscriberError::UnsupportedModel`], or
    /// [`TranscriberError::EngineFailed`] when threads are short.
    pub(super) fn load(path: &Path, settings: &WhisperSettings) -> Result<Self, TranscriberError> {
        let unsupported = |what: String| TranscriberError::UnsupportedModel { path: path.to_owned(), what };
        let unread = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::InvalidData => unsupported(source.to_string()),
            _ => TranscriberError::UnreadableModel { path: path.to_owned(), source },
        };
        let mut file = ModelFile::read(path).map_err(unread)?;
        let vocabulary = Vocabulary::new(std::mem::take(&mut file.words), file.shape.vocabulary);
        let alignment = AlignmentHeads::of(&file.shape);
        let parallel = if settings.parallel == 0 { PARALLEL } else { settings.parallel };
        let batch = Batch {
            spectrogram: Spectrogram::new(&file.filters),
            rules: Rules::of(&vocabulary),
            most: parallel,
            alignment_heads: alignment.heads,
            vocabulary: file.shape.vocabulary,
            network: Network::of(&mut file).map_err(unread)?,
        };
        let known = Arc::new(Known { vocabulary, context: file.shape.context, late: alignment.late });
        let tasks = work(batch, settings.threads())?;
        Ok(Self { known, tasks, parallel, beam: settings.beam() })
    }
}

/// Starts the thread.
fn work(batch: Batch, threads: usize) -> Result<Sender<Task>, TranscriberError> {
    let failed = |error: &dyn std::error::Error| TranscriberError::failed(error.to_string());
    let pool = ThreadPoolBuilder::new().num_threads(threads).thread_name(|number| format!("speech-{number}"));
    let pool = pool.build().map_err(|error| failed(&error))?;
    let (tasks, queue) = channel();
    let thread = std::thread::Builder::new().name("speech".into());
    thread.spawn(move || batch.work(&pool, &queue)).map_err(|error| failed(&error))?;
    Ok(tasks)
}

impl SpeechModel for BatchedModel {
    fn is_multilingual(&self) -> bool {
        self.known.vocabulary.is_multilingual
    }

    fn knows(&self, language: &str) -> bool {
        self.known.language(language).is_some()
    }

    fn parallel(&self) -> usize {
        self.parallel
    }

    fn beam(&self) -> u32 {
        self.beam
    }

    fn aligns(&self) -> bool {
        true
    }

    fn engine(&self) -> Result<Box<dyn Engine>, TranscriberError> {
        let (known, tasks) = (Arc::clone(&self.known), self.tasks.clone());
        Ok(Box::new(BatchedEngine { known, tasks, samples: Arc::new([]), heard: None }))
    }
}

impl Known {
    /// The token of a language.
    fn language(&self, code: &str) -> Option<u32> {
        let vocabulary = &self.vocabulary;
        let token = vocabulary.languages.clone().nth(language_number(code)?)?;
        (vocabulary.is_multilingual || code == "en").then_some(token)
    }

    /// What stands before a text.
    fn prompt(&self, wanted: &Wanted) -> Vec<u32> {
        let vocabulary = &self.vocabulary;
        let mut prompt = Vec::new();
        if !wanted.prompt.trim().is_empty() {
            let said = vocabulary.tokens(&format!(" {}", wanted.prompt.trim()));
            let most = self.context / 2 - 1;
            prompt.push(vocabulary.before);
            prompt.extend(said.iter().skip(said.len().saturating_sub(most)));
        }
        prompt.push(vocabulary.start);
        if vocabulary.is_multilingual {
            prompt.extend(self.language(&wanted.language));
            prompt.push(if wanted.translate { vocabulary.translate } else { vocabulary.transcribe });
        }
        if !wanted.timestamps {
            prompt.push(vocabulary.no_timestamps);
        }
        prompt
    }

    /// Where a text over so many samples ends.
    fn ends(&self, samples: usize, timestamps: bool) -> Ends {
        // Less than 0.1 s before the end of a window, nothing more can be said.
        let steps = (samples.max(SHORTEST) / STEP).saturating_sub(5) as u32;
        let vocabulary = &self.vocabulary;
        let (token, time) = (vocabulary.end, vocabulary.first_time + steps);
        Ends { token, time, most: self.context / 2 - 5, timestamps }
    }

    fn pass(&self, written: &[Written], most: usize) -> Pass {
        let vocabulary = &self.vocabulary;
        let token = |written: &Written| match written.token {
            text if text < vocabulary.end => Some(Token::Text(TextToken {
                bytes: vocabulary.bytes(text).to_vec(),
                logprob: written.logprob,
                time: None,
            })),
            time => time.checked_sub(vocabulary.first_time).map(Token::Time),
        };
        let logprobs: f32 = written.iter().map(|written| written.logprob).sum();
        Pass {
            tokens: written.iter().filter_map(token).collect(),
            logprob: logprobs / written.len().max(1) as f32,
            endless: written.len() > most,
        }
    }
}

/// One window at a time, given to the thread of the model.
struct BatchedEngine {
    known: Arc<Known>,
    tasks: Sender<Task>,
    samples: Arc<[f32]>,
    heard: Option<Arc<Heard>>,
}

impl BatchedEngine {
    fn ask(&mut self, wish: Wish, halt: &CancellationToken) -> Result<Outcome, TranscriberError> {
        let window = match &self.heard {
            Some(heard) => Window::Heard(Arc::clone(heard)),
            None => Window::Samples(Arc::clone(&self.samples)),
        };
        let (reply, answer) = channel();
        let sent = self.tasks.send(Task { window, wish, halt: halt.clone(), reply });
        let outcome = sent.ok().and_then(|()| answer.recv().ok());
        if halt.is_cancelled() {
            return Err(TranscriberError::Stopped);
        }
        let outcome = outcome.ok_or_else(|| TranscriberError::failed("it broke down"))?;
        self.heard = Some(Arc::clone(&outcome.heard));
        Ok(outcome)
    }

    /// The logits of what may begin a text over some steps.
    fn opening(&mut self, steps: Range<usize>) -> Result<Vec<f32>, TranscriberError> {
        let token = self.known.vocabulary.start;
        Ok(self.ask(Wish::Next { token, steps }, &CancellationToken::new())?.next)
    }
}

impl Engine for BatchedEngine {
    fn listen(&mut self, samples: &[f32]) {
        // What was heard of the same samples, to tell their language, is not encoded again.
        if *self.samples != *samples {
            (self.samples, self.heard) = (samples.into(), None);
        }
    }

    fn pass(
        &mut self,
        wanted: &Wanted,
        sampling: Sampling,
        halt: &CancellationToken,
    ) -> Result<Pass, TranscriberError> {
        let (prompt, ends) =
            (self.known.prompt(wanted), self.known.ends(self.samples.len(), wanted.timestamps));
        let outcome = self.ask(Wish::Text { prompt, sampling, ends }, halt)?;
        Ok(self.known.pass(&outcome.written, ends.most))
    }

    fn no_speech(&mut self) -> Result<f32, TranscriberError> {
        let logits = self.opening(0..usize::MAX)?;
        let logit = logits.get(self.known.vocabulary.no_speech as usize);
        Ok(logit.map_or(0.0, |logit| (logit - log_sum(&logits)).exp()))
    }

    fn languages(&mut self, span: &Range<usize>) -> Result<Vec<DetectedLanguage>, TranscriberError> {
        // All steps for all samples: the silence behind them counts, too.
        let end = if span.end < self.samples.len() { span.end.div_ceil(STEP) } else { usize::MAX };
        let logits = self.opening(span.start / STEP..end)?;
        let tokens = &self.known.vocabulary.languages;
        let logits = logits.get(tokens.start as usize..tokens.end as usize).unwrap_or_default();
        let all = log_sum(logits);
        most_probable(logits.iter().map(|logit| (logit - all).exp()))
    }

    fn align(
        &mut self,
        wanted: &Wanted,
        tokens: &mut [Token],
        halt: &CancellationToken,
    ) -> Result<(), TranscriberError> {
        self.tell_times(wanted, tokens, halt)
    }

    fn start_afresh(&mut self) {
        self.heard = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{DecodeLimits, Recording};

    fn toy() -> BatchedModel {
        let settings = WhisperSettings { threads: 2, ..WhisperSettings::default() };
        BatchedModel::load(&ground_truth::toy_model(), &settings).unwrap()
    }

    /// The windows of a recording.
    fn windows(name: &str) -> Vec<Arc<[f32]>> {
        let path = ground_truth::recording(name).path();
        let mut recording = Recording::open(&path, &DecodeLimits::default()).unwrap();
        let windows =
            std::iter::from_fn(|| recording.next_stretch().unwrap()).flat_map(|stretch| stretch.windows);
        windows.map(|window| window.samples).collect()
    }

    fn text(model: &BatchedModel, samples: &[f32], sampling: Sampling) -> String {
        let (mut engine, wanted) = (
            model.engine().unwrap(),
            Wanted { language: "en".into(), timestamps: true, ..Wanted::default() },
        );
        engine.listen(samples);
        let pass = engine.pass(&wanted, sampling, &CancellationToken::new()).unwrap();
        let bytes = pass.tokens.iter().filter_map(|token| match token {
            Token::Text(text) => Some(text.bytes.as_slice()),
            Token::Time(_) => None,
        });
        String::from_utf8(bytes.collect::<Vec<_>>().concat()).unwrap()
    }

    #[test]
    fn a_prompt_names_language_and_task_after_what_was_said_before() {
        let model = toy();
        let prompt = |language: &str, translate, said: &str| {
            model.known.prompt(&Wanted {
                language: language.into(),
                translate,
                prompt: said.into(),
                timestamps: true,
            })
        };
        let vocabulary = &model.known.vocabulary;
        let (start, english) = (vocabulary.start, vocabulary.languages.start);
        assert_eq!(prompt("en", false, " "), [start, english, vocabulary.transcribe]);
        assert_eq!(
            prompt("ko", true, ""),
            [start, model.known.language("ko").unwrap(), vocabulary.translate]
        );
        let long = prompt("en", false, &"budget ".repeat(500));
        assert_eq!((long.len(), long[0]), (448 / 2 + 3, vocabulary.before));
        assert_eq!(vocabulary.bytes(long[223]), b" budget");
    }

    #[test]
    fn texts_that_grow_together_are_those_that_grow_alone() {
        let (model, windows) = (toy(), windows("meeting_en.flac"));
        let ways =
            [Sampling::Greedy, Sampling::Beam(3), Sampling::Greedy, Sampling::Greedy, Sampling::Random(0.1)];
        let alone: Vec<_> =
            windows.iter().cycle().zip(ways).map(|(window, way)| text(&model, window, way)).collect();
        assert!(alone.iter().all(|text| text.len() > 50), "{alone:?}");
        let together: Vec<_> = std::thread::scope(|scope| {
            let (model, each) = (&model, windows.iter().cycle().zip(ways));
            let threads: Vec<_> =
                each.map(|(window, way)| scope.spawn(move || text(model, window, way))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(together, alone);
    }

    #[test]
    fn what_is_stopped_or_breaks_down_harms_no_other() {
        let (model, window) = (toy(), windows("short_en.wav").remove(0));
        let wish = || Wish::Text {
            prompt: model.known.prompt(&Wanted::default()),
            sampling: Sampling::Greedy,
            ends: model.known.ends(0, true),
        };
        let ask = |window, halt: &CancellationToken| {
            let (reply, answer) = channel();
            model.tasks.send(Task { window, wish: wish(), halt: halt.clone(), reply }).unwrap();
            answer
        };
        let (halt, go_on) = (CancellationToken::new(), CancellationToken::new());
        let stopped = ask(Window::Samples(Arc::clone(&window)), &halt);
        halt.cancel();
        assert!(stopped.recv().is_err());
        let good = || ask(Window::Samples(Arc::clone(&window)), &go_on);
        let before = [good(), good(), good()];
        let broken = ask(Window::Heard(Arc::new(Heard::default())), &go_on);
        let good = before.into_iter().chain([good()]);
        assert!(broken.recv().is_err(), "nothing was heard, not even silence");
        let written: Vec<_> = good.map(|answer| answer.recv().unwrap().written).collect();
        assert!(written[0].len() > 5 && written.iter().all(|text| *text == written[0]), "{written:?}");
        assert!(text(&model, &window, Sampling::Greedy).len() > 20);
    }
}

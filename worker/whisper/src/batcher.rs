//! The thread that runs the network: windows are encoded one by one, and their sequences are decoded together, because reading
//! the weights takes as long for one sequence as for several.

use std::collections::VecDeque;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use rayon::ThreadPool;
use rayon::prelude::*;
use tokio_util::sync::CancellationToken;

use crate::decode_state::{DecodeState, ScoredToken, StopCriteria};
use crate::decoder::{EncoderOutput, Head};
use crate::logit_filter::LogitFilter;
use crate::mel::MelSpectrogram;
use crate::network::Network;
use crate::output::Sampling;

/// A window to be encoded, if it was not yet, and what is asked of it.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) audio: Audio,
    pub(crate) request: Request,
    pub(crate) halt: CancellationToken,
    pub(crate) reply: Sender<Response>,
}

#[derive(Clone)]
pub(crate) enum Audio {
    /// 16 kHz mono samples.
    Samples(Arc<[f32]>),
    Encoded(Arc<EncoderOutput>),
}

#[derive(Clone)]
pub(crate) enum Request {
    /// The logits of what may follow one token, over what was encoded at some steps.
    Logits { token: u32, steps: Range<usize> },
    /// How much each of some tokens attends to what was encoded.
    CrossAttention(Vec<u32>),
    /// A text after a prompt.
    Decode { prompt: Vec<u32>, sampling: Sampling, stop: StopCriteria },
}

#[derive(Default)]
pub(crate) struct Response {
    pub(crate) encoded: Arc<EncoderOutput>,
    pub(crate) logits: Vec<f32>,
    pub(crate) tokens: Vec<ScoredToken>,
    /// For each token a row of steps.
    pub(crate) attention: Vec<f32>,
}

pub(crate) struct Batcher {
    pub(crate) network: Network,
    /// Heads that attend to what is said.
    pub(crate) alignment_heads: Vec<Head>,
    /// Tokens there are.
    pub(crate) n_vocab: usize,
    pub(crate) spectrogram: MelSpectrogram,
    pub(crate) filter: LogitFilter,
    /// Windows that are decoded at the same time.
    pub(crate) max_active: usize,
}

/// A window that is being decoded.
struct ActiveSequence {
    job: Job,
    encoded: Arc<EncoderOutput>,
    state: DecodeState,
}

/// What is to be done.
#[derive(Default)]
struct Schedule {
    waiting: VecDeque<Job>,
    /// What was in hand in a panic, and is tried once more by itself.
    again: VecDeque<Job>,
    /// What is taken up.
    taken: Option<Job>,
    active: Vec<ActiveSequence>,
    /// Whether a window is decoded alone until its end: whoever comes first is not to wait for all that come after.
    alone: bool,
    /// Whether what is in hand is tried once more.
    retried: bool,
}

impl Schedule {
    /// Takes one up, if there is room.
    fn take(&mut self, max_active: usize) {
        if self.active.is_empty() {
            self.taken = self.again.pop_front();
            self.retried = self.taken.is_some();
            self.alone = self.retried || self.waiting.len() == 1;
            self.taken = self.taken.take().or_else(|| self.waiting.pop_front());
        } else if !self.alone && self.active.len() < max_active {
            self.taken = self.waiting.pop_front();
        }
    }

    /// Lets go what was in hand in a panic. Who waits for what is given up is told so by the end of the channel.
    fn recover(&mut self) {
        let in_hand = self.active.drain(..).map(|active| active.job).chain(self.taken.take());
        let in_hand = in_hand.filter(|_| !self.retried);
        self.again.extend(in_hand);
    }

    fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.again.is_empty() && self.active.is_empty()
    }
}

impl Batcher {
    /// Runs until nobody can ask for anything any more.
    pub(crate) fn run(&self, pool: &ThreadPool, jobs: &Receiver<Job>) {
        let mut schedule = Schedule::default();
        loop {
            if schedule.is_empty() {
                let Ok(job) = jobs.recv() else { return };
                schedule.waiting.push_back(job);
            }
            schedule.waiting.extend(jobs.try_iter());
            if catch_unwind(AssertUnwindSafe(|| pool.install(|| self.step(&mut schedule)))).is_err() {
                schedule.recover();
            }
        }
    }

    /// Starts one that waits, and decodes a token of each sequence.
    fn step(&self, schedule: &mut Schedule) {
        schedule.take(self.max_active);
        if let Some(job) = &schedule.taken {
            schedule.active.extend(self.start(job));
            schedule.taken = None;
        }
        if !schedule.active.is_empty() {
            self.decode_step(&mut schedule.active);
        }
        schedule.active.retain(|text| !text.is_done());
    }

    fn start(&self, job: &Job) -> Option<ActiveSequence> {
        let Job { audio, request, halt, reply } = job;
        if halt.is_cancelled() {
            return None;
        }
        let encoded = match audio {
            Audio::Encoded(encoded) => Arc::clone(encoded),
            Audio::Samples(samples) => Arc::new(self.network.encode(&self.spectrogram.of(samples))),
        };
        let response = match request {
            Request::Logits { token, steps } => {
                let mut sequence = self.network.decoder.begin(Arc::new(encoded.only(steps)));
                let logits = self.network.forward(&mut [(&mut sequence, &[*token])]).to_vec();
                Response { encoded, logits, ..Response::default() }
            }
            Request::CrossAttention(tokens) => {
                let attention = self.network.cross_attention(&encoded, tokens, &self.alignment_heads);
                Response { encoded, attention, ..Response::default() }
            }
            Request::Decode { prompt, sampling, stop } => {
                let sequence = self.network.decoder.begin(Arc::clone(&encoded));
                let state = DecodeState::new(sequence, prompt.clone(), *sampling, *stop);
                let job = Job { audio: Audio::Encoded(Arc::clone(&encoded)), ..job.clone() };
                return Some(ActiveSequence { job, encoded, state });
            }
        };
        // Nobody may wait any more.
        _ = reply.send(response);
        None
    }

    fn decode_step(&self, active: &mut [ActiveSequence]) {
        let mut texts: Vec<_> = active.iter_mut().flat_map(|active| active.state.active()).collect();
        let mut pending: Vec<_> = texts.iter_mut().map(|text| text.pending()).collect();
        let mut logits = self.network.forward(&mut pending);
        let each = texts.par_iter_mut().zip(logits.par_chunks_mut(self.n_vocab));
        each.for_each(|(text, logits)| text.score(&self.filter, logits));
        active.iter_mut().for_each(|active| active.state.advance());
    }
}

impl ActiveSequence {
    /// Whether the text has finished, which is told then, or is not wanted any more. Who gets no answer knows that the model
    /// broke down.
    fn is_done(&self) -> bool {
        let finished = self.state.is_finished();
        if finished && let Some(tokens) = self.state.best() {
            let encoded = Arc::clone(&self.encoded);
            // Nobody may wait any more.
            _ = self.job.reply.send(Response { encoded, tokens, ..Response::default() });
        }
        finished || self.job.halt.is_cancelled()
    }
}

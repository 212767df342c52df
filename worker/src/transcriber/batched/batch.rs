//! The thread that works the network: windows are heard one by one, and the texts of all grow together, because reading the
//! weights takes as long for one text as for several.

use std::collections::VecDeque;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use rayon::ThreadPool;
use rayon::prelude::*;
use tokio_util::sync::CancellationToken;

use super::decoder::{Head, Heard};
use super::network::Network;
use super::rules::Rules;
use super::search::{Ends, Search, Written};
use super::spectrogram::Spectrogram;
use crate::transcriber::attempts::Sampling;

/// A window to be heard, if it was not yet, and what is to be made of it.
#[derive(Clone)]
pub(super) struct Task {
    pub(super) window: Window,
    pub(super) wish: Wish,
    pub(super) halt: CancellationToken,
    pub(super) reply: Sender<Outcome>,
}

#[derive(Clone)]
pub(super) enum Window {
    /// 16 kHz mono samples.
    Samples(Arc<[f32]>),
    Heard(Arc<Heard>),
}

#[derive(Clone)]
pub(super) enum Wish {
    /// The logits of what may follow one token, over what was heard at some steps.
    Next { token: u32, steps: Range<usize> },
    /// How much each of some tokens attends to what was heard.
    Attention(Vec<u32>),
    /// A text after a prompt.
    Text { prompt: Vec<u32>, sampling: Sampling, ends: Ends },
}

#[derive(Default)]
pub(super) struct Outcome {
    pub(super) heard: Arc<Heard>,
    pub(super) next: Vec<f32>,
    pub(super) written: Vec<Written>,
    /// For each token a row of steps.
    pub(super) attention: Vec<f32>,
}

pub(super) struct Batch {
    pub(super) network: Network,
    /// Heads that attend to what is said.
    pub(super) alignment_heads: Vec<Head>,
    /// Tokens there are.
    pub(super) vocabulary: usize,
    pub(super) spectrogram: Spectrogram,
    pub(super) rules: Rules,
    /// Windows whose texts grow at the same time.
    pub(super) most: usize,
}

/// A text that grows.
struct Growing {
    task: Task,
    heard: Arc<Heard>,
    search: Search,
}

/// What is to be done.
#[derive(Default)]
struct Work {
    waiting: VecDeque<Task>,
    /// What was in hand in a panic, and is tried once more by itself.
    again: VecDeque<Task>,
    /// What is taken up.
    taken: Option<Task>,
    growing: Vec<Growing>,
    /// Whether a text grows alone until it ends: whoever comes first is not to wait for all that come after.
    alone: bool,
    /// Whether what is in hand is tried once more.
    retried: bool,
}

impl Work {
    /// Takes one up, if there is room.
    fn take(&mut self, most: usize) {
        if self.growing.is_empty() {
            self.taken = self.again.pop_front();
            self.retried = self.taken.is_some();
            self.alone = self.retried || self.waiting.len() == 1;
            self.taken = self.taken.take().or_else(|| self.waiting.pop_front());
        } else if !self.alone && self.growing.len() < most {
            self.taken = self.waiting.pop_front();
        }
    }

    /// Lets go what was in hand in a panic. Who waits for what is given up is told so by the end of the channel.
    fn recover(&mut self) {
        let in_hand = self.growing.drain(..).map(|growing| growing.task).chain(self.taken.take());
        let in_hand = in_hand.filter(|_| !self.retried);
        self.again.extend(in_hand);
    }

    fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.again.is_empty() && self.growing.is_empty()
    }
}

impl Batch {
    /// Works until nobody can ask for anything any more.
    pub(super) fn work(&self, pool: &ThreadPool, tasks: &Receiver<Task>) {
        let mut work = Work::default();
        loop {
            if work.is_done() {
                let Ok(task) = tasks.recv() else { return };
                work.waiting.push_back(task);
            }
            work.waiting.extend(tasks.try_iter());
            if catch_unwind(AssertUnwindSafe(|| pool.install(|| self.step(&mut work)))).is_err() {
                work.recover();
            }
        }
    }

    /// Takes up one that waits, and lets all texts grow by a token.
    fn step(&self, work: &mut Work) {
        work.take(self.most);
        if let Some(task) = &work.taken {
            work.growing.extend(self.take_up(task));
            work.taken = None;
        }
        if !work.growing.is_empty() {
            self.grow(&mut work.growing);
        }
        work.growing.retain(|text| !text.is_done());
    }

    fn take_up(&self, task: &Task) -> Option<Growing> {
        let Task { window, wish, halt, reply } = task;
        if halt.is_cancelled() {
            return None;
        }
        let heard = match window {
            Window::Heard(heard) => Arc::clone(heard),
            Window::Samples(samples) => Arc::new(self.network.hear(&self.spectrogram.of(samples))),
        };
        let outcome = match wish {
            Wish::Next { token, steps } => {
                let mut sequence = self.network.decoder.begin(Arc::new(heard.only(steps)));
                let next = self.network.read(&mut [(&mut sequence, &[*token])]).to_vec();
                Outcome { heard, next, ..Outcome::default() }
            }
            Wish::Attention(tokens) => {
                let attention = self.network.cross_attention(&heard, tokens, &self.alignment_heads);
                Outcome { heard, attention, ..Outcome::default() }
            }
            Wish::Text { prompt, sampling, ends } => {
                let sequence = self.network.decoder.begin(Arc::clone(&heard));
                let search = Search::new(sequence, prompt.clone(), *sampling, *ends);
                let task = Task { window: Window::Heard(Arc::clone(&heard)), ..task.clone() };
                return Some(Growing { task, heard, search });
            }
        };
        // Nobody may wait any more.
        _ = reply.send(outcome);
        None
    }

    fn grow(&self, growing: &mut [Growing]) {
        let mut texts: Vec<_> = growing.iter_mut().flat_map(|growing| growing.search.unended()).collect();
        let mut unread: Vec<_> = texts.iter_mut().map(|text| text.unread()).collect();
        let mut logits = self.network.read(&mut unread);
        let each = texts.par_iter_mut().zip(logits.par_chunks_mut(self.vocabulary));
        each.for_each(|(text, logits)| text.look_ahead(&self.rules, logits));
        growing.iter_mut().for_each(|growing| growing.search.write());
    }
}

impl Growing {
    /// Whether the text has ended, which is told then, or is not wanted any more. Who gets no answer knows that the model
    /// broke down.
    fn is_done(&self) -> bool {
        let ended = self.search.is_ended();
        if ended && let Some(written) = self.search.best() {
            let heard = Arc::clone(&self.heard);
            // Nobody may wait any more.
            _ = self.task.reply.send(Outcome { heard, written, ..Outcome::default() });
        }
        ended || self.task.halt.is_cancelled()
    }
}

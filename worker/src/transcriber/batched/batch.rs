//! The thread that works the network: windows are heard one by one, and the texts of all grow together, because reading the
//! weights takes as long for one text as for several.

use std::collections::VecDeque;
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
pub(super) struct Task {
    pub(super) window: Window,
    pub(super) wish: Wish,
    pub(super) halt: CancellationToken,
    pub(super) reply: Sender<Outcome>,
}

pub(super) enum Window {
    /// 16 kHz mono samples.
    Samples(Arc<[f32]>),
    Heard(Arc<Heard>),
}

pub(super) enum Wish {
    /// The logits of what may follow one token.
    Next(u32),
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
    heard: Arc<Heard>,
    search: Search,
    halt: CancellationToken,
    reply: Sender<Outcome>,
}

/// What is to be done.
#[derive(Default)]
struct Work {
    waiting: VecDeque<Task>,
    growing: Vec<Growing>,
    /// Whether a text grows alone until it ends: whoever comes first is not to wait for all that come after.
    alone: bool,
}

impl Batch {
    /// Works until nobody can ask for anything any more.
    pub(super) fn work(&self, pool: &ThreadPool, tasks: &Receiver<Task>) {
        let mut work = Work::default();
        loop {
            if work.waiting.is_empty() && work.growing.is_empty() {
                let Ok(task) = tasks.recv() else { return };
                work.waiting.push_back(task);
            }
            work.waiting.extend(tasks.try_iter());
            // Who waits for what a panic takes away is told so by the end of the channel.
            if catch_unwind(AssertUnwindSafe(|| pool.install(|| self.step(&mut work)))).is_err() {
                work = Work::default();
            }
        }
    }

    /// Takes up one that waits, and lets all texts grow by a token.
    fn step(&self, work: &mut Work) {
        let Work { waiting, growing, alone } = work;
        let room = growing.is_empty() || !*alone && growing.len() < self.most;
        if let Some(task) = room.then(|| waiting.pop_front()).flatten() {
            *alone = growing.is_empty() && waiting.is_empty();
            growing.extend(self.take_up(task));
        }
        if !growing.is_empty() {
            self.grow(growing);
        }
        growing.retain(|text| !text.is_done());
    }

    fn take_up(&self, task: Task) -> Option<Growing> {
        let Task { window, wish, halt, reply } = task;
        if halt.is_cancelled() {
            return None;
        }
        let heard = match window {
            Window::Heard(heard) => heard,
            Window::Samples(samples) => Arc::new(self.network.hear(&self.spectrogram.of(&samples))),
        };
        let mut sequence = self.network.decoder.begin(Arc::clone(&heard));
        match wish {
            Wish::Next(token) => {
                let next = self.network.read(&mut [(&mut sequence, &[token])]).to_vec();
                // Nobody may wait any more.
                _ = reply.send(Outcome { heard, next, ..Outcome::default() });
                None
            }
            Wish::Attention(tokens) => {
                let attention = self.network.cross_attention(&heard, &tokens, &self.alignment_heads);
                // Nobody may wait any more.
                _ = reply.send(Outcome { heard, attention, ..Outcome::default() });
                None
            }
            Wish::Text { prompt, sampling, ends } => {
                Some(Growing { heard, search: Search::new(sequence, prompt, sampling, ends), halt, reply })
            }
        }
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
            _ = self.reply.send(Outcome { heard, written, ..Outcome::default() });
        }
        ended || self.halt.is_cancelled()
    }
}

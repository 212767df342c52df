//! The half of the network that writes.
#![expect(
    clippy::indexing_slicing,
    reason = "sizes are checked when a model is loaded, and tokens and positions are bounded"
)]

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use rayon::prelude::*;

use super::attention::{HEAD, Memory};
use super::buffers::{Buffer, Buffers};
use super::layers::{Attention, Norm, Perceptron};
use super::linear::Linear;

pub(super) struct Decoder {
    pub(super) width: usize,
    pub(super) positions: Vec<f32>,
    pub(super) layers: Vec<Layer>,
    pub(super) norm: Norm,
    pub(super) tokens: Linear,
}

pub(super) struct Layer {
    /// To the tokens before.
    pub(super) attention: Attention,
    /// To what was heard.
    pub(super) norm: Norm,
    pub(super) query: Linear,
    /// Makes keys and values of what was heard.
    pub(super) heard: Linear,
    pub(super) out: Linear,
    pub(super) perceptron: Perceptron,
}

/// A head of a layer that turns to what was heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Head {
    pub(super) layer: usize,
    pub(super) number: usize,
}

/// What was heard in a window: for each layer and each head what it can turn to.
#[derive(Default)]
pub(super) struct Heard(Vec<Memory>);

impl Heard {
    /// What was heard at some steps alone.
    pub(super) fn only(&self, steps: &Range<usize>) -> Self {
        Self(self.0.iter().map(|memory| memory.only(steps)).collect())
    }
}

/// Tokens that were read one after the other, over what was heard.
#[derive(Clone)]
#[cfg_attr(test, derive(Default))]
pub(super) struct Sequence {
    heard: Arc<Heard>,
    memories: Vec<Memory>,
    length: usize,
}

impl Decoder {
    fn heads(&self) -> usize {
        self.width / HEAD
    }

    /// What each layer can turn to of what the encoder heard at each step.
    pub(super) fn prepare(&self, buffers: &Buffers, heard: &[f32]) -> Heard {
        let width = self.width;
        let of_layer = |layer: &Layer| {
            let all = layer.heard.apply(buffers, heard);
            let of_head = |head| Memory::of(&all, 2 * width, head * HEAD, width + head * HEAD);
            (0..self.heads()).into_par_iter().map(of_head).collect::<Vec<_>>()
        };
        Heard(self.layers.iter().flat_map(of_layer).collect())
    }

    /// A text over what was heard, of which nothing is read yet.
    pub(super) fn begin(&self, heard: Arc<Heard>) -> Sequence {
        let memories = vec![Memory::default(); self.layers.len() * self.heads()];
        Sequence { heard, memories, length: 0 }
    }

    /// Reads tokens, and gives for the last of each sequence how probable each token is to follow, as logits.
    pub(super) fn read<'a>(&self, buffers: &'a Buffers, texts: &mut [(&mut Sequence, &[u32])]) -> Buffer<'a> {
        let rows = self.read_layers(buffers, texts, |_, _| ControlFlow::Continue(()));
        let last = self.last_rows(&rows, texts);
        self.tokens.apply(buffers, &self.norm.apply(buffers, &last))
    }

    /// How much each of some tokens attends to each step of what was heard, on average over some heads, token by token.
    pub(super) fn cross_attention(
        &self,
        buffers: &Buffers,
        heard: &Arc<Heard>,
        tokens: &[u32],
        heads: &[Head],
    ) -> Vec<f32> {
        let mut all = Vec::new();
        let last = heads.iter().map(|head| head.layer).max().unwrap_or_default();
        let mut sequence = self.begin(Arc::clone(heard));
        self.read_layers(buffers, &mut [(&mut sequence, tokens)], |layer, queries| {
            let of_layer = heads.par_iter().filter(|head| head.layer == layer);
            let weights = of_layer.map(|head| {
                let memory = &heard.0[layer * self.heads() + head.number];
                memory.weights(&self.of_head(queries, head.number), memory.steps())
            });
            for weights in weights.collect::<Vec<_>>() {
                all.resize(weights.len(), 0.0);
                all.iter_mut().zip(weights).for_each(|(all, weight)| *all += weight / heads.len() as f32);
            }
            if layer < last { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        all
    }

    /// Reads tokens layer by layer. `watch` is told the queries to what was heard, row by row, and may end it there.
    fn read_layers(
        &self,
        buffers: &Buffers,
        texts: &mut [(&mut Sequence, &[u32])],
        mut watch: impl FnMut(usize, &[f32]) -> ControlFlow<()>,
    ) -> Vec<f32> {
        let places = places(texts);
        let mut rows = self.embed(texts);
        for (number, layer) in self.layers.iter().enumerate() {
            let all = layer.attention.all.apply(buffers, &layer.attention.norm.apply(buffers, &rows));
            self.remember(number, &all, &places, texts);
            let mut found = buffers.take(rows.len());
            let queries = |row: usize, head: usize| &all[row * 3 * self.width + head * HEAD..][..HEAD];
            self.for_each_head(&mut found, |row, head, found| {
                let (text, position) = places[row];
                let memory = &texts[text].0.memories[number * self.heads() + head];
                memory.attend(queries(row, head), position + 1, found);
            });
            layer.attention.out.add(buffers, &found, &mut rows);
            let queries = layer.query.apply(buffers, &layer.norm.apply(buffers, &rows));
            if watch(number, &queries).is_break() {
                break;
            }
            self.listen(number, &queries, texts, &mut found);
            layer.out.add(buffers, &found, &mut rows);
            layer.perceptron.add(buffers, &mut rows);
        }
        rows
    }

    fn embed(&self, texts: &[(&mut Sequence, &[u32])]) -> Vec<f32> {
        let mut rows = Vec::new();
        for (sequence, tokens) in texts {
            let positions = self.positions.chunks_exact(self.width).skip(sequence.length);
            for (token, position) in tokens.iter().zip(positions) {
                rows.extend(
                    self.tokens.row(*token as usize).zip(position).map(|(token, place)| token + place),
                );
            }
        }
        rows
    }

    /// Keeps the keys and values of all rows of a layer.
    fn remember(
        &self,
        layer: usize,
        all: &[f32],
        places: &[(usize, usize)],
        texts: &mut [(&mut Sequence, &[u32])],
    ) {
        for ((text, _), row) in places.iter().zip(all.chunks_exact(3 * self.width)) {
            let (keys, values) = row[self.width..].split_at(self.width);
            let memories = texts[*text].0.memories.iter_mut().skip(layer * self.heads());
            for ((memory, key), value) in memories.zip(keys.chunks_exact(HEAD)).zip(values.chunks_exact(HEAD))
            {
                memory.push(key, value);
            }
        }
    }

    fn for_each_head(&self, found: &mut [f32], attend: impl Fn(usize, usize, &mut [f32]) + Sync) {
        let heads = found.par_chunks_mut(HEAD).enumerate();
        heads.for_each(|(place, found)| attend(place / self.heads(), place % self.heads(), found));
    }

    /// What all rows find in what was heard. Those of a window look for it together, so that no key is read for each of
    /// them: the hypotheses of a beam cost little more than one.
    fn listen(&self, layer: usize, queries: &[f32], texts: &[(&mut Sequence, &[u32])], found: &mut [f32]) {
        let windows = self.windows(texts);
        let heads: Vec<_> = (0..windows.len() * self.heads())
            .into_par_iter()
            .map(|place| {
                let ((heard, rows), head) = (&windows[place / self.heads()], place % self.heads());
                let memory = &heard.0[layer * self.heads() + head];
                memory.attend_all(&self.of_head(&queries[rows.clone()], head))
            })
            .collect();
        for ((_, rows), heads) in windows.iter().zip(heads.chunks_exact(self.heads())) {
            for (head, of_head) in heads.iter().enumerate() {
                let rows = found[rows.clone()].chunks_exact_mut(self.width);
                for (row, of_head) in rows.zip(of_head.chunks_exact(HEAD)) {
                    row[head * HEAD..][..HEAD].copy_from_slice(of_head);
                }
            }
        }
    }

    /// What was heard in each window, with the floats of all rows of the texts over it. Those of a window stand together.
    fn windows<'a>(&self, texts: &'a [(&mut Sequence, &[u32])]) -> Vec<(&'a Arc<Heard>, Range<usize>)> {
        let mut windows: Vec<(&Arc<Heard>, Range<usize>)> = Vec::new();
        for (sequence, tokens) in texts {
            let start = windows.last().map_or(0, |(_, rows)| rows.end);
            let end = start + tokens.len() * self.width;
            match windows.last_mut().filter(|(heard, _)| Arc::ptr_eq(heard, &sequence.heard)) {
                Some((_, rows)) => rows.end = end,
                None => windows.push((&sequence.heard, start..end)),
            }
        }
        windows
    }

    /// The numbers of one head, row by row.
    fn of_head(&self, rows: &[f32], head: usize) -> Vec<f32> {
        rows.chunks_exact(self.width).flat_map(|row| &row[head * HEAD..][..HEAD]).copied().collect()
    }

    /// The last row of each text, all of whose rows are read now.
    fn last_rows(&self, rows: &[f32], texts: &mut [(&mut Sequence, &[u32])]) -> Vec<f32> {
        let (mut last, mut rows) = (Vec::new(), rows.chunks_exact(self.width));
        for (sequence, tokens) in texts {
            sequence.length += tokens.len();
            last.extend_from_slice(rows.by_ref().take(tokens.len()).last().unwrap_or_default());
        }
        last
    }
}

/// Of each row the text it belongs to and its position there.
fn places(texts: &[(&mut Sequence, &[u32])]) -> Vec<(usize, usize)> {
    let rows = |(text, (sequence, tokens)): (usize, &(&mut Sequence, &[u32]))| {
        let first = sequence.length;
        (first..first + tokens.len()).map(move |position| (text, position))
    };
    texts.iter().enumerate().flat_map(rows).collect()
}

//! The decoder: tokens to logits, with what was encoded in view.
#![expect(
    clippy::indexing_slicing,
    reason = "sizes are checked when a model is loaded, and tokens and positions are bounded"
)]

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use rayon::prelude::*;

use crate::attention::{HEAD_SIZE, KvCache};
use crate::buffers::{Buffer, Buffers};
use crate::layers::{Attention, FeedForward, LayerNorm};
use crate::linear::Linear;

pub(crate) struct Decoder {
    pub(crate) d_model: usize,
    pub(crate) positions: Vec<f32>,
    pub(crate) layers: Vec<Layer>,
    pub(crate) norm: LayerNorm,
    pub(crate) tokens: Linear,
}

pub(crate) struct Layer {
    /// To the tokens before.
    pub(crate) attention: Attention,
    /// Cross-attention.
    pub(crate) norm: LayerNorm,
    pub(crate) query: Linear,
    /// Makes keys and values of what was encoded.
    pub(crate) cross_kv: Linear,
    pub(crate) out: Linear,
    pub(crate) feed_forward: FeedForward,
}

/// A head of cross-attention in a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Head {
    pub(crate) layer: usize,
    pub(crate) number: usize,
}

/// What was encoded in a window: for each layer and each head the keys and values of cross-attention.
#[derive(Default)]
pub(crate) struct EncoderOutput(Vec<KvCache>);

impl EncoderOutput {
    /// What was encoded at some steps alone.
    pub(crate) fn only(&self, steps: &Range<usize>) -> Self {
        Self(self.0.iter().map(|cache| cache.only(steps)).collect())
    }
}

/// Tokens that were read one after the other, over what was encoded.
#[derive(Clone)]
#[cfg_attr(test, derive(Default))]
pub(crate) struct Sequence {
    encoded: Arc<EncoderOutput>,
    caches: Vec<KvCache>,
    length: usize,
}

impl Decoder {
    fn heads(&self) -> usize {
        self.d_model / HEAD_SIZE
    }

    /// The keys and values of cross-attention of all layers, from what the encoder gave for each step.
    pub(crate) fn cross_kv(&self, buffers: &Buffers, encoded: &[f32]) -> EncoderOutput {
        let d_model = self.d_model;
        let of_layer = |layer: &Layer| {
            let all = layer.cross_kv.apply(buffers, encoded);
            let of_head = |head| KvCache::of(&all, 2 * d_model, head * HEAD_SIZE, d_model + head * HEAD_SIZE);
            (0..self.heads()).into_par_iter().map(of_head).collect::<Vec<_>>()
        };
        EncoderOutput(self.layers.iter().flat_map(of_layer).collect())
    }

    /// A text over what was encoded, of which nothing is read yet.
    pub(crate) fn begin(&self, encoded: Arc<EncoderOutput>) -> Sequence {
        let caches = vec![KvCache::default(); self.layers.len() * self.heads()];
        Sequence { encoded, caches, length: 0 }
    }

    /// Reads tokens, and gives for the last of each sequence how probable each token is to follow, as logits.
    pub(crate) fn forward<'a>(
        &self,
        buffers: &'a Buffers,
        texts: &mut [(&mut Sequence, &[u32])],
    ) -> Buffer<'a> {
        let rows = self.forward_layers(buffers, texts, |_, _| ControlFlow::Continue(()));
        let last = self.last_rows(&rows, texts);
        self.tokens.apply(buffers, &self.norm.apply(buffers, &last))
    }

    /// How much each of some tokens attends to each step of what was encoded, on average over some heads, token by token.
    pub(crate) fn cross_attention(
        &self,
        buffers: &Buffers,
        encoded: &Arc<EncoderOutput>,
        tokens: &[u32],
        heads: &[Head],
    ) -> Vec<f32> {
        let mut all = Vec::new();
        let last = heads.iter().map(|head| head.layer).max().unwrap_or_default();
        let mut sequence = self.begin(Arc::clone(encoded));
        self.forward_layers(buffers, &mut [(&mut sequence, tokens)], |layer, queries| {
            let of_layer = heads.par_iter().filter(|head| head.layer == layer);
            let weights = of_layer.map(|head| {
                let cache = &encoded.0[layer * self.heads() + head.number];
                cache.weights(&self.of_head(queries, head.number), cache.steps())
            });
            for weights in weights.collect::<Vec<_>>() {
                all.resize(weights.len(), 0.0);
                all.iter_mut().zip(weights).for_each(|(all, weight)| *all += weight / heads.len() as f32);
            }
            if layer < last { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        all
    }

    /// Reads tokens layer by layer. `watch` is told the queries to what was encoded, row by row, and may end it there.
    fn forward_layers(
        &self,
        buffers: &Buffers,
        texts: &mut [(&mut Sequence, &[u32])],
        mut watch: impl FnMut(usize, &[f32]) -> ControlFlow<()>,
    ) -> Vec<f32> {
        let places = places(texts);
        let mut rows = self.embed(texts);
        for (number, layer) in self.layers.iter().enumerate() {
            let all = layer.attention.all.apply(buffers, &layer.attention.norm.apply(buffers, &rows));
            self.append_kv(number, &all, &places, texts);
            let mut found = buffers.take(rows.len());
            let queries =
                |row: usize, head: usize| &all[row * 3 * self.d_model + head * HEAD_SIZE..][..HEAD_SIZE];
            self.for_each_head(&mut found, |row, head, found| {
                let (text, position) = places[row];
                let cache = &texts[text].0.caches[number * self.heads() + head];
                cache.attend(queries(row, head), position + 1, found);
            });
            layer.attention.out.add(buffers, &found, &mut rows);
            let queries = layer.query.apply(buffers, &layer.norm.apply(buffers, &rows));
            if watch(number, &queries).is_break() {
                break;
            }
            self.cross_attend(number, &queries, texts, &mut found);
            layer.out.add(buffers, &found, &mut rows);
            layer.feed_forward.add(buffers, &mut rows);
        }
        rows
    }

    fn embed(&self, texts: &[(&mut Sequence, &[u32])]) -> Vec<f32> {
        let mut rows = Vec::new();
        for (sequence, tokens) in texts {
            let positions = self.positions.chunks_exact(self.d_model).skip(sequence.length);
            for (token, position) in tokens.iter().zip(positions) {
                rows.extend(
                    self.tokens
                        .row(*token as usize)
                        .into_iter()
                        .zip(position)
                        .map(|(token, place)| token + place),
                );
            }
        }
        rows
    }

    /// Keeps the keys and values of all rows of a layer.
    fn append_kv(
        &self,
        layer: usize,
        all: &[f32],
        places: &[(usize, usize)],
        texts: &mut [(&mut Sequence, &[u32])],
    ) {
        for ((text, _), row) in places.iter().zip(all.chunks_exact(3 * self.d_model)) {
            let (keys, values) = row[self.d_model..].split_at(self.d_model);
            let caches = texts[*text].0.caches.iter_mut().skip(layer * self.heads());
            for ((cache, key), value) in
                caches.zip(keys.chunks_exact(HEAD_SIZE)).zip(values.chunks_exact(HEAD_SIZE))
            {
                cache.push(key, value);
            }
        }
    }

    fn for_each_head(&self, found: &mut [f32], attend: impl Fn(usize, usize, &mut [f32]) + Sync) {
        let heads = found.par_chunks_mut(HEAD_SIZE).enumerate();
        heads.for_each(|(place, found)| attend(place / self.heads(), place % self.heads(), found));
    }

    /// Cross-attention of all rows. Those of a window look for it together, so that no key is read for each of
    /// them: the hypotheses of a beam cost little more than one.
    fn cross_attend(
        &self,
        layer: usize,
        queries: &[f32],
        texts: &[(&mut Sequence, &[u32])],
        found: &mut [f32],
    ) {
        let windows = self.windows(texts);
        let heads: Vec<_> = (0..windows.len() * self.heads())
            .into_par_iter()
            .map(|place| {
                let ((encoded, rows), head) = (&windows[place / self.heads()], place % self.heads());
                let cache = &encoded.0[layer * self.heads() + head];
                cache.attend_many(&self.of_head(&queries[rows.clone()], head))
            })
            .collect();
        for ((_, rows), heads) in windows.iter().zip(heads.chunks_exact(self.heads())) {
            for (head, of_head) in heads.iter().enumerate() {
                let rows = found[rows.clone()].chunks_exact_mut(self.d_model);
                for (row, of_head) in rows.zip(of_head.chunks_exact(HEAD_SIZE)) {
                    row[head * HEAD_SIZE..][..HEAD_SIZE].copy_from_slice(of_head);
                }
            }
        }
    }

    /// What was encoded in each window, with the floats of all rows of the texts over it. Those of a window stand together.
    fn windows<'a>(
        &self,
        texts: &'a [(&mut Sequence, &[u32])],
    ) -> Vec<(&'a Arc<EncoderOutput>, Range<usize>)> {
        let mut windows: Vec<(&Arc<EncoderOutput>, Range<usize>)> = Vec::new();
        for (sequence, tokens) in texts {
            let start = windows.last().map_or(0, |(_, rows)| rows.end);
            let end = start + tokens.len() * self.d_model;
            match windows.last_mut().filter(|(encoded, _)| Arc::ptr_eq(encoded, &sequence.encoded)) {
                Some((_, rows)) => rows.end = end,
                None => windows.push((&sequence.encoded, start..end)),
            }
        }
        windows
    }

    /// The numbers of one head, row by row.
    fn of_head(&self, rows: &[f32], head: usize) -> Vec<f32> {
        rows.chunks_exact(self.d_model)
            .flat_map(|row| &row[head * HEAD_SIZE..][..HEAD_SIZE])
            .copied()
            .collect()
    }

    /// The last row of each text, all of whose rows are read now.
    fn last_rows(&self, rows: &[f32], texts: &mut [(&mut Sequence, &[u32])]) -> Vec<f32> {
        let (mut last, mut rows) = (Vec::new(), rows.chunks_exact(self.d_model));
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

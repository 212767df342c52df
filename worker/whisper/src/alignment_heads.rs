//! Which heads of a model attend to the sound of the token that comes next.

use crate::attention::HEAD_SIZE;
use crate::decoder::Head;
use crate::ggml::HyperParameters;

/// A published model, and its heads as pairs of layer and head.
struct Published {
    /// Its d_model, layers and tokens.
    d_model: usize,
    layers: usize,
    n_vocab: usize,
    heads: &'static [(usize, usize)],
    /// Steps by which they attend too late, as far as it was measured.
    late: isize,
}

/// OpenAI's models, as OpenAI measured them. The first large model has the sizes of the second, whose heads are meant.
#[rustfmt::skip]
const PUBLISHED: [Published; 11] = [
    Published { d_model: 384, layers: 4, n_vocab: 51_864, heads: &[(1, 0), (2, 0), (2, 5), (3, 0), (3, 1), (3, 2), (3, 3), (3, 4)], late: 4 },
    Published { d_model: 384, layers: 4, n_vocab: 51_865, heads: &[(2, 2), (3, 0), (3, 2), (3, 3), (3, 4), (3, 5)], late: 0 },
    Published { d_model: 512, layers: 6, n_vocab: 51_864, heads: &[(3, 3), (4, 7), (5, 1), (5, 5), (5, 7)], late: 0 },
    Published { d_model: 512, layers: 6, n_vocab: 51_865, heads: &[(3, 1), (4, 2), (4, 3), (4, 7), (5, 1), (5, 2), (5, 4), (5, 6)], late: -2 },
    Published { d_model: 768, layers: 12, n_vocab: 51_864, heads: &[
        (6, 6), (7, 0), (7, 3), (7, 8), (8, 2), (8, 5), (8, 7), (9, 0), (9, 4), (9, 8), (9, 10), (10, 0), (10, 1), (10, 2), (10, 3),
        (10, 6), (10, 11), (11, 2), (11, 4),
    ], late: 0 },
    Published { d_model: 768, layers: 12, n_vocab: 51_865, heads: &[
        (5, 3), (5, 9), (8, 0), (8, 4), (8, 7), (8, 8), (9, 0), (9, 7), (9, 9), (10, 5),
    ], late: 0 },
    Published { d_model: 1024, layers: 24, n_vocab: 51_864, heads: &[
        (11, 4), (14, 1), (14, 12), (14, 14), (15, 4), (16, 0), (16, 4), (16, 9), (17, 12), (17, 14), (18, 7), (18, 10), (18, 15),
        (20, 0), (20, 3), (20, 9), (20, 14), (21, 12),
    ], late: 0 },
    Published { d_model: 1024, layers: 24, n_vocab: 51_865, heads: &[(13, 15), (15, 4), (15, 15), (16, 1), (20, 0), (23, 4)], late: 0 },
    Published { d_model: 1280, layers: 32, n_vocab: 51_865, heads: &[
        (10, 12), (13, 17), (16, 11), (16, 12), (16, 13), (17, 15), (17, 16), (18, 4), (18, 11), (18, 19), (19, 11), (21, 2), (21, 3),
        (22, 3), (22, 9), (22, 12), (23, 5), (23, 7), (23, 13), (25, 5), (26, 1), (26, 12), (27, 15),
    ], late: 0 },
    Published { d_model: 1280, layers: 32, n_vocab: 51_866, heads: &[
        (7, 0), (10, 17), (12, 18), (13, 12), (16, 1), (17, 14), (19, 11), (21, 4), (24, 1), (25, 6),
    ], late: 0 },
    Published { d_model: 1280, layers: 4, n_vocab: 51_866, heads: &[(2, 4), (2, 11), (3, 3), (3, 6), (3, 11), (3, 14)], late: 0 },
];

/// The heads of a model that attend to what is said.
pub(crate) struct AlignmentHeads {
    pub(crate) heads: Vec<Head>,
    /// Steps by which they attend too late; too early, if it is less than nothing.
    pub(crate) late: isize,
}

impl AlignmentHeads {
    /// Those of a model. Of one that is not published, all in the upper half of its layers.
    pub(crate) fn of(shape: &HyperParameters) -> Self {
        let is_this = |model: &&Published| {
            (model.d_model, model.layers, model.n_vocab)
                == (shape.d_model, shape.decoder_layers, shape.n_vocab)
        };
        let head = |(layer, number)| Head { layer, number };
        if let Some(model) = PUBLISHED.iter().find(is_this) {
            return Self { heads: model.heads.iter().copied().map(head).collect(), late: model.late };
        }
        let upper = shape.decoder_layers / 2..shape.decoder_layers;
        let of_layer = |layer| (0..shape.d_model / HEAD_SIZE).map(move |number| head((layer, number)));
        Self { heads: upper.flat_map(of_layer).collect(), late: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(d_model: usize, decoder_layers: usize, n_vocab: usize) -> HyperParameters {
        HyperParameters {
            n_vocab,
            n_audio_ctx: 1500,
            d_model,
            encoder_layers: 4,
            n_text_ctx: 448,
            decoder_layers,
            n_mels: 80,
        }
    }

    #[test]
    fn published_models_have_the_heads_that_were_measured() {
        let base = AlignmentHeads::of(&shape(512, 6, 51_865));
        assert_eq!((base.heads.len(), base.late), (8, -2));
        assert_eq!(base.heads[0], Head { layer: 3, number: 1 });
        let turbo = AlignmentHeads::of(&shape(1280, 4, 51_866));
        assert_eq!(turbo.heads[5], Head { layer: 3, number: 14 });
        for model in &PUBLISHED {
            let is_there =
                |(layer, head): &(usize, usize)| *layer < model.layers && *head < model.d_model / HEAD_SIZE;
            assert!(model.heads.iter().all(is_there), "{} {}", model.d_model, model.n_vocab);
        }
    }

    #[test]
    fn of_other_models_the_upper_half_is_taken() {
        let heads = AlignmentHeads::of(&shape(128, 5, 51_865)).heads;
        let expected = [2, 3, 4].map(|layer| [0, 1].map(|number| Head { layer, number })).concat();
        assert_eq!(heads, expected);
    }
}

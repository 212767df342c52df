//! Voices by a neural network: a speaker model in ONNX format, as wespeaker and 3D-Speaker publish them.
//!
//! Such a model takes the features of some speech (1 × frames × 80, less their mean over time) and gives a vector whose
//! direction is the voice. The metadata of the published ones say who trained it, and so how it hears.

use std::{fs, io, path::Path, sync::Arc};

use config::SpeakersConfig;
use rten::{Dimension, LoadError, Model, NodeId, RunOptions, ThreadPool, Value, ValueOrView};

use super::{
    Apart, SpeakerEmbedder, SpeakerModelError, Voice,
    fbank::{BANDS, Bands, Fbank, Style},
};
use crate::audio::SAMPLE_RATE;

/// CAM++ of 3D-Speaker for Chinese and English, its weights in 16 bits; `assets/README.md` tells where it is from.
const BUNDLED: &[u8] = include_bytes!("../../../assets/voices/campplus-zh-en.onnx");
/// The middle of what fits the bundled model on eight recordings of real voices: all are right from 0.4 to 0.6, but for meetings in
/// which several speak at once. It is also the square of the distance at which pyannote 3.1 parts the vectors of wespeaker's
/// ResNet34-LM.
const APART: Apart = Apart { threshold: 0.5, chance: 1.2 };
/// Between two voices, one behind the other, whose directions are so much alike (as cosine), nobody else speaks. It changed nothing in eight
/// recordings and saves a third of the work in readings.
const MIN_SAME_VOICE_COSINE: f32 = 0.6;
/// In two meetings, half of whose speech is said by several at once, 41 and 43 % of the voices are less like their speaker's; of readers in
/// turns, 0 to 5 %. Which of these voices are several at once it does not tell well enough (one in two).
const MIN_CLEAR_COSINE: f32 = 0.65;
/// The fewest frames of 10 ms, and the most (2 s), that a voice is taken of.
const FRAMES: [usize; 2] = [40, 198];
/// The largest file that is read, in bytes; the published ones have 30 MB.
const MAX_FILE_BYTES: u64 = 1 << 30;
/// Numbers that a voice may be described by. Every second of speech is kept as one.
const MAX_EMBEDDING_DIMENSIONS: usize = 4096;

/// A speaker model that was loaded and tried.
pub struct NeuralModel {
    model: Model,
    input: NodeId,
    output: NodeId,
    style: Style,
    /// A thread of its own; the others are for the speech model, which works at the same time.
    options: RunOptions,
}

impl NeuralModel {
    /// The one that is compiled in.
    ///
    /// # Errors
    /// When it is damaged, which no program that was built and tested is.
    pub fn bundled() -> Result<Self, SpeakerModelError> {
        let path = || SpeakersConfig::BUNDLED.into();
        Self::tried(Model::load_static_slice(BUNDLED))
            .map_err(|reason| SpeakerModelError::Unusable { path: path(), reason })
    }

    /// Reads the file and tries it. Takes a moment.
    ///
    /// # Errors
    /// When it cannot be read, or is no model that makes vectors of features.
    pub fn load(path: &Path) -> Result<Self, SpeakerModelError> {
        let unusable = |reason: String| SpeakerModelError::Unusable { path: path.to_path_buf(), reason };
        let bytes = read(path).map_err(|error| unusable(error.to_string()))?;
        Self::tried(Model::load(bytes)).map_err(unusable)
    }

    /// The model, if it makes what it should of silence.
    fn tried(loaded: Result<Model, LoadError>) -> Result<Self, String> {
        let model = Self::of(loaded.map_err(|error| format!("it is no ONNX model ({error})"))?)?;
        let tried = FRAMES.map(|frames| model.vector(&vec![[0.0; BANDS]; frames]).map(|vector| vector.len()));
        match tried {
            [Ok(few), Ok(many)] if few == many && (1..=MAX_EMBEDDING_DIMENSIONS).contains(&few) => Ok(model),
            [Ok(few), Ok(many)] => Err(format!("it makes {few} numbers of little speech and {many} of more")),
            [Err(reason), _] | [_, Err(reason)] => Err(reason),
        }
    }

    fn of(model: Model) -> Result<Self, String> {
        let ([input], [output]) = (model.input_ids(), model.output_ids()) else {
            let (inputs, outputs) = (model.input_ids().len(), model.output_ids().len());
            return Err(format!("it has {inputs} inputs and {outputs} outputs, not one of each"));
        };
        let (input, output) = (*input, *output);
        let fits = |shape: Vec<Dimension>| match shape.as_slice() {
            [_, _, Dimension::Fixed(bands)] => *bands == BANDS,
            shape => shape.len() == 3,
        };
        if !model.input_shape(0).is_some_and(fits) {
            return Err(format!("it does not take 1 × frames × {BANDS} features"));
        }
        let rate = model.metadata().get("sample_rate").unwrap_or_default();
        if !rate.is_empty() && rate != SAMPLE_RATE.to_string() {
            return Err(format!("it is for {rate} Hz, not {SAMPLE_RATE}"));
        }
        let style = match model.metadata().get("framework") {
            Some("3d-speaker") => Style::ThreeDSpeaker,
            _ => Style::WeSpeaker,
        };
        let options = RunOptions::default().with_thread_pool(Some(ThreadPool::with_num_threads(1).into()));
        Ok(Self { model, input, output, style, options })
    }

    fn vector(&self, frames: &[Bands]) -> Result<Vec<f32>, String> {
        let features = frames.iter().flatten().copied().collect();
        let features =
            Value::from_shape([1, frames.len(), BANDS], features).map_err(|error| error.to_string())?;
        let inputs = vec![(self.input, ValueOrView::from(features))];
        let made = self.model.run_n(inputs, [self.output], Some(self.options.clone()));
        let [made] = made.map_err(|error| format!("it fails at its work ({error})"))?;
        let ([_, _], vector) =
            made.into_shape_vec::<f32, 2>().map_err(|_| "it makes something other than a vector")?;
        Ok(vector)
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let bytes = fs::metadata(path)?.len();
    if bytes > MAX_FILE_BYTES {
        return Err(io::Error::other(format!("with {bytes} bytes it is larger than any speaker model")));
    }
    fs::read(path)
}

/// [`SpeakerEmbedder`] that asks such a model.
pub struct Neural {
    model: Arc<NeuralModel>,
    fbank: Fbank,
}

impl Neural {
    /// One for a recording.
    pub fn new(model: Arc<NeuralModel>) -> Self {
        let fbank = Fbank::new(model.style);
        Self { model, fbank }
    }
}

impl SpeakerEmbedder for Neural {
    fn embed(&mut self, samples: &[f32]) -> Option<Vec<f32>> {
        let mut frames = self.fbank.frames(samples);
        if frames.len() < FRAMES[0] {
            return None;
        }
        without_mean(&mut frames);
        let vector = self.model.vector(&frames);
        let vector = vector.inspect_err(|error| tracing::error!(error, "a voice was not told")).ok()?;
        vector.iter().all(|number| number.is_finite()).then_some(vector)
    }

    fn between(&self, one: &[f32], other: &[f32]) -> Option<Vec<f32>> {
        let (one, other) = (direction(one), direction(other));
        let likeness: f32 = one.iter().zip(&other).map(|(a, b)| a * b).sum();
        (likeness >= MIN_SAME_VOICE_COSINE).then(|| one.iter().zip(&other).map(|(a, b)| a + b).collect())
    }

    fn measured(&self, voices: &[Voice]) -> Vec<Vec<f32>> {
        voices.iter().map(|voice| direction(&voice.vector)).collect()
    }

    fn apart(&self) -> Apart {
        APART
    }

    fn min_clear_cosine(&self) -> Option<f32> {
        Some(MIN_CLEAR_COSINE)
    }
}

/// Takes out of the frames what is the same in all of them: the microphone and the room.
fn without_mean(frames: &mut [Bands]) {
    for band in 0..BANDS {
        let count = frames.len() as f32;
        let mean = frames.iter().filter_map(|frame| frame.get(band)).sum::<f32>() / count;
        frames.iter_mut().filter_map(|frame| frame.get_mut(band)).for_each(|energy| *energy -= mean);
    }
}

/// The vector with a length of 1.
fn direction(vector: &[f32]) -> Vec<f32> {
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
    vector.iter().map(|number| number / length.max(f32::MIN_POSITIVE)).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde::Deserialize;

    use super::*;

    /// What the programs that models are trained with make of the same noise; `testdata/make.py` asked them.
    #[derive(Deserialize)]
    struct Reference {
        frames: Vec<Vec<f32>>,
        vector: Vec<f32>,
    }

    fn testdata(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src/speakers/testdata").join(name)
    }

    fn reference(framework: &str) -> Reference {
        let all = fs::read(testdata("reference.json")).unwrap();
        let mut all: std::collections::BTreeMap<String, Reference> = serde_json::from_slice(&all).unwrap();
        all.remove(framework).unwrap()
    }

    /// Two seconds of noise that swells every 0.1 s.
    fn noise() -> Vec<f32> {
        let mut seed = 1_u32;
        let sample = |at: u16| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((seed >> 16) as f32 / 32_768.0 - 1.0) * f32::from(at % 1600) / 1600.0
        };
        (0..32_000).map(sample).collect()
    }

    fn assert_near(found: &[f32], expected: &[f32], tolerance: f32, what: &str) {
        assert_eq!(found.len(), expected.len(), "{what}");
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < tolerance, "{what}: {found} and {expected}");
        }
    }

    #[test]
    fn features_and_vectors_are_those_that_models_were_trained_with() {
        for (framework, style) in [("wespeaker", Style::WeSpeaker), ("3d-speaker", Style::ThreeDSpeaker)] {
            let expected = reference(framework);
            let frames = Fbank::new(style).frames(&noise());
            for (place, bands) in expected.frames.iter().enumerate() {
                assert_near(&frames[place * 66], bands, 0.01, framework);
            }
            let model = NeuralModel::load(&testdata(&format!("{framework}.onnx"))).unwrap();
            assert_eq!(model.style, style);
            let mut neural = Neural::new(Arc::new(model));
            assert_near(&neural.embed(&noise()).unwrap(), &expected.vector, 0.002, framework);
            assert_eq!(neural.embed(&noise()[..6000]), None, "too short");
        }
    }

    #[test]
    fn a_voice_between_two_that_are_alike_is_theirs() {
        let neural = Neural::new(Arc::new(NeuralModel::load(&testdata("wespeaker.onnx")).unwrap()));
        assert_near(&neural.between(&[2.0, 0.0], &[0.0, 1.0]).unwrap_or_default(), &[], 0.0, "unlike");
        assert_near(&neural.between(&[2.0, 0.0], &[3.0, 0.0]).unwrap(), &[2.0, 0.0], 1e-5, "alike");
    }

    /// Why the file with these bytes is refused.
    fn refusal(bytes: &[u8]) -> String {
        let file = tempfile::Builder::new().suffix(".onnx").tempfile().unwrap();
        fs::write(file.path(), bytes).unwrap();
        let error = NeuralModel::load(file.path()).err().expect("it is no model").to_string();
        assert!(error.contains(file.path().to_str().unwrap()), "{error}");
        assert!(error.contains("SEOGI_SPEAKER_MODEL, `campplus` or `built-in`"), "{error}");
        error
    }

    #[test]
    fn what_is_no_speaker_model_is_refused_with_what_to_do() {
        let good = fs::read(testdata("wespeaker.onnx")).unwrap();
        assert!(refusal(b"").contains("it is no ONNX model"));
        assert!(refusal(b"RIFF of something else").contains("it is no ONNX model"));
        assert!(refusal(&good[..good.len() / 2]).contains("ONNX model"));
        let changed = |from: &[u8], to: &[u8]| {
            let place = good.windows(from.len()).rposition(|bytes| bytes == from).unwrap();
            refusal(&[&good[..place], to, &good[place + to.len()..]].concat())
        };
        assert!(changed(b"16000", b"48000").contains("48000 Hz"));
        assert!(changed(b"MatMul", b"Concat").contains("ONNX"), "an operator that lacks what it needs");
        assert!(changed(b"MatMul", b"MagMul").contains("MagMul"));
        // The last dimension of the input.
        assert!(changed(&[0x08, 80], &[0x08, 81]).contains("80 features"));
        let missing = NeuralModel::load(Path::new("/no/such/model.onnx")).err().unwrap().to_string();
        assert!(missing.contains("/no/such/model.onnx") && missing.contains("built-in"), "{missing}");
    }

    #[test]
    fn no_damage_to_a_file_brings_the_program_down() {
        let good = fs::read(testdata("wespeaker.onnx")).unwrap();
        let file = tempfile::Builder::new().suffix(".onnx").tempfile().unwrap();
        for (place, bits) in (0..good.len()).step_by(9).zip([0x01, 0x80, 0xff].into_iter().cycle()) {
            let mut bytes = good.clone();
            bytes[place] ^= bits;
            fs::write(file.path(), &bytes).unwrap();
            // A number among the weights may be another one; whatever is not a model any more is an error.
            let _ = NeuralModel::load(file.path()).map(|model| model.vector(&[[1.0; BANDS]; 50]));
        }
    }
}

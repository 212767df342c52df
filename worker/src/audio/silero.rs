//! Voice activity by Silero, a small recurrent network.

use std::sync::LazyLock;

use rten::{Model, NodeId, RunOptions, ThreadPool, Value, ValueOrView};

use super::AudioError;
use super::level::Leveller;
use super::voice::SpeechDetector;

/// Silero 6.2 for 16 kHz; `assets/README.md` tells where it is from.
const NETWORK: &[u8] = include_bytes!("../../../assets/voices/silero-vad-16k.onnx");
/// Samples that one probability stands for.
const FRAME: usize = 512;
/// Samples before a frame that the network sees with it.
const CONTEXT: usize = 64;
/// Numbers in each half of what it remembers.
const MEMORY: usize = 128;

static SHARED: LazyLock<Result<Network, String>> = LazyLock::new(Network::load);

/// The network, which all detectors share.
struct Network {
    model: Model,
    inputs: [NodeId; 3],
    outputs: [NodeId; 3],
    /// No threads of its own: a frame is too small to be shared out.
    options: RunOptions,
}

/// What came of some frames: a probability for each, and what is to be remembered.
struct Judged {
    probabilities: Vec<f32>,
    memory: [Vec<f32>; 2],
}

impl Network {
    fn load() -> Result<Self, String> {
        let model = Model::load_static_slice(NETWORK).map_err(|error| error.to_string())?;
        let node = |name: &str| model.node_id(name).map_err(|error| error.to_string());
        let inputs = [node("input")?, node("h")?, node("c")?];
        let outputs = [node("speech_probs")?, node("hn")?, node("cn")?];
        let options = RunOptions::default().with_thread_pool(Some(ThreadPool::with_num_threads(1).into()));
        Ok(Self { model, inputs, outputs, options })
    }

    /// `frames` are rows of a context and a frame.
    fn judge(&self, frames: Vec<f32>, memory: [Vec<f32>; 2]) -> Result<Judged, String> {
        let value =
            |shape: &[usize], numbers| Value::from_shape(shape, numbers).map_err(|error| error.to_string());
        let [hidden, cell] = memory;
        let frames = value(&[frames.len() / (CONTEXT + FRAME), CONTEXT + FRAME], frames)?;
        let given = [frames, value(&[1, 1, MEMORY], hidden)?, value(&[1, 1, MEMORY], cell)?];
        let inputs = self.inputs.into_iter().zip(given.into_iter().map(ValueOrView::from)).collect();
        let made = self.model.run_n(inputs, self.outputs, Some(self.options.clone()));
        let [probabilities, hidden, cell] = made.map_err(|error| error.to_string())?;
        let numbers = |made: Value| made.into_shape_vec::<f32, 3>().map(|(_, numbers)| numbers);
        let (_, probabilities) =
            probabilities.into_shape_vec::<f32, 1>().map_err(|error| error.to_string())?;
        let memory = [numbers(hidden), numbers(cell)].map(|made| made.map_err(|error| error.to_string()));
        let [hidden, cell] = memory;
        Ok(Judged { probabilities, memory: [hidden?, cell?] })
    }
}

/// [`SpeechDetector`] by Silero: frames of 32 ms, the network inside the program.
pub struct Silero {
    network: &'static Network,
    leveller: Leveller,
    waiting: Vec<f32>,
    context: Vec<f32>,
    memory: [Vec<f32>; 2],
}

impl Silero {
    /// One for a recording.
    ///
    /// # Errors
    /// [`AudioError::NoDetector`] when the network is damaged, which no program that was built and tested is.
    pub fn new() -> Result<Self, AudioError> {
        let network = SHARED.as_ref().map_err(|reason| AudioError::NoDetector { reason: reason.clone() })?;
        let memory = [vec![0.0; MEMORY], vec![0.0; MEMORY]];
        let (waiting, context) = (Vec::new(), vec![0.0; CONTEXT]);
        Ok(Self { network, leveller: Leveller::new(FRAME), waiting, context, memory })
    }

    /// Takes frames that are complete, each with the end of the one before it.
    fn rows(&mut self, frames: &[f32]) -> Vec<f32> {
        let mut rows = Vec::with_capacity(frames.len() / FRAME * (CONTEXT + FRAME));
        for frame in frames.chunks_exact(FRAME) {
            let gain = self.leveller.gain(frame);
            rows.append(&mut self.context);
            rows.extend(frame.iter().map(|sample| (sample * gain).clamp(-1.0, 1.0)));
            self.context.extend_from_slice(rows.get(rows.len() - CONTEXT..).unwrap_or_default());
        }
        rows
    }
}

impl SpeechDetector for Silero {
    fn frame_len(&self) -> usize {
        FRAME
    }

    fn push(&mut self, samples: &[f32], probabilities: &mut Vec<f32>) {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.extend_from_slice(samples);
        let (complete, rest) = waiting.split_at(waiting.len() / FRAME * FRAME);
        self.waiting.extend_from_slice(rest);
        let rows = self.rows(complete);
        if rows.is_empty() {
            return;
        }
        let count = complete.len() / FRAME;
        match self.network.judge(rows, std::mem::take(&mut self.memory)) {
            Ok(judged) => {
                probabilities.extend(judged.probabilities);
                self.memory = judged.memory;
            }
            Err(error) => {
                // Taken for speech, so that nothing is lost.
                tracing::error!(error, "voice activity was not told");
                self.memory = [vec![0.0; MEMORY], vec![0.0; MEMORY]];
                probabilities.extend(std::iter::repeat_n(1.0, count));
            }
        }
    }

    fn finish(&mut self, probabilities: &mut Vec<f32>) {
        if !self.waiting.is_empty() {
            let missing = FRAME - self.waiting.len();
            self.push(&vec![0.0; missing], probabilities);
        }
    }
}

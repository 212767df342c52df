//! The process in which one way of recognising speech is measured.

use std::{io::Cursor, path::PathBuf, sync::Arc, time::Instant};

use anyhow::Context;
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use worker::{
    audio::{BuiltIn, DecodeLimits, Earshot, SAMPLE_RATE, Windows},
    transcriber::{
        SpokenLanguage, TranscribeRequest, Transcriber, TranscriberError, Whisper, WhisperSettings,
    },
};

use crate::Program;

/// The argument that makes this program measure, with its [`Orders`] behind it.
pub const MEASURE_SPEECH: &str = "measure-speech";
/// The bundled speech that is recognised: sentences of a meeting.
const SPEECH: &[u8] = include_bytes!("../../../../../assets/audio/meeting.ogg");

/// What is measured.
#[derive(Debug, Serialize, Deserialize)]
pub struct Orders {
    /// The model's file.
    pub model: PathBuf,
    /// Windows in all.
    pub windows: usize,
    /// How the model is worked.
    pub settings: WhisperSettings,
}

/// What was measured.
#[derive(Debug, Serialize, Deserialize)]
pub struct Report {
    /// Seconds that it took.
    pub seconds: f64,
    /// Seconds of speech that were recognised.
    pub speech: f64,
    /// The most memory that this process held, in bytes; 0 where the system does not tell.
    pub memory: u64,
}

/// Measures and prints.
pub async fn run(program: Program, orders: &str) -> anyhow::Result<()> {
    let orders: Orders = serde_json::from_str(orders)?;
    let window = window()?;
    let whisper = Whisper::load(orders.model, orders.settings).await?;
    // The first window of each takes memory for its work.
    recognise(&whisper, &window, whisper.parallel()).await?;
    let begun = Instant::now();
    recognise(&whisper, &window, orders.windows).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let speech = (orders.windows * window.len()) as f64 / f64::from(SAMPLE_RATE);
    program.screen.print_json(&Report { seconds, speech, memory: memory().unwrap_or_default() })
}

/// The longest window of the bundled speech, cut as any recording's are.
fn window() -> anyhow::Result<Arc<[f32]>> {
    let mut speech = BuiltIn::open(Cursor::new(SPEECH), &DecodeLimits::default())?;
    let mut samples = Vec::new();
    while speech.fill(&mut samples)? {}
    let mut windows = Windows::new(Box::<Earshot>::default());
    windows.push(&samples);
    windows.finish();
    let stretches = std::iter::from_fn(|| windows.next_stretch());
    let windows = stretches.flat_map(|stretch| stretch.windows).map(|window| window.samples);
    windows.max_by_key(|samples| samples.len()).context("the bundled speech is gone")
}

async fn recognise(whisper: &Whisper, window: &Arc<[f32]>, times: usize) -> Result<(), TranscriberError> {
    let one = |_| {
        let request = TranscribeRequest {
            samples: Arc::clone(window),
            language: SpokenLanguage::Only("en".into()),
            ..Default::default()
        };
        whisper.transcribe(request, CancellationToken::new())
    };
    try_join_all((0..times).map(one)).await.map(drop)
}

/// The kernel's high-water mark of this process, in bytes.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

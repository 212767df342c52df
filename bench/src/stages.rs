//! Each stage by itself, one after the other.

use std::{
    fs::File,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;
use config::Config;
use tokio_util::sync::CancellationToken;
use worker::{
    audio::{DecodeLimits, Decoder, Earshot, Recording, Resampler, SAMPLE_RATE, Windows},
    models::{self, ModelKind},
    transcriber::{SpokenLanguage, TranscribeRequest, Transcriber, Whisper, WhisperSettings},
};

/// What the stages took.
pub struct Stages {
    /// Length of the recording in seconds.
    pub recording: f64,
    /// Windows of speech in it.
    pub windows: usize,
    /// Seconds of Whisper alone.
    pub whisper: f64,
    /// Every stage with its seconds.
    pub seconds: Vec<(&'static str, f64)>,
}

/// Measures every stage of `recording` but the summary, which took `summary` seconds.
pub async fn measure(config: &Config, recording: &Path, summary: f64) -> Result<Stages> {
    let [decode, resample, listen] = audio(recording, &DecodeLimits::default())?;
    let (whisper, windows, samples) = whisper(config, recording).await?;
    let seconds = vec![
        ("decode", decode),
        ("resample", resample),
        ("voice activity", listen),
        ("Whisper", whisper),
        ("summary", summary),
    ];
    Ok(Stages { recording: samples as f64 / f64::from(SAMPLE_RATE), windows, whisper, seconds })
}

/// Seconds of decoding, resampling, and finding and packing speech.
fn audio(recording: &Path, limits: &DecodeLimits) -> Result<[f64; 3]> {
    let mut decoder = Decoder::open(File::open(recording)?, limits)?;
    let mut windows = Windows::new(Box::<Earshot>::default());
    let (mut resampler, mut samples) = (None, Vec::new());
    let mut spent = [Duration::ZERO; 3];
    let [decoding, resampling, listening] = &mut spent;
    while let Some(chunk) = timed(decoding, || decoder.next_chunk())? {
        let resampler = match &mut resampler {
            Some(resampler) => resampler,
            slot => slot.insert(Resampler::new(chunk.rate, chunk.channels)?),
        };
        samples.clear();
        timed(resampling, || resampler.push(chunk.samples, &mut samples))?;
        timed(listening, || windows.push(&samples));
        while windows.next_stretch().is_some() {}
    }
    Ok(spent.map(|duration| duration.as_secs_f64()))
}

fn timed<T>(spent: &mut Duration, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let result = work();
    *spent += begun.elapsed();
    result
}

/// Seconds in Whisper, windows, and samples of the recording.
async fn whisper(config: &Config, recording: &Path) -> Result<(f64, usize, u64)> {
    let speech = &config.speech;
    let model = models::ensure(ModelKind::Speech, &speech.model, speech, |_, _| ()).await?;
    let settings = WhisperSettings { threads: speech.threads, ..WhisperSettings::default() };
    let whisper = Whisper::load(model.path, settings).await?;
    let mut recording = Recording::open(recording, &DecodeLimits::default())?;
    let (mut seconds, mut count, mut language) = (0.0, 0, speech.language().map(str::to_owned));
    while let Some(stretch) = recording.next_stretch()? {
        for window in stretch.windows {
            let begun = Instant::now();
            let language = match &language {
                Some(known) => known.clone(),
                None => {
                    let found =
                        whisper.detect_languages(window.samples.clone(), CancellationToken::new()).await?;
                    language
                        .insert(found.into_iter().next().map(|found| found.code).unwrap_or_default())
                        .clone()
                }
            };
            let language = SpokenLanguage::Only(language);
            let request =
                TranscribeRequest { samples: window.samples, language, ..TranscribeRequest::default() };
            whisper.transcribe(request, CancellationToken::new()).await?;
            seconds += begun.elapsed().as_secs_f64();
            count += 1;
        }
    }
    Ok((seconds, count, recording.decoded_samples()))
}

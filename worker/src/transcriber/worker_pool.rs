//! The threads that run a model: commands in, results out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use config::SpeechEngine;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use whisper::{ModelFileError, check_model_file};

use super::batched::BatchedModel;
use super::engine::SpeechModel;
use super::recogniser::Recogniser;
use super::whisper_cpp::LoadedModel;
use super::{
    BUILT_FOR_GPU, DetectedLanguage, TranscribeRequest, Transcriber, TranscriberError, Transcription,
    WhisperSettings,
};

/// Commands that may wait; whoever comes later waits in front of the queue.
const QUEUE: usize = 16;

type Command = Box<dyn FnOnce(&mut Recogniser) + Send>;

/// A Whisper model in memory, worked by threads of its own, which end with the last handle. Each has a window in
/// hand, and all read the same weights.
pub struct Whisper {
    commands: mpsc::Sender<Command>,
    multilingual: bool,
    parallel: usize,
}

impl Whisper {
    /// Loads a model from a ggml file.
    ///
    /// # Errors
    /// [`TranscriberError::UnreadableModel`], [`TranscriberError::BrokenModel`], or
    /// [`TranscriberError::EngineFailed`] when memory or threads are short.
    pub async fn load(path: impl Into<PathBuf>, settings: WhisperSettings) -> Result<Self, TranscriberError> {
        let path = path.into();
        let load = move || Self::worked(load(&path, &settings)?);
        tokio::task::spawn_blocking(load).await.map_err(|_| broke_down())?
    }

    /// A model with the threads that work it.
    fn worked(model: Arc<dyn SpeechModel>) -> Result<Self, TranscriberError> {
        let (commands, queue) = mpsc::channel(QUEUE);
        let (multilingual, parallel) = (model.is_multilingual(), model.parallel());
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..parallel {
            let (queue, mut recogniser) = (Arc::clone(&queue), Recogniser::new(Arc::clone(&model))?);
            let own = move || {
                while let Some(command) = next(&queue) {
                    command(&mut recogniser);
                }
            };
            let thread = std::thread::Builder::new().name("whisper".into());
            thread.spawn(own).map_err(|error| TranscriberError::failed(error.to_string()))?;
        }
        Ok(Self { commands, multilingual, parallel })
    }

    /// Has `work` done by the owner of the model. Its token is cancelled when `stop` is, or when nobody waits
    /// for the result any more.
    async fn ask<T: Send + 'static>(
        &self,
        stop: CancellationToken,
        work: impl FnOnce(&mut Recogniser, &CancellationToken) -> Result<T, TranscriberError> + Send + 'static,
    ) -> Result<T, TranscriberError> {
        let halt = stop.child_token();
        let _halted_at_the_end = halt.clone().drop_guard();
        let (reply, answer) = oneshot::channel();
        let command: Command = Box::new(move |recogniser| drop(reply.send(attempt(recogniser, &halt, work))));
        let asked = async {
            self.commands.send(command).await.map_err(|_| broke_down())?;
            answer.await.map_err(|_| broke_down())?
        };
        stop.run_until_cancelled(asked).await.unwrap_or(Err(TranscriberError::Stopped))
    }
}

#[async_trait]
impl Transcriber for Whisper {
    fn is_multilingual(&self) -> bool {
        self.multilingual
    }

    fn parallel(&self) -> usize {
        self.parallel
    }

    async fn detect_languages(
        &self,
        samples: Arc<[f32]>,
        stop: CancellationToken,
    ) -> Result<Vec<DetectedLanguage>, TranscriberError> {
        self.ask(stop, move |recogniser, _| recogniser.detect_languages(&samples)).await
    }

    async fn transcribe(
        &self,
        request: TranscribeRequest,
        stop: CancellationToken,
    ) -> Result<Transcription, TranscriberError> {
        self.ask(stop, move |recogniser, halt| recogniser.transcribe(&request, halt)).await
    }
}

/// Loads a model into the engine that suits it.
fn load(path: &Path, settings: &WhisperSettings) -> Result<Arc<dyn SpeechModel>, TranscriberError> {
    check_model_file(path).map_err(|error| unusable(path, error))?;
    let on_gpu = BUILT_FOR_GPU && settings.use_gpu;
    match settings.engine {
        SpeechEngine::Batched => return Ok(Arc::new(BatchedModel::load(path, settings)?)),
        SpeechEngine::Auto if !on_gpu => match BatchedModel::load(path, settings) {
            Err(unsupported @ TranscriberError::UnsupportedModel { .. }) => {
                tracing::info!(%unsupported, "whisper.cpp works the speech model");
            }
            loaded => return Ok(Arc::new(loaded?)),
        },
        SpeechEngine::Auto | SpeechEngine::WhisperCpp => {}
    }
    Ok(Arc::new(LoadedModel::load(path, settings)?))
}

fn unusable(path: &Path, error: ModelFileError) -> TranscriberError {
    let path = path.to_owned();
    match error {
        ModelFileError::Io(source) => TranscriberError::UnreadableModel { path, source },
        ModelFileError::Damaged(what) => TranscriberError::BrokenModel { path, what: what.to_owned() },
    }
}

/// The next command for whichever thread is free; none when nobody can send one any more.
fn next(queue: &Mutex<mpsc::Receiver<Command>>) -> Option<Command> {
    queue.lock().ok()?.blocking_recv()
}

/// Does the work unless it was halted while it waited; a panic in it is an error of its own.
fn attempt<T>(
    recogniser: &mut Recogniser,
    halt: &CancellationToken,
    work: impl FnOnce(&mut Recogniser, &CancellationToken) -> Result<T, TranscriberError>,
) -> Result<T, TranscriberError> {
    if halt.is_cancelled() {
        return Err(TranscriberError::Stopped);
    }
    catch_unwind(AssertUnwindSafe(|| work(recogniser, halt))).unwrap_or_else(|_| {
        recogniser.reset();
        Err(broke_down())
    })
}

fn broke_down() -> TranscriberError {
    TranscriberError::failed("it broke down")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcriber::SpokenLanguage;

    async fn toy() -> Whisper {
        Whisper::load(ground_truth::toy_model(), WhisperSettings { threads: 1, ..Default::default() })
            .await
            .unwrap()
    }

    fn silence() -> TranscribeRequest {
        TranscribeRequest {
            samples: [0.0; 16_000].into(),
            language: SpokenLanguage::Only("en".into()),
            ..Default::default()
        }
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_the_engine_lives_on() {
        let whisper = toy().await;
        let stop = CancellationToken::new();
        let result =
            whisper.ask(stop.clone(), |_, _| -> Result<(), _> { panic!("a fault in the engine") }).await;
        assert_eq!(result.unwrap_err().code(), "engine_failed");
        assert_eq!(whisper.transcribe(silence(), stop).await.unwrap().spoken, []);
    }

    #[tokio::test]
    async fn what_one_engine_cannot_work_goes_to_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut model) =
            (folder.path().join("model.bin"), std::fs::read(ground_truth::toy_model()).unwrap());
        // Four heads of half the size, which no published model has.
        for place in [16, 32] {
            model[place..place + 4].copy_from_slice(&4_u32.to_le_bytes());
        }
        std::fs::write(&path, model).unwrap();
        let load = |engine| Whisper::load(&path, WhisperSettings { engine, ..Default::default() });
        assert_eq!(load(SpeechEngine::Batched).await.err().unwrap().code(), "unsupported_model");
        assert!(load(SpeechEngine::Auto).await.is_ok());
        let (path, batched) = (ground_truth::toy_model(), WhisperSettings::default());
        let [batched, whisper_cpp] =
            [batched.clone(), WhisperSettings { engine: SpeechEngine::WhisperCpp, ..batched }].map(
                |settings| {
                    super::load(&path, &WhisperSettings { threads: 1, ..settings }).unwrap().parallel()
                },
            );
        assert!(batched > whisper_cpp, "{batched} windows together, and {whisper_cpp} with one thread");
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_file_is_said() {
        let load = |path: PathBuf| Whisper::load(path, WhisperSettings::default());
        let missing = load("/nowhere/model.bin".into()).await.err().unwrap();
        assert_eq!(missing.code(), "unreadable_model");
        let text = load(ground_truth::toy_model().with_file_name("README.md")).await.err().unwrap();
        assert_eq!(text.code(), "broken_model");
        assert!(text.to_string().contains("README.md is damaged or no Whisper model"), "{text}");
    }

    #[tokio::test]
    async fn a_thread_that_is_gone_is_an_error() {
        let (commands, _) = mpsc::channel(1);
        let whisper = Whisper { commands, multilingual: true, parallel: 1 };
        let result = whisper.transcribe(silence(), CancellationToken::new()).await;
        assert_eq!(result.unwrap_err().code(), "engine_failed");
    }

    #[tokio::test]
    async fn stopping_ends_the_wait_and_what_waits_is_not_begun() {
        let whisper = Arc::new(toy().await);
        let (busy, begun) = oneshot::channel();
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        let blocker = tokio::spawn({
            let whisper = Arc::clone(&whisper);
            async move {
                let work = move |_: &mut Recogniser, _: &CancellationToken| {
                    busy.send(()).unwrap();
                    wait.recv().map_err(|_| broke_down())
                };
                whisper.ask(CancellationToken::new(), work).await
            }
        });
        begun.await.unwrap();
        let stop = CancellationToken::new();
        let waiting = whisper.ask(stop.clone(), |_, _| -> Result<(), _> { panic!("it was stopped before") });
        let (result, ()) = tokio::join!(waiting, async { stop.cancel() });
        assert_eq!(result.unwrap_err().code(), "stopped");
        go_on.send(()).unwrap();
        blocker.await.unwrap().unwrap();
        assert_eq!(whisper.transcribe(silence(), CancellationToken::new()).await.unwrap().spoken, []);
    }

    #[tokio::test]
    async fn who_does_not_wait_any_more_stops_the_work() {
        let whisper = toy().await;
        let ((begun, begin), (ended, end)) = (oneshot::channel(), oneshot::channel());
        let work = move |_: &mut Recogniser, halt: &CancellationToken| {
            begun.send(()).unwrap();
            while !halt.is_cancelled() {
                std::thread::yield_now();
            }
            ended.send(()).unwrap();
            Ok(())
        };
        let asked = whisper.ask(CancellationToken::new(), work);
        tokio::select! {
            _ = asked => panic!("it ends only when it is halted"),
            begun = begin => begun.unwrap(),
        }
        end.await.unwrap();
    }
}

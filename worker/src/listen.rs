//! Decoding a recording into windows of speech, on a thread of its own, a little ahead of the transcriber.

use blobs::BlobReader;
use shared::{job::Failure, peaks::Peaks};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::{
    audio::{AudioError, DecodeLimits, Recording, Stretch},
    speakers::{Count, Diariser, Turn},
};

/// Stretches that wait for the transcriber, so that it never waits for the decoder.
const AHEAD: usize = 2;

/// What comes out of a recording, in this order.
pub enum Heard {
    /// It could be opened; its length in seconds, if it says.
    Opened(Option<f64>),
    /// A stretch with speech in it.
    Stretch(Stretch),
    /// It is at its end.
    End {
        /// Its length in samples at 16 kHz.
        samples: u64,
        /// What people should know about it.
        notices: Vec<Failure>,
        /// Its waveform.
        peaks: Peaks,
        /// Who spoke when, if that was asked for.
        turns: Vec<Turn>,
    },
}

/// Opens the recording and listens to it from `checkpoint` (samples at 16 kHz) on, until the receiver is dropped. A
/// diariser listens to all of it.
///
/// It is decoded from its beginning in any case, so that the windows are cut as they were before the checkpoint; it lies
/// between two stretches.
pub fn listen(
    source: BlobReader,
    limits: DecodeLimits,
    checkpoint: u64,
    diariser: Option<(Diariser, Count)>,
) -> Receiver<Result<Heard, AudioError>> {
    let (sender, receiver) = channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = hear(source, &limits, checkpoint, diariser, &sender) {
            // Nobody listens any more when this fails.
            let _ = sender.blocking_send(Err(error));
        }
    });
    receiver
}

fn hear(
    source: BlobReader,
    limits: &DecodeLimits,
    checkpoint: u64,
    mut diariser: Option<(Diariser, Count)>,
    sender: &Sender<Result<Heard, AudioError>>,
) -> Result<(), AudioError> {
    let mut recording = Recording::read(source, limits)?;
    let mut wanted = sender.blocking_send(Ok(Heard::Opened(recording.declared_duration()))).is_ok();
    while wanted && let Some(stretch) = recording.next_stretch()? {
        if let Some((diariser, _)) = &mut diariser {
            stretch.windows.iter().for_each(|window| diariser.listen(window));
        }
        let new = stretch.end > checkpoint;
        wanted =
            if new { sender.blocking_send(Ok(Heard::Stretch(stretch))).is_ok() } else { !sender.is_closed() };
    }
    let (samples, notices) = (recording.decoded_samples(), recording.notices());
    let turns =
        diariser.filter(|_| wanted).map(|(diariser, count)| diariser.turns(count)).unwrap_or_default();
    let end = Heard::End { samples, notices, peaks: recording.peaks(), turns };
    let _ = sender.blocking_send(Ok(end));
    Ok(())
}

//! Decoding a recording into windows of speech, on a thread of its own, a little ahead of the transcriber.

use blobs::BlobReader;
use shared::{job::Failure, peaks::Peaks};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::{
    audio::{AudioError, DecodeLimits, Recording, Stretch},
    speakers::{Count, Diariser, Turn},
};

/// Stretches that wait for the transcriber, so that it never waits for the decoder.
const DECODED_AHEAD: usize = 2;

/// What comes out of a recording, in this order.
pub(crate) enum DecodeEvent {
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

/// Opens the recording and decodes it from `checkpoint` (samples at 16 kHz) on, until the receiver is dropped. A
/// diariser listens to all of it.
///
/// It is decoded from its beginning in any case, so that the windows are cut as they were before the checkpoint; it lies
/// between two stretches.
pub(crate) fn decode(
    source: BlobReader,
    limits: DecodeLimits,
    checkpoint: u64,
    diariser: Option<(Diariser, Count)>,
) -> Receiver<Result<DecodeEvent, AudioError>> {
    let (sender, receiver) = channel(DECODED_AHEAD);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = decode_blocking(source, &limits, checkpoint, diariser, &sender) {
            // Nobody receives any more when this fails.
            let _ = sender.blocking_send(Err(error));
        }
    });
    receiver
}

fn decode_blocking(
    source: BlobReader,
    limits: &DecodeLimits,
    checkpoint: u64,
    mut diariser: Option<(Diariser, Count)>,
    sender: &Sender<Result<DecodeEvent, AudioError>>,
) -> Result<(), AudioError> {
    let mut recording = Recording::read(source, limits)?;
    let mut is_received =
        sender.blocking_send(Ok(DecodeEvent::Opened(recording.declared_duration()))).is_ok();
    while is_received && let Some(stretch) = recording.next_stretch()? {
        if let Some((diariser, _)) = &mut diariser {
            stretch.windows.iter().for_each(|window| diariser.listen(window));
        }
        let new = stretch.end > checkpoint;
        is_received = if new {
            sender.blocking_send(Ok(DecodeEvent::Stretch(stretch))).is_ok()
        } else {
            !sender.is_closed()
        };
    }
    let (samples, notices) = (recording.decoded_samples(), recording.notices());
    let turns =
        diariser.filter(|_| is_received).map(|(diariser, count)| diariser.turns(count)).unwrap_or_default();
    let end = DecodeEvent::End { samples, notices, peaks: recording.peaks(), turns };
    let _ = sender.blocking_send(Ok(end));
    Ok(())
}

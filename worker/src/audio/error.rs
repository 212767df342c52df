//! What can be wrong with a recording.

use std::io;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use text::printable;

/// Why a recording cannot be turned into speech. The message is one sentence for the person who sent it.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum AudioError {
    /// Nothing here can decode it: its container or codec is foreign.
    #[error(
        "Seogi cannot decode {what}: send WAV, MP3, FLAC, Opus or M4A, or have ffmpeg installed on the server."
    )]
    UnsupportedMedia {
        /// The container, codec or kind of file, as a noun phrase.
        what: String,
    },
    /// Its bytes contradict its format, before any sound could be had.
    #[error("The recording is damaged ({what}): send it again, or export it anew from its source.")]
    DamagedMedia {
        /// What is wrong, as a short phrase.
        what: String,
    },
    /// Its header claims what no recording is like.
    #[error("The recording's header makes no sense ({what}): export it anew from its source.")]
    AbsurdMedia {
        /// What it claims, as a short phrase.
        what: String,
    },
    /// A media file without sound.
    #[error("The file holds no audio track: send a recording that has sound.")]
    NoAudioTrack,
    /// A header and no samples, or no bytes at all.
    #[error("The recording is empty: send one that has sound in it.")]
    EmptyRecording,
    /// It goes on for longer than the limit, whatever its header says.
    #[error("The recording is longer than the limit of {} minutes: cut it into parts, or raise the limit.",
        limit.as_secs() / 60)]
    RecordingTooLong {
        /// The limit that was passed.
        limit: Duration,
    },
    /// The storage under it failed.
    #[error(
        "The recording could not be read from storage ({0}): try again, and check the disk if it stays so."
    )]
    #[serde(skip)]
    UnreadableRecording(#[from] io::Error),
    /// A decoder gave up in a way that it should not have.
    #[error("The decoder broke down on this recording: convert it to WAV or FLAC and send it again.")]
    DecoderFailed,
    /// It took more memory than it may, or the machine had no more.
    #[error(
        "Decoding the recording takes more memory than any sound needs: convert it to WAV or FLAC and send it \
             again, or raise speech.decode_memory."
    )]
    DecoderOutOfMemory,
    /// It computed for longer than it may.
    #[error("Decoding the recording takes more than {} seconds of computing: convert it to WAV or FLAC and send it \
             again, or raise speech.decode_seconds.", limit.as_secs())]
    #[serde(skip)]
    DecodingTooSlow {
        /// The limit that was passed.
        limit: Duration,
    },
    /// It gave nothing for longer than anybody waits.
    #[error("The decoder gave nothing for {} seconds: convert the recording to WAV or FLAC and send it again, or \
             raise speech.decode_patience_seconds.", limit.as_secs())]
    #[serde(skip)]
    DecoderStalled {
        /// How long it was waited for.
        limit: Duration,
    },
    /// What tells speech from other sounds cannot be had.
    #[error(
        "Speech cannot be told from other sounds ({reason}): install Seogi anew, or set speech.voice_activity to another way."
    )]
    #[serde(skip)]
    NoDetector {
        /// What is wrong with it.
        reason: String,
    },
    /// Somebody stopped the decoder, as happens when the program is to stop.
    #[error("Decoding was interrupted: try again.")]
    #[serde(skip)]
    Interrupted,
}

impl AudioError {
    /// The stable name that clients may rely on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedMedia { .. } => "unsupported_media",
            Self::DamagedMedia { .. } | Self::AbsurdMedia { .. } => "damaged_media",
            Self::NoAudioTrack => "no_audio_track",
            Self::EmptyRecording => "empty_recording",
            Self::RecordingTooLong { .. } => "recording_too_long",
            Self::UnreadableRecording(_) => "unreadable_recording",
            Self::DecoderFailed => "decoder_failed",
            Self::DecoderOutOfMemory => "decoder_out_of_memory",
            Self::DecodingTooSlow { .. } | Self::DecoderStalled { .. } => "decoding_too_slow",
            Self::NoDetector { .. } => "model_unavailable",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whether another try may succeed: it was not the recording's fault.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::UnreadableRecording(_) | Self::Interrupted)
    }

    /// Whether another decoder may do better.
    pub(super) fn blames_the_decoder(&self) -> bool {
        matches!(
            self,
            Self::UnsupportedMedia { .. }
                | Self::DamagedMedia { .. }
                | Self::NoAudioTrack
                | Self::EmptyRecording
                | Self::DecoderFailed
        )
    }

    /// The same in words that do nothing to a terminal.
    pub(super) fn printable(mut self) -> Self {
        if let Self::UnsupportedMedia { what } | Self::DamagedMedia { what } | Self::AbsurdMedia { what } =
            &mut self
        {
            *what = printable(what);
        }
        self
    }

    pub(super) fn unsupported(what: impl Into<String>) -> Self {
        Self::UnsupportedMedia { what: what.into() }
    }

    pub(super) fn damaged(what: impl Into<String>) -> Self {
        Self::DamagedMedia { what: what.into() }
    }

    pub(super) fn absurd(what: impl Into<String>) -> Self {
        Self::AbsurdMedia { what: what.into() }
    }
}

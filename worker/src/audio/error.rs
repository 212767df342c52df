//! What can be wrong with a recording.

use std::io;
use std::time::Duration;

/// Why a recording cannot be turned into speech. The message is one sentence for the person who sent it.
#[derive(Debug, thiserror::Error)]
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
    UnreadableRecording(#[from] io::Error),
    /// A decoder gave up in a way that it should not have.
    #[error("The decoder broke down on this recording: convert it to WAV or FLAC and send it again.")]
    DecoderFailed,
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
        }
    }

    /// Whether another try may succeed: the storage failed, not the recording.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::UnreadableRecording(_))
    }

    /// Whether another decoder may do better.
    pub(super) fn blames_the_decoder(&self) -> bool {
        !matches!(
            self,
            Self::UnreadableRecording(_) | Self::RecordingTooLong { .. } | Self::AbsurdMedia { .. }
        )
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

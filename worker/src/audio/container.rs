//! A look at a file's first bytes, for what the probing of formats must not be left to find out by itself:
//! texts (a playlist or a page may not reach a demuxer that follows its links), and containers that hold
//! frames of a codec which the probe would find in the middle and take for the whole.

/// How many bytes from the front [`Kind::of`] wants to see, if there are as many.
pub(super) const HEAD: usize = 4096;

/// What the front of a file says about the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// No bytes.
    Empty,
    /// Readable text: a page, a playlist, subtitles.
    Text,
    /// A container that only ffmpeg reads; its name.
    Foreign(&'static str),
    /// Anything else: probe it.
    Unknown,
}

/// Marks of containers that only ffmpeg reads: place, bytes, name.
const FOREIGN: [(usize, &[u8], &str); 17] = [
    (8, b"AVI ", "an AVI file"),
    (0, b"RF64", "an RF64 wave file"),
    (0, b"BW64", "a BW64 wave file"),
    (0, b"riff\x2e\x91\xcf\x11", "a Wave64 file"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media (ASF, WMA) file"),
    (0, b"FLV\x01", "a Flash video"),
    (0, b"\x00\x00\x01\xba", "an MPEG program stream"),
    (0, b"#!AMR", "an AMR recording"),
    (0, b"\x0b\x77", "a Dolby Digital (AC-3) stream"),
    (0, b"\x7f\xfe\x80\x01", "a DTS stream"),
    (0, b"MAC ", "a Monkey's Audio file"),
    (0, b"wvpk", "a WavPack file"),
    (0, b".snd", "an AU file"),
    (0, b".RMF", "a RealMedia file"),
    (0, b"TTA1", "a True Audio file"),
    (0, b"Creative Voice File\x1a", "a Creative Voice file"),
    (0, b"\x1aTTF", "a True Audio file"),
];

impl Kind {
    /// Judges a file by its first bytes (up to [`HEAD`]).
    pub(super) fn of(head: &[u8]) -> Self {
        if head.is_empty() {
            Self::Empty
        } else if head.starts_with(b"#!AMR") {
            Self::Foreign("an AMR recording")
        } else if is_text(head) {
            Self::Text
        } else {
            foreign(head).map_or(Self::Unknown, Self::Foreign)
        }
    }
}

fn foreign(head: &[u8]) -> Option<&'static str> {
    let marked = FOREIGN.iter().find(|(at, mark, _)| holds(head, *at, mark)).map(|(_, _, name)| *name);
    marked.or_else(|| is_transport_stream(head).then_some("an MPEG transport stream"))
}

fn holds(head: &[u8], at: usize, mark: &[u8]) -> bool {
    head.get(at..).is_some_and(|rest| rest.starts_with(mark))
}

/// A transport stream has no mark at its front: only the same byte every 188 (or, on discs, 192) bytes.
fn is_transport_stream(head: &[u8]) -> bool {
    let every =
        |first: usize, step: usize| (0..4).all(|packet| head.get(first + packet * step) == Some(&0x47));
    every(0, 188) || every(4, 192)
}

/// No audio format gets through its first bytes without a control character or a torn letter.
fn is_text(head: &[u8]) -> bool {
    let whole = match std::str::from_utf8(head) {
        Ok(_) => head.len(),
        Err(torn) if torn.error_len().is_none() => torn.valid_up_to(),
        Err(_) => return false,
    };
    let printable = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b | 0x20..=0x7e | 0x80..);
    head.iter().take(whole).all(printable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_sound() {
        assert_eq!(Kind::of(b""), Kind::Empty);
        assert_eq!(Kind::of(b"<!doctype html><p>hello"), Kind::Text);
        assert_eq!(Kind::of("#EXTM3U\nhttp://169.254.169.254/회의.ts\n".as_bytes()), Kind::Text);
        assert_eq!(Kind::of(b"RIFF\x24\x00\x00\x00WAVEfmt "), Kind::Unknown);
        assert_eq!(Kind::of(b"OggS\x00\x02\x00\x00"), Kind::Unknown);
        assert_eq!(Kind::of(b"RIFF\xff\xff\xff\xffWAVE"), Kind::Unknown);
        assert_eq!(
            Kind::of(&"회의록".as_bytes()[..7]),
            Kind::Text,
            "a letter may be cut by the end of the head"
        );
    }

    #[test]
    fn containers_for_ffmpeg_are_named() {
        assert_eq!(Kind::of(b"RIFF\x24\x00\x00\x00AVI LIST"), Kind::Foreign("an AVI file"));
        assert_eq!(Kind::of(b"#!AMR\n"), Kind::Foreign("an AMR recording"));
        let mut stream = vec![0; 1000];
        (0..5).for_each(|packet| stream[packet * 188] = 0x47);
        assert_eq!(Kind::of(&stream), Kind::Foreign("an MPEG transport stream"));
    }
}

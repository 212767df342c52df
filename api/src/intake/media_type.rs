//! What a recording is, as a browser is told.

use mime_guess::mime;

/// Bytes at the beginning of a recording that tell its format.
pub const SNIFF_BYTES: u64 = 4096;

/// The media type of a recording, by its first bytes, or by its name if they tell nothing.
///
/// Whatever somebody uploaded, it is never a type that a browser would run or show as a page.
pub fn of(head: &[u8], file_name: &str) -> String {
    let is_media = |name: &str| name.starts_with("audio/") || name.starts_with("video/");
    let found = infer::get(head).map(|kind| kind.mime_type().to_owned());
    let named = || mime_guess::from_path(file_name).first().map(|kind| kind.essence_str().to_owned());
    match found.filter(|name| is_media(name)).or_else(named) {
        // The names that browsers know these by.
        Some(name) if name == "audio/m4a" => "audio/mp4".to_owned(),
        Some(name) if name == "audio/opus" => "audio/ogg".to_owned(),
        Some(name) if is_media(&name) => name,
        _ => mime::APPLICATION_OCTET_STREAM.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recordings_have_the_type_that_they_are_and_pages_have_none() {
        let wav = b"RIFF\x24\x00\x00\x00WAVEfmt ";
        for (head, name, expected) in [
            (&wav[..], "a.wav", "audio/x-wav"),
            (wav, "page.html", "audio/x-wav"),
            (b"fLaC\0\0\0\x22", "a", "audio/x-flac"),
            (b"\0\0\0\x20ftypM4A \0\0\0\0", "a.m4a", "audio/mp4"),
            (b"????????????", "a.opus", "audio/ogg"),
            (b"????????????", "a.m4a", "audio/mp4"),
            (b"<html><script>alert(1)</script>", "a.html", "application/octet-stream"),
            (b"<?xml version=\"1.0\"?><svg/>", "a.svg", "application/octet-stream"),
            (b"%PDF-1.7", "a.pdf", "application/octet-stream"),
            (b"", "recording", "application/octet-stream"),
        ] {
            assert_eq!(of(head, name), expected, "{name}");
        }
    }
}

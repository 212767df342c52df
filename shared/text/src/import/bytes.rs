//! Bytes become text.

/// The text of a file in UTF-8 or UTF-16 (which says so at its beginning).
pub(super) fn text(file: &[u8]) -> Option<String> {
    match file {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => String::from_utf8(file.to_vec()).ok().filter(|text| !text.contains('\0')),
    }
}

/// The same of the first bytes of a file, which may end in the middle of a character.
pub(super) fn beginning(head: &[u8]) -> Option<String> {
    let whole = (0..4).find_map(|cut| text(head.get(..head.len().checked_sub(cut)?)?));
    whole.filter(|text| !text.is_empty())
}

fn utf16(bytes: &[u8], read: impl Fn([u8; 2]) -> u16) -> Option<String> {
    let units = bytes.chunks_exact(2).filter_map(|pair| Some(read([*pair.first()?, *pair.get(1)?])));
    char::decode_utf16(units).collect::<Result<String, _>>().ok()
}

//! Cuts a streamed answer into its JSON values: lines of JSON as Ollama sends them, or events with a `data:` field
//! as servers of the OpenAI API do. Lines are put together as bytes, so that no letter is cut.

use bytes::BytesMut;

/// One line of a stream that means something.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// JSON, not yet read.
    Json(BytesMut),
    /// `[DONE]`: nothing will come any more.
    Done,
}

/// Puts chunks together and gives the lines in them.
#[derive(Debug, Default)]
pub(super) struct Frames {
    held: BytesMut,
    /// Bytes of `held` that are known to hold no end of a line.
    searched: usize,
}

impl Frames {
    /// Takes the next bytes from the network, cut anywhere.
    pub fn add(&mut self, chunk: &[u8]) {
        self.held.extend_from_slice(chunk);
    }

    /// Bytes that wait for the end of their line, in so far as [`Self::next`] has given everything else.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// The next whole frame; with `ended`, the last line counts as whole.
    pub fn next(&mut self, ended: bool) -> Option<Frame> {
        loop {
            let line = self.line(ended)?;
            if let Some(frame) = frame(line) {
                return Some(frame);
            }
        }
    }

    fn line(&mut self, ended: bool) -> Option<BytesMut> {
        let unsearched = self.held.get(self.searched..).unwrap_or_default();
        match unsearched.iter().position(|byte| *byte == b'\n') {
            Some(place) => {
                let line = self.held.split_to(self.searched + place + 1);
                self.searched = 0;
                Some(line)
            }
            None if ended && !self.held.is_empty() => Some(self.held.split()),
            None => {
                self.searched = self.held.len();
                None
            }
        }
    }
}

/// What a line means; nothing if it is empty, a comment, or a field of an event other than `data`.
fn frame(mut line: BytesMut) -> Option<Frame> {
    line.truncate(line.trim_ascii_end().len());
    if [&b":"[..], b"event:", b"id:", b"retry:"].iter().any(|field| line.starts_with(field)) {
        return None;
    }
    if line.starts_with(b"data:") {
        let _field = line.split_to(5);
    }
    match line.trim_ascii() {
        b"" => None,
        b"[DONE]" => Some(Frame::Done),
        _ => Some(Frame::Json(line)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_events_are_found_wherever_the_bytes_are_cut() {
        let text = "{\"a\":\"긴\"}\r\n\n: alive\nevent: x\ndata: {\"b\":\"é\"}\n\ndata:{}\nid: 7\ndata: [DONE]\n{\"c\":1}";
        let expected = ["{\"a\":\"긴\"}", " {\"b\":\"é\"}", "{}", "Done", "{\"c\":1}"];
        for size in 1..text.len() {
            let (mut frames, mut found) = (Frames::default(), Vec::new());
            let chunks = text.as_bytes().chunks(size);
            let last = chunks.len() - 1;
            for (at, chunk) in chunks.enumerate() {
                frames.add(chunk);
                found.extend(std::iter::from_fn(|| frames.next(at == last)));
            }
            let described = found.iter().map(|frame| match frame {
                Frame::Json(json) => String::from_utf8(json.to_vec()).unwrap(),
                Frame::Done => "Done".to_owned(),
            });
            assert_eq!(described.collect::<Vec<_>>(), expected, "{size}");
            assert_eq!(frames.held(), 0);
        }
    }
}

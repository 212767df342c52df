//! Minutes while they are written: the words in the model's JSON as a person would read them, in pieces for those who
//! watch. They have not been checked yet, and nobody keeps them.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use llm::Piece;
use shared::event::SummaryDelta;
use text::is_invisible;

/// What somebody who waits for minutes is told.
#[derive(Clone, Debug)]
pub enum DraftEvent {
    /// The share that is done, from 0 to 1.
    Share(f64),
    /// The next words, not yet checked.
    Delta(SummaryDelta),
}

/// Takes what is told while minutes are written.
pub type OnDraft<'a> = dyn Fn(DraftEvent) + Send + Sync + 'a;

/// Time between two pieces: models are quicker than people read.
const DELTA_INTERVAL: Duration = Duration::from_millis(150);

/// Most characters that are told of one answer.
const MAX_PART_CHARS: u64 = 20_000;

/// Whose turn it is to be heard: of the questions that are under way together, one.
#[derive(Debug, Default)]
pub(super) struct Turns {
    taken: AtomicBool,
    parts: AtomicU64,
}

/// One answer that is heard while it comes.
pub(super) struct Voice<'a> {
    turns: &'a Turns,
    on_draft: &'a OnDraft<'a>,
    /// Whether anybody hears it: another answer was first, or it is nothing to read.
    silent: bool,
    reader: Reader,
    part: u64,
    /// Letters told so far.
    at: u64,
    ready: String,
    last: Instant,
}

impl<'a> Voice<'a> {
    pub fn new(turns: &'a Turns, on_draft: &'a OnDraft<'a>, aloud: bool) -> Self {
        let silent = !aloud || turns.taken.swap(true, Ordering::AcqRel);
        let part = if silent { 0 } else { turns.parts.fetch_add(1, Ordering::Relaxed) + 1 };
        let (reader, ready) = (Reader::default(), String::new());
        Self { turns, on_draft, silent, reader, part, at: 0, ready, last: Instant::now() }
    }

    /// Takes the next piece of the answer.
    pub fn receive(&mut self, piece: Piece<'_>) {
        if self.silent {
            return;
        }
        match piece {
            Piece::Text(text) => self.reader.read(text, &mut self.ready),
            Piece::Again => {
                (self.reader, self.at) = (Reader::default(), 0);
                self.ready.clear();
                self.part = self.turns.parts.fetch_add(1, Ordering::Relaxed) + 1;
            }
        }
        if self.last.elapsed() >= DELTA_INTERVAL {
            self.tell();
        }
    }

    fn tell(&mut self) {
        self.last = Instant::now();
        if self.ready.is_empty() || self.at > MAX_PART_CHARS {
            return;
        }
        let text = std::mem::take(&mut self.ready);
        let chars = text.chars().count() as u64;
        (self.on_draft)(DraftEvent::Delta(SummaryDelta { part: self.part, at: self.at, text }));
        self.at += chars;
    }
}

impl Drop for Voice<'_> {
    fn drop(&mut self) {
        if !self.silent {
            self.tell();
            self.turns.taken.store(false, Ordering::Release);
        }
    }
}

/// Reads JSON as it comes, and gives the words of its texts: each on a line of its own, those in lists after a `•`.
#[derive(Default)]
struct Reader {
    /// The brackets that are open, each `{` with whether a name comes next.
    open: Vec<Open>,
    quoted: Option<Quoted>,
    /// The name that was read last.
    name: String,
    /// Whether a line was begun before.
    begun: bool,
    ended: bool,
}

enum Open {
    List,
    Object { name_next: bool },
}

/// A text that is being read.
struct Quoted {
    is_name: bool,
    /// Whether its words are told.
    aloud: bool,
    escape: Escape,
    /// The first half of a character that is written in two.
    half: Option<u32>,
    is_empty: bool,
}

/// Where an escape stands.
enum Escape {
    None,
    Begun,
    /// Digits read so far of the four, and their value.
    Unicode(u32, u32),
}

impl Reader {
    fn read(&mut self, piece: &str, words: &mut String) {
        for character in piece.chars() {
            if self.ended {
                return;
            }
            match self.quoted.take() {
                Some(quoted) => self.quoted = self.in_text(quoted, character, words),
                None => self.between(character),
            }
        }
    }

    fn between(&mut self, character: char) {
        match character {
            '{' => self.open.push(Open::Object { name_next: true }),
            // Words before the object are no part of it.
            _ if self.open.is_empty() => {}
            '[' => self.open.push(Open::List),
            '}' | ']' => {
                self.open.pop();
                self.ended = self.open.is_empty();
            }
            ',' | ':' => {
                if let Some(Open::Object { name_next }) = self.open.last_mut() {
                    *name_next = character == ',';
                }
            }
            '"' => {
                let is_name = matches!(self.open.last(), Some(Open::Object { name_next: true }));
                if is_name {
                    self.name.clear();
                }
                let aloud = !is_name && !["owner", "due"].contains(&self.name.as_str());
                self.quoted =
                    Some(Quoted { is_name, aloud, escape: Escape::None, half: None, is_empty: true });
            }
            _ => {}
        }
    }

    /// Takes one character of a text; the text, unless that was its end.
    fn in_text(&mut self, mut quoted: Quoted, character: char, words: &mut String) -> Option<Quoted> {
        match (&quoted.escape, character) {
            (Escape::None, '"') => return None,
            (Escape::None, '\\') => quoted.escape = Escape::Begun,
            (Escape::None, character) => self.add(&mut quoted, character, words),
            (Escape::Begun, 'u') => quoted.escape = Escape::Unicode(0, 0),
            (Escape::Begun, character) => {
                quoted.escape = Escape::None;
                let meant = if matches!(character, 'n' | 't' | 'r' | 'b' | 'f') { ' ' } else { character };
                self.add(&mut quoted, meant, words);
            }
            (Escape::Unicode(digits, value), character) => {
                let value = value * 16 + character.to_digit(16).unwrap_or_default();
                quoted.escape = Escape::Unicode(digits + 1, value);
                if matches!(quoted.escape, Escape::Unicode(4, _)) {
                    quoted.escape = Escape::None;
                    if let Some(meant) = joined(&mut quoted.half, value) {
                        self.add(&mut quoted, meant, words);
                    }
                }
            }
        }
        Some(quoted)
    }

    fn add(&mut self, quoted: &mut Quoted, character: char, words: &mut String) {
        if quoted.is_name {
            self.name.push(character);
        } else if quoted.aloud && !is_invisible(character) {
            if std::mem::take(&mut quoted.is_empty) {
                let in_list = self.open.iter().any(|open| matches!(open, Open::List));
                words.push_str(if std::mem::replace(&mut self.begun, true) { "\n" } else { "" });
                words.push_str(if in_list { "• " } else { "" });
            }
            words.push(character);
        }
    }
}

/// The character with this number, or of this half and the one before.
fn joined(half: &mut Option<u32>, value: u32) -> Option<char> {
    match (half.take(), value) {
        (_, 0xd800..=0xdbff) => {
            *half = Some(value);
            None
        }
        (Some(first), 0xdc00..=0xdfff) => {
            char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (value - 0xdc00))
        }
        _ => char::from_u32(value),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// What is told of an answer that comes in pieces of so many characters.
    fn read(answer: &str, size: usize) -> String {
        let (mut reader, mut words) = (Reader::default(), String::new());
        let chars: Vec<char> = answer.chars().collect();
        chars.chunks(size).for_each(|piece| reader.read(&String::from_iter(piece), &mut words));
        words
    }

    #[test]
    fn the_words_are_read_without_the_json_however_it_is_cut() {
        let answer = "Sure:\n```json\n{\"title\": \"A \\\"plan\\\"\", \"summary\": \"예산\\uc744 \\ud83d\\ude00 {see} [x]\\nNext.\", \
                      \"key_points\": [{\"text\": \"One.\", \"segments\": [1, 2]}, {\"text\": \"\", \"segments\": []}], \
                      \"action_items\": [{\"task\": \"Do it\", \"owner\": \"Ann\", \"due\": null, \"segments\": [3]}]}\n``` {\"more\": \"x\"}";
        for size in 1..40 {
            assert_eq!(
                read(answer, size),
                "A \"plan\"\n예산을 😀 {see} [x] Next.\n• One.\n• Do it",
                "{size}"
            );
        }
        assert_eq!(read("no JSON at all", 3), "");
        assert_eq!(read("{\"summary\": \"cut of", 4), "cut of");
        assert_eq!(read("{\"summary\": \"a\u{202e}b\\ud83d!\"}", 2), "ab!");
    }

    #[test]
    fn one_of_several_answers_is_heard_and_a_new_one_begins_anew() {
        let received = Mutex::new(Vec::new());
        let on_draft = |one: DraftEvent| {
            let DraftEvent::Delta(delta) = one else { panic!("only words were said") };
            received.lock().unwrap().push((delta.part, delta.at, delta.text));
        };
        let turns = Turns::default();
        {
            let (mut first, mut second) =
                (Voice::new(&turns, &on_draft, true), Voice::new(&turns, &on_draft, true));
            second.receive(Piece::Text("{\"summary\": \"nobody hears this\"}"));
            first.receive(Piece::Text("{\"summary\": \"thin"));
            first.receive(Piece::Again);
            first.receive(Piece::Text("{\"summary\": \"They met"));
            first.tell();
            first.receive(Piece::Text(" again.\"}"));
            Voice::new(&turns, &on_draft, false).receive(Piece::Text("{\"summary\": \"nor this\"}"));
        }
        Voice::new(&turns, &on_draft, true).receive(Piece::Text("{\"summary\": \"Next\"}"));
        let expected = [(2, 0, "They met"), (2, 8, " again."), (3, 0, "Next")];
        let received = received.into_inner().unwrap();
        assert_eq!(
            received.iter().map(|(part, at, text)| (*part, *at, text.as_str())).collect::<Vec<_>>(),
            expected
        );
    }
}

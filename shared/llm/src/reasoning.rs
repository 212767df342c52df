//! Keeps a model's thinking from everyone, also while it comes in pieces that cut its marks in two.

use crate::{OnPiece, Piece};

/// Marks between which models think: `<think>` … `</think>`, and so on.
const THINKING: [(&str, &str); 4] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
];

/// Passes on what a model says, without what it thinks.
pub(super) struct ThinkFilter<'a> {
    on_piece: &'a mut OnPiece<'a>,
    /// What may yet turn out to be part of a mark.
    held: String,
    /// The mark that ends the thinking that is going on.
    until: Option<&'static str>,
}

impl<'a> ThinkFilter<'a> {
    /// Passes on to `hear`.
    pub fn new(on_piece: &'a mut OnPiece<'a>) -> Self {
        Self { on_piece, held: String::new(), until: None }
    }

    /// Takes the next piece of the answer.
    pub fn add(&mut self, piece: &str) {
        self.held.push_str(piece);
        while self.pass_mark() {}
        let kept = match self.until {
            Some(close) => begun(&self.held, close),
            None => THINKING
                .iter()
                .flat_map(|(open, close)| [begun(&self.held, open), begun(&self.held, close)])
                .max()
                .unwrap_or(0),
        };
        let rest = self.held.split_off(self.held.len() - kept);
        self.say(&rest);
    }

    /// Says what was held back at the end of the answer.
    pub fn end(mut self) {
        self.say("");
    }

    /// Passes the first mark of what is held, if there is one.
    fn pass_mark(&mut self) -> bool {
        if let Some(close) = self.until {
            let Some((_, after)) = self.held.split_once(close) else { return false };
            self.held = after.to_owned();
            self.until = None;
            return true;
        }
        let marks = THINKING.iter().flat_map(|(open, close)| [(*open, Some(*close)), (*close, None)]);
        let first = marks.filter_map(|(mark, until)| Some((self.held.find(mark)?, mark, until))).min();
        let Some((at, mark, until)) = first else { return false };
        let after = self.held.split_off(at + mark.len());
        self.held.truncate(at);
        match until {
            Some(_) => self.say(""),
            // Some chat formats begin inside the thinking, so that what was heard so far is part of it.
            None => (self.on_piece)(Piece::Again),
        }
        self.held = after;
        self.until = until;
        true
    }

    /// Says what is held, unless it is thought, and holds `rest` instead.
    fn say(&mut self, rest: &str) {
        if self.until.is_none() && !self.held.is_empty() {
            (self.on_piece)(Piece::Text(&self.held));
        }
        rest.clone_into(&mut self.held);
    }
}

/// Length of the longest end of `text` that is the beginning of `mark`, in bytes.
fn begun(text: &str, mark: &str) -> usize {
    (1..mark.len())
        .rev()
        .find(|length| mark.get(..*length).is_some_and(|start| text.ends_with(start)))
        .unwrap_or(0)
}

/// Takes the thinking out of a whole answer, also where its end or its begin is missing.
pub fn without_reasoning(text: &str) -> String {
    let mut said = String::new();
    let mut on_piece = gather(&mut said);
    let mut spoken = ThinkFilter::new(&mut on_piece);
    spoken.add(text);
    spoken.end();
    drop(on_piece);
    said
}

/// Puts pieces together in `said`.
pub(super) fn gather(said: &mut String) -> impl FnMut(Piece<'_>) + Send {
    |piece| match piece {
        Piece::Text(text) => said.push_str(text),
        Piece::Again => said.clear(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinking_is_not_heard_wherever_the_answer_is_cut() {
        for (text, expected) in [
            ("<think>그는 말했다</think>네, 맞습니다.", "네, 맞습니다."),
            ("one <thinking>two</thinking> three <thought>four</thought>!", "one  three !"),
            ("inside from the start</think>said", "said"),
            ("said <reasoning>and never back", "said "),
            ("a < b, <thin ice>, </thinner> and <think", "a < b, <thin ice>, </thinner> and <think"),
            ("<think></think><think>x</think>", ""),
            ("<think>one</thinking>two</think>three", "three"),
        ] {
            assert_eq!(without_reasoning(text), expected, "{text}");
            let cuts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            for (first, second) in
                cuts.iter().flat_map(|first| cuts.iter().map(move |second| (first, second)))
            {
                let (first, second) = (first.min(second), first.max(second));
                let mut said = String::new();
                let mut on_piece = gather(&mut said);
                let mut spoken = ThinkFilter::new(&mut on_piece);
                let (begin, rest) = text.split_at(*first);
                let (middle, end) = rest.split_at(second - first);
                [begin, middle, end].iter().for_each(|piece| spoken.add(piece));
                spoken.end();
                drop(on_piece);
                assert_eq!(said, expected, "{text} cut at {first} and {second}");
            }
        }
    }

    #[test]
    fn thinking_never_gets_out_even_for_a_moment() {
        let mut received = Vec::new();
        let mut on_piece = |piece: Piece<'_>| received.push(format!("{piece:?}"));
        let mut spoken = ThinkFilter::new(&mut on_piece);
        ["yes <", "thi", "nk>secret", " secret</t", "hink", "> no"]
            .iter()
            .for_each(|piece| spoken.add(piece));
        spoken.end();
        assert_eq!(received, ["Text(\"yes \")", "Text(\" no\")"]);
    }
}

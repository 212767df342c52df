//! Meetings whose words are known, with statements about them: what of these the evidence check keeps, marks and drops,
//! and the minutes as files, for whoever scores them.
//!
//! A folder holds `NAME.txt`, a line `speaker|words` for each segment, and perhaps `statements.json`: for each name the
//! classes of statements (`true`, `wrong_lines`, `false`, `inventions`), each a list of `text`, `lines` and, where the lines
//! are wrong, `right`.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result};
use minutes::evidence::Evidence;
use serde::Deserialize;
use shared::segment::Segment;

use crate::transcript;

/// Lines by which an entry may miss the right ones.
const NEAR_LINES: u64 = 2;

/// Seconds of a line.
const LINE_SECONDS: f64 = 6.0;

/// One meeting.
pub struct Meeting {
    pub name: String,
    pub segments: Vec<Segment>,
}

impl Meeting {
    /// Its language as an ISO 639-1 code.
    pub fn language(&self) -> String {
        transcript(&self.segments, None).language()
    }
}

/// Something that is said about a meeting.
#[derive(Deserialize)]
struct Statement {
    text: String,
    lines: Vec<u64>,
    right: Option<Vec<u64>>,
}

/// What became of the statements of one class.
#[derive(Default)]
struct Outcome {
    all: u64,
    kept: u64,
    /// Kept, with lines that bear them out or are close to such.
    anchored: u64,
    /// Kept and marked as unclear.
    unclear: u64,
}

/// The meetings in a folder.
pub fn read(folder: &Path) -> Result<Vec<Meeting>> {
    let mut meetings = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if path.extension().is_some_and(|ending| ending == "txt") {
            let segments = segments(&std::fs::read_to_string(&path)?);
            meetings.push(Meeting { name, segments });
        }
    }
    meetings.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(meetings)
}

fn segments(text: &str) -> Vec<Segment> {
    let lines = text.lines().filter_map(|line| line.split_once('|'));
    let segment = |(number, (speaker, words)): (u64, (&str, &str))| {
        let start = LINE_SECONDS * number as f64;
        let (speaker, text) = (Some(speaker.to_owned()), words.to_owned());
        Segment { number, start, end: start + LINE_SECONDS, text, speaker, ..Segment::default() }
    };
    (1..).zip(lines).map(segment).collect()
}

/// What the evidence check makes of the statements about `meetings`, a line for each class and language.
pub fn statements(folder: &Path, meetings: &[Meeting]) -> Result<Vec<String>> {
    let path = folder.join("statements.json");
    if !path.exists() {
        return Ok(Vec::new());
    }
    let known: BTreeMap<String, BTreeMap<String, Vec<Statement>>> =
        serde_json::from_slice(&std::fs::read(path)?)?;
    let mut outcomes: BTreeMap<(String, String), Outcome> = BTreeMap::new();
    for meeting in meetings {
        let language = meeting.language();
        let evidence = Evidence::new(&meeting.segments, &language);
        for (class, statements) in known.get(&meeting.name).into_iter().flatten() {
            let outcome = outcomes.entry((language.clone(), class.clone())).or_default();
            statements.iter().for_each(|statement| outcome.add(&evidence, statement));
        }
    }
    let line = |((language, class), one): (&(String, String), &Outcome)| {
        let Outcome { all, kept, anchored, unclear } = one;
        format!(
            "{language} {class:<12}{all:4} statements, kept {kept:3}, of these near the right lines {anchored:3}, unclear {unclear:3}"
        )
    };
    Ok(outcomes.iter().map(line).collect())
}

impl Outcome {
    fn add(&mut self, evidence: &Evidence, statement: &Statement) {
        self.all += 1;
        let Ok(support) = evidence.claim(&statement.text, &statement.lines, |_| true) else { return };
        let right = statement.right.as_ref().unwrap_or(&statement.lines);
        let near = |number: &u64| right.iter().any(|line| line.abs_diff(*number) <= NEAR_LINES);
        self.kept += 1;
        self.anchored += u64::from(support.segments.iter().any(near));
        self.unclear += u64::from(support.unclear.is_some());
    }
}

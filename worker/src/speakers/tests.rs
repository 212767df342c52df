//! A conversation whose speakers are known: three synthetic voices, at times without a pause between them.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use super::{BuiltIn, Count, Diariser, Turn};
use crate::audio::{DecodeLimits, Recording};

const ANY: Count = Count { least: 1, most: 20 };

#[derive(Deserialize)]
struct Conversation {
    sentences: Vec<Sentence>,
}

#[derive(Deserialize)]
struct Sentence {
    start: f64,
    end: f64,
    speaker: String,
}

fn testdata(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/speakers/testdata").join(name)
}

fn turns(path: &Path, count: Count) -> Vec<Turn> {
    let mut recording = Recording::open(path, &DecodeLimits::default()).unwrap();
    let mut diariser = Diariser::new(Box::<BuiltIn>::default());
    while let Some(stretch) = recording.next_stretch().unwrap() {
        stretch.windows.iter().for_each(|window| diariser.listen(window));
    }
    diariser.turns(count)
}

fn speakers(turns: &[Turn]) -> usize {
    turns.iter().map(|turn| turn.speaker + 1).max().unwrap_or_default()
}

/// The share of the time of speech that is given to nobody or to another than the one who, by most of it, it is.
fn error(turns: &[Turn]) -> f64 {
    let truth: Conversation =
        serde_json::from_slice(&std::fs::read(testdata("conversation.json")).unwrap()).unwrap();
    let mut shared: BTreeMap<(&str, usize), f64> = BTreeMap::new();
    let mut all = 0.0;
    for Sentence { start, end, speaker } in &truth.sentences {
        all += end - start;
        for turn in turns {
            let overlap = turn.time.end.min(*end) - turn.time.start.max(*start);
            *shared.entry((speaker, turn.speaker)).or_default() += overlap.max(0.0);
        }
    }
    let mut best: Vec<_> = shared.into_iter().collect();
    best.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (mut known, mut right) = (Vec::<(&str, usize)>::new(), 0.0);
    for ((name, speaker), time) in best {
        if known.iter().all(|(other, taken)| *other != name && *taken != speaker) {
            known.push((name, speaker));
            right += time;
        }
    }
    1.0 - right / all
}

#[test]
fn three_voices_are_told_apart_however_much_is_known_of_their_number() {
    for count in [ANY, Count { least: 3, most: 3 }, Count { least: 2, most: 4 }] {
        let turns = turns(&testdata("conversation.ogg"), count);
        assert_eq!(speakers(&turns), 3, "{count:?}");
        assert!(error(&turns) < 0.1, "{count:?}: {} wrong", error(&turns));
        assert_eq!(turns[0].speaker, 0);
        assert!(turns.windows(2).all(|pair| pair[0].time.end <= pair[1].time.start));
    }
}

#[test]
fn there_are_as_many_speakers_as_somebody_says() {
    for count in [1, 2, 5] {
        let turns = turns(&testdata("conversation.ogg"), Count { least: count, most: count });
        assert_eq!(speakers(&turns), count);
    }
}

#[test]
fn one_voice_is_one_speaker() {
    for name in ["stereo_44k.wav", "short_en.wav"] {
        assert_eq!(speakers(&turns(&ground_truth::recording(name).path(), ANY)), 1, "{name}");
    }
}

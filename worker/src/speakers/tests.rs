//! Conversations whose speakers are known: three synthetic voices, at times without a pause between them, and three people who
//! read.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use super::{BuiltIn, Count, Diariser, Diarisers, Turn};
use crate::audio::{DecodeLimits, Recording};
use config::{Config, Value};

const ANY: Count = Count { least: 1, most: 20 };
const SYNTHETIC: &str = "conversation.json";

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
    turns_by(Diariser::new(Box::<BuiltIn>::default(), None), path, count)
}

fn turns_by(mut diariser: Diariser, path: &Path, count: Count) -> Vec<Turn> {
    let mut recording = Recording::open(path, &DecodeLimits::default()).unwrap();
    while let Some(stretch) = recording.next_stretch().unwrap() {
        stretch.windows.iter().for_each(|window| diariser.listen(window));
    }
    diariser.turns(count)
}

fn speakers(turns: &[Turn]) -> usize {
    turns.iter().map(|turn| turn.speaker + 1).max().unwrap_or_default()
}

/// The share of the time of speech that is given to nobody or to another than the one who, by most of it, it is.
fn error(turns: &[Turn], truth: &str) -> f64 {
    let truth: Conversation = serde_json::from_slice(&std::fs::read(testdata(truth)).unwrap()).unwrap();
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
        assert!(error(&turns, SYNTHETIC) < 0.1, "{count:?}: {} wrong", error(&turns, SYNTHETIC));
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

/// What a configuration with that model, and perhaps a threshold, makes of it.
async fn configured(model: &Path, threshold: f64) -> Result<Diariser, String> {
    let settings = vec![
        ("speech.speakers.model", Value::from(model.to_str().unwrap())),
        ("speech.speakers.threshold", Value::from(threshold)),
    ];
    let config = Config::load(None, |_| None, settings).unwrap();
    Diarisers::new(config.speech).get(|_| ()).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn three_people_are_told_apart_by_the_bundled_network_and_without_one() {
    for model in ["campplus", "built-in"] {
        let diariser = configured(Path::new(model), 0.0).await.unwrap();
        let turns = turns_by(diariser, &testdata("readings.ogg"), ANY);
        let wrong = error(&turns, "readings.json");
        assert!(speakers(&turns) == 3 && wrong < 0.12, "{model}: {wrong} wrong, {turns:?}");
    }
}

#[tokio::test]
async fn a_model_tells_the_three_voices_apart_that_it_knows() {
    for name in ["wespeaker.onnx", "3d-speaker.onnx"] {
        let diariser = configured(&testdata(name), 0.0).await.unwrap();
        let turns = turns_by(diariser, &testdata("conversation.ogg"), ANY);
        assert_eq!(speakers(&turns), 3, "{name}");
        assert!(error(&turns, SYNTHETIC) < 0.15, "{name}: {} wrong", error(&turns, SYNTHETIC));
    }
    let diariser = configured(&testdata("wespeaker.onnx"), 9.0).await.unwrap();
    assert_eq!(speakers(&turns_by(diariser, &testdata("conversation.ogg"), ANY)), 1, "with a high threshold");
}

#[tokio::test]
async fn a_model_that_is_not_there_is_said() {
    let error = configured(Path::new("no/such.onnx"), 0.0).await.err().unwrap();
    assert!(error.contains("no/such.onnx") && error.contains("check the path"), "{error}");
    let error = configured(Path::new("wespeaker"), 0.0).await.err().unwrap();
    assert!(error.contains("did you mean wespeaker-resnet34?"), "{error}");
}

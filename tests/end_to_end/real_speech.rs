//! People's voices through the model that comes with the program: what is heard right today stays so.

use ground_truth::{Recording, Score, Segment};

use crate::harness::{Client, Home};

/// What a transcript may have wrong at most.
struct Bounds {
    recording: &'static str,
    /// What is asked for with the upload.
    wishes: &'static [(&'static str, &'static str)],
    language: &'static str,
    wrong_words: f64,
    lost: usize,
    over_pauses: usize,
    /// Seconds from the begin of a sentence to its first word, in the median.
    late: f64,
    wrong_languages: usize,
    /// How many are told apart, and the share of the speech that has the wrong name.
    speakers: Option<(usize, f64)>,
}

const NOTHING: Bounds = Bounds {
    recording: "",
    wishes: &[],
    language: "en",
    wrong_words: 0.0,
    lost: 0,
    over_pauses: 0,
    late: 0.6,
    wrong_languages: 0,
    speakers: None,
};

/// The figures that were reached, and a little more.
const PEOPLE: [Bounds; 5] = [
    Bounds { recording: "reading.ogg", wrong_words: 0.06, ..NOTHING },
    Bounds { recording: "sonnet.ogg", wrong_words: 0.15, ..NOTHING },
    Bounds { recording: "pauses.ogg", wrong_words: 0.12, ..NOTHING },
    Bounds {
        recording: "two_voices.ogg",
        wishes: &[("diarize", "true")],
        speakers: Some((2, 0.05)),
        ..NOTHING
    },
    Bounds { recording: "languages.ogg", wishes: &[("language", "multi")], wrong_words: 0.12, ..NOTHING },
];

/// The same, of the meeting that comes with the program.
const MEETING: Bounds = Bounds {
    recording: "meeting.ogg",
    wishes: &[("diarize", "true")],
    wrong_words: 0.06,
    speakers: Some((3, 0.05)),
    ..NOTHING
};

impl Bounds {
    /// What is worse than it may be.
    fn broken_by(&self, score: &Score, language: &str) -> Vec<String> {
        let mut broken = Vec::new();
        let mut hold = |holds: bool, what: &str| {
            if !holds {
                broken.push(format!("{}: {what}: {language} {score:?}", self.recording));
            }
        };
        hold(self.language == language, "language");
        hold(score.wrong_words <= self.wrong_words, "wrong words");
        hold(score.lost.len() <= self.lost, "lost sentences");
        hold(score.over_pauses <= self.over_pauses, "segments over pauses");
        hold(score.late <= self.late, "times");
        hold(score.wrong_languages <= self.wrong_languages, "languages of sentences");
        if let Some((speakers, wrong)) = self.speakers {
            hold(score.speakers == speakers && score.wrong_speaker <= wrong, "speakers");
        }
        broken
    }
}

async fn heard(client: &Client, recording: &Recording, bounds: &Bounds) -> (Score, String) {
    let job = client.upload_with(&recording.path(), bounds.wishes).await;
    let result = client.finished(&job).await;
    assert_eq!(result["status"], "COMPLETED", "{}: {}", recording.name, result["error_message"]);
    let transcript = client.json(&format!("/api/v1/jobs/{job}/transcript")).await;
    let segments: Vec<Segment> = serde_json::from_value(transcript["segments"].clone()).unwrap();
    (recording.score(&segments), result["language"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn the_model_that_comes_with_the_program_hears_people() {
    hold(&PEOPLE, &ground_truth::real_recordings()).await;
}

#[tokio::test]
async fn the_bundled_meeting_is_heard_with_its_speakers() {
    hold(&[MEETING], &[ground_truth::demo()]).await;
}

/// The program as it comes, with nothing to fetch and nowhere to fetch it from.
async fn hold(all: &[Bounds], recordings: &[Recording]) {
    let home = Home::new().with("SEOGI_MODEL", "").with("SEOGI_SPEECH_THREADS", 2);
    let home = home.with("SEOGI_BUNDLED_MODELS", ground_truth::bundled_models().display());
    let home = home.with("SEOGI_MODEL_URL", "http://127.0.0.1:9");
    let server = home.serve();
    let mut broken = Vec::new();
    for bounds in all {
        let recording = recordings.iter().find(|one| one.name == bounds.recording).unwrap();
        let (score, language) = heard(&server.client, recording, bounds).await;
        println!("{}: {language} {score:?}", recording.name);
        broken.extend(bounds.broken_by(&score, &language));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

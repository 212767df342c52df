//! A script that plays the worker: it writes what a real one would.

use std::time::Duration;

use serde_json::Map;
use shared::{
    coverage::SpeechCoverage,
    job::{Failure, JobId, Length, Progress, Stage},
    minutes::{Coverage, Minutes, Point},
    segment::Segment,
};
use store::{Language, Lease, NotedModel, Store, Window};

pub struct Worker {
    pub store: Store,
    pub lease: Lease,
    pub said: u64,
}

pub async fn begin(store: &Store, job: JobId) -> Worker {
    let claim = store.claim(job, "script", Duration::from_secs(600)).await.unwrap().expect("the job is free");
    let language = Language { code: "en".into(), probability: Some(0.9) };
    store
        .save_speech(&claim.lease, &NotedModel { name: "base".into(), file: None }, &language)
        .await
        .unwrap();
    Worker { store: store.clone(), lease: claim.lease, said: claim.job.segment_count }
}

impl Worker {
    /// Writes a window of one segment.
    pub async fn say(&mut self, text: &str) {
        self.said += 1;
        let start = self.said as f64;
        let segment =
            Segment { number: self.said, start, end: start + 0.75, text: text.into(), ..Segment::default() };
        let window = Window {
            segments: vec![segment],
            checkpoint: self.said * 16_000,
            coverage: SpeechCoverage::default(),
            progress: Progress::at(Stage::Transcribing, 1.0 - 1.0 / (self.said as f64 + 1.0)),
        };
        self.store.save_window(&self.lease, window).await.unwrap();
    }

    pub async fn say_many(&mut self, count: usize) {
        for n in 0..count {
            self.say(&format!("Sentence {n}.")).await;
        }
    }

    pub async fn transcribed(&self) {
        self.store.finish_transcript(&self.lease, self.said as f64 + 1.0).await.unwrap();
    }

    pub async fn complete(&self) {
        self.transcribed().await;
        self.store.complete(&self.lease, minutes()).await.unwrap();
    }

    pub async fn fail(&self) {
        self.store
            .fail(&self.lease, "stt", &Failure::new("no_speech", "Nobody speaks; choose another."))
            .await
            .unwrap();
    }
}

pub fn minutes() -> Minutes {
    Minutes {
        title: "Budget".into(),
        summary: "All about the budget.".into(),
        language: "en".into(),
        key_points: vec![Point { text: "It is fine.".into(), segments: vec![1], ..Point::default() }],
        decisions: Vec::new(),
        action_items: Vec::new(),
        open_questions: Vec::new(),
        chapters: Vec::new(),
        coverage: Coverage::default(),
        provider: "extractive".into(),
        model: "test".into(),
        template: "general".into(),
        length: Length::Standard,
        version: 0,
        created_at: 0,
        transcript_revision: 0,
        edited_since: false,
        extra: Map::new(),
    }
}

//! Stories of edited transcripts.

use super::{LONG, World, minutes, window};
use crate::{JobFilter, StoreError};
use shared::{
    edit::{Edit, EditError},
    event::Event,
    job::JobId,
    segment::Segment,
};

const KEPT: u32 = 3;

impl World {
    /// A completed job with three segments.
    async fn meeting(&self) -> JobId {
        let id = self.create("Budget").await;
        let lease = self.claim(id, "w", LONG).await.lease;
        self.store.save_window(&lease, window(1..=3, 48_000)).await.unwrap();
        self.store.finish_transcript(&lease, 4.0).await.unwrap();
        self.store.complete(&lease, minutes()).await.unwrap();
        id
    }

    /// A job whose speakers were told apart: the second segment was two people.
    async fn diarised(&self) -> (JobId, Vec<Segment>) {
        let id = self.create("Budget").await;
        let lease = self.claim(id, "w", LONG).await.lease;
        self.store.save_window(&lease, window(1..=3, 48_000)).await.unwrap();
        let mut segments = self.store.segments(id).await.unwrap();
        let middle = f64::midpoint(segments[1].start, segments[1].end);
        let second = Segment { number: 4, start: middle, text: "No.".into(), ..segments[1].clone() };
        segments[1].end = middle;
        segments.insert(2, second);
        for (segment, speaker) in
            segments.iter_mut().zip(["Speaker 1", "Speaker 1", "Speaker 2", "Speaker 1"])
        {
            segment.speaker = Some(speaker.into());
        }
        self.store.save_speakers(&lease, segments.clone()).await.unwrap();
        self.store.finish_transcript(&lease, 4.0).await.unwrap();
        self.store.complete(&lease, minutes()).await.unwrap();
        (id, segments)
    }

    async fn revision(&self, id: JobId) -> u64 {
        self.store.job(id).await.unwrap().transcript_revision
    }

    /// Edits whatever revision there is.
    async fn edit(&self, id: JobId, edit: Edit) {
        let revision = self.revision(id).await;
        assert!(self.store.edit(id, revision, &edit, KEPT).await.unwrap().is_some());
    }

    /// The transcript, as a person would read it aloud.
    async fn said(&self, id: JobId) -> Vec<String> {
        spoken(&self.store.segments(id).await.unwrap())
    }

    /// The transcript as somebody puts it together who has only seen the events.
    async fn replayed(&self, id: JobId) -> Vec<Segment> {
        let mut replayed: Vec<Segment> = Vec::new();
        for logged in self.store.events_after(id, 0, 1000).await.unwrap() {
            let (gone, fresh) = match logged.event {
                Event::TranscriptSegment { segment, .. } => (Vec::new(), vec![segment]),
                Event::TranscriptEdited { removed, segments, .. } => (removed, segments),
                _ => continue,
            };
            replayed.retain(|one| {
                !gone.contains(&one.number) && fresh.iter().all(|new| new.number != one.number)
            });
            replayed.extend(fresh);
            replayed.sort_by(|a, b| a.start.total_cmp(&b.start));
        }
        replayed
    }
}

fn spoken(segments: &[Segment]) -> Vec<String> {
    let line = |one: &Segment| {
        let speaker = one.speaker.as_ref().map_or_else(String::new, |name| format!("{name}: "));
        format!("{} {speaker}{}", one.number, one.text)
    };
    segments.iter().map(line).collect()
}

fn text(number: u64, text: &str) -> Edit {
    Edit::Text { number, text: text.into() }
}

pub(super) async fn edits_are_events_that_lead_to_the_same_transcript(world: World) {
    let id = world.meeting().await;
    world.edit(id, text(2, "Der zweite Satz.")).await;
    world.edit(id, Edit::Split { number: 2, at: 4 }).await;
    world.edit(id, Edit::Merge { number: 4 }).await;
    world.edit(id, Edit::Speaker { number: 1, speaker: Some("Maria".into()) }).await;
    let expected = ["1 Maria: Sentence 1.", "2 Der", "4 zweite Satz. Sentence 3."];
    assert_eq!(world.said(id).await, expected);
    let stored: Vec<Segment> =
        world.store.segments(id).await.unwrap().into_iter().map(Segment::without_words).collect();
    assert_eq!(world.replayed(id).await, stored);
    assert_eq!(stored[2].merged, [3]);
    let job = world.store.job(id).await.unwrap();
    assert_eq!((job.transcript_revision, job.segment_count), (4, 3));
    let original = world.store.original_segments(id).await.unwrap();
    assert_eq!(spoken(&original), ["1 Sentence 1.", "2 Sentence 2.", "3 Sentence 3."]);
    assert!(original.iter().all(|one| !one.edited && one.recognition.words.len() == 1));
    let found = JobFilter { search: Some("zweite".into()), limit: 9, ..JobFilter::default() };
    assert_eq!(world.store.list(&found).await.unwrap().jobs.len(), 1);
}

pub(super) async fn edits_are_undone_and_made_again(world: World) {
    let id = world.meeting().await;
    let before = world.store.segments(id).await.unwrap();
    world.edit(id, Edit::Split { number: 1, at: 9 }).await;
    world.edit(id, Edit::Speaker { number: 4, speaker: Some("Jonas".into()) }).await;
    world.edit(id, Edit::RenameSpeaker { from: "Jonas".into(), to: "Ida".into() }).await;
    let edited = world.store.segments(id).await.unwrap();
    for revision in [3, 2, 1] {
        world.store.undo(id, revision).await.unwrap();
    }
    assert_eq!((world.store.segments(id).await.unwrap(), world.revision(id).await), (before.clone(), 0));
    assert!(matches!(world.store.undo(id, 0).await, Err(StoreError::NothingToUndo(_))));
    for revision in [0, 1, 2] {
        world.store.redo(id, revision).await.unwrap();
    }
    assert_eq!((world.store.segments(id).await.unwrap(), world.revision(id).await), (edited, 3));
    assert!(matches!(world.store.redo(id, 3).await, Err(StoreError::NothingToRedo(_))));

    // An edit after undoing takes numbers that were never used, of edits and of segments.
    world.store.undo(id, 3).await.unwrap();
    world.edit(id, Edit::Split { number: 2, at: 9 }).await;
    assert_eq!(world.revision(id).await, 4);
    assert_eq!(world.said(id).await[2..4], ["2 Sentence", "5 2."]);
    assert!(matches!(world.store.redo(id, 4).await, Err(StoreError::NothingToRedo(_))));
    world.store.undo(id, 4).await.unwrap();
    assert_eq!(world.revision(id).await, 2);
    assert_eq!(spoken(&world.replayed(id).await), world.said(id).await);
}

pub(super) async fn a_deleted_segment_comes_back(world: World) {
    let id = world.meeting().await;
    world.edit(id, Edit::Delete { number: 3 }).await;
    assert_eq!(world.said(id).await, ["1 Sentence 1.", "2 Sentence 2."]);
    assert_eq!(world.store.job(id).await.unwrap().segment_count, 2);
    assert_eq!(spoken(&world.replayed(id).await), world.said(id).await);
    // Its number stays its own.
    world.edit(id, Edit::Split { number: 1, at: 9 }).await;
    assert_eq!(world.said(id).await[..2], ["1 Sentence", "4 1."]);
    for revision in [2, 1] {
        world.store.undo(id, revision).await.unwrap();
    }
    assert_eq!(world.said(id).await, ["1 Sentence 1.", "2 Sentence 2.", "3 Sentence 3."]);
    assert_eq!(spoken(&world.replayed(id).await), world.said(id).await);
}

pub(super) async fn only_the_newest_edits_are_kept_to_undo(world: World) {
    let id = world.meeting().await;
    for n in 1..=5 {
        world.edit(id, text(1, &format!("Take {n}."))).await;
    }
    for revision in [5, 4, 3] {
        world.store.undo(id, revision).await.unwrap();
    }
    assert!(matches!(world.store.undo(id, 2).await, Err(StoreError::NothingToUndo(_))));
    assert_eq!(world.said(id).await[0], "1 Take 2.");
    assert_eq!(spoken(&world.store.original_segments(id).await.unwrap())[0], "1 Sentence 1.");
}

pub(super) async fn of_many_edits_on_one_revision_one_is_made(world: World) {
    let id = world.meeting().await;
    let edits = (0..8).map(|n| {
        let store = world.store.clone();
        tokio::spawn(async move { store.edit(id, 0, &text(1, &format!("Take {n}.")), KEPT).await })
    });
    let mut made = 0;
    for edit in edits.collect::<Vec<_>>() {
        match edit.await.unwrap() {
            Ok(event) => made += usize::from(event.is_some()),
            Err(StoreError::Stale { revision: 0, current: 1, .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((made, world.revision(id).await), (1, 1));
}

pub(super) async fn an_edit_that_cannot_be_made_changes_nothing(world: World) {
    let id = world.meeting().await;
    let newest = world.store.job(id).await.unwrap().last_event;
    let refused = async |edit: Edit| world.store.edit(id, 0, &edit, KEPT).await.unwrap_err();
    assert!(matches!(refused(text(9, "x")).await, StoreError::Edit(EditError::NoSegment(9))));
    assert!(matches!(refused(Edit::Merge { number: 3 }).await, StoreError::Edit(EditError::Last(3))));
    assert_eq!(world.store.edit(id, 0, &text(1, "Sentence 1."), KEPT).await.unwrap(), None);
    let job = world.store.job(id).await.unwrap();
    assert_eq!((job.transcript_revision, job.last_event), (0, newest));

    let running = world.create("Runs").await;
    let lease = world.claim(running, "w", LONG).await.lease;
    world.store.save_window(&lease, window(1..=1, 16_000)).await.unwrap();
    let early = world.store.edit(running, 0, &text(1, "x"), KEPT).await;
    assert!(matches!(early, Err(StoreError::Incomplete(_))));
    world.store.cancel(running).await.unwrap();
    let partial = world.store.edit(running, 0, &text(1, "x"), KEPT).await;
    assert!(matches!(partial, Err(StoreError::Incomplete(_))), "a retry would go on numbering");
    assert!(matches!(world.store.undo(JobId::new(), 0).await, Err(StoreError::NotFound(_))));
}

pub(super) async fn minutes_say_that_the_transcript_was_edited_since(world: World) {
    let id = world.meeting().await;
    let since = async || world.store.minutes(id).await.unwrap()[0].edited_since;
    assert!(!since().await);
    world.edit(id, text(1, "Other words.")).await;
    assert!(since().await);
    world.store.undo(id, 1).await.unwrap();
    assert!(!since().await, "it says again what they were written of");
}

pub(super) async fn speakers_are_told_apart_before_anybody_edits(world: World) {
    let (id, expected) = world.diarised().await;
    let said = [
        "1 Speaker 1: Sentence 1.",
        "2 Speaker 1: Sentence 2.",
        "4 Speaker 2: No.",
        "3 Speaker 1: Sentence 3.",
    ];
    assert_eq!(world.said(id).await, said);
    assert_eq!(world.store.segments(id).await.unwrap(), expected);
    assert_eq!(
        world.replayed(id).await,
        expected.into_iter().map(Segment::without_words).collect::<Vec<_>>()
    );
    let job = world.store.job(id).await.unwrap();
    assert_eq!((job.transcript_revision, job.segment_count), (0, 4));
    world.edit(id, Edit::Split { number: 1, at: 8 }).await;
    assert_eq!(world.said(id).await[..2], ["1 Speaker 1: Sentence", "5 Speaker 1: 1."]);
    world.edit(id, Edit::RenameSpeaker { from: "Speaker 2".into(), to: "Ida".into() }).await;
    assert_eq!(spoken(&world.store.original_segments(id).await.unwrap()), said);
}

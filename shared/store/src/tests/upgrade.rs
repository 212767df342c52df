//! A database that an earlier version of the program wrote opens, and everything in it is read.
//!
//! `version_0_1.db` is of commit 672c539: a job in every state, with minutes in two versions, a chat and edits.

use super::*;

const EARLIER: &[u8] = include_bytes!("version_0_1.db");

async fn earlier() -> World {
    let (folder, bus) = (tempfile::tempdir().unwrap(), InProcessBus::default());
    let file = folder.path().join("seogi.db");
    std::fs::write(&file, EARLIER).unwrap();
    let url = format!("sqlite:{}", file.display());
    let store = Store::connect(&url, 2, PATIENCE, Arc::new(bus.clone())).await.unwrap();
    store.migrate().await.unwrap();
    World { store, bus, url, folder }
}

impl World {
    async fn titled(&self, title: &str) -> Job {
        let filter = JobFilter { search: Some(title.to_owned()), limit: 2, ..JobFilter::default() };
        let mut found = self.store.list(&filter).await.unwrap().jobs;
        assert_eq!(found.len(), 1, "{title}");
        found.remove(0)
    }
}

#[tokio::test]
async fn jobs_in_every_state_are_read() {
    let world = earlier().await;
    for (title, status, segments) in [
        ("Weekly", JobStatus::Completed, 11),
        ("junk", JobStatus::Failed, 0),
        ("Transcribed", JobStatus::Transcribed, 1),
        ("Cancelled", JobStatus::Cancelled, 0),
        ("Under way", JobStatus::Processing, 21),
        ("Waiting", JobStatus::Pending, 0),
    ] {
        let job = world.titled(title).await;
        assert_eq!((job.status, job.segment_count), (status, segments), "{title}");
        assert_eq!(world.store.segments(job.job_id).await.unwrap().len() as u64, segments, "{title}");
        let numbers = world.store.events_after(job.job_id, 0, 1000).await.unwrap();
        let numbers: Vec<u64> = numbers.iter().map(|event| event.seq).collect();
        assert_eq!(numbers, (1..=job.last_event).collect::<Vec<_>>(), "{title}");
    }
    let failed = world.titled("junk").await;
    assert_eq!(failed.failure.unwrap().code, "unsupported_media");
    assert_eq!(world.store.errors(failed.job_id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_people_made_of_a_meeting_is_kept() {
    let world = earlier().await;
    let job = world.titled("Weekly").await;
    let id = job.job_id;
    assert_eq!((job.tags, job.current_summary), (vec!["budget".to_owned(), "q4".to_owned()], Some(2)));
    assert_eq!(world.store.minutes(id).await.unwrap().len(), 2);
    assert!(world.store.peaks(id).await.unwrap().is_some());
    let chat = world.store.chat(id).await.unwrap();
    assert_eq!(chat.iter().map(|message| message.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(chat[3].segments, [7, 11]);
    // The conversation goes on where the chat ended.
    let basis = chat[3].basis.clone().unwrap();
    let [question, answer] =
        [ChatMessage::question("And?"), ChatMessage::answer("Nothing.".into(), Vec::new(), basis)];
    assert_eq!(world.store.add_to_chat(id, question, answer, 9).await.unwrap().number, 6);
    assert_eq!(world.store.segments(id).await.unwrap()[0].text, "Edited by hand.");
    world.store.undo(id, 2).await.unwrap();
    world.store.undo(id, 1).await.unwrap();
    let [edited, original] =
        [world.store.segments(id).await.unwrap(), world.store.original_segments(id).await.unwrap()];
    assert_eq!(edited[0].text, original[0].text);
}

#[tokio::test]
async fn work_that_broke_off_goes_on_from_its_checkpoint() {
    let world = earlier().await;
    let id = world.titled("Under way").await.job_id;
    let claim = world.claim(id, "after the upgrade", LONG).await;
    assert_eq!(claim.checkpoint, 1_663_840);
    world.store.save_window(&claim.lease, window(22..=23, 1_700_000)).await.unwrap();
    assert_eq!(world.store.segments(id).await.unwrap().len(), 23);
}

//! A database that an earlier version of the program wrote opens, and everything in it is read.
//!
//! `version_0_1.db` was written by the program of commit 672c539: a job in every state, with minutes in two versions, a chat
//! and edits. The dumps hold the same rows in the tables that the migrations of that commit make on PostgreSQL and
//! MariaDB, as `pg_dump` and `mariadb-dump` write them.

use shared::upload::UploadId;

use super::*;

const EARLIER: &[u8] = include_bytes!("version_0_1.db");
const POSTGRES_DUMP: &str = include_str!("version_0_1.postgres.sql");
const MARIADB_DUMP: &str = include_str!("version_0_1.mariadb.sql");

async fn sqlite() -> World {
    let (folder, bus) = (tempfile::tempdir().unwrap(), InProcessBus::default());
    let file = folder.path().join("seogi.db");
    std::fs::write(&file, EARLIER).unwrap();
    let url = format!("sqlite:{}", file.display());
    let store = Store::connect(&url, 2, PATIENCE, Arc::new(bus.clone())).await.unwrap();
    store.migrate().await.unwrap();
    World { store, bus, url, folder }
}

/// The dump, restored into an empty database and brought up to date.
async fn restored(url: String, dump: &'static str) -> World {
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(dump).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    World::at(Some(url)).await
}

async fn every_story_on(url: impl Fn() -> String, dump: &'static str) {
    jobs_in_every_state_are_read(restored(url(), dump).await).await;
    what_people_made_of_a_meeting_is_kept(restored(url(), dump).await).await;
    work_that_broke_off_goes_on_from_its_checkpoint(restored(url(), dump).await).await;
    an_upload_that_was_under_way_goes_on(restored(url(), dump).await).await;
}

#[tokio::test]
async fn a_file_of_an_earlier_version_on_sqlite() {
    jobs_in_every_state_are_read(sqlite().await).await;
    what_people_made_of_a_meeting_is_kept(sqlite().await).await;
    work_that_broke_off_goes_on_from_its_checkpoint(sqlite().await).await;
    an_upload_that_was_under_way_goes_on(sqlite().await).await;
}

#[tokio::test]
async fn a_dump_of_an_earlier_version_on_postgres() {
    let server = test_servers::Postgres::start();
    every_story_on(|| server.database(), POSTGRES_DUMP).await;
}

#[tokio::test]
async fn a_dump_of_an_earlier_version_on_mariadb() {
    let server = test_servers::MariaDb::start();
    every_story_on(|| server.database(), MARIADB_DUMP).await;
}

impl World {
    async fn titled(&self, title: &str) -> Job {
        let filter = JobFilter { search: Some(title.to_owned()), limit: 2, ..JobFilter::default() };
        let mut found = self.store.list(&filter).await.unwrap().jobs;
        assert_eq!(found.len(), 1, "{title}");
        found.remove(0)
    }
}

async fn jobs_in_every_state_are_read(world: World) {
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

async fn what_people_made_of_a_meeting_is_kept(world: World) {
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

async fn work_that_broke_off_goes_on_from_its_checkpoint(world: World) {
    let id = world.titled("Under way").await.job_id;
    let claim = world.claim(id, "after the upgrade", LONG).await;
    assert_eq!(claim.checkpoint, 1_663_840);
    world.store.save_window(&claim.lease, window(22..=23, 1_700_000)).await.unwrap();
    assert_eq!(world.store.segments(id).await.unwrap().len(), 23);
}

async fn an_upload_that_was_under_way_goes_on(world: World) {
    let id: UploadId = "01a22dc1-cc73-70b0-8641-10243e1d968d".parse().unwrap();
    // Its time is over by now.
    let prolong = world.store.query("UPDATE uploads SET expires_at = {now} + 60000 WHERE id = ?");
    prolong.bind(id.to_string()).execute(&world.store.writer).await.unwrap();
    let upload = world.store.upload(id).await.unwrap();
    assert_eq!((upload.received, upload.job), (0, None));
    let part = "uploads/after-the-upgrade";
    world.store.note_part(upload.id, part).await.unwrap();
    let size = upload.size.unwrap();
    assert!(world.store.count_part(upload.id, part, 0, size, LONG).await.unwrap());
    let claimed = world.store.claim_upload(upload.id, "after the upgrade", LONG).await.unwrap();
    assert!(matches!(claimed, Finishing::Yours(_)), "{claimed:?}");
}

//! Every kind of write, and everything that is stored, as somebody else sees it who calls the database by himself.

use sqlx::{AnyConnection, AssertSqlSafe};

use super::*;
use crate::Dialect;
use shared::{edit::Edit, upload::UploadId};

/// What can be asked of a store that changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Write {
    Note,
    Create,
    Rename,
    Tag,
    Cancel,
    Retry,
    Delete,
    Edit,
    Undo,
    AskForMinutes,
    ChooseMinutes,
    Chat,
    ForgetChat,
    BeginUpload,
    NotePart,
    CountPart,
    FinishUpload,
    EndUpload,
    Claim,
    Renew,
    SaveSpeech,
    SaveWindow,
    SaveSpeakers,
    SavePeaks,
    NoteError,
    FinishTranscript,
    Complete,
    Fail,
    Beat,
    Check,
}

impl Write {
    /// All of them; those of a worker in the order of its work.
    pub(super) const ALL: [Self; 30] = [
        Self::Note,
        Self::Create,
        Self::Rename,
        Self::Tag,
        Self::Cancel,
        Self::Retry,
        Self::Delete,
        Self::Edit,
        Self::Undo,
        Self::AskForMinutes,
        Self::ChooseMinutes,
        Self::Chat,
        Self::ForgetChat,
        Self::BeginUpload,
        Self::NotePart,
        Self::CountPart,
        Self::FinishUpload,
        Self::EndUpload,
        Self::Claim,
        Self::Renew,
        Self::SaveSpeech,
        Self::SaveWindow,
        Self::SaveSpeakers,
        Self::SavePeaks,
        Self::NoteError,
        Self::FinishTranscript,
        Self::Complete,
        Self::Fail,
        Self::Beat,
        Self::Check,
    ];
}

/// What the writes are made to.
pub(super) struct Scene {
    new: NewJob,
    pub(super) meeting: JobId,
    edited: JobId,
    waiting: JobId,
    cancelled: JobId,
    chatted: JobId,
    chosen: JobId,
    deleted: JobId,
    claimed: JobId,
    held: Lease,
    failing: Lease,
    upload: UploadId,
    whole: UploadId,
    ended: UploadId,
    whole_job: NewJob,
}

impl World {
    pub(super) async fn scene(&self) -> Scene {
        let store = &self.store;
        let upload_of = async || store.create_upload("a.webm", &Map::new(), Some(7), LONG).await.unwrap().id;
        let scene = Scene {
            new: self
                .uploaded(NewJob { idempotency_key: Some(JobId::new().to_string()), ..upload("New") })
                .await,
            meeting: self.completed("Meeting").await,
            edited: self.completed("Edited").await,
            waiting: self.create("Waiting").await,
            cancelled: self.create("Cancelled").await,
            chatted: self.completed("Chatted").await,
            chosen: self.completed("Chosen").await,
            deleted: self.completed("Deleted").await,
            claimed: self.create("Claimed").await,
            held: {
                let id = self.create("Held").await;
                self.claim(id, "w1", LONG).await.lease
            },
            failing: {
                let id = self.create("Failing").await;
                self.claim(id, "w1", LONG).await.lease
            },
            upload: upload_of().await,
            whole: upload_of().await,
            ended: upload_of().await,
            whole_job: self.uploaded(upload("Whole")).await,
        };
        store.cancel(scene.cancelled).await.unwrap();
        store.edit(scene.edited, 0, &text("First"), 3).await.unwrap();
        store.note_part(scene.upload, &part(&scene)).await.unwrap();
        self.write(&scene, Write::Chat).await.unwrap();
        self.ask(scene.chosen, "lecture").await.unwrap();
        let lease = self.claim(scene.chosen, "w1", LONG).await.lease;
        store.complete(&lease, minutes()).await.unwrap();
        scene
    }

    /// Makes a write, whose answer is good only if it changed something.
    pub(super) async fn write(&self, scene: &Scene, write: Write) -> Result<(), StoreError> {
        let store = &self.store;
        let revision = async |id| store.job(id).await.map(|job| job.transcript_revision);
        match write {
            Write::Note => store.reserve_blob(&format!("recordings/{}", JobId::new()), LONG).await,
            Write::Create => store.create_job(scene.new.clone()).await.map(drop),
            Write::Rename => store.rename(scene.meeting, "Another title").await,
            Write::Tag => store.set_tags(scene.meeting, &["one".into(), "two".into()]).await,
            Write::Cancel => store.cancel(scene.waiting).await.map(drop),
            Write::Retry => store.retry(scene.cancelled).await.map(drop),
            Write::Delete => store.delete(scene.deleted).await.map(drop),
            Write::Edit => {
                let at = revision(scene.meeting).await?;
                store.edit(scene.meeting, at, &text("Other words."), 3).await.map(drop)
            }
            Write::Undo => store.undo(scene.edited, revision(scene.edited).await?).await.map(drop),
            Write::AskForMinutes => {
                store.request_summary(scene.meeting, &asked("lecture"), 9).await.map(drop)
            }
            Write::ChooseMinutes => store.choose_summary(scene.chosen, 1).await,
            Write::Chat => {
                let basis = Basis { provider: String::new(), model: String::new(), share: 1.0, dropped: 0 };
                let answer = ChatMessage::answer("Yes.".into(), Vec::new(), basis);
                store.add_to_chat(scene.chatted, ChatMessage::question("Why?"), answer, 9).await.map(drop)
            }
            Write::ForgetChat => store.clear_chat(scene.chatted).await,
            Write::BeginUpload => store.create_upload("b.webm", &Map::new(), None, LONG).await.map(drop),
            Write::NotePart => store.note_part(scene.upload, &format!("uploads/{}", JobId::new())).await,
            Write::CountPart => {
                let counted = store.count_part(scene.upload, &part(scene), 0, 5, LONG).await?;
                assert!(counted, "nobody else has got further");
                Ok(())
            }
            Write::FinishUpload => store.finish_upload(scene.whole, scene.whole_job.clone()).await.map(drop),
            Write::EndUpload => store.end_upload(scene.ended).await,
            Write::Claim => store.claim(scene.claimed, "w2", LONG).await.map(drop),
            Write::Renew => {
                assert!(store.renew(&scene.held, 2 * LONG).await?, "nobody took the lease");
                Ok(())
            }
            worker => self.write_as_worker(&scene.held, &scene.failing, worker).await,
        }
    }

    async fn write_as_worker(&self, held: &Lease, failing: &Lease, write: Write) -> Result<(), StoreError> {
        let store = &self.store;
        let failure = Failure::new("broken", "It broke.");
        match write {
            Write::SaveSpeech => {
                store.save_speech(held, &base(), &Language { code: "en".into(), probability: None }).await
            }
            Write::SaveWindow => store.save_window(held, window(1..=3, 48_000)).await,
            Write::SaveSpeakers => {
                let one = Segment { speaker: Some("Speaker 1".into()), ..segment(1, "Sentence 1.") };
                store.save_speakers(held, vec![one]).await
            }
            Write::SavePeaks => {
                store.save_peaks(held, &Peaks { samples_per_peak: 16, amplitudes: vec![1, 2, 3] }).await
            }
            Write::NoteError => store.note_error(held, "decoder", &failure).await,
            Write::FinishTranscript => store.finish_transcript(held, 4.0).await,
            Write::Complete => store.complete(held, minutes()).await.map(drop),
            Write::Fail => store.fail(failing, "stt", &failure).await,
            Write::Beat => {
                let about = WorkerAbout {
                    host: "here".into(),
                    process: 1,
                    version: "0".into(),
                    device: "cpu".into(),
                    model: "base".into(),
                    concurrency: 1,
                };
                store.beat(&JobId::new().to_string(), &about).await
            }
            Write::Check => store.check_writing().await,
            other => panic!("{other:?} is not a worker's"),
        }
    }

    /// The names of all tables.
    pub(super) async fn tables(&self, outside: &mut AnyConnection) -> Vec<String> {
        let select = match self.store.dialect {
            Dialect::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
            Dialect::Postgres => {
                "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()"
            }
            Dialect::MariaDb => {
                "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
            }
        };
        let names: Vec<String> = sqlx::query_scalar(select).fetch_all(outside).await.unwrap();
        names.into_iter().filter(|name| !name.starts_with("_sqlx") && !name.starts_with("sqlite")).collect()
    }

    /// The query for every row of every table.
    pub(super) async fn everything(&self, outside: &mut AnyConnection) -> String {
        let mut selects = Vec::new();
        for table in self.tables(outside).await {
            let row = self.whole_row(&table, outside).await;
            selects.push(format!("SELECT '{table}' AS name, {row} AS content FROM {table} AS t"));
        }
        selects.join(" UNION ALL ")
    }

    /// What makes one text of a row.
    async fn whole_row(&self, table: &str, outside: &mut AnyConnection) -> String {
        let columns = match self.store.dialect {
            Dialect::Postgres => return "MD5(CAST(t AS TEXT))".to_owned(),
            Dialect::Sqlite => format!("SELECT name FROM pragma_table_info('{table}')"),
            Dialect::MariaDb => format!(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() \
                 AND table_name = '{table}'"
            ),
        };
        let columns: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(columns)).fetch_all(outside).await.unwrap();
        let quoted: Vec<String> = columns.iter().map(|column| format!("QUOTE({column})")).collect();
        if self.store.dialect == Dialect::Sqlite {
            quoted.join(" || ',' || ")
        } else {
            format!("MD5(CONCAT_WS(',', {}))", quoted.join(", "))
        }
    }
}

fn part(scene: &Scene) -> String {
    format!("uploads/{}-1", scene.upload)
}

fn text(text: &str) -> Edit {
    Edit::Text { number: 1, text: text.into() }
}

//! The contract of the storage for recordings: a folder and a bucket have to keep it alike.

use std::{
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::Bytes;
use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use test_servers::{S3, S3_ACCESS_KEY, S3_SECRET_KEY};

use super::{BlobError, BlobReader, Blobs, reader, writer::BUCKET_PART_BYTES};
use config::{Config, StorageConfig};

const KEY: &str = "recordings/a";

struct World {
    blobs: Blobs,
    folder: TempDir,
    server: Option<S3>,
}

impl World {
    fn folder() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { blobs: Blobs::local(folder.path()).unwrap(), folder, server: None }
    }

    fn bucket() -> Self {
        let server = S3::start();
        let config = config(&server.endpoint(), &[]);
        Self {
            blobs: Blobs::open(&config).unwrap(),
            folder: tempfile::tempdir().unwrap(),
            server: Some(server),
        }
    }

    /// Everything on storage, finished or not.
    fn files(&self) -> Vec<PathBuf> {
        match &self.server {
            None => walk(self.folder.path()),
            Some(server) => server.files(),
        }
    }

    async fn until_empty(&self) {
        self.until(<[_]>::is_empty).await;
    }

    async fn until(&self, is_so: impl Fn(&[PathBuf]) -> bool) {
        let so = async {
            while !is_so(&self.files()) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(60), so).await.is_ok(), "{:?}", self.files());
    }

    async fn write(&self, content: &[u8]) {
        let mut writer = self.blobs.create(KEY.into()).await.unwrap();
        for part in content.chunks(700_000) {
            writer.write(Bytes::copy_from_slice(part)).await.unwrap();
        }
        let stored = writer.finish().await.unwrap();
        assert_eq!((stored.key.as_str(), stored.size), (KEY, content.len() as u64));
        assert_eq!(stored.sha256, hex::encode(Sha256::digest(content)));
    }

    /// Does `work` with the recording where a decoder would: on a thread that may wait.
    async fn reading<T: Send + 'static>(&self, work: impl FnOnce(BlobReader) -> T + Send + 'static) -> T {
        let reader = self.blobs.open_reader(KEY).await.unwrap();
        tokio::task::spawn_blocking(move || work(reader)).await.unwrap()
    }
}

fn is_part(file: &Path) -> bool {
    file.to_string_lossy().contains(".part-")
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// The configuration of the test server's bucket, with these variables over it.
fn config(endpoint: &str, variables: &[(&str, &str)]) -> StorageConfig {
    let usual = [
        ("SEOGI_RECORDINGS", "s3://recordings/some/prefix"),
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", S3_ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", S3_SECRET_KEY),
    ];
    let known = variables.iter().chain(&usual);
    let env =
        |name: &str| known.clone().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Config::load(None, env, Vec::new()).unwrap().storage
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

/// Tells every story of a folder and of a bucket.
macro_rules! stories {
    ($($story:ident),+ $(,)?) => {
        mod in_a_folder {
            $(#[tokio::test]
            async fn $story() {
                super::$story(super::World::folder()).await;
            })+
        }
        mod in_a_bucket {
            $(#[tokio::test]
            async fn $story() {
                super::$story(super::World::bucket()).await;
            })+
        }
    };
}

stories! {
    a_recording_comes_back_whole_and_in_ranges,
    a_recording_is_read_here_and_there_in_little_memory,
    a_recording_becomes_a_file_for_programs_that_need_one,
    an_upload_that_breaks_off_leaves_nothing,
    what_a_killed_upload_left_is_deleted,
    a_recording_that_is_gone_is_missing,
    a_check_leaves_nothing,
}

async fn a_recording_comes_back_whole_and_in_ranges(world: World) {
    let content = content(2 * BUCKET_PART_BYTES + 17);
    world.write(&content).await;
    let read = async |range| {
        let parts: Vec<Bytes> = world.blobs.read(KEY, range).await.unwrap().try_collect().await.unwrap();
        parts.concat()
    };
    assert_eq!(read(0..content.len() as u64).await, content);
    assert_eq!(read(5..9).await, &content[5..9]);
    let last = content.len() as u64 - 1;
    assert_eq!(read(last..last + 1).await, &content[last as usize..]);
}

async fn a_recording_is_read_here_and_there_in_little_memory(world: World) {
    let content = content(12 * reader::BLOCK_BYTES as usize + 17);
    world.write(&content).await;
    let expected = content.clone();
    world
        .reading(move |mut reader| {
            let (mut all, mut piece) = (Vec::new(), [0; 100_003]);
            while let read @ 1.. = reader.read(&mut piece).unwrap() {
                all.extend_from_slice(&piece[..read]);
                assert!(reader.held() <= reader::CACHED_BLOCKS * reader::BLOCK_BYTES as usize);
            }
            assert_eq!(all, expected);
            for (to, position) in [
                (SeekFrom::End(-9), 12 << 20 | 8),
                (SeekFrom::Start(3), 3),
                (SeekFrom::Current(1 << 20), (1 << 20) + 12),
            ] {
                assert_eq!(reader.seek(to).unwrap(), position);
                let mut nine = [0; 9];
                reader.read_exact(&mut nine).unwrap();
                assert_eq!(nine, expected[position as usize..position as usize + 9]);
            }
            reader.seek(SeekFrom::End(5)).unwrap();
            assert_eq!(reader.read(&mut piece).unwrap(), 0);
            assert!(reader.seek(SeekFrom::Current(-(1 << 40))).is_err());
        })
        .await;
}

async fn a_recording_becomes_a_file_for_programs_that_need_one(world: World) {
    let content = content(3 * reader::BLOCK_BYTES as usize + 17);
    world.write(&content).await;
    let copy = world.reading(|reader| {
        let mut copy = Vec::new();
        reader.into_file().unwrap().read_to_end(&mut copy).unwrap();
        copy
    });
    assert_eq!(copy.await, content);
}

async fn an_upload_that_breaks_off_leaves_nothing(world: World) {
    let mut writer = world.blobs.create(KEY.into()).await.unwrap();
    writer.write(Bytes::from(vec![1; 2 * BUCKET_PART_BYTES])).await.unwrap();
    writer.write(Bytes::from(vec![1; BUCKET_PART_BYTES])).await.unwrap();
    drop(writer);
    world.until_empty().await;
    assert_eq!(world.blobs.open_reader(KEY).await.err(), Some(BlobError::Missing));
}

async fn what_a_killed_upload_left_is_deleted(world: World) {
    let mut writer = world.blobs.create(KEY.into()).await.unwrap();
    writer.write(Bytes::from(vec![1; 2 * BUCKET_PART_BYTES])).await.unwrap();
    writer.write(Bytes::from(vec![1; BUCKET_PART_BYTES])).await.unwrap();
    let upload = writer.upload_id().map(str::to_owned);
    // A process that is killed does nothing in the end.
    std::mem::forget(writer);
    // A part that is still on its way would arrive after the end.
    let parts = if upload.is_some() { 3 } else { 1 };
    world.until(|files| files.iter().filter(|file| upload.is_none() || is_part(file)).count() >= parts).await;
    world.blobs.delete(KEY, upload.as_deref()).await.unwrap();
    world.until_empty().await;
}

async fn a_recording_that_is_gone_is_missing(world: World) {
    world.write(b"x").await;
    world.blobs.delete(KEY, None).await.unwrap();
    world.blobs.delete(KEY, None).await.unwrap();
    assert_eq!(world.blobs.open_reader(KEY).await.err(), Some(BlobError::Missing));
    assert_eq!(world.blobs.read(KEY, 0..1).await.err(), Some(BlobError::Missing));
    world.until_empty().await;
}

async fn a_check_leaves_nothing(world: World) {
    world.blobs.check().await.unwrap();
    world.until_empty().await;
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Blobs::local(&file.path().join("below")).unwrap_err().to_string();
    assert!(error.contains("below") && error.contains("SEOGI_DATA"), "{error}");
}

#[tokio::test]
async fn what_is_wrong_with_a_bucket_is_said() {
    let server = S3::start();
    let check = async |endpoint: &str, variables: &[(&str, &str)]| {
        Blobs::open(&config(endpoint, variables)).unwrap().check().await.unwrap_err()
    };
    let here = server.endpoint();
    let error = check(&here, &[("AWS_SECRET_ACCESS_KEY", "another")]).await;
    assert!(matches!(error, BlobError::Refused { .. }) && !error.to_string().contains("another"), "{error}");
    let error = check(&here, &[("AWS_ACCESS_KEY_ID", "nobody")]).await;
    assert!(matches!(error, BlobError::Refused { .. }), "{error}");
    let answering = async |status: &str, code: &str| check(&answering(status, code), &[]).await;
    assert!(matches!(answering("404 Not Found", "NoSuchBucket").await, BlobError::NoBucket { .. }));
    assert!(matches!(answering("400 Bad Request", "QuotaExceeded").await, BlobError::Full { .. }));
    assert!(matches!(
        answering("507 Insufficient Storage", "XMinioStorageFull").await,
        BlobError::Full { .. }
    ));
    assert!(matches!(answering("503 Service Unavailable", "SlowDown").await, BlobError::Unreachable { .. }));
    assert!(matches!(
        answering("301 Moved Permanently", "PermanentRedirect").await,
        BlobError::Storage { .. }
    ));
    assert!(matches!(answering("400 Bad Request", "InvalidPart").await, BlobError::Storage { .. }));
    drop(server);
    let error = check(&here, &[]).await;
    assert!(matches!(error, BlobError::Unreachable { .. }) && error.to_string().contains(&here), "{error}");
    // It takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_at = format!("http://{}", silent.local_addr().unwrap());
    let error = check(&silent_at, &[("SEOGI_S3_TIMEOUT", "1")]).await;
    assert!(matches!(error, BlobError::Unreachable { .. }), "{error}");
}

/// The address of a server that has one answer to everything.
fn answering(status: &str, code: &str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let body = format!("<Error><Code>{code}</Code></Error>");
    let answer =
        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let read = connection.read(&mut [0; 8192]).unwrap();
            assert!(read > 0);
            std::io::Write::write_all(&mut connection, answer.as_bytes()).unwrap();
        }
    });
    address
}

#[tokio::test]
async fn a_bucket_may_go_away_and_come_back_in_an_upload_and_while_it_is_read() {
    let mut world = World::bucket();
    let content = content(3 * BUCKET_PART_BYTES);
    let mut writer = world.blobs.create(KEY.into()).await.unwrap();
    // The first part is on its way only when something is waited for.
    writer.write(Bytes::copy_from_slice(&content[..BUCKET_PART_BYTES])).await.unwrap();
    world.server.as_mut().unwrap().kill();
    let rest = async {
        writer.write(Bytes::copy_from_slice(&content[BUCKET_PART_BYTES..])).await.unwrap();
        writer.finish().await.unwrap()
    };
    let back = async { world.server.as_mut().unwrap().start_again() };
    assert_eq!(futures::join!(rest, back).0.sha256, hex::encode(Sha256::digest(&content)));

    let mut reader = world.blobs.open_reader(KEY).await.unwrap();
    let mut server = world.server.take().unwrap();
    server.kill();
    let reading = tokio::task::spawn_blocking(move || {
        let mut all = Vec::new();
        reader.read_to_end(&mut all).map(|_| all)
    });
    server.start_again();
    assert_eq!(reading.await.unwrap().unwrap(), content);
}

#[tokio::test]
async fn a_bucket_that_stays_away_is_an_error_that_may_pass() {
    let server = S3::start();
    let config = config(&server.endpoint(), &[("SEOGI_S3_RETRY", "1")]);
    let world =
        World { blobs: Blobs::open(&config).unwrap(), folder: tempfile::tempdir().unwrap(), server: None };
    world.write(&content(100)).await;
    let mut reader = world.blobs.open_reader(KEY).await.unwrap();
    drop(server);
    let error = tokio::task::spawn_blocking(move || reader.read(&mut [0])).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotConnected, "{error}");
    assert!(world.blobs.create("b".into()).await.err().unwrap().may_pass());
}

#[tokio::test]
async fn a_copy_has_a_bound() {
    let server = S3::start();
    let config = config(&server.endpoint(), &[("SEOGI_SPOOL_SIZE", "99")]);
    let world =
        World { blobs: Blobs::open(&config).unwrap(), folder: tempfile::tempdir().unwrap(), server: None };
    world.write(&content(100)).await;
    let error = world.reading(BlobReader::into_file).await.unwrap_err();
    assert!(error.to_string().contains("spool_size"), "{error}");
}

//! Against a real HTTP server in this process, which can be told to break off, to refuse and to go away.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::get;
use futures::{StreamExt, stream};
use sha2::{Digest, Sha256};

use super::fetch::fetch_with;
use super::*;

mod places;

/// What the server does with the next request; when none is left, it serves the rest of the file.
enum Turn {
    /// Announces everything and closes the connection after so many bytes.
    BreakAfter(usize),
    /// Answers with a status and no file.
    Status(u16),
    /// Sends the whole file though a part was asked for.
    IgnoreRange,
}

#[derive(Clone, Default)]
struct Server {
    file: Bytes,
    turns: Arc<Mutex<Vec<Turn>>>,
    asked: Arc<Mutex<Vec<Option<usize>>>>,
}

impl Server {
    async fn start(file: &[u8], turns: impl IntoIterator<Item = Turn>) -> (Self, String) {
        let server = Self { file: Bytes::copy_from_slice(file), ..Self::default() };
        server.turns.lock().unwrap().extend(turns);
        server.turns.lock().unwrap().reverse();
        let app = Router::new().route("/{file}", get(serve)).with_state(server.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = url(listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (server, base_url)
    }

    /// The first byte asked for by each request; `None` for the whole file.
    fn asked(&self) -> Vec<Option<usize>> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(State(server): State<Server>, headers: HeaderMap) -> Response<Body> {
    let range = headers.get("range").map(|range| range.to_str().unwrap());
    let from =
        range.map(|range| range.strip_prefix("bytes=").unwrap().strip_suffix('-').unwrap().parse().unwrap());
    server.asked.lock().unwrap().push(from);
    let turn = server.turns.lock().unwrap().pop();
    let from = if matches!(turn, Some(Turn::IgnoreRange)) { None } else { from };
    let rest = server.file.slice(from.unwrap_or(0)..);
    let response = Response::builder().header("content-length", rest.len());
    let response = match from {
        Some(from) => response
            .status(StatusCode::PARTIAL_CONTENT)
            .header("content-range", format!("bytes {from}-{}/{}", server.file.len() - 1, server.file.len())),
        None => response,
    };
    match turn {
        Some(Turn::Status(status)) => Response::builder().status(status).body(Body::empty()).unwrap(),
        Some(Turn::BreakAfter(bytes)) => {
            // The yield lets the server send what it has before the connection is cut.
            let cut = stream::once(async {
                tokio::task::yield_now().await;
                Err(std::io::Error::other("cut"))
            });
            let sent = stream::iter([Ok(rest.slice(..bytes))]);
            response.body(Body::from_stream(sent.chain(cut))).unwrap()
        }
        Some(Turn::IgnoreRange) | None => response.body(Body::from(rest)).unwrap(),
    }
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}/")
}

fn content(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|n| (n % 251) as u8).collect()
}

fn entry_of(file: &[u8]) -> ModelEntry {
    let sha256 = hex::encode(Sha256::digest(file)).leak();
    ModelEntry { bytes: file.len() as u64, sha256, ..*find("tiny").unwrap() }
}

async fn fetch_at_once(
    entry: &ModelEntry,
    folder: &tempfile::TempDir,
    base_url: &str,
    tries: usize,
) -> Result<PathBuf, ModelError> {
    let pauses = vec![std::time::Duration::ZERO; tries - 1];
    fetch_with(entry, folder.path(), base_url, |_, _| {}, &pauses).await
}

fn files(folder: &tempfile::TempDir) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_model_is_fetched_whole_and_its_progress_told() {
    let (file, folder) = (content(3_000_000), tempfile::tempdir().unwrap());
    let (_, base_url) = Server::start(&file, []).await;
    let reported = Mutex::new(Vec::new());
    let progress = |done, total| reported.lock().unwrap().push((done, total));
    let path = fetch(&entry_of(&file), folder.path(), &base_url, progress).await.unwrap();
    assert_eq!(std::fs::read(path).unwrap(), file);
    assert_eq!(files(&folder), ["ggml-tiny.bin", "ggml-tiny.bin.verified"]);
    let reported = reported.into_inner().unwrap();
    assert!(reported.is_sorted() && reported.last() == Some(&(3_000_000, 3_000_000)), "{reported:?}");
}

#[tokio::test]
async fn a_broken_transfer_is_taken_up_where_it_stopped() {
    let (file, folder) = (content(100_000), tempfile::tempdir().unwrap());
    let (server, base_url) =
        Server::start(&file, [Turn::BreakAfter(40_000), Turn::Status(503), Turn::BreakAfter(5_000)]).await;
    let path = fetch_at_once(&entry_of(&file), &folder, &base_url, 4).await.unwrap();
    assert_eq!(std::fs::read(path).unwrap(), file);
    assert_eq!(server.asked(), [None, Some(40_000), Some(40_000), Some(45_000)]);
}

#[tokio::test]
async fn a_later_run_goes_on_from_what_the_first_one_left() {
    let (file, folder) = (content(100_000), tempfile::tempdir().unwrap());
    let (server, base_url) = Server::start(&file, [Turn::BreakAfter(40_000)]).await;
    let error = fetch_at_once(&entry_of(&file), &folder, &base_url, 1).await.unwrap_err();
    assert!(matches!(error, ModelError::Unreachable { .. }), "{error}");
    let path = fetch_at_once(&entry_of(&file), &folder, &base_url, 1).await.unwrap();
    assert_eq!(std::fs::read(path).unwrap(), file);
    assert_eq!(server.asked(), [None, Some(40_000)]);
}

#[tokio::test]
async fn a_server_without_ranges_sends_it_all_again() {
    let (file, folder) = (content(100_000), tempfile::tempdir().unwrap());
    let (_, base_url) = Server::start(&file, [Turn::BreakAfter(40_000), Turn::IgnoreRange]).await;
    let path = fetch_at_once(&entry_of(&file), &folder, &base_url, 2).await.unwrap();
    assert_eq!(std::fs::read(path).unwrap(), file);
}

#[tokio::test]
async fn what_an_earlier_run_left_damaged_is_fetched_again() {
    let (file, folder) = (content(100_000), tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join("ggml-tiny.bin.part"), vec![9; 40_000]).unwrap();
    let (server, base_url) = Server::start(&file, []).await;
    let path = fetch_at_once(&entry_of(&file), &folder, &base_url, 1).await.unwrap();
    assert_eq!(std::fs::read(path).unwrap(), file);
    assert_eq!(server.asked(), [Some(40_000), None]);
}

#[tokio::test]
async fn a_file_with_another_checksum_never_gets_the_models_name() {
    let (file, folder) = (content(100_000), tempfile::tempdir().unwrap());
    let mut forged = file.clone();
    forged[50_000] ^= 1;
    let (server, base_url) = Server::start(&forged, []).await;
    let error = fetch_at_once(&entry_of(&file), &folder, &base_url, 3).await.unwrap_err();
    assert!(matches!(error, ModelError::Foreign { .. }), "{error}");
    assert_eq!((server.asked().len(), files(&folder)), (1, vec!["ggml-tiny.bin.part".to_owned()]));
    assert_eq!(std::fs::metadata(folder.path().join("ggml-tiny.bin.part")).unwrap().len(), 0);
}

#[tokio::test]
async fn a_file_of_another_length_is_refused_before_it_is_fetched() {
    let (file, folder) = (content(100_000), tempfile::tempdir().unwrap());
    let (_, base_url) = Server::start(&file[..90_000], []).await;
    let error = fetch_at_once(&entry_of(&file), &folder, &base_url, 3).await.unwrap_err();
    assert!(error.to_string().contains("90000 bytes, not 100000"), "{error}");
}

#[tokio::test]
async fn a_missing_file_fails_at_once_and_says_where_to_put_it_by_hand() {
    let (file, folder) = (content(1_000), tempfile::tempdir().unwrap());
    let (server, base_url) = Server::start(&file, [Turn::Status(404)]).await;
    let error = fetch_at_once(&entry_of(&file), &folder, &base_url, 3).await.unwrap_err();
    assert!(matches!(error, ModelError::Refused { status: 404, .. }), "{error}");
    let target = folder.path().join("ggml-tiny.bin").display().to_string();
    assert!(error.to_string().contains(&target) && error.to_string().contains(&base_url), "{error}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_server_that_is_gone_is_named_with_the_file_to_fetch_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = url(listener.local_addr().unwrap());
    drop(listener);
    let error = fetch_at_once(&entry_of(b"x"), &folder, &base_url, 3).await.unwrap_err();
    let ModelError::Unreachable { url, path, reason } = &error else { panic!("{error}") };
    assert_eq!((url, path), (&format!("{base_url}ggml-tiny.bin"), &folder.path().join("ggml-tiny.bin")));
    assert!(reason.to_lowercase().contains("refused"), "{reason}");
}

#[tokio::test]
async fn the_same_model_fetched_twice_at_once_comes_over_the_network_once() {
    let (file, folder) = (content(3_000_000), tempfile::tempdir().unwrap());
    let (server, base_url) = Server::start(&file, []).await;
    let entry = entry_of(&file);
    let fetches = (0..4).map(|_| fetch_at_once(&entry, &folder, &base_url, 1));
    for path in futures::future::join_all(fetches).await {
        assert_eq!(std::fs::read(path.unwrap()).unwrap(), file);
    }
    assert_eq!(server.asked(), [None]);
    assert_eq!(files(&folder), ["ggml-tiny.bin", "ggml-tiny.bin.verified"]);
}

#[tokio::test]
async fn a_part_that_is_deleted_meanwhile_never_becomes_the_model() {
    let (entry, folder) = (entry_of(b"x"), tempfile::tempdir().unwrap());
    let target = entry.path_in(folder.path());
    let mut part = part::Part::open(&target, |_| {}).await.unwrap();
    part.append(b"x").await.unwrap();
    std::fs::remove_file(part::path_of(&target)).unwrap();
    std::fs::write(part::path_of(&target), b"of another process").unwrap();
    assert!(part.finish(&entry, &target).await.unwrap_err().to_string().contains("deleted"));
    assert!(!target.exists());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_said_in_one_sentence() {
    let (file, folder) = (content(3_000_000), tempfile::tempdir().unwrap());
    std::os::unix::fs::symlink("/dev/full", folder.path().join("ggml-tiny.bin.part")).unwrap();
    let (_, base_url) = Server::start(&file, []).await;
    let error = fetch_at_once(&entry_of(&file), &folder, &base_url, 3).await.unwrap_err();
    assert!(matches!(error, ModelError::DiskFull { bytes: 3_000_000, .. }), "{error}");
}

#[test]
fn a_verified_file_is_hashed_again_only_when_it_changed() {
    let (file, folder) = (content(10_000), tempfile::tempdir().unwrap());
    let entry = entry_of(&file);
    let path = entry.path_in(folder.path());
    std::fs::write(&path, &file).unwrap();
    checksum::verify(&entry, folder.path()).unwrap();
    assert!(checksum::note_path(&path).exists());
    checksum::verify(&entry, folder.path()).unwrap();

    let mut forged = file.clone();
    forged[0] ^= 1;
    std::fs::write(&path, &forged).unwrap();
    assert!(matches!(checksum::verify(&entry, folder.path()), Err(ModelError::Checksum { .. })));
}

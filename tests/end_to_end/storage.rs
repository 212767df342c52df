//! Where recordings are kept: in a bucket that machines without a common folder share; and what is deleted by itself.

use std::{path::Path, time::Duration};

use reqwest::{Body, StatusCode};
use test_servers::{S3, S3_ACCESS_KEY, S3_SECRET_KEY};
use tokio::time::timeout;

use crate::harness::{Client, Home, PATIENCE, SEOGI, converted, repeated, transcript};

/// The beginning of an upload that never ends.
const BEGIN: &str = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n";

/// A home of its own over a database and a bucket that others share.
fn over(server: &S3, database: &Path) -> Home {
    Home::new()
        .with("DATABASE_URL", format!("sqlite:{}", database.display()))
        .with("SEOGI_RECORDINGS", format!("s3://{}/seogi", S3::BUCKET))
        .with("AWS_ENDPOINT_URL", server.endpoint())
        .with("AWS_ACCESS_KEY_ID", S3_ACCESS_KEY)
        .with("AWS_SECRET_ACCESS_KEY", S3_SECRET_KEY)
}

/// Waits until `holds`.
async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(timeout(PATIENCE, waiting).await.is_ok(), "{what}");
}

fn recordings(home: &Home) -> usize {
    std::fs::read_dir(home.data().join("recordings")).map_or(0, Iterator::count)
}

/// Sends so many bytes of an upload that does not end, for as long as what is returned lives.
fn never_ending_upload(client: &Client, bytes: usize) -> tokio::task::JoinHandle<()> {
    let chunks = [BEGIN.as_bytes().to_vec(), vec![7; bytes]].map(Ok::<_, std::io::Error>);
    let body = futures::StreamExt::chain(futures::stream::iter(chunks), futures::stream::pending());
    let request = client.http.post(client.url("/api/v1/jobs"));
    let request =
        request.header("Content-Type", "multipart/form-data; boundary=b").body(Body::wrap_stream(body));
    tokio::spawn(async { drop(request.send().await) })
}

#[tokio::test]
async fn machines_that_share_no_folder_share_a_bucket() {
    let (server, common) = (S3::start(), tempfile::tempdir().unwrap());
    let database = common.path().join("seogi.db");
    let (here, there) =
        (over(&server, &database), over(&server, &database).with("SEOGI_SPOOL", common.path().display()));
    let (api, _worker) = (here.api(), there.worker());
    let recording = ground_truth::recording("meeting_en.m4a");
    // The second is of a kind that only ffmpeg decodes, which needs a file.
    let foreign = converted(&recording.path(), here.path(), &["-c:a", "ac3"], "foreign.ac3");
    for path in [recording.path(), foreign] {
        let bytes = std::fs::read(&path).unwrap();
        let job = api.client.upload_file(&path).await;
        let result = api.client.finished(&job).await;
        assert_eq!(result["status"], "COMPLETED", "{}", there.errors());
        assert!(ground_truth::error_rate("en", &recording.text(), transcript(&result)) <= 0.1);
        let audio = api.client.http.get(api.client.url(&format!("/api/v1/jobs/{job}/audio")));
        let part = audio.try_clone().unwrap().header("Range", "bytes=1000-1999").send().await.unwrap();
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(part.bytes().await.unwrap(), bytes[1000..2000]);
        assert_eq!(audio.send().await.unwrap().bytes().await.unwrap(), bytes);
        let deleted =
            api.client.http.delete(api.client.url(&format!("/api/v1/jobs/{job}"))).send().await.unwrap();
        assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
    }
    assert!(server.files().is_empty(), "{:?}", server.files());
    assert_eq!((recordings(&here), recordings(&there)), (0, 0));
    let left: Vec<_> =
        std::fs::read_dir(common.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(left.iter().all(|name| name.to_str().unwrap().starts_with("seogi.db")), "{left:?}");
}

#[tokio::test]
async fn a_bucket_that_is_away_holds_a_job_up_and_no_more() {
    let (mut server, common) = (S3::start(), tempfile::tempdir().unwrap());
    let home = over(&server, &common.path().join("seogi.db")).with("SEOGI_S3_RETRY", 1);
    let recording = ground_truth::recording("meeting_en.m4a");
    // Far more than what is read ahead.
    let long = repeated(&recording.path(), home.path(), 3);
    let long = converted(&long, home.path(), &["-ar", "96000", "-ac", "2"], "long.wav");
    let seogi = home.serve();
    let job = seogi.client.upload_file(&long).await;
    seogi.client.until(&job, "transcript_segment").await;
    server.kill();
    until("the worker notices", async || home.errors().contains("the recording is out of reach")).await;
    let ready = seogi.client.get("/readyz").await;
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready.text().await.unwrap().contains("does not answer"));
    let part = reqwest::multipart::Part::bytes(vec![1; 100]).file_name("a.wav");
    let refused = seogi.client.upload_form(reqwest::multipart::Form::new().part("file", part)).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    server.start_again();
    let result = seogi.client.finished(&job).await;
    assert_eq!(result["status"], "COMPLETED", "{}", home.errors());
    let whole = vec![recording.text(); 3].join(" ");
    assert!(ground_truth::error_rate("en", &whole, transcript(&result)) <= 0.1);
}

#[tokio::test]
async fn what_a_killed_api_leaves_of_an_upload_is_swept() {
    let (server, common) = (S3::start(), tempfile::tempdir().unwrap());
    let soon = |home: Home| home.with("SEOGI_ORPHAN_HOURS", 0.0001).with("SEOGI_GC_SECONDS", 1);
    let bucket = soon(over(&server, &common.path().join("seogi.db")));
    let folder = soon(Home::new());
    for (home, files) in
        [(&bucket, &(|| server.files().len()) as &dyn Fn() -> usize), (&folder, &|| recordings(&folder))]
    {
        let api = home.api();
        let upload = never_ending_upload(&api.client, 12 * 1024 * 1024);
        until("it begins", async || files() > 0).await;
        api.kill();
        upload.abort();
        assert!(files() > 0, "a killed process cleans nothing up");
        let _worker = home.worker();
        until("it is swept", async || files() == 0).await;
    }
}

#[tokio::test]
async fn a_job_whose_time_is_up_goes_with_its_recording() {
    let home = Home::new().with("RETENTION_DAYS", 0.00001).with("SEOGI_GC_SECONDS", 1);
    let seogi = home.serve();
    let job = seogi.client.upload_file(&ground_truth::recording("short_en.wav").path()).await;
    let path = format!("/api/v1/jobs/{job}");
    until("it goes", async || seogi.client.get(&path).await.status() == StatusCode::NOT_FOUND).await;
    until("its recording goes", async || recordings(&home) == 0).await;
    assert!(home.errors().contains("its time is up"), "{}", home.errors());
}

#[tokio::test]
async fn files_are_their_owners_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt;

    let home = Home::new();
    std::fs::create_dir(home.data()).unwrap();
    std::fs::set_permissions(home.data(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let open = || home.command(&["doctor"]).output().unwrap().stdout;
    assert!(String::from_utf8_lossy(&open()).contains("others on this machine may read"));
    let serve = home.command(&["serve", "--port", "0"]);
    let mut shell = std::process::Command::new("sh");
    shell.current_dir(home.path()).args(["-c", "umask 0; exec \"$0\" \"$@\"", SEOGI]).args(serve.get_args());
    shell.env_clear().envs(serve.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let server = home.start(shell);
    let job = server.client.upload_file(&ground_truth::recording("short_en.wav").path()).await;
    server.client.finished(&job).await;
    let (mut folders, mut files) = (vec![home.data()], 0);
    while let Some(folder) = folders.pop() {
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                assert_eq!(mode(&entry), 0o600, "{}", entry.display());
                files += 1;
            }
        }
    }
    assert!(files >= 2, "database and recording: {files}");
    let found = String::from_utf8_lossy(&open()).into_owned();
    assert!(!found.contains("others on this machine may read"), "{found}");
}

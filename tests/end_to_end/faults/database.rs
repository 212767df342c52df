//! Databases that go, come back, hang, and have no connection left.

use std::time::Duration;

use futures::future::join_all;
use reqwest::{Body, multipart};
use test_servers::{Line, MariaDb, Postgres, Proxy};

use crate::harness::{Client, Home, outcome, repeated, told, undisturbed};

fn meeting() -> std::path::PathBuf {
    ground_truth::recording("meeting_en.flac").path()
}

/// A database server that can be brought down.
trait Database {
    fn url(&self) -> String;
    fn kill(&mut self);
    fn start_again(&mut self);
}

macro_rules! database {
    ($($server:ty),+) => {
        $(impl Database for $server {
            fn url(&self) -> String {
                self.database()
            }
            fn kill(&mut self) {
                self.kill();
            }
            fn start_again(&mut self) {
                self.start_again();
            }
        })+
    };
}

database!(Postgres, MariaDb);

/// An upload whose second half comes when `go_on` says so; its answer's status and problem code.
async fn upload_in_halves(client: Client, go_on: tokio::sync::oneshot::Receiver<()>) -> (u16, String) {
    let bytes = std::fs::read(meeting()).unwrap();
    let (first, second) = (bytes[..bytes.len() / 2].to_vec(), bytes[bytes.len() / 2..].to_vec());
    let halves =
        futures::stream::unfold((Some(first), Some(second), Some(go_on)), async |(first, second, go_on)| {
            if let Some(first) = first {
                return Some((Ok::<_, std::io::Error>(first), (None, second, go_on)));
            }
            go_on?.await.unwrap();
            Some((Ok(second?), (None, None, None)))
        });
    let part = multipart::Part::stream(Body::wrap_stream(halves)).file_name("halves.flac");
    let answer = client.upload_form(multipart::Form::new().part("file", part)).await;
    let status = answer.status().as_u16();
    let body: serde_json::Value = answer.json().await.unwrap();
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

/// The database goes in the middle of a job and of an upload, for longer than leases run.
async fn may_go_and_come_back(mut database: impl Database) {
    let home = super::home().with("DATABASE_URL", database.url()).with("SEOGI_LEASE_SECONDS", 2);
    let (api, _worker) = (home.api(), home.worker());
    let client = &api.client;
    let job = client.upload_file(&meeting()).await;
    client.until(&job, "transcript_segment").await;
    let watched = tokio::spawn({
        let (client, job) = (client.clone(), job.clone());
        async move { client.events(&job, None).await }
    });
    let (go_on, waits) = tokio::sync::oneshot::channel();
    let halves = tokio::spawn(upload_in_halves(client.clone(), waits));
    let uploading = async {
        let part_file = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().contains('#');
        while !std::fs::read_dir(home.data().join("recordings")).unwrap().flatten().any(part_file) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(crate::harness::PATIENCE, uploading).await.expect("the upload begins");
    database.kill();
    let unavailable = (503, "unavailable".to_owned());
    assert_eq!(client.try_upload("new.wav", crate::harness::silence(1)).await, Err(unavailable.clone()));
    go_on.send(()).unwrap();
    assert_eq!(halves.await.unwrap(), unavailable);
    tokio::time::sleep(Duration::from_secs(3)).await;
    database.start_again();
    assert_eq!(outcome(client, &job).await, undisturbed(&meeting()).await);
    assert_eq!(told(&watched.await.unwrap()), told(&client.events(&job, None).await));
    let next = client.upload_file(&ground_truth::recording("short_en.wav").path()).await;
    assert_eq!(outcome(client, &next).await.status, "COMPLETED");
}

#[tokio::test]
async fn postgres_may_go_and_come_back_in_the_middle_of_a_job_and_of_an_upload() {
    may_go_and_come_back(Postgres::start()).await;
}

#[tokio::test]
async fn mariadb_may_go_and_come_back_in_the_middle_of_a_job_and_of_an_upload() {
    may_go_and_come_back(MariaDb::start()).await;
}

#[tokio::test]
async fn a_database_that_hangs_is_noticed_and_changes_nothing() {
    let database = Postgres::start();
    let proxy = Proxy::to(database.port);
    let direct = database.database();
    let through = direct.replace(&database.port.to_string(), &proxy.port.to_string());
    let home = Home::new().with("DATABASE_URL", &direct).with("SEOGI_LEASE_SECONDS", 2);
    let api = home.api();
    let far = |arguments: &[&str]| {
        let mut far = home.command(arguments);
        far.env("DATABASE_URL", &through).env("SEOGI_DATABASE_TIMEOUT", "1");
        far
    };
    // Long enough that the worker has words to save when the line stalls, however fast it is.
    let meeting = repeated(&meeting(), home.path(), 4);
    let (far_api, _far) = (home.start(far(&["api", "--port", "0"])), home.start_worker(far(&["worker"])));
    let job = api.client.upload_file(&meeting).await;
    far_api.client.until(&job, "transcript_segment").await;
    proxy.turn(Line::Stalled);
    let unavailable = (503, "unavailable".to_owned());
    let refused = far_api.client.try_upload("new.wav", crate::harness::silence(1)).await;
    assert_eq!(refused, Err(unavailable));
    assert_eq!(far_api.client.get(&format!("/api/v1/jobs/{job}")).await.status(), 503);
    // By a lease that ran out or by words that could not be saved, whichever comes first.
    let notices = ["the lease is gone", "work on the job broke off"];
    let noticed = async {
        while !notices.iter().any(|notice| home.errors().contains(notice)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(crate::harness::PATIENCE, noticed).await.expect("the worker stops by itself");
    // The other worker gets the job, also if the first one fell silent in the middle of a transaction.
    let near = home.worker();
    let expected = undisturbed(&meeting).await;
    assert_eq!(outcome(&api.client, &job).await, expected);
    proxy.turn(Line::Good);
    drop(near);
    assert_eq!(outcome(&far_api.client, &job).await, expected);
    // It works again, so that whatever it had to say of the first job was said.
    let next = api.client.upload_file(&ground_truth::recording("short_en.wav").path()).await;
    assert_eq!(outcome(&api.client, &next).await.status, "COMPLETED");
    assert_eq!(outcome(&api.client, &job).await, expected);
}

#[tokio::test]
async fn one_connection_is_enough_for_many() {
    let database = Postgres::start();
    let home = Home::new().with("DATABASE_URL", database.database()).with("SEOGI_DATABASE_CONNECTIONS", 1);
    let (api, _worker) = (home.api(), home.worker());
    let client = &api.client;
    let job = client.upload_file(&meeting()).await;
    let watchers: Vec<_> = (0..50)
        .map(|_| {
            let (client, job) = (client.clone(), job.clone());
            tokio::spawn(async move { client.events(&job, None).await })
        })
        .collect();
    let short = ground_truth::recording("short_en.wav").path();
    let jobs = join_all((0..4).map(|_| client.upload_file(&short))).await;
    assert_eq!(outcome(client, &job).await, undisturbed(&meeting()).await);
    let expected = told(&client.events(&job, None).await);
    for watcher in watchers {
        assert_eq!(told(&watcher.await.unwrap()), expected);
    }
    for job in jobs {
        assert_eq!(outcome(client, &job).await.status, "COMPLETED");
    }
}

/// Sends short recordings one after the other until nobody answers; those that were accepted.
async fn upload_until_the_end(client: Client) -> Vec<String> {
    let bytes = std::fs::read(ground_truth::recording("short_en.wav").path()).unwrap();
    let mut accepted = Vec::new();
    loop {
        let part = multipart::Part::bytes(bytes.clone()).file_name("short_en.wav");
        let request = client.http.post(client.url("/api/v1/jobs"));
        let Ok(answer) = request.multipart(multipart::Form::new().part("file", part)).send().await else {
            return accepted;
        };
        let Ok(body) = answer.json::<serde_json::Value>().await else { return accepted };
        accepted.push(body["job_id"].as_str().unwrap().to_owned());
    }
}

#[tokio::test]
async fn sqlite_killed_while_it_writes_keeps_what_was_accepted() {
    let home = Home::new().with("SEOGI_LEASE_SECONDS", 2);
    let mut accepted = Vec::new();
    for round in 0..4_u64 {
        let api = home.api();
        let writers: Vec<_> =
            (0..4).map(|_| tokio::spawn(upload_until_the_end(api.client.clone()))).collect();
        tokio::time::sleep(Duration::from_millis(150 + 37 * round)).await;
        api.kill();
        for jobs in join_all(writers).await {
            accepted.extend(jobs.unwrap());
        }
    }
    assert!(accepted.len() > 4, "only {} uploads came through", accepted.len());
    let api = home.api();
    for job in &accepted {
        let job = api.client.json(&format!("/api/v1/jobs/{job}")).await;
        assert_eq!((&job["status"], &job["last_event"]), (&"PENDING".into(), &1.into()));
    }
    let _worker = home.worker();
    assert_eq!(outcome(&api.client, &accepted[0]).await.status, "COMPLETED");
}

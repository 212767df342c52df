//! Clocks that are wrong: only the database's counts.

use std::path::{Path, PathBuf};

use test_servers::Postgres;

use crate::harness::{Home, outcome, undisturbed};

/// A library that moves a program's clock by as many seconds as `CLOCK_ERROR` says; its monotonic clock goes on as ever.
fn wrong_clock(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/end_to_end/faults/wrong_clock.c");
    let library = folder.join("wrong_clock.so");
    let built = std::process::Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&library, &source])
        .output()
        .expect("a C compiler is there");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    library
}

#[tokio::test]
async fn a_clock_that_is_an_hour_off_changes_nothing() {
    let database = Postgres::start();
    let home = Home::new().with("DATABASE_URL", database.database()).with("SEOGI_LEASE_SECONDS", 2);
    let library = wrong_clock(home.path());
    let at = |arguments: &[&str], error: &str| {
        let mut command = home.command(arguments);
        command.env("LD_PRELOAD", &library).env("CLOCK_ERROR", error);
        command
    };
    let late = home.start(at(&["api", "--port", "0"], "-3600"));
    let early = home.start(at(&["api", "--port", "0"], "3600"));
    let recording = ground_truth::recording("meeting_en.flac").path();
    let job = early.client.upload_file(&recording).await;
    let worker = home.start_worker(at(&["worker"], "3600"));
    late.client.until(&job, "transcript_segment").await;
    // For this one the other's lease would have run out an hour ago, or would hold for another hour.
    let _slow = home.start_worker(at(&["worker"], "-3600"));
    let second = late.client.upload_file(&recording).await;
    late.client.until(&second, "transcript_segment").await;
    drop(worker);
    let expected = undisturbed(&recording).await;
    for job in [job, second] {
        assert_eq!(outcome(&early.client, &job).await, expected);
        let job = late.client.json(&format!("/api/v1/jobs/{job}")).await;
        let (begun, ended) = (job["created_at"].as_i64().unwrap(), job["finished_at"].as_i64().unwrap());
        assert!((0..600_000).contains(&(ended - begun)), "{begun} to {ended}");
    }
    assert!(home.errors().contains("wrong clock in use"), "the clocks were right all the time");
}

#[tokio::test]
async fn a_clock_that_is_set_back_three_hours_holds_no_job() {
    let home = super::home().with("SEOGI_LEASE_SECONDS", 2);
    let (library, recording) = (wrong_clock(home.path()), ground_truth::recording("meeting_en.flac").path());
    let server = home.serve();
    let job = server.client.upload_file(&recording).await;
    server.client.until(&job, "transcript_segment").await;
    server.kill();
    let mut early = home.command(&["serve", "--port", "0"]);
    early.env("LD_PRELOAD", &library).env("CLOCK_ERROR", "-10800");
    let server = home.start(early);
    assert_eq!(outcome(&server.client, &job).await, undisturbed(&recording).await);
    assert!(home.errors().contains("wrong clock in use"), "the clock was right all the time");
}

//! Disks that are full, fail, or may not be written.

use std::process::Command;

use serde_json::{Value, json};
use test_servers::{Disk, FaultyDisk};

use super::home;
use crate::harness::{Client, Home, SEOGI, Server, outcome, undisturbed, wav};

/// Largest file that the system lets the program write, in KiB: as if the disk ended there.
const ROOM: usize = 2048;

#[tokio::test]
async fn a_full_disk_refuses_the_recording_and_nothing_else() {
    let home = Home::new();
    let full = home.command(&["api", "--port", "0"]);
    // In the shell's blocks of 512 bytes. The signal would kill; ignored, it leaves the error to the program.
    let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", 2 * ROOM);
    let mut shell = Command::new("sh");
    shell.current_dir(home.path()).args(["-c", &script, SEOGI]).args(full.get_args()).env_clear();
    shell.envs(full.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let api = home.start(shell);
    let (large, short) = (wav(&vec![0; 1024 * ROOM]), ground_truth::recording("short_en.wav").path());
    for _ in 0..3 {
        let refused = api.client.try_upload("large.wav", large.clone()).await;
        assert_eq!(refused, Err((507, "storage_full".into())));
    }
    let job = api.client.upload_file(&short).await;
    let kept: Vec<_> = std::fs::read_dir(home.data().join("recordings")).unwrap().collect();
    assert_eq!(kept.len(), 1, "what did not fit stays behind: {kept:?}");
    let _worker = home.worker();
    assert_eq!(outcome(&api.client, &job).await.status, "COMPLETED");
    assert_eq!(api.client.json("/api/v1/jobs").await["jobs"].as_array().unwrap().len(), 1);
}

/// What people were answered, and so what has to be stored.
struct Answered {
    client: Client,
    job: String,
    title: Value,
    others: Vec<String>,
    /// Jobs that a deletion was answered for.
    gone: Vec<String>,
}

impl Answered {
    async fn rename(&mut self, title: &str) -> u16 {
        let path = self.client.url(&format!("/api/v1/jobs/{}", self.job));
        let answer = self.client.http.patch(path).json(&json!({"title": title})).send().await.unwrap();
        if answer.status() == 200 {
            self.title = title.into();
        }
        answer.status().as_u16()
    }

    async fn upload(&mut self) -> u16 {
        let short = std::fs::read(ground_truth::recording("short_en.wav").path()).unwrap();
        match self.client.try_upload("short_en.wav", short).await {
            Ok(job) => {
                self.others.push(job);
                202
            }
            Err((status, _)) => status,
        }
    }

    async fn delete_one(&mut self) -> u16 {
        let job = self.others.first().unwrap().clone();
        let path = self.client.url(&format!("/api/v1/jobs/{job}"));
        let status = self.client.http.delete(path).send().await.unwrap().status().as_u16();
        if status == 204 {
            self.others.remove(0);
            self.gone.push(job);
        }
        status
    }

    /// Whoever does not know how a transaction stands takes back here what others were answered.
    async fn be_refused(&self) {
        let path = self.client.url(&format!("/api/v1/jobs/{}/segments/1", self.job));
        let edit = json!({"revision": 77, "text": "x"});
        assert_eq!(self.client.http.patch(path).json(&edit).send().await.unwrap().status(), 409);
    }

    /// Looks at all of it, over connections of the server's that did not write it.
    async fn is_stored(&self) {
        let told = self.client.json(&format!("/api/v1/jobs/{}", self.job)).await;
        assert_eq!(told["title"], self.title);
        let list = self.client.json("/api/v1/jobs?limit=100").await;
        let ids: Vec<&Value> = list["jobs"].as_array().unwrap().iter().map(|job| &job["job_id"]).collect();
        for job in &self.others {
            assert!(ids.contains(&&json!(job)), "{job} was accepted and is not there");
            let audio = self.client.get(&format!("/api/v1/jobs/{job}/audio")).await;
            assert_eq!(audio.status(), 200, "{job} has no recording");
        }
        for job in &self.gone {
            assert!(!ids.contains(&&json!(job)), "{job} was deleted and is there");
        }
    }
}

/// Two jobs of which one is done, and a third that is worked on.
async fn answered(server: &Server) -> (Answered, String) {
    let client = server.client.clone();
    let job = client.upload_file(&ground_truth::recording("short_en.wav").path()).await;
    assert_eq!(client.finished(&job).await["status"], "COMPLETED");
    let title = client.json(&format!("/api/v1/jobs/{job}")).await["title"].clone();
    let mut answered = Answered { client, job, title, others: Vec::new(), gone: Vec::new() };
    assert_eq!(answered.upload().await, 202);
    answered.client.finished(&answered.others[0]).await;
    let worked_on = answered.client.upload_file(&ground_truth::recording("meeting_en.flac").path()).await;
    answered.client.until(&worked_on, "transcript_segment").await;
    (answered, worked_on)
}

/// Everything is compared with what a person sees who comes later: at the same process, and at one started anew.
async fn what_was_answered_is_stored_on_a_disk_that_is(fault: Disk) {
    let home = home().with("SEOGI_LEASE_SECONDS", 2);
    let disk = FaultyDisk::at(&home.data());
    let mut command = home.command(&["serve", "--port", "0"]);
    disk.put_under(&mut command);
    let server = home.start(command);
    let (mut answered, worked_on) = answered(&server).await;
    let ready = async || server.client.get("/readyz").await.status().as_u16();
    assert_eq!(ready().await, 200);
    let refused = if fault == Disk::Full { 507 } else { 503 };
    for round in 0..3 {
        disk.turn(fault);
        assert_eq!(ready().await, 503, "{fault:?}: it cannot write");
        assert_eq!(answered.rename(&format!("During {round}")).await, refused);
        assert_eq!(answered.upload().await, refused);
        assert_eq!(answered.delete_one().await, refused);
        disk.turn(Disk::Good);
        assert_eq!(ready().await, 200);
        answered.be_refused().await;
        assert_eq!(answered.rename(&format!("After {round}")).await, 200);
        assert_eq!(answered.upload().await, 202);
        answered.be_refused().await;
        assert_eq!(answered.delete_one().await, 204);
        assert_eq!(answered.rename(&format!("At last {round}")).await, 200);
        answered.is_stored().await;
    }
    let meeting = ground_truth::recording("meeting_en.flac").path();
    assert_eq!(outcome(&server.client, &worked_on).await, undisturbed(&meeting).await, "{fault:?}");
    server.kill();
    let server = home.serve();
    answered.client = server.client.clone();
    answered.is_stored().await;
    assert!(home.errors().contains("faulty disk in use"), "the disk was good all the time");
}

#[tokio::test]
async fn what_was_answered_is_stored_on_a_disk_that_is_full() {
    what_was_answered_is_stored_on_a_disk_that_is(Disk::Full).await;
}

#[tokio::test]
async fn what_was_answered_is_stored_on_a_disk_that_fails() {
    what_was_answered_is_stored_on_a_disk_that_is(Disk::Broken).await;
}

#[tokio::test]
async fn what_was_answered_is_stored_on_a_disk_that_may_not_be_written() {
    what_was_answered_is_stored_on_a_disk_that_is(Disk::ReadOnly).await;
}

/// A small file system of its own, where this user may have one.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(at: std::path::PathBuf) -> Option<Self> {
        std::fs::create_dir(&at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=16m", "none"]).arg(&at);
        mount.output().is_ok_and(|output| output.status.success()).then_some(Self(at))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_job_can_be_deleted_when_the_disk_is_full() {
    let home =
        home().with("SEOGI_MIN_FREE_SPACE", 0).with("SEOGI_RESERVE", "2 MiB").with("SEOGI_TIDY_SECONDS", 1);
    let Some(_disk) = SmallDisk::mount(home.data()) else {
        println!("no file system can be mounted here");
        return;
    };
    let server = home.serve();
    let (mut answered, worked_on) = answered(&server).await;
    server.client.finished(&worked_on).await;
    let fill = home.data().join("fill");
    let mut file = std::fs::File::create(&fill).unwrap();
    while std::io::Write::write_all(&mut file, &[0; 4096]).is_ok() {}
    // What the database has written before may be room for the first ones.
    for _ in 0..1000 {
        if answered.rename(&"full".repeat(50)).await != 200 {
            break;
        }
    }
    assert_eq!(answered.delete_one().await, 204);
    drop(file);
    std::fs::remove_file(fill).unwrap();
    let reserve = home.data().join("reserve");
    let taken = async {
        while !reserve.metadata().is_ok_and(|file| file.len() == 2 << 20) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(crate::harness::PATIENCE, taken).await.expect("the room is taken again");
    assert_eq!(answered.rename("After").await, 200);
    answered.is_stored().await;
}

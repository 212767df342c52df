//! A disk without room.

use std::process::Command;

use crate::harness::{Home, SEOGI, outcome, wav};

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

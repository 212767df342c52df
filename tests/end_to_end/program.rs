//! The program on the command line.

use std::{
    os::unix::fs::symlink,
    process::{Command, Output},
    time::Duration,
};

use serde_json::Value;

use crate::harness::{Home, PATIENCE, SEOGI, silence};

fn run(home: &Home, arguments: &[&str]) -> (Output, String, String) {
    let output = home.command(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, complained) = (text(&output.stdout), text(&output.stderr));
    (output, said, complained)
}

#[test]
fn transcribe_shows_the_transcript_and_the_minutes() {
    let home = Home::new();
    let recording = ground_truth::recording("meeting_en.flac");
    let (output, said, complained) = run(&home, &["transcribe", recording.path().to_str().unwrap()]);
    assert!(output.status.success(), "{complained}");
    let spoken: Vec<&str> = said
        .lines()
        .filter_map(|line| line.strip_prefix('[')?.split_once("] "))
        .map(|(_, text)| text)
        .collect();
    let wrong = recording.error_rate(&spoken.join(" "));
    assert!(wrong <= 0.1, "error rate {wrong}: {said}");
    assert!(said.contains("extractive"), "{said}");
}

#[test]
fn transcribe_fails_when_a_recording_does() {
    let home = Home::new();
    let file = home.path().join("silence.wav");
    std::fs::write(&file, silence(5)).unwrap();
    let (output, _, complained) = run(&home, &["transcribe", file.to_str().unwrap()]);
    assert!(!output.status.success());
    assert!(complained.contains("No speech"), "{complained}");
}

#[test]
fn what_is_wrong_is_said_in_one_sentence() {
    let home = Home::new();
    let cases: [(&[&str], &str); 5] = [
        (&["transcribe", "/no/such/file.wav"], "/no/such/file.wav"),
        (&["--model", "/no/model.bin", "transcribe", "/dev/null"], "model"),
        (&["--config", "/no/such.toml", "serve"], "/no/such.toml"),
        (&["jobs", "list", "--server", "http://127.0.0.1:1"], "127.0.0.1:1"),
        (&["watch", "not-an-id"], "not-an-id"),
    ];
    for (arguments, named) in cases {
        let (output, _, complained) = run(&home, arguments);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(complained.contains(named), "{arguments:?}: {complained}");
        assert!(!complained.contains("panicked") && !complained.contains("RUST_BACKTRACE"), "{complained}");
    }
}

#[test]
fn an_address_that_others_reach_is_listened_on_only_if_that_is_meant() {
    let home = Home::new().with("HOST", "0.0.0.0");
    let (output, said, complained) = run(&home, &["api", "--port", "0"]);
    assert!(!output.status.success() && said.is_empty(), "{said}");
    assert!(complained.contains("0.0.0.0") && complained.contains("SEOGI_AUTH_OPEN=true"), "{complained}");
    let server = home.with("SEOGI_AUTH_OPEN", "true").api();
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn doctor_finds_a_healthy_machine() {
    let home = Home::new();
    let (output, said, complained) = run(&home, &["doctor"]);
    assert!(output.status.success(), "{said}{complained}");
    for checked in ["database", "storage", "model"] {
        assert!(said.to_lowercase().contains(checked), "{said}");
    }
}

#[test]
fn doctor_measures_the_speech_model_and_suggests_what_it_measured() {
    let home = Home::new().with("SEOGI_PARALLEL_WINDOWS", 0);
    let (output, said, complained) =
        run(&home, &["doctor", "--bench", "--seconds", "0", "--threads", "1", "--json"]);
    assert!(output.status.success(), "{said}{complained}");
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (suggested, measured) = lines.split_last().unwrap();
    assert!(measured.len() > 1);
    for one in measured {
        assert!(
            one["real_time_factor"].as_f64().unwrap() > 0.0 && one["memory_bytes"].as_u64().is_some(),
            "{one}"
        );
    }
    let is = |one: &Value, key: &str| one[key] == suggested["suggestion"][key];
    assert!(measured.iter().any(|one| is(one, "threads") && is(one, "parallel_windows")), "{said}");
    assert!(suggested["is_set"].is_boolean() && suggested["detail"].is_string());
}

#[test]
fn doctor_tries_the_folder_for_copies_of_what_is_in_a_bucket() {
    let bucket =
        Home::new().with("SEOGI_RECORDINGS", "s3://meetings").with("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    let home = bucket.with("SEOGI_S3_RETRY", 0).with("SEOGI_SPOOL", "copies");
    let spool = |home: &Home| {
        let (_, said, _) = run(home, &["doctor"]);
        said.lines().find(|line| line.contains(" spool ")).map(str::to_owned).unwrap()
    };
    assert!(spool(&home).starts_with("ok "), "{}", spool(&home));
    let home = home.with("SEOGI_SPOOL_SIZE", "8000 TiB");
    assert!(spool(&home).starts_with("warning "), "{}", spool(&home));
    let home = home.with("SEOGI_SPOOL", "/dev/null/copies");
    assert!(spool(&home).starts_with("PROBLEM "), "{}", spool(&home));
}

#[test]
fn a_model_that_is_not_there_and_cannot_be_fetched_is_explained() {
    let home = Home::new().with("SEOGI_MODEL_URL", "http://127.0.0.1:1");
    let (output, _, complained) = run(&home, &["models", "fetch", "tiny"]);
    assert!(!output.status.success());
    assert!(
        complained.contains("ggml-tiny.bin") && complained.contains("http://127.0.0.1:1"),
        "{complained}"
    );
}

#[test]
fn an_installed_program_finds_the_model_that_came_with_it() {
    let home = Home::new();
    let (bin, share) = (home.path().join("bin"), home.path().join("share/seogi/models"));
    std::fs::create_dir(&bin).unwrap();
    std::fs::create_dir_all(&share).unwrap();
    std::fs::copy(SEOGI, bin.join("seogi")).unwrap();
    let default = || {
        let mut command = Command::new(bin.join("seogi"));
        let said =
            command.args(["models", "--json"]).env_clear().current_dir(home.path()).output().unwrap().stdout;
        let lines = String::from_utf8(said).unwrap();
        let mut models = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        models.find(|model| model["kind"] == "speech" && model["default"] == true).unwrap()
    };
    assert_eq!(default()["installed"], false);
    let file = "ggml-base-q5_1.bin";
    symlink(ground_truth::bundled_models().join(file), share.join(file)).unwrap();
    let found = default();
    assert_eq!(
        (&found["name"], &found["installed"], &found["bundled"]),
        (&"base-q5_1".into(), &true.into(), &true.into())
    );
}

#[test]
fn health_is_asked_of_the_server_or_of_the_services() {
    let home = Home::new();
    let asked = |arguments: &[&str]| {
        let (output, _, complained) = run(&home, &[&["healthcheck"], arguments].concat());
        (output.status.code(), complained)
    };
    let server = home.serve();
    assert_eq!(asked(&["--server", &server.client.address]), (Some(0), String::new()));
    assert_eq!(asked(&["--services"]), (Some(0), String::new()));
    let address = server.client.address.clone();
    server.kill();
    assert_eq!(asked(&["--server", &address]).0, Some(4));
    let (code, complained) = asked(&["--services", "--data", "/dev/null"]);
    assert!(code == Some(1) && complained.contains("storage: "), "{complained}");
}

#[tokio::test]
async fn as_many_files_may_be_open_as_the_system_allows() {
    let home = Home::new();
    let worker = home.command(&["worker"]);
    let mut shell = Command::new("sh");
    shell
        .current_dir(home.path())
        .args(["-c", "ulimit -Sn 64; exec \"$0\" \"$@\"", SEOGI])
        .args(worker.get_args());
    shell.env_clear().envs(worker.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let worker = home.start_worker(shell);
    let raised = async {
        loop {
            let limits = std::fs::read_to_string(format!("/proc/{}/limits", worker.id())).unwrap();
            let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
            let [soft, hard] = [3, 4].map(|word| files.split_whitespace().nth(word).unwrap());
            if soft == hard && soft != "64" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, raised).await.expect("the limit is raised");
}

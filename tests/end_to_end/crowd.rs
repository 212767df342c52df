//! A process that may open few files, and more clients than it has files for.

use std::{net::TcpStream, process::Command};

use crate::harness::{Home, SEOGI};

#[tokio::test]
async fn with_all_files_taken_health_checks_are_answered() {
    let home = Home::new();
    let usual = home.command(&[]);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -n 256 && exec {SEOGI} api --port 0")]).env_clear();
    command.envs(usual.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(home.path());
    let server = home.start(command);
    let address = server.client.address.strip_prefix("http://").unwrap();
    let held: Vec<TcpStream> = (0..400).map(|_| TcpStream::connect(address).unwrap()).collect();
    assert_eq!(server.client.json("/healthz").await["status"], "ok");
    assert_eq!(server.client.json("/readyz").await["ready"], true);
    let refused = server.client.get("/api/v1/jobs").await;
    assert_eq!(refused.status(), 503);
    drop(held);
}

//! Redis.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::process::{Server, program};

/// A Redis server that keeps nothing.
pub struct Redis {
    server: Option<Server>,
    /// Where it listens.
    pub port: u16,
    folder: TempDir,
}

impl Redis {
    /// Starts one.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let server = Server::start(|port| command(&folder, port), |_| true);
        Self { port: server.port, server: Some(server), folder }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Kills it, with all that it holds.
    pub fn kill(&mut self) {
        self.server = None;
    }

    /// Starts it again on the same port, empty.
    pub fn start_again(&mut self) {
        let folder = &self.folder;
        self.server = Some(Server::start_at(self.port, |port| command(folder, port), |_| true));
    }

    /// Has it do a command that answers with one line.
    pub fn tell(&self, command: &str) {
        let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("Redis is there");
        server.write_all(format!("{command}\r\n").as_bytes()).expect("Redis listens");
        let mut answer = [0; 1];
        server.read_exact(&mut answer).expect("Redis answers");
        assert!(matches!(&answer, b"+" | b":"), "Redis refuses {command}");
    }
}

fn command(folder: &TempDir, port: u16) -> Command {
    let mut redis = Command::new(program("redis-server"));
    redis.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
    redis.arg("--dir").arg(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
    redis
}

//! PostgreSQL.

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use tempfile::TempDir;

use crate::{
    disk::{Disk, FaultyDisk},
    process::{Server, database_in, give_away, program, run, unprivileged},
};

/// A PostgreSQL server with nothing in it.
pub struct Postgres {
    server: Option<Server>,
    /// Where it listens.
    pub port: u16,
    /// Where it keeps its data, if faults are to be turned on there.
    disk: Option<FaultyDisk>,
    databases: AtomicU32,
    folder: TempDir,
}

impl Postgres {
    /// Starts one.
    pub fn start() -> Self {
        Self::start_on(|_| None)
    }

    /// Starts one whose disk can be [turned](Self::turn_disk) into a bad one.
    pub fn on_faulty_disk() -> Self {
        Self::start_on(|data| Some(FaultyDisk::at(data)))
    }

    fn start_on(disk: impl FnOnce(&Path) -> Option<FaultyDisk>) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        give_away(folder.path());
        let mut initdb = unprivileged(&program("initdb"));
        initdb.arg("-D").arg(folder.path().join("data"));
        initdb.args(["-U", "seogi", "-A", "trust", "-E", "UTF8", "--no-sync"]);
        run(initdb);
        let disk = disk(&folder.path().join("data"));
        let server = Server::start(|port| command(&folder, disk.as_ref(), port), answers);
        Self { port: server.port, server: Some(server), disk, databases: AtomicU32::new(0), folder }
    }

    /// The URL of a new and empty database.
    pub fn database(&self) -> String {
        let name = format!("seogi_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        run(psql(self.port, "postgres", &format!("CREATE DATABASE {name}")));
        format!("postgres://seogi@127.0.0.1:{}/{name}", self.port)
    }

    /// Runs statements in the database at this URL, as nobody but its keeper does.
    pub fn execute(&self, url: &str, sql: &str) {
        run(psql(self.port, database_in(url), sql));
    }

    /// Brings it down as a crash would.
    pub fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            server.end_by("QUIT");
        }
    }

    /// Makes its disk another one from now on, where that was asked for at the start.
    pub fn turn_disk(&self, fault: Disk) {
        if let Some(disk) = &self.disk {
            disk.turn(fault);
        }
    }

    /// Starts it again if a fault of its disk has brought it down.
    pub fn revive(&mut self) {
        if self.server.as_mut().is_none_or(|server| server.has_ended()) {
            self.start_again();
        }
    }

    /// Starts it again on the same port, with what it had.
    pub fn start_again(&mut self) {
        self.server = Some(Server::start_at(
            self.port,
            |port| command(&self.folder, self.disk.as_ref(), port),
            answers,
        ));
    }
}

fn command(folder: &TempDir, disk: Option<&FaultyDisk>, port: u16) -> Command {
    let mut postgres = unprivileged(&program("postgres"));
    postgres.arg("-D").arg(folder.path().join("data"));
    postgres.args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
    postgres.arg("-c").arg(format!("unix_socket_directories={}", folder.path().display()));
    if let Some(disk) = disk {
        disk.put_under(&mut postgres);
    }
    postgres.stdout(Stdio::null()).stderr(Stdio::null());
    postgres
}

fn answers(port: u16) -> bool {
    psql(port, "postgres", "SELECT 1").status().is_ok_and(|status| status.success())
}

fn psql(port: u16, database: &str, sql: &str) -> Command {
    let mut psql = Command::new(program("psql"));
    psql.args(["-h", "127.0.0.1", "-U", "seogi", "-d", database, "-q", "-p", &port.to_string(), "-c", sql]);
    psql.stdout(Stdio::null()).stderr(Stdio::null());
    psql
}

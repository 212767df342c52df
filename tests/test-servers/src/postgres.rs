//! PostgreSQL.

use std::{
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use tempfile::TempDir;

use crate::process::{Server, give_away, program, run, unprivileged};

/// A PostgreSQL server with nothing in it.
pub struct Postgres {
    server: Server,
    databases: AtomicU32,
    _folder: TempDir,
}

impl Postgres {
    /// Starts one.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        give_away(folder.path());
        let data = folder.path().join("data");
        let mut initdb = unprivileged(&program("initdb"));
        initdb.arg("-D").arg(&data).args(["-U", "seogi", "-A", "trust", "-E", "UTF8", "--no-sync"]);
        run(initdb);
        let command = |port: u16| {
            let mut postgres = unprivileged(&program("postgres"));
            postgres.arg("-D").arg(&data).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
            postgres.arg("-c").arg(format!("unix_socket_directories={}", folder.path().display()));
            postgres.stdout(Stdio::null()).stderr(Stdio::null());
            postgres
        };
        let server = Server::start(command, |port| {
            psql(port, "SELECT 1").status().is_ok_and(|status| status.success())
        });
        Self { server, databases: AtomicU32::new(0), _folder: folder }
    }

    /// The URL of a new and empty database.
    pub fn database(&self) -> String {
        let name = format!("seogi_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        run(psql(self.server.port, &format!("CREATE DATABASE {name}")));
        format!("postgres://seogi@127.0.0.1:{}/{name}", self.server.port)
    }
}

fn psql(port: u16, sql: &str) -> Command {
    let mut psql = Command::new(program("psql"));
    psql.args(["-h", "127.0.0.1", "-U", "seogi", "-d", "postgres", "-q", "-p", &port.to_string(), "-c", sql]);
    psql.stdout(Stdio::null()).stderr(Stdio::null());
    psql
}

//! MariaDB.

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

/// Who may do everything, from anywhere, with a password that needs escaping in a URL; one statement a line.
const USER: &str = "CREATE USER seogi@'%' IDENTIFIED BY 'p@ss/word';\nGRANT ALL ON *.* TO seogi@'%';\n";

/// A MariaDB server with nothing in it.
pub struct MariaDb {
    server: Option<Server>,
    /// Where it listens.
    pub port: u16,
    /// Where it keeps its data, if faults are to be turned on there.
    disk: Option<FaultyDisk>,
    databases: AtomicU32,
    folder: TempDir,
}

impl MariaDb {
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
        std::fs::write(folder.path().join("users.sql"), USER).expect("a file can be written");
        let mut install = unprivileged(&program("mariadb-install-db"));
        install.arg("--no-defaults").arg(format!("--datadir={}", folder.path().join("data").display()));
        install.args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
        run(install);
        let disk = disk(&folder.path().join("data"));
        let server = Server::start(|port| command(&folder, disk.as_ref(), port), answers);
        // Read at the next start, it would fail: the user is there already.
        std::fs::write(folder.path().join("users.sql"), "").expect("a file can be written");
        Self { port: server.port, server: Some(server), disk, databases: AtomicU32::new(0), folder }
    }

    /// The URL of a new and empty database.
    pub fn database(&self) -> String {
        let name = format!("seogi_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        run(mariadb(self.port, &format!("CREATE DATABASE {name}")));
        format!("mariadb://seogi:p%40ss%2Fword@127.0.0.1:{}/{name}", self.port)
    }

    /// Runs statements in the database at this URL, as nobody but its keeper does.
    pub fn execute(&self, url: &str, sql: &str) {
        run(mariadb(self.port, &format!("USE {};\n{sql}", database_in(url))));
    }

    /// Kills it as a power cut would.
    pub fn kill(&mut self) {
        self.server = None;
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
    let path = |name: &str| folder.path().join(name).display().to_string();
    let mut mariadbd = unprivileged(&program("mariadbd"));
    mariadbd.arg("--no-defaults").arg(format!("--datadir={}", path("data")));
    mariadbd.arg(format!("--socket={}", path("socket"))).arg(format!("--init-file={}", path("users.sql")));
    mariadbd.arg(format!("--port={port}")).args(["--bind-address=127.0.0.1", "--skip-name-resolve"]);
    if let Some(disk) = disk {
        disk.put_under(&mut mariadbd);
    }
    mariadbd.stdout(Stdio::null()).stderr(Stdio::null());
    mariadbd
}

fn answers(port: u16) -> bool {
    mariadb(port, "SELECT 1").status().is_ok_and(|status| status.success())
}

fn mariadb(port: u16, sql: &str) -> Command {
    let mut mariadb = Command::new(program("mariadb"));
    mariadb.args([
        "--no-defaults",
        "-h",
        "127.0.0.1",
        "-u",
        "seogi",
        "-pp@ss/word",
        "-P",
        &port.to_string(),
        "-e",
        sql,
    ]);
    mariadb.stdout(Stdio::null()).stderr(Stdio::null());
    mariadb
}

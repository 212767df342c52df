//! MariaDB.

use std::{
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use tempfile::TempDir;

use crate::process::{Server, give_away, program, run, unprivileged};

/// Who may do everything, from anywhere, with a password that needs escaping in a URL; one statement a line.
const USER: &str = "CREATE USER seogi@'%' IDENTIFIED BY 'p@ss/word';\nGRANT ALL ON *.* TO seogi@'%';\n";

/// A MariaDB server with nothing in it.
pub struct MariaDb {
    server: Server,
    databases: AtomicU32,
    _folder: TempDir,
}

impl MariaDb {
    /// Starts one.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        give_away(folder.path());
        let (data, users) = (folder.path().join("data"), folder.path().join("users.sql"));
        std::fs::write(&users, USER).expect("a file can be written");
        let mut install = unprivileged(&program("mariadb-install-db"));
        install.arg("--no-defaults").arg(format!("--datadir={}", data.display()));
        install.args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
        run(install);
        let command = |port: u16| {
            let mut mariadbd = unprivileged(&program("mariadbd"));
            mariadbd.arg("--no-defaults").arg(format!("--datadir={}", data.display()));
            mariadbd.arg(format!("--socket={}", folder.path().join("socket").display()));
            mariadbd.arg(format!("--init-file={}", users.display())).arg(format!("--port={port}"));
            mariadbd.args(["--bind-address=127.0.0.1", "--skip-name-resolve"]);
            mariadbd.stdout(Stdio::null()).stderr(Stdio::null());
            mariadbd
        };
        let server = Server::start(command, |port| {
            mariadb(port, "SELECT 1").status().is_ok_and(|status| status.success())
        });
        Self { server, databases: AtomicU32::new(0), _folder: folder }
    }

    /// The URL of a new and empty database.
    pub fn database(&self) -> String {
        let name = format!("seogi_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        run(mariadb(self.server.port, &format!("CREATE DATABASE {name}")));
        format!("mariadb://seogi:p%40ss%2Fword@127.0.0.1:{}/{name}", self.server.port)
    }
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

//! The cluster: two APIs and three workers over a database and Redis, all on this machine, with a proxy before each of
//! the two servers, and a disk that can be made a bad one under the database and under the programs themselves.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};
use tempfile::TempDir;
use test_servers::{Disk, FaultyDisk, Line, MariaDb, Postgres, Proxy, Redis};

use crate::node::Node;

/// The databases that it can stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum DatabaseKind {
    /// PostgreSQL.
    Postgres,
    /// MariaDB.
    Mariadb,
    /// SQLite, a file that all of them share.
    Sqlite,
}

/// A running database server.
enum Database {
    Postgres(Postgres),
    MariaDb(MariaDb),
    Sqlite,
}

/// Everything that runs.
pub struct Cluster {
    /// The APIs.
    pub apis: Vec<Node>,
    /// The workers.
    pub workers: Vec<Node>,
    /// Redis.
    pub redis: Redis,
    /// The way to Redis.
    pub redis_line: Proxy,
    /// The way to the database, where it is a server.
    pub database_line: Option<Proxy>,
    /// Where the recordings lie, and SQLite's file.
    pub disk: FaultyDisk,
    database: Database,
    addresses: Vec<String>,
    _folder: TempDir,
}

impl Cluster {
    /// Starts it, with `program` as the program.
    pub fn start(program: &Path, kind: DatabaseKind) -> Result<Self> {
        let (folder, redis) = (tempfile::tempdir()?, Redis::start());
        let (database, url, port) = match kind {
            DatabaseKind::Postgres => {
                let server = Postgres::on_faulty_disk();
                let (url, port) = (server.database(), server.port);
                (Database::Postgres(server), url, Some(port))
            }
            DatabaseKind::Mariadb => {
                let server = MariaDb::on_faulty_disk();
                let (url, port) = (server.database(), server.port);
                (Database::MariaDb(server), url, Some(port))
            }
            DatabaseKind::Sqlite => (Database::Sqlite, "sqlite:data/seogi.db".to_owned(), None),
        };
        let (database_line, redis_line) = (port.map(Proxy::to), Proxy::to(redis.port));
        let url = match (&database_line, port) {
            (Some(line), Some(port)) => url.replace(&format!(":{port}/"), &format!(":{}/", line.port)),
            _ => url,
        };
        let redis_url = format!("redis://127.0.0.1:{}/", redis_line.port);
        let disk = FaultyDisk::at(&folder.path().join("data"));
        let node = |name: String, arguments: &[&str]| {
            let mut command = Command::new(program);
            command.current_dir(folder.path()).args(arguments).env_clear();
            command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
            command.env("DATABASE_URL", &url).env("REDIS_URL", &redis_url);
            command.env("SEOGI_MODEL", own_model(folder.path(), &name)?);
            command.env("SEOGI_SPEECH_THREADS", "1").env("SEOGI_LOG_FORMAT", "json");
            disk.put_under(&mut command);
            Node::start(command, folder.path().join(format!("{name}.log")))
        };
        let ports = (0..2).map(|_| free_port()).collect::<Result<Vec<_>>>()?;
        let api = |port: &u16| node(format!("api-{port}"), &["api", "--port", &port.to_string()]);
        let apis = ports.iter().map(api).collect::<Result<_>>()?;
        let workers = (0..3).map(|n| node(format!("worker-{n}"), &["worker"])).collect::<Result<_>>()?;
        let addresses = ports.iter().map(|port| format!("http://127.0.0.1:{port}")).collect();
        Ok(Self {
            apis,
            workers,
            redis,
            redis_line,
            database_line,
            disk,
            database,
            addresses,
            _folder: folder,
        })
    }

    /// Where the APIs are.
    pub fn addresses(&self) -> Vec<String> {
        self.addresses.clone()
    }

    /// Brings the database down as a crash would.
    pub fn kill_database(&mut self) {
        match &mut self.database {
            Database::Postgres(server) => server.kill(),
            Database::MariaDb(server) => server.kill(),
            Database::Sqlite => {}
        }
    }

    /// Starts the database with what it had.
    pub fn start_database(&mut self) {
        match &mut self.database {
            Database::Postgres(server) => server.start_again(),
            Database::MariaDb(server) => server.start_again(),
            Database::Sqlite => {}
        }
    }

    /// Makes the database's disk another one; SQLite's is that of the programs.
    pub fn turn_database_disk(&mut self, disk: Disk) {
        match &mut self.database {
            Database::Postgres(server) => server.turn_disk(disk),
            Database::MariaDb(server) => server.turn_disk(disk),
            Database::Sqlite => self.disk.turn(disk),
        }
    }

    /// Makes the database's disk a good one, and starts the database again if it did not outlive what was before.
    pub fn mend_database_disk(&mut self) {
        self.turn_database_disk(Disk::Good);
        match &mut self.database {
            Database::Postgres(server) => server.revive(),
            Database::MariaDb(server) => server.revive(),
            Database::Sqlite => {}
        }
    }

    /// Makes everything run that should.
    pub fn repair(&mut self) -> Result<()> {
        self.redis_line.turn(Line::Good);
        self.database_line.iter().for_each(|line| line.turn(Line::Good));
        self.disk.turn(Disk::Good);
        self.mend_database_disk();
        for node in self.apis.iter_mut().chain(&mut self.workers) {
            node.start_again().context("a node cannot be started again")?;
        }
        Ok(())
    }

    /// Stops every node; the longest time that one of them took.
    pub fn stop_all(&mut self) -> Result<Duration> {
        let nodes = self.apis.iter_mut().chain(&mut self.workers);
        let times = nodes.map(Node::stop).collect::<Result<Vec<_>>>()?;
        Ok(times.into_iter().max().unwrap_or_default())
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A model of this process's own, named by its path, with the same content as that of every other.
fn own_model(folder: &Path, process: &str) -> Result<PathBuf> {
    let model = folder.join(format!("model-of-{process}.bin"));
    std::fs::copy(ground_truth::toy_model(), &model)?;
    Ok(model)
}

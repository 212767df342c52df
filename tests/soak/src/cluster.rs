//! The cluster: two APIs and three workers over a database and Redis, all on this machine, with a proxy before each of
//! the two servers.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};
use tempfile::TempDir;
use test_servers::{Line, MariaDb, Postgres, Proxy, Redis};

use crate::node::Node;

/// The databases that it can stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum DatabaseKind {
    /// PostgreSQL.
    Postgres,
    /// MariaDB.
    Mariadb,
}

/// A running database server.
enum Database {
    Postgres(Postgres),
    MariaDb(MariaDb),
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
    /// The way to the database.
    pub database_line: Proxy,
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
                let server = Postgres::start();
                let (url, port) = (server.database(), server.port);
                (Database::Postgres(server), url, port)
            }
            DatabaseKind::Mariadb => {
                let server = MariaDb::start();
                let (url, port) = (server.database(), server.port);
                (Database::MariaDb(server), url, port)
            }
        };
        let (database_line, redis_line) = (Proxy::to(port), Proxy::to(redis.port));
        let url = url.replace(&format!(":{port}/"), &format!(":{}/", database_line.port));
        let redis_url = format!("redis://127.0.0.1:{}/", redis_line.port);
        let node = |name: String, arguments: &[&str]| {
            let mut command = Command::new(program);
            command.current_dir(folder.path()).args(arguments).env_clear();
            command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
            command.env("DATABASE_URL", &url).env("REDIS_URL", &redis_url);
            command
                .env("SEOGI_MODEL", "demo")
                .env("SEOGI_SPEECH_THREADS", "1")
                .env("SEOGI_LOG_FORMAT", "json");
            Node::start(command, folder.path().join(name))
        };
        let ports = (0..2).map(|_| free_port()).collect::<Result<Vec<_>>>()?;
        let api = |port: &u16| node(format!("api-{port}.log"), &["api", "--port", &port.to_string()]);
        let apis = ports.iter().map(api).collect::<Result<_>>()?;
        let workers = (0..3).map(|n| node(format!("worker-{n}.log"), &["worker"])).collect::<Result<_>>()?;
        let addresses = ports.iter().map(|port| format!("http://127.0.0.1:{port}")).collect();
        Ok(Self { apis, workers, redis, redis_line, database_line, database, addresses, _folder: folder })
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
        }
    }

    /// Starts the database with what it had.
    pub fn start_database(&mut self) {
        match &mut self.database {
            Database::Postgres(server) => server.start_again(),
            Database::MariaDb(server) => server.start_again(),
        }
    }

    /// Makes everything run that should.
    pub fn repair(&mut self) -> Result<()> {
        self.redis_line.turn(Line::Good);
        self.database_line.turn(Line::Good);
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

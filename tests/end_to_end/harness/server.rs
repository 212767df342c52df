//! The real program as a child process.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use super::Client;

/// The program under test.
pub const SEOGI: &str = env!("CARGO_BIN_EXE_seogi");

/// A folder with its data, in which the program can be started again and again.
pub struct Home {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Home {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    pub fn with(mut self, variable: &str, value: impl ToString) -> Self {
        self.variables.push((variable.into(), value.to_string()));
        self
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// The program with the toy model, one thread, and nothing from this machine's environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(SEOGI);
        command
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("SEOGI_MODEL", ground_truth::toy_model()).env("SEOGI_SPEECH_THREADS", "1");
        command.env("SEOGI_SWEEP_SECONDS", "1");
        command.envs(self.variables.iter().map(|(name, value)| (name, value))).args(arguments);
        command
    }

    /// Starts `seogi serve` on a free port and waits until it says where it listens.
    pub fn serve(&self) -> Server {
        self.listen("serve")
    }

    /// Starts `seogi api` likewise.
    pub fn api(&self) -> Server {
        self.listen("api")
    }

    /// Starts `seogi worker`.
    pub fn worker(&self) -> Process {
        self.start_worker(self.command(&["worker"]))
    }

    /// Starts a worker by a command made from [`Home::command`].
    pub fn start_worker(&self, mut command: Command) -> Process {
        Process(command.stdout(Stdio::null()).stderr(self.log()).spawn().unwrap())
    }

    fn listen(&self, word: &str) -> Server {
        self.start(self.command(&[word, "--port", "0"]))
    }

    /// Starts a server by a command made from [`Home::command`].
    pub fn start(&self, mut command: Command) -> Server {
        let mut child = command.stdout(Stdio::piped()).stderr(self.log()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = said.by_ref().map_while(Result::ok).find_map(|line| address_in(&line));
        // Somebody has to go on reading, or the program would stop at a full pipe.
        std::thread::spawn(move || said.for_each(drop));
        let Some(address) = address else { panic!("seogi did not start: {}", self.errors()) };
        Server { process: Process(child), client: Client::new(address) }
    }

    fn log(&self) -> std::fs::File {
        std::fs::File::options().create(true).append(true).open(self.path().join("log")).unwrap()
    }

    /// What the program wrote to its log.
    pub fn errors(&self) -> String {
        std::fs::read_to_string(self.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Home {
    /// A test that failed shows what the program had to say.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let errors = self.errors();
            let last = errors.lines().count().saturating_sub(60);
            eprintln!("{}", errors.lines().skip(last).collect::<Vec<_>>().join("\n"));
        }
    }
}

fn address_in(line: &str) -> Option<String> {
    let address = line.get(line.find("http://")?..)?;
    Some(
        address
            .split(|end: char| end.is_whitespace() || end == '"')
            .next()?
            .trim_end_matches(['/', '.'])
            .to_owned(),
    )
}

/// A running program; killed when dropped.
pub struct Process(Child);

impl Process {
    /// Asks it to stop, and waits until it has; its exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.signal("TERM");
        self.0.wait().unwrap().code()
    }

    /// Its number on this machine.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Sends it a signal, by its name without `SIG`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.id().to_string()).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Process {
    /// Kills it as a power cut would.
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A running server.
pub struct Server {
    process: Process,
    pub client: Client,
}

impl Server {
    /// Kills it as a power cut would.
    pub fn kill(self) {
        drop(self);
    }

    /// Asks it to stop, and waits until it has; its exit code.
    pub fn stop(self) -> Option<i32> {
        self.process.stop()
    }
}

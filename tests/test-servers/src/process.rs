//! Programs that are run, and those that keep running.

use std::{
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output},
    time::{Duration, Instant},
};

/// Longer than any server takes to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs until it is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
}

impl Server {
    /// Starts a server on a free port and waits until `ready` succeeds.
    pub(crate) fn start(command: impl FnOnce(u16) -> Command, ready: impl Fn(u16) -> bool) -> Self {
        Self::start_at(free_port(), command, ready)
    }

    /// Starts a server on this port and waits until `ready` succeeds.
    pub(crate) fn start_at(
        port: u16,
        command: impl FnOnce(u16) -> Command,
        ready: impl Fn(u16) -> bool,
    ) -> Self {
        let mut command = command(port);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
        let mut server = Self { child, port };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() || !ready(port) {
            if let Some(status) = server.child.try_wait().expect("a child can be asked") {
                panic!("{command:?} ended with {status}");
            }
            assert!(Instant::now() < deadline, "{command:?} did not answer in {PATIENCE:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }
}

impl Server {
    /// Whether it is gone.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child can be asked").is_some()
    }

    /// Sends the server a signal, by its name without `SIG`, and waits for its end.
    pub(crate) fn end_by(mut self, signal: &str) {
        let mut kill = Command::new("kill");
        kill.arg(format!("-{signal}")).arg(self.child.id().to_string());
        run(kill);
        self.child.wait().expect("a child can be waited for");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody listens on at the moment.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    listener.local_addr().expect("it has an address").port()
}

/// The name of the database in a URL.
pub(crate) fn database_in(url: &str) -> &str {
    url.rsplit('/').next().expect("a URL has a last part")
}

/// Runs a program to its end, which must be a good one.
pub(crate) fn run(mut command: Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} cannot be run: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The program called `name`, from the `PATH` or from where Debian puts those of servers.
pub(crate) fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path)
        .chain(["/usr/sbin".into()])
        .chain(versions.map(|v| v.path().join("bin")));
    folders
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("{name} is not installed; `./run.sh test` installs what the tests need"))
}

/// A command as a user without rights, which is what some servers insist on when started by root.
pub(crate) fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(program);
    command
}

/// Gives a folder to the user of [`unprivileged`].
pub(crate) fn give_away(folder: &Path) {
    if is_root() {
        let mut chown = Command::new("chown");
        chown.arg("nobody:nogroup").arg(folder);
        run(chown);
    }
}

fn is_root() -> bool {
    let mut id = Command::new("id");
    id.arg("-u");
    run(id).stdout.trim_ascii() == b"0"
}

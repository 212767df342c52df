//! `./run.sh cpu|gpu` with a Docker that only writes down what it is told, and the files that Docker reads.

use std::{
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

/// Everything that ./run.sh needs for containers.
const TOOLS: [&str; 8] = ["bash", "cat", "dirname", "od", "sed", "tail", "touch", "tr"];

/// Succeeds at everything but what FAILS names.
const DOCKER: &str = r#"#!/bin/bash
echo "$*" >>"${0%/*}/../told"
[[ -z "$FAILS" || "$*" != $FAILS ]] || exit 1
[[ "$*" != "compose version"* ]] || echo "${COMPOSE:-2.24.0}"
[[ "$*" != "info --format"* ]] || echo "{\"Runtimes\": {\"$RUNTIME\": {}}}"
"#;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// A checkout with nothing but ./run.sh, on a machine with nothing but Docker.
struct Checkout(TempDir);

impl Checkout {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(root().join("run.sh"), folder.path().join("run.sh")).unwrap();
        let bin = folder.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        for tool in TOOLS {
            let path = std::env::var_os("PATH").unwrap();
            let found =
                std::env::split_paths(&path).map(|folder| folder.join(tool)).find(|path| path.exists());
            symlink(found.unwrap(), bin.join(tool)).unwrap();
        }
        let checkout = Self(folder);
        std::fs::write(checkout.path("bin/docker"), DOCKER).unwrap();
        std::fs::set_permissions(checkout.path("bin/docker"), PermissionsExt::from_mode(0o755)).unwrap();
        checkout
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, words: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = Command::new(self.path("bin/bash"));
        command.arg(self.path("run.sh")).args(words).env_clear().env("PATH", self.path("bin"));
        command.envs(variables.iter().copied()).output().unwrap()
    }

    /// What Docker was told since the last look.
    fn told(&self) -> Vec<String> {
        let told = read(self.path("told")).lines().map(str::to_owned).collect();
        let _ = std::fs::remove_file(self.path("told"));
        told
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn one_line_builds_starts_and_names_the_address() {
    let checkout = Checkout::new();
    std::fs::write(checkout.path(".env"), "PORT=9000").unwrap();
    let output = checkout.run(&["cpu"], &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).ends_with("http://127.0.0.1:9000\n"), "{}", text(&output.stdout));
    let compose = "compose --file docker-compose.cpu.yml";
    let told = checkout.told();
    assert_eq!(
        told.get(2..),
        Some(&[format!("{compose} build"), format!("{compose} up --detach --wait")][..])
    );

    let settings = read(checkout.path(".env"));
    let password = settings.strip_prefix("PORT=9000\nDB_PASSWORD=").unwrap().trim_end();
    assert!(password.len() == 32 && password.bytes().all(|byte| byte.is_ascii_hexdigit()), "{settings}");
    checkout.run(&["cpu"], &[]);
    assert_eq!(read(checkout.path(".env")), settings);
}

#[test]
fn other_words_are_handed_to_compose() {
    let checkout = Checkout::new();
    assert!(checkout.run(&["gpu", "down", "--volumes"], &[("RUNTIME", "nvidia")]).status.success());
    let told = checkout.told();
    assert_eq!(told.last().unwrap(), "compose --file docker-compose.gpu.yml down --volumes");
}

#[test]
fn what_is_missing_is_said_in_one_sentence() {
    let checkout = Checkout::new();
    let said = |words: &[&str], variables: &[(&str, &str)]| {
        let output = checkout.run(words, variables);
        let said = text(&output.stderr);
        assert!(!output.status.success() && said.lines().count() == 1, "{said}");
        said
    };
    assert!(said(&["gpu"], &[("RUNTIME", "runc")]).contains("nvidia-container-toolkit"));
    assert!(said(&["cpu"], &[("FAILS", "info")]).contains("engine does not answer"));
    assert!(said(&["cpu"], &[("FAILS", "compose*")]).contains("Docker Compose is missing"));
    assert!(said(&["cpu"], &[("COMPOSE", "v2.9.0")]).contains("2.24 or newer"));
    assert!(said(&["cpu"], &[("DB_TYPE", "sqlite")]).contains("mariadb or postgres"));
    assert!(!checkout.path(".env").exists(), "a start that failed leaves something");
    std::fs::remove_file(checkout.path("bin/docker")).unwrap();
    assert!(said(&["cpu"], &[]).contains("Docker is missing"));
}

#[test]
fn what_the_compose_files_name_is_there_and_reached_from_this_machine_only() {
    let images = read(root().join("docker/Dockerfile"));
    for file in ["docker-compose.cpu.yml", "docker-compose.gpu.yml", "docker/parts.yml"] {
        let compose = read(root().join(file));
        assert!(compose.contains("services:"), "{file}");
        for line in compose.lines().filter(|line| !line.trim_start().starts_with('#')) {
            let named = |key: &str| {
                let (_, value) = line.split_once(&format!("{key}: "))?;
                value.split([',', '}', ' ']).next()
            };
            if let Some(target) = named("target") {
                assert!(images.contains(&format!(" AS {target}\n")), "{file}: {target}");
            }
            if let Some(part) = named("{file").or(named("dockerfile")) {
                assert!(root().join(part).exists(), "{file}: {part}");
            }
            assert!(!line.contains("ports:") || line.contains("[\"127.0.0.1:"), "{file}: {line}");
        }
    }
    for database in ["mariadb", "postgres"] {
        assert!(root().join(format!("docker/{database}.yml")).exists(), "{database}");
    }
}

#[test]
fn the_api_in_a_container_says_that_it_is_reached() {
    let parts = read(root().join("docker/parts.yml"));
    assert!(parts.contains("HOST: 0.0.0.0") && parts.contains("SEOGI_AUTH_OPEN: \"true\""), "{parts}");
}

#[test]
fn every_room_gets_into_the_images() {
    let (manifest, let_in) = (read(root().join("Cargo.toml")), read(root().join(".dockerignore")));
    let members = manifest.lines().find(|line| line.starts_with("members")).unwrap();
    for member in
        members.split('"').skip(1).step_by(2).chain(["assets", "migrations", "web", "docker/whisper.sh"])
    {
        let holds = |folder| Path::new(member).starts_with(folder);
        assert!(let_in.lines().any(|line| line.strip_prefix('!').is_some_and(holds)), "{member} is left out");
    }
}

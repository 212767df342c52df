//! The map is true: what it names is there, every room is on it, and its laws hold.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every Rust file below a folder of the project, with its path from the top.
pub fn rust_files(below: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => walk(&path, found),
                Some(ending) if ending == "rs" => found.push(path),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(below), &mut found);
    let named = |path: PathBuf| (path.strip_prefix(root()).unwrap().display().to_string(), read(&path));
    found.into_iter().map(named).collect()
}

#[test]
fn what_the_map_names_is_there() {
    let map = read(&root().join("ARCHITECTURE.md"));
    let paths = map.split('`').skip(1).step_by(2).filter(|name| name.contains('/') && !name.contains(' '));
    let missing: Vec<&str> = paths.filter(|path| !root().join(path).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_room_is_on_the_map() {
    let map = read(&root().join("ARCHITECTURE.md"));
    let manifest = read(&root().join("Cargo.toml"));
    let members = manifest.lines().find(|line| line.starts_with("members")).unwrap();
    for member in members.split('"').skip(1).step_by(2) {
        assert!(map.contains(member.rsplit('/').next().unwrap()), "{member} is not on the map");
    }
    for (crate_name, seams) in [
        ("api", "server access stream intake routes problem"),
        ("worker", "run tasks audio transcriber models speakers"),
    ] {
        for entry in std::fs::read_dir(root().join(crate_name).join("src")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(!path.is_dir() || seams.split(' ').any(|seam| seam == name), "{name} is not on the map");
        }
    }
}

#[test]
fn the_arrows_point_one_way() {
    for (from, to) in [("api", "worker"), ("worker", "api"), ("api", "whisper-rs")] {
        assert!(!lists(from, to), "{from} imports {to}");
    }
    let mut above = SHARED.to_vec();
    for below in SHARED {
        above.remove(0);
        for to in above.iter().copied().chain(["api", "worker", "cli"]) {
            let from = if *below == "shared" { "shared".to_owned() } else { format!("shared/{below}") };
            assert!(!lists(&from, to), "{from} imports {to}");
        }
    }
}

/// Every crate of `shared/`, each before those that may use it.
const SHARED: &[&str] = &[
    "shared",
    "config",
    "text",
    "telemetry",
    "relay",
    "blobs",
    "store",
    "gc",
    "library",
    "llm",
    "minutes",
    "assistant",
];

/// Whether the program's part of this crate, and not only its tests, uses another.
fn lists(of: &str, what: &str) -> bool {
    let manifest = read(&root().join(of).join("Cargo.toml"));
    let used = manifest.split("[dev-dependencies]").next().unwrap();
    used.contains(&format!("\n{what}.workspace")) || used.contains(&format!("\n{what} = "))
}

#[test]
fn requests_touch_what_is_kept_through_the_library() {
    assert!(lists("api", "library"));
    for kept in ["store", "blobs", "relay", "gc", "sqlx", "redis", "object_store", "apalis", "apalis-core"] {
        assert!(!lists("api", kept), "api imports {kept}");
    }
}

#[test]
fn a_library_is_listed_by_one_crate() {
    let members = read(&root().join("Cargo.toml"));
    let members = members.lines().find(|line| line.starts_with("members")).unwrap();
    for (library, place) in [
        ("sqlx", "shared/store"),
        ("object_store", "shared/blobs"),
        ("redis", "shared/relay"),
        ("figment", "shared/config"),
        ("prometheus-client", "shared/telemetry"),
        ("ollama-rs", "shared/llm"),
        ("async-openai", "shared/llm"),
        ("whisper-rs", "worker"),
        ("symphonia", "worker"),
        ("rten", "worker"),
        ("rten-gemm", "worker/whisper"),
    ] {
        for member in members.split('"').skip(1).step_by(2) {
            assert_eq!(lists(member, library), member == place, "{member} and {library}");
        }
    }
}

/// `cargo tree` of the program that is built with these flags: a line `name version` for each crate that is in it.
fn built_in(flags: &[&str]) -> String {
    let tree = ["tree", "--offline", "--locked", "--package", "cli", "--edges", "normal", "--prefix", "none"];
    let output =
        std::process::Command::new(env!("CARGO")).args(tree).args(flags).current_dir(root()).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_api_alone_holds_no_speech_code() {
    let (alone, whole) = (built_in(&["--no-default-features"]), built_in(&[]));
    for speech in
        ["worker", "whisper-rs", "whisper-rs-sys", "symphonia", "rubato", "earshot", "rten", "rten-gemm"]
    {
        let holds = |tree: &str| tree.lines().any(|line| line.split(' ').next() == Some(speech));
        assert!(!holds(&alone), "{speech} is in the API alone");
        assert!(holds(&whole), "{speech} is called something else by now");
    }
}

#[test]
fn a_library_is_named_in_one_place() {
    let places = [
        ("whisper_rs", vec!["worker/src/transcriber/whisper_cpp"]),
        ("rten::", vec!["worker/src/speakers/neural.rs", "worker/src/audio/silero.rs"]),
        ("rten_", vec!["worker/whisper/"]),
        ("rayon", vec!["worker/whisper/"]),
        ("symphonia", vec!["worker/src/audio/"]),
        ("rubato", vec!["worker/src/audio/"]),
        (
            "apalis",
            vec![
                "shared/relay/src/queue",
                "worker/src/run/runner.rs",
                "worker/src/run/waiting.rs",
                "bench/src/plain.rs",
            ],
        ),
        ("axum", vec!["api/", "tests/fake-llm/", "bench/src/plain.rs"]),
    ];
    let files: Vec<_> =
        ["shared", "api", "worker", "cli", "bench"].into_iter().flat_map(rust_files).collect();
    for (library, allowed) in places {
        for (path, text) in &files {
            // What stands behind `cfg(test)` may start servers of its own.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code =
                code.lines().filter(|line| !line.trim_start().starts_with("//") && !line.contains('"'));
            let named = code.into_iter().any(|line| line.contains(library));
            let allowed = path.contains("tests") || allowed.iter().any(|place| path.starts_with(place));
            assert!(!named || allowed, "{path} names {library}");
        }
    }
}

#[test]
fn there_is_no_attic() {
    for (path, _) in ["shared", "api", "worker", "cli", "bench", "tests"].into_iter().flat_map(rust_files) {
        for attic in ["utils", "common", "helpers", "misc"] {
            assert!(!path.contains(attic), "{path}");
        }
    }
}

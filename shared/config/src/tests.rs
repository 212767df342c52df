use std::{collections::BTreeSet, io::Write, net::IpAddr, path::Path, time::Duration};

use super::{Config, ConfigError, Device, ENVIRONMENT, MANUAL, Value};

fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    load_with(None, variables, Vec::new())
}

fn load_with(
    file: Option<&Path>,
    variables: &[(&str, &str)],
    flags: Vec<(&'static str, Value)>,
) -> Result<Config, ConfigError> {
    let env =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned());
    Config::load(file, env, flags)
}

#[test]
fn the_defaults_are_whole_and_local() {
    let config = load(&[]).unwrap();
    assert!(config.server.host.is_loopback());
    assert_eq!((config.server.port, config.database_url().as_str()), (8000, "sqlite:data/seogi.db"));
    assert_eq!((config.speech.device, config.speech.language()), (Device::Auto, None));
}

#[test]
fn the_job_of_a_dead_worker_is_found_within_ten_seconds() {
    let worker = load(&[]).unwrap().worker;
    assert!(worker.lease() + worker.sweep() <= Duration::from_secs(10));
}

#[test]
fn flags_win_over_variables_and_those_over_the_file() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(file, "[server]\nport = 1\n[worker]\nconcurrency = 2\n[speech]\nmodel = 'tiny'").unwrap();
    let variables = [("PORT", "2"), ("STT_MODEL_SIZE", "small"), ("MAX_FILE_SIZE", "1048576"), ("HOST", "")];
    let config = load_with(Some(file.path()), &variables, vec![("server.port", Value::from(3))]).unwrap();
    assert_eq!(
        (config.server.port, config.worker.concurrency, config.speech.model.as_str()),
        (3, 2, "small")
    );
    assert_eq!(config.limits.max_file_size.as_u64(), 1 << 20);
    let ours = load(&[("SEOGI_MODEL", "base"), ("STT_MODEL_SIZE", "small"), ("SEOGI_DATA", "123")]).unwrap();
    assert_eq!((ours.speech.model.as_str(), ours.database_url().as_str()), ("base", "sqlite:123/seogi.db"));
}

#[test]
fn the_databases_parts_make_its_url_and_the_password_is_not_shown() {
    let parts = [
        ("DB_HOST", "db"),
        ("DB_PORT", "3307"),
        ("DB_USER", "ann"),
        ("DB_PASSWORD", "p@ss/word"),
        ("DB_NAME", "n"),
    ];
    let config = load(&parts).unwrap();
    assert_eq!(config.database_url(), "mariadb://ann:p%40ss%2Fword@db:3307/n");
    assert!(!format!("{config:?}").contains("p%40ss"), "{config:?}");
    let whole = [("DB_HOST", "db"), ("DB_TYPE", "postgres"), ("DATABASE_URL", "sqlite:x.db")];
    assert_eq!(load(&whole).unwrap().database_url(), "sqlite:x.db");
    assert_eq!(load(&whole[..2]).unwrap().database_url(), "postgres://db/seogi");
    let redis = load(&[("REDIS_HOST", "queue"), ("REDIS_PASSWORD", "geheim")]).unwrap();
    assert_eq!(redis.redis.url, "redis://:geheim@queue/0");
    assert!(!format!("{redis:?}").contains("geheim"));
}

#[test]
fn what_is_wrong_is_said_with_its_key_and_variable() {
    let said = |variables: &[(&str, &str)]| load(variables).unwrap_err().to_string();
    assert!(
        said(&[("PORT", "eighty")]).contains("in server.port (variable PORT)"),
        "{}",
        said(&[("PORT", "eighty")])
    );
    assert!(said(&[("STT_DEVICE_TYPE", "tpu")]).contains("speech.device"));
    assert!(said(&[("SEOGI_SPEECH_ENGINE", "openvino")]).contains("speech.engine"));
    let contradiction = said(&[("SEOGI_SPEECH_ENGINE", "batched"), ("STT_DEVICE_TYPE", "cuda")]);
    assert!(contradiction.contains("speech.device asks for a GPU"), "{contradiction}");
    assert!(said(&[("STT_LANGUAGE", "English")]).contains("ISO 639-1"));
    assert!(said(&[("SEOGI_LEASE_SECONDS", "1")]).contains("lease_seconds"));
    assert!(said(&[("SEOGI_WORKER_CONCURRENCY", "0")]).contains("concurrency"));
    assert!(said(&[("MAX_FILE_SIZE", "0")]).contains("max_file_size"));
    assert!(said(&[("SEOGI_SMALL_BODY_TIMEOUT", "0")]).contains("small_body_timeout"));
    assert!(said(&[("REDIS_HOST", "redis"), ("REDIS_PORT", "x")]).contains("REDIS_PORT"));
    for variable in ["SEOGI_CHAT_MAX_LETTERS", "SEOGI_CHAT_KEPT", "SEOGI_CHAT_CONCURRENCY"] {
        assert!(said(&[(variable, "0")]).contains("chat."), "{variable}");
    }
    let missing = load_with(Some(Path::new("/no/such/file")), &[], Vec::new()).unwrap_err().to_string();
    assert!(missing.contains("/no/such/file"), "{missing}");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(file, "[server]\nprot = 1").unwrap();
    let unknown = load_with(Some(file.path()), &[], Vec::new()).unwrap_err().to_string();
    assert!(unknown.contains("prot"), "{unknown}");
}

#[test]
fn the_manual_names_every_variable_and_every_variable_sets_a_key_of_it() {
    let manual: figment::value::Map<String, Value> =
        figment::Figment::from(<figment::providers::Toml as figment::providers::Format>::string(MANUAL))
            .extract()
            .unwrap();
    let keys: BTreeSet<String> = leaves("", &Value::from(figment::value::Dict::from_iter(manual))).collect();
    for (name, key) in ENVIRONMENT {
        assert!(keys.contains(*key), "{name} sets {key}, which the manual does not have");
        assert!(MANUAL.contains(name), "the manual does not name {name}");
    }
    let set: BTreeSet<String> = ENVIRONMENT.iter().map(|(_, key)| (*key).to_owned()).collect();
    assert_eq!(keys.difference(&set).collect::<Vec<_>>(), Vec::<&String>::new(), "keys without a variable");
}

#[test]
fn each_client_may_have_a_file_beside_its_connection() {
    assert_eq!(load(&[]).unwrap().server.connections(1024), 512);
    assert_eq!(load(&[("SEOGI_MAX_CONNECTIONS", "7")]).unwrap().server.connections(1024), 7);
}

#[test]
fn the_earlier_name_of_a_variable_still_counts() {
    let seconds = |variables| load(variables).unwrap().storage.tidy_seconds;
    assert_eq!(seconds(&[("SEOGI_TIDY_SECONDS", "7")]), 7);
    assert_eq!(seconds(&[("SEOGI_GC_SECONDS", "9"), ("SEOGI_TIDY_SECONDS", "7")]), 9);
}

#[test]
fn only_loopback_addresses_are_listened_on_without_a_word() {
    let checked = |variables: &[(&str, &str)]| {
        let config = load(variables).unwrap();
        config.server.check_exposure(&config.auth)
    };
    for host in ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"] {
        assert!(checked(&[("HOST", host)]).is_ok(), "{host}");
    }
    for host in ["0.0.0.0", "::", "192.168.1.5", "::ffff:10.0.0.1"] {
        let error = checked(&[("HOST", host)]).unwrap_err().to_string();
        assert!(error.contains(host) && error.contains("SEOGI_AUTH_OPEN=true"), "{error}");
        assert!(checked(&[("HOST", host), ("SEOGI_AUTH_OPEN", "true")]).is_ok(), "{host}");
    }
}

#[test]
fn names_origins_and_proxies_are_lists() {
    let lists = [
        ("SEOGI_HOSTS", "Seogi.example.org, api,"),
        ("SEOGI_ORIGINS", "https://Notes.example.org:443,http://localhost:3000"),
        ("SEOGI_TRUSTED_PROXIES", "172.18.0.0/16, 2001:db8::1"),
    ];
    let server = load(&lists).unwrap().server;
    assert_eq!(
        server.hosts.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
        ["seogi.example.org", "api"]
    );
    let origins: Vec<&str> = server.origins.iter().map(|origin| origin.as_str()).collect();
    assert_eq!(origins, ["https://notes.example.org", "http://localhost:3000"]);
    let trusted = |address: &str| server.is_trusted_proxy(address.parse::<IpAddr>().unwrap());
    assert!(trusted("172.18.3.4") && trusted("::ffff:172.18.3.4") && trusted("2001:db8::1"));
    assert!(!trusted("172.19.0.1") && !trusted("2001:db8::2") && !trusted("127.0.0.1"));
    for (variable, texts) in [
        ("SEOGI_HOSTS", &["http://a", "a:80", "10.0.0.1", "a b", "*"][..]),
        ("SEOGI_ORIGINS", &["notes.example.org", "https://a/b", "ftp://a", "null", "*", "https://u@a"]),
        ("SEOGI_TRUSTED_PROXIES", &["proxy", "10.0.0.0/33", "10.0.0"]),
    ] {
        for text in texts {
            let error = load(&[(variable, *text)]).unwrap_err().to_string();
            assert!(error.contains(variable) && error.contains(text), "{error}");
        }
    }
}

fn leaves<'a>(prefix: &'a str, value: &'a Value) -> Box<dyn Iterator<Item = String> + 'a> {
    match value.as_dict() {
        None => Box::new(std::iter::once(prefix.to_owned())),
        Some(dict) => Box::new(dict.iter().flat_map(move |(key, below)| {
            let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            leaves(&path, below).collect::<Vec<_>>()
        })),
    }
}

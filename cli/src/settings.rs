//! The configuration as this call of the program sees it: file, `.env`, environment, flags.

use std::{
    collections::HashMap,
    ffi::OsString,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use config::{Config, ConfigError, ServerConfig, Value};
use url::Url;

use crate::args::{Cli, Command};

/// The variables of the process, and behind them those of the file `.env` in the current folder.
pub struct Environment {
    variables: HashMap<String, String>,
}

impl Environment {
    /// Reads them; a variable that is set in the process wins, also when it is empty. The process's own stay as they are.
    pub fn read() -> Result<Self, ConfigError> {
        let mut variables: HashMap<_, _> = match dotenvy::from_path_iter(".env") {
            Ok(lines) => lines.collect::<Result<_, _>>().map_err(|error| unreadable(&error))?,
            Err(error) if error.not_found() => HashMap::new(),
            Err(error) => return Err(unreadable(&error)),
        };
        let text = |text: OsString| text.to_string_lossy().into_owned();
        variables.extend(std::env::vars_os().map(|(name, value)| (text(name), text(value))));
        Ok(Self { variables })
    }

    /// The variable's value.
    pub fn get(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

fn unreadable(error: &dotenvy::Error) -> ConfigError {
    ConfigError::new(format!(
        "the file .env in this folder cannot be read: {error}; write one NAME=value a line"
    ))
}

/// The configuration that holds for this call.
pub fn load(cli: &Cli, environment: &Environment) -> Result<Config, ConfigError> {
    let named = environment.get("SEOGI_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
    let file = cli.globals.config.clone().or(named);
    // Commands that people look at say on their own what happens; the log would only repeat it.
    let quiet = (!cli.command.is_service()).then(|| "warn".to_owned());
    let variable = |name: &str| match name {
        "LOG_LEVEL" => environment.get(name).or_else(|| quiet.clone()),
        _ => environment.get(name),
    };
    Config::load(file.as_deref(), variable, flags(cli))
}

/// Where a server with this configuration is reached from the same machine.
///
/// # Errors
/// Never, as far as is known.
pub fn own_address(server: &ServerConfig) -> Result<Url, url::ParseError> {
    let host = if server.host.is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { server.host };
    Url::parse(&format!("http://{}", SocketAddr::new(host, server.port)))
}

fn flags(cli: &Cli) -> Vec<(&'static str, Value)> {
    let globals = &cli.globals;
    let path = |path: &PathBuf| Value::from(path.to_string_lossy().into_owned());
    let mut flags = vec![
        ("storage.data", globals.data.as_ref().map(path)),
        ("speech.models", globals.models.as_ref().map(path)),
        ("log.level", globals.log.clone().map(Value::from)),
    ];
    match &cli.command {
        // What is transcribed now gets this model; older recordings that wait in the data folder keep theirs.
        Command::Transcribe(transcribe) if transcribe.asks_for_model_by_name(globals.model.as_deref()) => {}
        _ => flags.push(("speech.model", globals.model.clone().map(Value::from))),
    }
    if let Some(listen) = cli.command.listen() {
        flags.push(("server.host", listen.host.map(|host| Value::from(host.to_string()))));
        flags.push(("server.port", listen.port.map(Value::from)));
    }
    flags.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn loaded(arguments: &[&str], variables: &[(&str, &str)]) -> Config {
        let variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        load(&Cli::try_parse_from(arguments).unwrap(), &Environment { variables }).unwrap()
    }

    #[test]
    fn flags_win_over_variables() {
        let variables = [("PORT", "9000"), ("STT_MODEL_SIZE", "small"), ("STT_BEAM_SIZE", "5")];
        let config = loaded(&["seogi", "api", "--port", "0", "--model", "tiny"], &variables);
        assert_eq!(
            (config.server.port, config.speech.model.as_str(), config.speech.beam_size),
            (0, "tiny", 5)
        );
    }

    #[test]
    fn only_services_log_what_goes_well() {
        assert_eq!(loaded(&["seogi", "api"], &[]).log.level, "info");
        assert_eq!(loaded(&["seogi", "jobs"], &[]).log.level, "warn");
        assert_eq!(loaded(&["seogi", "jobs"], &[("LOG_LEVEL", "debug")]).log.level, "debug");
        assert_eq!(
            loaded(&["seogi", "jobs", "--log", "trace"], &[("LOG_LEVEL", "debug")]).log.level,
            "trace"
        );
    }

    #[test]
    fn a_model_for_one_transcription_leaves_the_default_alone() {
        assert_eq!(
            loaded(&["seogi", "transcribe", "a.wav", "--model", "tiny"], &[]).speech.model,
            "base-q5_1"
        );
        assert_eq!(
            loaded(&["seogi", "transcribe", "a.wav", "--model", "./my.bin"], &[]).speech.model,
            "./my.bin"
        );
    }
}

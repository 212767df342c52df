//! The log, on standard error.

use std::io::{self, IsTerminal, Write};

use config::{ConfigError, LogConfig, LogFormat};
use indicatif::MultiProgress;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::screen::Screen;

/// Libraries that tell at length what goes well; a filter that names them is followed.
const QUIETED_CRATES: &str = "whisper_rs=off,apalis_core=warn";

/// Starts the log, and logs panics from now on.
///
/// # Errors
/// When the level is no level and no filter.
pub fn start(config: &LogConfig, screen: &Screen) -> Result<(), ConfigError> {
    let filter =
        EnvFilter::builder().parse(format!("{QUIETED_CRATES},{}", config.level)).map_err(|error| {
            ConfigError::new(format!(
                "log.level '{}' is no level and no filter ({error}); write `info`",
                config.level
            ))
        })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(AboveBars(screen.bars().clone()));
    let terminal = io::stderr().is_terminal();
    let pretty = match config.format {
        LogFormat::Auto => terminal,
        LogFormat::Pretty => true,
        LogFormat::Json => false,
    };
    let registry = tracing_subscriber::registry().with(filter);
    if pretty {
        registry.with(lines.with_ansi(terminal && std::env::var_os("NO_COLOR").is_none())).init();
    } else {
        registry.with(lines.json().with_span_list(false)).init();
    }
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!(%panic, "a fault of the program; please report it with this line");
    }));
    Ok(())
}

/// Standard error, with progress bars out of the way while a line is written.
#[derive(Clone)]
struct AboveBars(MultiProgress);

impl Write for AboveBars {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| io::stderr().write(line))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

impl<'a> MakeWriter<'a> for AboveBars {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

//! `seogi config`: the manual of the configuration.

use config::MANUAL;

use crate::screen::Screen;

/// Prints the default configuration with its comments.
pub fn run(screen: &Screen) -> anyhow::Result<()> {
    Ok(screen.print_text(MANUAL)?)
}

//! What people and scripts see: results on standard output, notices and progress on standard error.

use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
    time::Duration,
};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde::Serialize;

/// Where results, notices and progress go.
#[derive(Clone)]
pub struct Screen {
    bars: MultiProgress,
    json: bool,
    quiet: bool,
}

impl Screen {
    /// The screen of this call: JSON for scripts or text for people, with notices and progress unless `quiet`.
    pub fn new(json: bool, quiet: bool) -> Self {
        Self { bars: MultiProgress::new(), json, quiet }
    }

    /// Whether results are printed as JSON.
    pub const fn is_json(&self) -> bool {
        self.json
    }

    /// Whether progress is drawn as a bar; otherwise it is told in lines.
    pub fn draws_bars(&self) -> bool {
        !self.json && !self.quiet && io::stderr().is_terminal()
    }

    /// The bars, so that others who write know to let them out of the way.
    pub const fn bars(&self) -> &MultiProgress {
        &self.bars
    }

    /// A line of the result, above the bars.
    pub fn print(&self, line: impl Display) -> io::Result<()> {
        self.bars.suspend(|| writeln!(io::stdout().lock(), "{line}"))
    }

    /// A result for scripts: one JSON object on a line.
    pub fn print_json(&self, value: &impl Serialize) -> anyhow::Result<()> {
        Ok(self.print(serde_json::to_string(value)?)?)
    }

    /// Text as it is, without a line end of ours.
    pub fn print_text(&self, text: &str) -> io::Result<()> {
        self.bars.suspend(|| io::stdout().lock().write_all(text.as_bytes()))
    }

    /// Something to know that is no result.
    pub fn notice(&self, line: impl Display) {
        if !self.quiet {
            // A notice that nobody can read is no reason to stop.
            let _ = self.bars.suspend(|| writeln!(io::stderr().lock(), "{line}"));
        }
    }

    /// A bar that counts bytes.
    pub fn byte_bar(&self, label: String, bytes: u64) -> ProgressBar {
        self.bar(label, bytes, "{prefix}  {bar:25} {bytes} of {total_bytes}  {eta}")
    }

    /// A bar in per mille whose message says what is done and how long it takes.
    pub fn stage_bar(&self, label: String) -> ProgressBar {
        self.bar(label, 1000, "{prefix}  {spinner} {bar:20} {percent:>3} %  {wide_msg}")
    }

    fn bar(&self, label: String, length: u64, template: &str) -> ProgressBar {
        if !self.draws_bars() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(length).with_style(style).with_prefix(label);
        let bar = self.bars.add(bar);
        bar.enable_steady_tick(Duration::from_millis(150));
        bar
    }
}

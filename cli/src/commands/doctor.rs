//! `seogi doctor`: whether everything that Seogi needs is there, and what to do about what is not.

#[cfg(feature = "worker")]
pub mod bench;
mod disk;
mod services;
#[cfg(feature = "worker")]
mod speech;

use clap::Args;
use config::Config;
use futures::future::{BoxFuture, join_all};
use serde::Serialize;

use crate::Program;

/// What to look at.
#[derive(Args)]
pub struct Doctor {
    #[cfg(feature = "worker")]
    #[command(flatten)]
    bench: bench::Bench,
}

impl Doctor {
    /// Does it.
    pub async fn run(self, program: Program) -> anyhow::Result<()> {
        #[cfg(feature = "worker")]
        if self.bench.bench {
            return self.bench.run(program).await;
        }
        check(program).await
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    /// Nothing to do.
    Ok,
    /// It works, but not with everything or not for long.
    Warning,
    /// It does not work.
    Problem,
}

/// What a check found out: one sentence, which says what to do where there is something to do.
#[derive(Debug, Serialize)]
struct Finding {
    level: Level,
    detail: String,
}

impl Finding {
    fn ok(detail: impl Into<String>) -> Self {
        Self { level: Level::Ok, detail: detail.into() }
    }

    fn warning(detail: impl Into<String>) -> Self {
        Self { level: Level::Warning, detail: detail.into() }
    }

    fn problem(detail: impl Into<String>) -> Self {
        Self { level: Level::Problem, detail: detail.into() }
    }
}

/// A check and its name.
type Check<'a> = (&'static str, BoxFuture<'a, Finding>);

/// A finding by the name of its check, for scripts.
#[derive(Serialize)]
struct Line<'a> {
    check: &'static str,
    #[serde(flatten)]
    finding: &'a Finding,
}

/// What no process works without.
fn needed(config: &Config) -> [Check<'_>; 3] {
    [
        ("database", Box::pin(services::database(config))),
        ("queue", Box::pin(services::queue(config))),
        ("storage", Box::pin(services::storage(config))),
    ]
}

/// What is wrong with that without which no process works, each by its name; empty if all is well.
pub async fn troubles(config: &Config) -> Vec<String> {
    let (names, checks): (Vec<_>, Vec<_>) = needed(config).into_iter().unzip();
    let found = names.into_iter().zip(join_all(checks).await);
    let broken = found.filter(|(_, finding)| finding.level == Level::Problem);
    broken.map(|(check, finding)| format!("{check}: {}", finding.detail)).collect()
}

/// Checks everything, and fails if there is a problem.
async fn check(program: Program) -> anyhow::Result<()> {
    let config = &program.config;
    let own: [Check<'_>; 5] = [
        ("disk", Box::pin(disk::disk(config))),
        ("privacy", Box::pin(async { disk::privacy(config) })),
        ("spool", Box::pin(disk::spool(config))),
        ("minutes", Box::pin(services::minutes(config))),
        ("templates", Box::pin(services::templates(config))),
    ];
    let checks = needed(config).into_iter().chain(own);
    #[cfg(feature = "worker")]
    let checks = checks.chain(speech::checks(config));
    let (names, checks): (Vec<_>, Vec<_>) = checks.unzip();
    let found = async { Ok(join_all(checks).await) };
    let found = program.stop.or_interrupted("", found).await?;
    for (check, finding) in names.into_iter().zip(&found) {
        print(&program, check, finding)?;
    }
    match found.iter().filter(|finding| finding.level == Level::Problem).count() {
        0 => Ok(()),
        1 => anyhow::bail!("there is a problem; the line above says what to do"),
        problems => anyhow::bail!("there are {problems} problems; the lines above say what to do"),
    }
}

fn print(program: &Program, check: &'static str, finding: &Finding) -> anyhow::Result<()> {
    if program.screen.is_json() {
        return program.screen.print_json(&Line { check, finding });
    }
    let mark = match finding.level {
        Level::Ok => "ok",
        Level::Warning => "warning",
        Level::Problem => "PROBLEM",
    };
    Ok(program.screen.print(format!("{mark:<8} {check:<10} {}", finding.detail))?)
}

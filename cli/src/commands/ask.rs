//! `seogi ask`: a question about a meeting, and the answer with what was said.

use clap::Args;
use serde_json::Value;
use shared::{chat::ChatMessage, job::JobId};
use text::printable;
use url::Url;

use crate::{
    Program,
    client::{Client, JobView},
    parse::{job_id, server_url},
    screen::Screen,
    show,
};

/// What to ask.
#[derive(Args)]
pub struct Ask {
    /// The job's id
    #[arg(value_parser = job_id)]
    job: JobId,
    /// The question, in any language
    question: String,
    /// Address of the server (SEOGI_SERVER)
    #[arg(long, value_name = "URL", value_parser = server_url)]
    server: Option<Url>,
}

impl Ask {
    /// Asks, and prints the answer with the segments that it rests on.
    pub async fn run(self, program: Program) -> anyhow::Result<()> {
        let client = program.client(self.server)?;
        let asking = ask(&client, &program.screen, self.job, &self.question);
        program.stop.or_interrupted("", asking).await
    }
}

async fn ask(client: &Client, screen: &Screen, job: JobId, question: &str) -> anyhow::Result<()> {
    if screen.is_json() {
        return screen.print_json(&client.ask::<Value>(job, question).await?);
    }
    let answer: ChatMessage = client.ask(job, question).await?;
    answer.text.lines().try_for_each(|line| screen.print(printable(line)))?;
    if answer.segments.is_empty() {
        screen.notice("The answer names nothing that was said, so check it.");
        return Ok(());
    }
    screen.print("")?;
    let JobView { segments, .. } = client.job(job).await?;
    let cited = segments.iter().filter(|segment| answer.segments.contains(&segment.number));
    cited
        .map(|segment| format!("[{}] {}", segment.number, show::segment(segment)))
        .try_for_each(|line| screen.print(line))?;
    Ok(())
}

//! `seogi watch`: follows a job that was uploaded before.

use clap::Args;
use minutes::render::{self, Form};
use shared::job::JobId;
use url::Url;

use crate::{
    Program,
    client::{Ending, JobView},
    exit,
    parse::{job_id, server_url},
    show,
};

/// Which job to follow.
#[derive(Args)]
pub struct Watch {
    /// The job's id
    #[arg(value_parser = job_id)]
    job: JobId,
    /// Address of the server (SEOGI_SERVER)
    #[arg(long, value_name = "URL", value_parser = server_url)]
    server: Option<Url>,
}

impl Watch {
    /// Follows the job from its beginning to its end.
    pub async fn run(self, program: Program) -> anyhow::Result<()> {
        let client = program.client(self.server)?;
        let following = async {
            let job: JobView = client.job(self.job).await?;
            show::follow(&client, self.job, &program.screen, &job.title, true).await
        };
        let outcome = program.stop.or_interrupted("; the job goes on", following).await?;
        match outcome.ending {
            Ending::Broken { failure, .. } => Err(exit::Ending::Job(failure.message).into()),
            Ending::Completed(_) if program.screen.is_json() => Ok(()),
            Ending::Completed(written) => {
                Ok(program.screen.print_text(&render::text(&written, &outcome.recording, Form::Text))?)
            }
        }
    }
}

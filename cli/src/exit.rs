//! How the program ends: one code for each kind of ending, and one sentence for each error.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use config::ConfigError;

use crate::client::ClientError;

/// The codes, for `--help`.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    failed; the sentence on standard error says why and what to do
  2    the command line or the configuration is wrong
  3    a job failed or was cancelled
  4    no server answers
  130  interrupted (Ctrl-C or SIGTERM)";

/// Endings that are no faults of the program, each with a code of its own.
#[derive(Debug, thiserror::Error)]
pub enum Ending {
    /// A combination of arguments makes no sense.
    #[error("{0}")]
    Usage(String),
    /// A job did not end as it should.
    #[error("{0}")]
    Job(String),
    /// A person or the system stopped the program.
    #[error("interrupted{0}")]
    Interrupted(String),
}

/// Prints the error, if there is one, and gives the code.
pub fn report(ended: anyhow::Result<()>) -> ExitCode {
    let Err(error) = ended else { return ExitCode::SUCCESS };
    if is_closed_pipe(&error) {
        return ExitCode::SUCCESS;
    }
    // Nothing can be done about a standard error that takes no words.
    let _ = writeln!(io::stderr(), "seogi: {error}");
    ExitCode::from(code(&error))
}

fn code(error: &anyhow::Error) -> u8 {
    match error.downcast_ref() {
        Some(Ending::Usage(_)) => return 2,
        Some(Ending::Job(_)) => return 3,
        Some(Ending::Interrupted(_)) => return 130,
        None => {}
    }
    match error.downcast_ref() {
        Some(ClientError::Unreachable { .. }) => 4,
        _ if error.is::<ConfigError>() => 2,
        _ => 1,
    }
}

/// Whether the reader of our output has left, as in `seogi jobs | head`: it has what it wanted.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_ending_has_its_code() {
        let unreachable = ClientError::Unreachable { url: "http://x/".into(), reason: "refused".into() };
        let codes = [
            code(&anyhow::anyhow!("something else")),
            code(&ConfigError::new("wrong").into()),
            code(&Ending::Usage("wrong".into()).into()),
            code(&Ending::Job("failed".into()).into()),
            code(&unreachable.into()),
            code(&Ending::Interrupted(String::new()).into()),
        ];
        assert_eq!(codes, [1, 2, 2, 3, 4, 130]);
    }
}

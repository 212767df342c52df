//! What can go wrong between us and a language model.

/// Why there are no minutes. Each message says what to do.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LlmError {
    /// The configuration cannot work.
    #[error("{0}")]
    Config(String),
    /// Nobody listens there, or the connection broke.
    #[error("{provider} at {url} cannot be reached ({reason}); start it, or correct its address")]
    Unreachable {
        /// Whom we asked.
        provider: &'static str,
        /// Address, without user name and password.
        url: String,
        /// What the network said.
        reason: String,
    },
    /// The key is missing or wrong.
    #[error("{provider} refused the key ({reason}); set the right one")]
    KeyRefused {
        /// Whom we asked.
        provider: &'static str,
        /// What the server said.
        reason: String,
    },
    /// The server does not have the model.
    #[error("{provider} has no model '{model}' ({reason}); {advice}")]
    ModelMissing {
        /// Whom we asked.
        provider: &'static str,
        /// The model's name, as configured.
        model: String,
        /// What the server said.
        reason: String,
        /// How to get it.
        advice: String,
    },
    /// Question and answer do not fit together into what the model can hold.
    #[error(
        "the context of {provider}'s model is too small ({reason}); load the model with a larger one, or take another model"
    )]
    ContextTooSmall {
        /// Whom we asked.
        provider: &'static str,
        /// By what it was found out.
        reason: String,
    },
    /// No whole answer in time.
    #[error("{provider} gave no whole answer in {seconds} s; raise its timeout, or take a faster model")]
    Timeout {
        /// Whom we asked.
        provider: &'static str,
        /// How long we waited, in seconds.
        seconds: u64,
    },
    /// The server has too much to do.
    #[error("{provider} has too many requests at the moment ({reason}); try again later")]
    Overloaded {
        /// Whom we asked.
        provider: &'static str,
        /// What the server said.
        reason: String,
        /// Seconds that it asked us to wait.
        retry_after: Option<u64>,
    },
    /// The server failed.
    #[error("{provider} failed ({reason}); look into its log, then try again")]
    ServerFailed {
        /// Whom we asked.
        provider: &'static str,
        /// Status and what the server said.
        reason: String,
    },
    /// The server does not take the request.
    #[error("{provider} did not accept the request ({reason}); check its address and version")]
    Rejected {
        /// Whom we asked.
        provider: &'static str,
        /// Status and what the server said.
        reason: String,
    },
    /// An answer came, and it is no use.
    #[error("the answer of {provider}'s model is no use: it {problem}; try again, or take another model")]
    BadAnswer {
        /// Whom we asked.
        provider: &'static str,
        /// What is wrong with it, as the end of a sentence that begins with "it".
        problem: String,
    },
    /// The model reached the limit of what it may write.
    #[error(
        "the answer of {provider}'s model was cut off at {tokens} tokens; load the model with a larger context, or take another model"
    )]
    CutOff {
        /// Whom we asked.
        provider: &'static str,
        /// The limit in tokens.
        tokens: u64,
    },
    /// There is nothing to write minutes of.
    #[error("nothing was said in the recording, so there is nothing to sum up")]
    NothingSaid,
}

impl LlmError {
    /// Stable code in snake case.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Config(_) => "llm_config",
            Self::Unreachable { .. } => "llm_unreachable",
            Self::KeyRefused { .. } => "llm_key_refused",
            Self::ModelMissing { .. } => "llm_model_missing",
            Self::ContextTooSmall { .. } => "llm_context_too_small",
            Self::Timeout { .. } => "llm_timeout",
            Self::Overloaded { .. } => "llm_overloaded",
            Self::ServerFailed { .. } => "llm_server_failed",
            Self::Rejected { .. } => "llm_rejected",
            Self::BadAnswer { .. } => "llm_bad_answer",
            Self::CutOff { .. } => "llm_cut_off",
            Self::NothingSaid => "llm_nothing_said",
        }
    }

    /// Whether the same request may work at another time, with nobody changing anything.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::Overloaded { .. }
            | Self::ServerFailed { .. }
            | Self::BadAnswer { .. } => true,
            Self::Config(_)
            | Self::KeyRefused { .. }
            | Self::ModelMissing { .. }
            | Self::ContextTooSmall { .. }
            | Self::Rejected { .. }
            | Self::CutOff { .. }
            | Self::NothingSaid => false,
        }
    }

    /// Whether the fault lies in what the model wrote, so that another question may fare better.
    pub const fn is_about_answer(&self) -> bool {
        matches!(self, Self::BadAnswer { .. } | Self::CutOff { .. })
    }
}

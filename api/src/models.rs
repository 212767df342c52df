//! The seam to the models for speech and speakers: the API shows and asks, whoever has the models does it.

use serde::Serialize;
use utoipa::ToSchema;

/// A model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ModelState {
    /// The name that asks for it.
    pub name: String,
    /// What it does: `speech` recognises what is said, `speakers` tells voices apart.
    #[schema(example = "speech")]
    pub kind: &'static str,
    /// Size of its file in bytes, where that is known.
    #[schema(required)]
    pub bytes: Option<u64>,
    /// SHA-256 of a published one, which its file is checked by.
    #[schema(required)]
    pub sha256: Option<String>,
    /// Whether it can be used without being fetched.
    pub installed: bool,
    /// Whether it comes with the program, where nothing here deletes it.
    pub bundled: bool,
    /// Whether it is the default one or in memory.
    pub in_use: bool,
    /// Whether it is a file of the server's owner, which nothing here deletes.
    pub own: bool,
    /// How far its fetching is, while it is being fetched.
    #[schema(required)]
    pub fetching: Option<Fetching>,
    /// Why it could not be fetched the last time.
    #[schema(required)]
    pub problem: Option<String>,
}

/// How far the fetching of a model is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fetching {
    /// Bytes that are there.
    pub done: u64,
    /// Bytes in all.
    pub of: u64,
}

/// Why something was not done with a model; the text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ModelManagerError {
    /// There is no model of that name, or it is not here.
    #[error("{0}")]
    NotFound(String),
    /// It is needed.
    #[error("{0}")]
    InUse(String),
    /// Disk or network failed.
    #[error("{0}")]
    Failed(String),
}

/// Where the speech models lie. Its functions may block while they read the disk.
///
/// ```
/// use api::{ModelManager, ModelManagerError, ModelState};
///
/// /// A folder that nothing is fetched into.
/// struct ReadOnly(Vec<ModelState>);
///
/// impl ModelManager for ReadOnly {
///     fn list(&self) -> Result<Vec<ModelState>, ModelManagerError> {
///         Ok(self.0.clone())
///     }
///
///     fn fetch(&self, name: &str) -> Result<(), ModelManagerError> {
///         Err(ModelManagerError::NotFound(format!("there is no model {name}; copy it into the folder")))
///     }
///
///     fn remove(&self, name: &str) -> Result<u64, ModelManagerError> {
///         Err(ModelManagerError::InUse(format!("the model {name} is not ours to delete")))
///     }
/// }
///
/// let manager = ReadOnly(Vec::new());
/// assert!(manager.list().is_ok_and(|models| models.is_empty()));
/// assert!(matches!(manager.fetch("base"), Err(ModelManagerError::NotFound(_))));
/// ```
pub trait ModelManager: Send + Sync {
    /// All models: those that can be fetched, and those that are there.
    ///
    /// # Errors
    /// When they cannot be looked at.
    fn list(&self) -> Result<Vec<ModelState>, ModelManagerError>;

    /// Begins to fetch a model; [`list`](Self::list) tells how far it is.
    ///
    /// # Errors
    /// When there is no such model.
    fn fetch(&self, name: &str) -> Result<(), ModelManagerError>;

    /// Deletes a model, or ends its fetching; answers the bytes that came free.
    ///
    /// # Errors
    /// When it is in use, or not there.
    fn remove(&self, name: &str) -> Result<u64, ModelManagerError>;
}

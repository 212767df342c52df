//! Recordings as they lie on storage.

/// A recording that is whole and on storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBlob {
    /// Where it lies.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 in lower-case hexadecimal digits.
    pub sha256: String,
}

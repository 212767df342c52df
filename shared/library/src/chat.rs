//! Chats about jobs.

use shared::{chat::ChatMessage, job::JobId};

use crate::{Library, StoreError};

impl Library {
    /// The chat about a job, the oldest message first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn chat(&self, job: JobId) -> Result<Vec<ChatMessage>, StoreError> {
        self.store.chat(job).await
    }

    /// Adds a question with its answer, which is returned as it is kept; the newest `keep` messages stay.
    ///
    /// # Errors
    /// When the job is gone, or the database fails.
    pub async fn add_to_chat(
        &self,
        job: JobId,
        question: ChatMessage,
        answer: ChatMessage,
        keep: u64,
    ) -> Result<ChatMessage, StoreError> {
        self.store.add_to_chat(job, question, answer, keep).await
    }

    /// Forgets the chat.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clear_chat(&self, job: JobId) -> Result<(), StoreError> {
        self.store.clear_chat(job).await
    }
}

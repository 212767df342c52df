//! The chat about each job.

use super::{Store, StoreError, pool::Transaction, rows};
use shared::{chat::ChatMessage, job::JobId};

impl Store {
    /// The job's chat, oldest message first; empty if there is none.
    pub async fn chat(&self, job: JobId) -> Result<Vec<ChatMessage>, StoreError> {
        let select = "SELECT number, message, created_at FROM chat_messages WHERE job_id = ? ORDER BY number";
        let rows: Vec<(i64, String, i64)> =
            sqlx::query_as(self.dialect.sql(select)).bind(job.to_string()).fetch_all(&self.readers).await?;
        rows.into_iter().map(message).collect()
    }

    /// Adds a question and its answer to the job's chat, of which only the newest `keep` questions and answers stay.
    /// The answer as stored.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such job (any more).
    pub async fn add_to_chat(
        &self,
        job: JobId,
        question: ChatMessage,
        answer: ChatMessage,
        keep: u64,
    ) -> Result<ChatMessage, StoreError> {
        let mut tx = self.writer.begin().await?;
        let id = job.to_string();
        // The row of the job is locked first, so that two answers do not take one number.
        let lock = "UPDATE jobs SET last_event = last_event WHERE id = ?";
        if self.query(lock).bind(id.clone()).execute(&mut tx).await?.rows_affected() == 0 {
            tx.rollback().await?;
            return Err(StoreError::NotFound(job));
        }
        let select = self.dialect.sql("SELECT COALESCE(MAX(number), 0) FROM chat_messages WHERE job_id = ?");
        let last: i64 = sqlx::query_scalar(select).bind(id.clone()).fetch_one(&mut tx).await?;
        self.insert(&mut tx, &id, last + 1, &question).await?;
        self.insert(&mut tx, &id, last + 2, &answer).await?;
        let oldest = (last + 2).saturating_sub_unsigned(keep.saturating_mul(2));
        let delete = "DELETE FROM chat_messages WHERE job_id = ? AND number <= ?";
        self.query(delete).bind(id.clone()).bind(oldest).execute(&mut tx).await?;
        let select = "SELECT number, message, created_at FROM chat_messages WHERE job_id = ? ORDER BY number DESC LIMIT 1";
        let row = sqlx::query_as(self.dialect.sql(select)).bind(id).fetch_one(&mut tx).await?;
        tx.commit().await?;
        message(row)
    }

    /// Forgets the job's chat.
    pub async fn clear_chat(&self, job: JobId) -> Result<(), StoreError> {
        let delete = "DELETE FROM chat_messages WHERE job_id = ?";
        self.query(delete).bind(job.to_string()).execute(&self.writer).await?;
        Ok(())
    }

    async fn insert(
        &self,
        tx: &mut Transaction,
        job: &str,
        number: i64,
        message: &ChatMessage,
    ) -> Result<(), StoreError> {
        self.query("INSERT INTO chat_messages (job_id, number, message, created_at) VALUES (?, ?, ?, {now})")
            .bind(job.to_owned())
            .bind(number)
            .bind(serde_json::json!(message).to_string())
            .execute(&mut *tx)
            .await?;
        Ok(())
    }
}

fn message((number, text, created_at): (i64, String, i64)) -> Result<ChatMessage, StoreError> {
    let message: ChatMessage = rows::json("message of a chat", &text)?;
    Ok(ChatMessage { number: number.cast_unsigned(), created_at, ..message })
}

//! Conversations with the assistant; what one is about is a [`Topic`].

use shared::{
    chat::ChatMessage,
    job::JobId,
    topic::{ConversationId, Topic},
};

use super::{Store, StoreError, pool::Transaction, rows};

/// The messages of the conversation about a subject.
const MESSAGES: &str = "SELECT number, message, messages.created_at FROM messages \
                        JOIN conversations ON conversations.id = conversation_id WHERE subject = ? ORDER BY number";

impl Store {
    /// The conversation about the job, oldest message first; empty if there is none.
    pub async fn chat(&self, job: JobId) -> Result<Vec<ChatMessage>, StoreError> {
        let rows: Vec<(i64, String, i64)> = sqlx::query_as(self.dialect.sql(MESSAGES))
            .bind(Topic::Job(job).to_string())
            .fetch_all(&self.readers)
            .await?;
        rows.into_iter().map(message).collect()
    }

    /// Adds a question and its answer to the conversation about the job, of which only the newest `keep` questions and
    /// answers stay. The answer as stored.
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
        // The row of the job is locked first, so that two answers do not take one number.
        let lock = "UPDATE jobs SET last_event = last_event WHERE id = ?";
        if self.query(lock).bind(job.to_string()).execute(&mut tx).await?.rows_affected() == 0 {
            tx.rollback().await?;
            return Err(StoreError::NotFound(job));
        }
        let id = self.conversation(&mut tx, job.into()).await?;
        let select = "SELECT COALESCE(MAX(number), 0) FROM messages WHERE conversation_id = ?";
        let last: i64 =
            sqlx::query_scalar(self.dialect.sql(select)).bind(id.clone()).fetch_one(&mut tx).await?;
        self.insert_message(&mut tx, &id, last + 1, &question).await?;
        self.insert_message(&mut tx, &id, last + 2, &answer).await?;
        let oldest = (last + 2).saturating_sub_unsigned(keep.saturating_mul(2));
        let delete = "DELETE FROM messages WHERE conversation_id = ? AND number <= ?";
        self.query(delete).bind(id.clone()).bind(oldest).execute(&mut tx).await?;
        let select =
            "SELECT number, message, created_at FROM messages WHERE conversation_id = ? AND number = ?";
        let row = sqlx::query_as(self.dialect.sql(select)).bind(id).bind(last + 2).fetch_one(&mut tx).await?;
        tx.commit().await?;
        message(row)
    }

    /// Forgets the conversation about the job.
    pub async fn clear_chat(&self, job: JobId) -> Result<(), StoreError> {
        let mut tx = self.writer.begin().await?;
        self.delete_conversations(&mut tx, job.into()).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes every conversation about a subject.
    pub(super) async fn delete_conversations(
        &self,
        tx: &mut Transaction,
        subject: Topic,
    ) -> Result<(), StoreError> {
        let delete = self.query("DELETE FROM conversations WHERE subject = ?").bind(subject.to_string());
        delete.execute(&mut *tx).await?;
        Ok(())
    }

    /// The id of the conversation about a subject whose row is locked; begun if there is none.
    async fn conversation(&self, tx: &mut Transaction, subject: Topic) -> Result<String, StoreError> {
        let select = self.dialect.sql("SELECT id FROM conversations WHERE subject = ? ORDER BY id LIMIT 1");
        let found: Option<String> =
            sqlx::query_scalar(select).bind(subject.to_string()).fetch_optional(&mut *tx).await?;
        if let Some(id) = found {
            return Ok(id);
        }
        let id = ConversationId::new().to_string();
        self.query("INSERT INTO conversations (id, subject, created_at) VALUES (?, ?, {now})")
            .bind(id.clone())
            .bind(subject.to_string())
            .execute(&mut *tx)
            .await?;
        Ok(id)
    }

    async fn insert_message(
        &self,
        tx: &mut Transaction,
        conversation: &str,
        number: i64,
        message: &ChatMessage,
    ) -> Result<(), StoreError> {
        let insert =
            "INSERT INTO messages (conversation_id, number, message, created_at) VALUES (?, ?, ?, {now})";
        self.query(insert)
            .bind(conversation.to_owned())
            .bind(number)
            .bind(serde_json::json!(message).to_string())
            .execute(&mut *tx)
            .await?;
        Ok(())
    }
}

fn message((number, text, created_at): (i64, String, i64)) -> Result<ChatMessage, StoreError> {
    let message: ChatMessage = rows::json("message of a conversation", &text)?;
    Ok(ChatMessage { number: number.cast_unsigned(), created_at, ..message })
}

//! Questions about a job.

use futures::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shared::job::JobId;

use super::{Client, ClientError, events};

impl Client {
    /// Asks a question about a job and waits for the answer as it was checked, as a
    /// [`ChatMessage`](shared::chat::ChatMessage) or as the JSON that came.
    ///
    /// # Errors
    /// When the server cannot be reached, does not know the job, or has no answer.
    pub async fn ask<T: DeserializeOwned>(&self, job: JobId, question: &str) -> Result<T, ClientError> {
        let url = self.url(&["jobs", &job.to_string(), "chat"]);
        let request = self.stream.post(url).json(&json!({ "message": question }));
        let mut events = events::received(self.answer(request).await?);
        while let Some(event) = events.next().await {
            let event = event.map_err(|reason| self.broken(reason))?;
            let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
            match event.event.as_str() {
                "chat_message" => {
                    let message = data.get("message").cloned().unwrap_or_default();
                    return serde_json::from_value(message).map_err(|error| ClientError::Foreign {
                        url: self.base.to_string(),
                        reason: error.to_string(),
                    });
                }
                "error" => {
                    let said = data.get("message").and_then(Value::as_str).unwrap_or_default();
                    return Err(ClientError::Refused { status: 200, sentence: said.to_owned() });
                }
                _ => {}
            }
        }
        Err(self.broken("the server closed the connection".to_owned()))
    }

    fn broken(&self, reason: String) -> ClientError {
        ClientError::Unreachable { url: self.base.to_string(), reason }
    }
}

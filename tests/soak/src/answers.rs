//! What a person was answered who gives a job one title after the other, and whether that is what is stored.

use std::time::Duration;

use rand::{RngExt, rngs::StdRng};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::TIMEOUT;

/// Titles that one job is given.
const TITLES: usize = 4;

/// A person with a job, who remembers every answer.
pub struct Answers {
    random: StdRng,
    addresses: Vec<String>,
    job: String,
    /// The title that was answered last.
    answered: Option<String>,
    /// Titles of which nobody knows whether they came: their requests had no answer, or one that says as much. A request
    /// that was given up may be done later, so they stay possible.
    doubtful: Vec<String>,
    /// Answers that were compared with what is stored.
    pub compared: usize,
    /// Whether one of them was not.
    pub lost: bool,
}

impl Answers {
    /// Somebody who has not asked for anything yet.
    pub fn new(random: StdRng, addresses: Vec<String>, job: String) -> Self {
        let (answered, doubtful) = (None, Vec::new());
        Self { random, addresses, job, answered, doubtful, compared: 0, lost: false }
    }

    /// Gives the job its titles, wherever, and looks each time what is stored.
    pub async fn rename(&mut self) {
        for number in 0..TITLES {
            sleep(Duration::from_millis(self.random.random_range(0..3000))).await;
            let title = format!("Title {number} of {:x}", self.random.random::<u64>());
            match self.ask(Method::PATCH, Some(json!({"title": title}))).await {
                Some((StatusCode::OK, _)) => self.answered = Some(title),
                _ => self.doubtful.push(title),
            }
            self.compare().await;
        }
    }

    /// Looks until there is an answer, and then whether it is true.
    async fn compare(&mut self) {
        let stored = loop {
            if let Some((StatusCode::OK, Some(job))) = self.ask(Method::GET, None).await {
                break job["title"].as_str().unwrap_or_default().to_owned();
            }
            sleep(Duration::from_millis(200)).await;
        };
        let Some(answered) = &self.answered else { return };
        self.compared += 1;
        self.lost |= stored != *answered && !self.doubtful.contains(&stored);
    }

    /// Deletes the job until that is answered, and looks whether it is gone.
    pub async fn delete(&mut self) {
        loop {
            match self.ask(Method::DELETE, None).await {
                // An answer that was lost may have been a yes.
                Some((StatusCode::NO_CONTENT | StatusCode::NOT_FOUND, _)) => break,
                _ => sleep(Duration::from_millis(200)).await,
            }
        }
        let gone = loop {
            match self.ask(Method::GET, None).await {
                Some((StatusCode::NOT_FOUND, _)) => break true,
                Some((StatusCode::OK, _)) => break false,
                _ => sleep(Duration::from_millis(200)).await,
            }
        };
        self.compared += 1;
        self.lost |= !gone;
    }

    async fn ask(&mut self, method: Method, body: Option<Value>) -> Option<(StatusCode, Option<Value>)> {
        let n = self.random.random_range(0..self.addresses.len());
        let address = format!("{}/api/v1/jobs/{}", self.addresses.get(n)?, self.job);
        let request = Client::new().request(method, address).timeout(TIMEOUT);
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await.ok()?;
        Some((answer.status(), answer.json().await.ok()))
    }
}

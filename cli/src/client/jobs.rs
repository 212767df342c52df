//! Jobs as the server tells of them.

use reqwest::Method;
use serde::{Deserialize, de::DeserializeOwned};
use shared::{
    job::{Failure, JobId, JobStatus, Progress, SummaryOptions},
    minutes::Minutes,
    segment::Segment,
};

use super::{Client, ClientError};

/// What is shown of a job.
#[derive(Debug, Deserialize)]
pub struct JobView {
    /// Its name for ever.
    pub job_id: JobId,
    /// How far it has come.
    pub status: JobStatus,
    /// What people call it.
    pub title: String,
    /// Name of the uploaded file.
    pub file_name: String,
    /// Length of the recording in seconds, once known.
    pub duration_seconds: Option<f64>,
    /// Language as an ISO 639-1 code, once known.
    pub language: Option<String>,
    /// Speech model that was used.
    pub speech_model: Option<String>,
    /// Segments saved so far.
    pub segment_count: u64,
    /// Where the work stands.
    pub progress: Progress,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// Milliseconds since 1970 (UTC).
    pub created_at: i64,
    /// The transcript; empty in lists.
    #[serde(default)]
    pub segments: Vec<Segment>,
    /// The minutes, once written; none in lists.
    #[serde(default)]
    pub structured_summary: Option<Minutes>,
}

/// A page of jobs, the newest first.
#[derive(Debug, Deserialize)]
pub struct JobList {
    /// The jobs.
    pub jobs: Vec<JobView>,
    /// Whether there are older ones.
    pub next_cursor: Option<JobId>,
}

/// Which jobs to list.
#[derive(Default)]
pub struct ListFilter<'a> {
    /// Only those with this status.
    pub status: Option<JobStatus>,
    /// Only those in which this text stands.
    pub search: Option<&'a str>,
    /// Jobs at most.
    pub limit: u32,
}

impl Client {
    /// The newest jobs, as a [`JobList`] or as the JSON that came.
    pub async fn jobs<T: DeserializeOwned>(&self, filter: &ListFilter<'_>) -> Result<T, ClientError> {
        let mut url = self.url(&["jobs"]);
        let limit = filter.limit.to_string();
        let pairs = [
            ("status", filter.status.map(JobStatus::as_str)),
            ("search", filter.search),
            ("limit", Some(limit.as_str())),
        ];
        url.query_pairs_mut()
            .extend_pairs(pairs.into_iter().filter_map(|(name, value)| Some((name, value?))));
        self.json(self.http.get(url)).await
    }

    /// The job with its transcript and minutes, as a [`JobView`] or as the JSON that came.
    pub async fn job<T: DeserializeOwned>(&self, id: JobId) -> Result<T, ClientError> {
        self.json(self.http.get(self.url(&["jobs", &id.to_string()]))).await
    }

    /// The transcript in a format that the server knows: `json`, `txt`, `srt` or `vtt`.
    pub async fn transcript(&self, id: JobId, format: &str) -> Result<String, ClientError> {
        let mut url = self.url(&["jobs", &id.to_string(), "transcript"]);
        url.query_pairs_mut().append_pair("format", format);
        let response = self.answer(self.http.get(url).timeout(super::RESPONSE_TIMEOUT)).await?;
        response.text().await.map_err(|error| super::error::unreachable(&self.base, &error))
    }

    /// A version of the minutes, or the one that is shown, in a format that the server knows: `txt`, `md` or `json`.
    pub async fn minutes(
        &self,
        id: JobId,
        format: &str,
        version: Option<u64>,
    ) -> Result<String, ClientError> {
        let mut url = self.url(&["jobs", &id.to_string(), "minutes"]);
        let version = version.map(|version| ("version", version.to_string()));
        url.query_pairs_mut().append_pair("format", format).extend_pairs(version);
        let response = self.answer(self.http.get(url).timeout(super::RESPONSE_TIMEOUT)).await?;
        response.text().await.map_err(|error| super::error::unreachable(&self.base, &error))
    }

    /// Has another version of the minutes written.
    pub async fn summarise(&self, id: JobId, asked: SummaryOptions) -> Result<(), ClientError> {
        let request = self.http.post(self.url(&["jobs", &id.to_string(), "summaries"]));
        self.answer(request.json(&asked).timeout(super::RESPONSE_TIMEOUT)).await.map(drop)
    }

    /// Chooses which version of the minutes is shown.
    pub async fn choose(&self, id: JobId, version: u64) -> Result<(), ClientError> {
        let request = self.http.put(self.url(&["jobs", &id.to_string(), "summaries", "current"]));
        let request =
            request.json(&serde_json::json!({ "version": version })).timeout(super::RESPONSE_TIMEOUT);
        self.answer(request).await.map(drop)
    }

    /// Address of the job's page.
    pub fn page(&self, id: JobId) -> String {
        format!("{}/#/jobs/{id}", self.base.as_str().trim_end_matches('/'))
    }

    /// Cancels a job that is not finished.
    pub async fn cancel(&self, id: JobId) -> Result<(), ClientError> {
        self.change(Method::POST, &["jobs", &id.to_string(), "cancel"]).await
    }

    /// Sets a failed or cancelled job going again.
    pub async fn retry(&self, id: JobId) -> Result<(), ClientError> {
        self.change(Method::POST, &["jobs", &id.to_string(), "retry"]).await
    }

    /// Deletes a job with its recording.
    pub async fn delete(&self, id: JobId) -> Result<(), ClientError> {
        self.change(Method::DELETE, &["jobs", &id.to_string()]).await
    }

    /// Gives a job another title.
    pub async fn rename(&self, id: JobId, title: &str) -> Result<(), ClientError> {
        let request = self.http.patch(self.url(&["jobs", &id.to_string()]));
        let request = request.json(&serde_json::json!({ "title": title })).timeout(super::RESPONSE_TIMEOUT);
        self.answer(request).await.map(drop)
    }

    async fn change(&self, method: Method, path: &[&str]) -> Result<(), ClientError> {
        self.answer(self.http.request(method, self.url(path)).timeout(super::RESPONSE_TIMEOUT))
            .await
            .map(drop)
    }
}

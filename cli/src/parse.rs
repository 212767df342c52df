//! Values on the command line that several commands take.

use shared::job::JobId;

/// The address of a server, `http://` if nothing else is said.
pub fn server_url(text: &str) -> Result<url::Url, String> {
    let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let advice = "give an address such as http://127.0.0.1:8000";
    let url = url::Url::parse(&whole).map_err(|error| format!("{error}; {advice}"))?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(url) } else { Err(advice.to_owned()) }
}

/// The id of a job.
pub fn job_id(text: &str) -> Result<JobId, String> {
    text.parse().map_err(|error| format!("{error}; `seogi jobs` lists jobs with their ids"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_be_named_without_its_scheme() {
        assert_eq!(server_url("localhost:9000").unwrap().as_str(), "http://localhost:9000/");
        assert_eq!(server_url("https://minutes.example/seogi").unwrap().path(), "/seogi");
        assert!(server_url("ftp://example").unwrap_err().contains("http://"));
        assert!(server_url("").unwrap_err().contains("http://"));
    }
}

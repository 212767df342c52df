//! An upload in pieces, from a client whose server is killed in the middle.

use reqwest::{Method, Response};

use crate::harness::{Client, Home, transcript};

impl Client {
    async fn piece(&self, address: &str, at: usize, bytes: &[u8]) -> Result<Response, reqwest::Error> {
        let request = self.http.patch(self.url(address)).header("Tus-Resumable", "1.0.0");
        let request = request.header("Content-Type", "application/offset+octet-stream");
        request.header("Upload-Offset", at).body(bytes.to_vec()).send().await
    }

    async fn look(&self, address: &str) -> Response {
        let request = self.http.request(Method::HEAD, self.url(address)).header("Tus-Resumable", "1.0.0");
        request.send().await.unwrap()
    }
}

fn text<'a>(response: &'a Response, header: &str) -> Option<&'a str> {
    response.headers().get(header).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn an_upload_goes_on_after_the_server_was_killed_and_becomes_one_job() {
    let home = Home::new();
    let content = std::fs::read(ground_truth::recording("short_en.wav").path()).unwrap();
    let mut server = home.serve();
    let begin = server.client.http.post(server.client.url("/api/v1/uploads"));
    let begin = begin.header("Tus-Resumable", "1.0.0").header("Upload-Length", content.len());
    // The file's name is `a.wav`.
    let begun = begin.header("Upload-Metadata", "filename YS53YXY=").send().await.unwrap();
    let address = text(&begun, "location").unwrap().to_owned();
    let mut at = 0;
    for _ in 0..3 {
        let end = content.len().min(at + content.len() / 4);
        assert_eq!(server.client.piece(&address, at, &content[at..end]).await.unwrap().status(), 204);
        server.kill();
        server = home.serve();
        let look = server.client.look(&address).await;
        at = text(&look, "upload-offset").unwrap().parse().unwrap();
        assert_eq!(at, end, "what was acknowledged is kept");
    }
    // The last piece is on its way when the server dies, so that nobody knows whether it arrived.
    let (client, last) = (server.client.clone(), content[at..].to_vec());
    let sending = {
        let address = address.clone();
        tokio::spawn(async move { client.piece(&address, at, &last).await })
    };
    server.kill();
    drop(sending.await.unwrap());
    let server = home.serve();
    let look = server.client.look(&address).await;
    let job = if let Some(job) = text(&look, "seogi-job") {
        job.to_owned()
    } else {
        let at: usize = text(&look, "upload-offset").unwrap().parse().unwrap();
        let last = server.client.piece(&address, at, &content[at..]).await.unwrap();
        text(&last, "seogi-job").unwrap().to_owned()
    };
    let result = server.client.finished(&job).await;
    assert_eq!((&result["status"], &result["file_name"]), (&"COMPLETED".into(), &"a.wav".into()));
    assert!(!transcript(&result).is_empty());
    let jobs = server.client.json("/api/v1/jobs").await;
    assert_eq!(jobs["jobs"].as_array().unwrap().len(), 1);
    let kept = std::fs::read_dir(home.data().join("recordings")).unwrap().count();
    assert_eq!(kept, 1);
}

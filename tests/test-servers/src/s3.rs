//! An object store that speaks S3: `s3s`, which checks signatures and knows buckets, multipart uploads and ranges.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
};

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The name of the key that is let in.
pub const S3_ACCESS_KEY: &str = "seogi-tests";
/// The key itself.
pub const S3_SECRET_KEY: &str = "a secret/with+signs";

/// A server with one empty bucket. It keeps what it holds when it is killed.
pub struct S3 {
    /// Everything that runs for it; dropped, its connections break off.
    runtime: Option<Runtime>,
    port: u16,
    folder: TempDir,
}

impl S3 {
    /// The one bucket there is.
    pub const BUCKET: &str = "recordings";

    /// Starts one.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        std::fs::create_dir(folder.path().join(Self::BUCKET)).expect("a folder can be made");
        let mut server = Self { runtime: None, port: 0, folder };
        server.start_again();
        server
    }

    /// Where it listens.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Kills it: nobody listens, and every connection breaks off.
    pub fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    /// Starts it again on the same port, with what it held.
    pub fn start_again(&mut self) {
        let runtime = Runtime::new().expect("threads can be had");
        let files = FileSystem::new(self.folder.path()).expect("the folder is there");
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(S3_ACCESS_KEY, S3_SECRET_KEY));
        let listener = listen(self.port);
        self.port = listener.local_addr().expect("it has an address").port();
        runtime.spawn(serve(listener, service.build()));
        self.runtime = Some(runtime);
    }

    /// Every object it keeps, and every part of an upload that is not finished.
    pub fn files(&self) -> Vec<PathBuf> {
        let is_note = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
        walk(self.folder.path().to_owned()).into_iter().filter(|path| !is_note(path)).collect()
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn serve(listener: TcpListener, service: S3Service) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("it is a listener");
    while let Ok((connection, _)) = listener.accept().await {
        let service = service.clone();
        tokio::spawn(async move {
            // A connection that breaks off is the client's affair.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
        });
    }
}

/// The port, which the last listener may still be giving up.
fn listen(port: u16) -> TcpListener {
    loop {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(listener) => {
                listener.set_nonblocking(true).expect("it is a listener");
                return listener;
            }
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => std::thread::yield_now(),
            Err(error) => panic!("no port can be had: {error}"),
        }
    }
}

fn walk(folder: PathBuf) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there").flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { walk(path) } else { vec![path] }).collect()
}

//! WebSockets through the server, with a client of the protocol.

use std::net::SocketAddr;

use axum::{
    extract::{
        State,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code},
    },
    routing::get,
};
use config::Config;
use futures::{SinkExt, StreamExt};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, protocol::frame::coding::CloseCode},
};

use super::*;

/// Longest that a step may take on a busy machine.
const TEST_TIMEOUT: Duration = Duration::from_secs(60);
/// A graceful stop is promised within five seconds.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Clone)]
struct Sockets {
    stop: CancellationToken,
    /// Told when a handler has returned.
    returned: mpsc::UnboundedSender<()>,
}

/// Echoes, and says goodbye when the server stops.
async fn polite(State(sockets): State<Sockets>, upgrade: WebSocketUpgrade) -> axum::response::Response {
    upgrade.on_upgrade(async move |mut socket| {
        tokio::select! {
            () = echo(&mut socket) => {}
            () = sockets.stop.cancelled() => {
                let goodbye = CloseFrame { code: close_code::AWAY, reason: "".into() };
                socket.send(Message::Close(Some(goodbye))).await.unwrap();
            }
        }
        sockets.returned.send(()).unwrap();
    })
}

/// Echoes, whatever the server does.
async fn stubborn(State(sockets): State<Sockets>, upgrade: WebSocketUpgrade) -> axum::response::Response {
    upgrade.on_upgrade(async move |mut socket| {
        echo(&mut socket).await;
        sockets.returned.send(()).unwrap();
    })
}

async fn echo(socket: &mut WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if let Message::Text(_) | Message::Binary(_) = message {
            socket.send(message).await.unwrap();
        }
    }
}

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    running: JoinHandle<io::Result<()>>,
    returned: mpsc::UnboundedReceiver<()>,
}

impl Server {
    async fn start() -> Self {
        let (stop, (sender, returned)) = (CancellationToken::new(), mpsc::unbounded_channel());
        let sockets = Sockets { stop: stop.clone(), returned: sender };
        let router =
            Router::new().route("/polite", get(polite)).route("/stubborn", get(stubborn)).with_state(sockets);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = Config::load(None, |_| None, Vec::new()).unwrap().server;
        let stopped = stop.clone();
        let running = tokio::spawn(async move {
            serve_routers(listener, Routers { usual: router, crowded: Router::new() }, &config, stopped).await
        });
        Self { address, stop, running, returned }
    }

    async fn connect(&self, path: &str) -> WebSocketStream<TcpStream> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (socket, response) = client_async(format!("ws://{}{path}", self.address), stream).await.unwrap();
        assert_eq!(response.status(), 101);
        socket
    }

    /// Stops the server, which has to end in time and to leave no handler behind.
    async fn stop(mut self, sockets: usize) {
        self.stop.cancel();
        timeout(STOP_TIMEOUT, self.running).await.expect("the server ends in time").unwrap().unwrap();
        for _ in 0..sockets {
            timeout(TEST_TIMEOUT, self.returned.recv()).await.expect("its handlers return").unwrap();
        }
    }
}

async fn say(socket: &mut WebSocketStream<TcpStream>, text: &str) {
    socket.send(tungstenite::Message::text(text)).await.unwrap();
    let answer = timeout(TEST_TIMEOUT, socket.next()).await.expect("an answer").unwrap().unwrap();
    assert_eq!(answer.into_text().unwrap(), text);
}

#[tokio::test]
async fn an_open_socket_is_closed_with_a_word_when_the_server_stops() {
    let server = Server::start().await;
    let mut socket = server.connect("/polite").await;
    say(&mut socket, "안녕").await;
    say(&mut socket, &"long ".repeat(100_000)).await;
    server.stop(1).await;
    let last = timeout(TEST_TIMEOUT, socket.next()).await.expect("a last word").unwrap().unwrap();
    let tungstenite::Message::Close(Some(frame)) = last else { panic!("{last:?}") };
    assert_eq!(frame.code, CloseCode::Away);
}

#[tokio::test]
async fn a_handler_that_goes_on_is_cut_off() {
    let server = Server::start().await;
    let mut sockets = [server.connect("/stubborn").await, server.connect("/stubborn").await];
    for socket in &mut sockets {
        say(socket, "still there").await;
    }
    server.stop(2).await;
    for mut socket in sockets {
        let last = timeout(TEST_TIMEOUT, socket.next()).await.expect("the connection ends");
        assert!(!matches!(last, Some(Ok(_))), "{last:?}");
    }
}

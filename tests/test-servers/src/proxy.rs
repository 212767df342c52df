//! A proxy for TCP that disturbs what goes through it.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// What the line does with bytes, in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Passes them on at once.
    Good,
    /// Passes them on after this time.
    Slow(Duration),
    /// Holds them back until it is another line again; connections stay open.
    Stalled,
    /// Hangs up on everybody, and on everybody who calls.
    Cut,
}

/// A port of this machine that leads to another one.
pub struct Proxy {
    /// Where it listens.
    pub port: u16,
    switch: Arc<Switch>,
}

struct Switch {
    line: Mutex<Line>,
    turned: Condvar,
    /// Both ends of every connection there was.
    open: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// A good line to `port` on this machine, until the end of the process.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let own = listener.local_addr().expect("it has an address").port();
        let switch = Switch { line: Mutex::new(Line::Good), turned: Condvar::new(), open: Mutex::default() };
        let switch = Arc::new(switch);
        let calls = Arc::clone(&switch);
        thread::spawn(move || listener.incoming().flatten().for_each(|client| calls.connect(client, port)));
        Self { port: own, switch }
    }

    /// Makes it another line from now on.
    pub fn turn(&self, line: Line) {
        *lock(&self.switch.line) = line;
        self.switch.turned.notify_all();
        if line == Line::Cut {
            lock(&self.switch.open).drain(..).for_each(hang_up);
        }
    }
}

impl Switch {
    fn connect(self: &Arc<Self>, client: TcpStream, port: u16) {
        // Under the lock, so that nobody slips through while the line is being cut.
        let mut open = lock(&self.open);
        let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
        let (Ok(server), false) = (server, *lock(&self.line) == Line::Cut) else { return hang_up(client) };
        for (from, to) in [(&client, &server), (&server, &client)] {
            let (from, to, switch) = (again(from), again(to), Arc::clone(self));
            thread::spawn(move || switch.pass_on(from, to));
        }
        open.extend([client, server]);
    }

    fn pass_on(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut bytes = [0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut bytes) {
            if let Line::Slow(delay) = self.line_that_moves() {
                thread::sleep(delay);
            }
            if to.write_all(bytes.get(..length).unwrap_or_default()).is_err() {
                break;
            }
        }
        hang_up(from);
        hang_up(to);
    }

    /// What the line is like once it does not stall.
    fn line_that_moves(&self) -> Line {
        let stalled = |line: &mut Line| *line == Line::Stalled;
        *self.turned.wait_while(lock(&self.line), stalled).unwrap_or_else(PoisonError::into_inner)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn again(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("a socket can be shared")
}

/// Ends a connection; that it has ended already is fine.
fn hang_up(stream: TcpStream) {
    let _ = stream.shutdown(Shutdown::Both);
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// A server that sends back what it gets, and a client that talks to it through a proxy.
    fn echo() -> (Proxy, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let mut back = client.try_clone().unwrap();
                thread::spawn(move || std::io::copy(&mut client, &mut back));
            }
        });
        let proxy = Proxy::to(port);
        let client = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port)).unwrap();
        (proxy, client)
    }

    fn said_back(client: &mut TcpStream) -> std::io::Result<[u8; 2]> {
        client.write_all(b"hi")?;
        let mut heard = [0; 2];
        client.read_exact(&mut heard).map(|()| heard)
    }

    #[test]
    fn a_line_is_good_slow_or_cut() {
        let (proxy, mut client) = echo();
        assert_eq!(&said_back(&mut client).unwrap(), b"hi");
        let (delay, begun) = (Duration::from_millis(50), Instant::now());
        proxy.turn(Line::Slow(delay));
        said_back(&mut client).unwrap();
        assert!(begun.elapsed() >= 2 * delay, "there and back");
        proxy.turn(Line::Cut);
        assert!(said_back(&mut client).is_err());
        let mut late = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port)).unwrap();
        assert!(said_back(&mut late).is_err());
    }

    #[test]
    fn a_stalled_line_holds_back_and_loses_nothing() {
        let (proxy, mut client) = echo();
        proxy.turn(Line::Stalled);
        client.write_all(b"hi").unwrap();
        client.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let mut heard = [0; 2];
        assert!(client.read_exact(&mut heard).is_err());
        client.set_read_timeout(None).unwrap();
        proxy.turn(Line::Good);
        client.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"hi");
    }
}

//! Sockets that say nothing, more than the server may have open, beside people who ask for something.

use crate::client::{Request, run};
use crate::report::Report;
use crate::world::Server;
use crate::{FEW_CONNECTIONS, LASTS};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpSocket;

const OPEN_FILES: usize = 256;
const SILENT: usize = 300;
/// Not the address of those who ask: each address has a share of its own.
const FROM: [u8; 4] = [127, 0, 0, 2];
/// A client that was shut out connects again after this time.
const AGAIN: Duration = Duration::from_millis(100);

/// How long the others wait.
pub async fn measure(report: &mut Report) {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::with_open_files(data.path(), OPEN_FILES);
    let address = server.address();
    let silent: Vec<_> = (0..SILENT).map(|_| tokio::spawn(stay_silent(address))).collect();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let others = run(&server, FEW_CONNECTIONS, LASTS, |_| Request::get("/sign-in")).await;
    report.slowest("beside 300 silent sockets, 256 files, p99", 50.0, &others);
    for socket in silent {
        socket.abort();
    }
    server.stop();
}

/// Connects, sends nothing, and connects again whenever it is shut out.
async fn stay_silent(address: SocketAddr) {
    loop {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((FROM, 0))).unwrap();
        if let Ok(mut stream) = socket.connect(address).await {
            let mut byte = [0];
            let _closed = stream.read(&mut byte).await;
        }
        tokio::time::sleep(AGAIN).await;
    }
}

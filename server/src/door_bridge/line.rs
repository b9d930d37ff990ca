//! One serial port of a bridge, opened again whenever it went away. That it is gone shows at reading alone: nothing comes, or an error.

use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_serial::{SerialPortBuilderExt as _, SerialStream};
use tracing::{info, warn};

/// The pause before a port is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// What a line is told.
pub(super) enum Order {
    /// Write these bytes.
    Write(Vec<u8>),
    /// Close the port, and open it at this speed.
    Reopen(u32),
}

/// What a line tells.
pub(super) enum Event {
    /// It is open.
    Up(usize),
    /// It is gone.
    Lost(usize),
    /// Bytes came.
    Bytes(usize, Vec<u8>),
}

/// Serves a port until nobody gives orders any more; what was ordered before that is written, and not before `silence` bits passed since something came.
pub(super) async fn serve(
    number: usize,
    path: String,
    mut baud: u32,
    silence: u32,
    mut orders: mpsc::Receiver<Order>,
    events: mpsc::Sender<Event>,
) {
    let mut told = false;
    loop {
        match tokio_serial::new(&path, baud).open_native_async() {
            Ok(port) => {
                info!(path, baud, "adapter opened");
                told = false;
                if events.send(Event::Up(number)).await.is_err() {
                    return;
                }
                match speak(number, port, bits(silence, baud), &mut orders, &events).await {
                    Ended::Over => return,
                    Ended::Reopen(speed) => baud = speed,
                    Ended::Lost => warn!(path, "adapter lost"),
                }
                if events.send(Event::Lost(number)).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                if !std::mem::replace(&mut told, true) {
                    warn!(path, %error, "adapter cannot be opened");
                }
            }
        }
        // What is to be written meanwhile is lost: it must not leave later.
        let again = sleep(AGAIN);
        tokio::pin!(again);
        loop {
            tokio::select! {
                () = &mut again => break,
                order = orders.recv() => match order {
                    Some(Order::Write(_)) => {}
                    Some(Order::Reopen(speed)) => baud = speed,
                    None => return,
                },
            }
        }
    }
}

/// How long these bits take.
fn bits(count: u32, baud: u32) -> Duration {
    Duration::from_secs(count.into()) / baud.max(1)
}

enum Ended {
    Over,
    Lost,
    Reopen(u32),
}

async fn speak(
    number: usize,
    mut port: SerialStream,
    silence: Duration,
    orders: &mut mpsc::Receiver<Order>,
    events: &mpsc::Sender<Event>,
) -> Ended {
    let mut buffer = [0; 256];
    let mut silent_at = Instant::now();
    loop {
        tokio::select! {
            // What was ordered last is a coil's "off", and is written whatever comes.
            biased;
            order = orders.recv() => match order {
                Some(Order::Write(bytes)) => {
                    sleep_until(silent_at).await;
                    if port.write_all(&bytes).await.is_err() {
                        return Ended::Lost;
                    }
                }
                Some(Order::Reopen(speed)) => {
                    let _ = port.flush().await;
                    return Ended::Reopen(speed);
                }
                None => {
                    let _ = port.flush().await;
                    return Ended::Over;
                }
            },
            came = port.read(&mut buffer) => match came {
                Ok(0) | Err(_) => return Ended::Lost,
                Ok(length) => {
                    silent_at = Instant::now() + silence;
                    let _ = events.send(Event::Bytes(number, buffer[..length].to_vec())).await;
                }
            },
        }
    }
}

//! The WebSocket as frames of the link.

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code as standard};
use domain::guard::link::{FromDevice, GoodbyeReason, ToDevice};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite;

/// After a goodbye the other side has so long to close; what it still sends is read and forgotten, for a socket closed with unread data
/// takes the goodbye with it.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

const LINGER: Duration = Duration::from_millis(200);

/// The WebSocket close code beside a goodbye.
pub fn close_code(reason: GoodbyeReason) -> u16 {
    match reason {
        GoodbyeReason::ShuttingDown => standard::AWAY,
        GoodbyeReason::BadFrame => 4000,
        GoodbyeReason::NotAdmitted => 4001,
        GoodbyeReason::ConnectedElsewhere => 4002,
        GoodbyeReason::Silent => 4003,
        GoodbyeReason::Busy => 4004,
        GoodbyeReason::Other => standard::NORMAL,
    }
}

/// Why a conversation is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The socket is gone, or the guard said goodbye.
    Gone,
    /// It made no sense.
    Bad {
        /// The close code that says how.
        code: u16,
    },
    /// We end it.
    Goodbye(GoodbyeReason),
    /// The guard belongs to another node.
    Elsewhere {
        /// Where.
        host: String,
    },
}

impl End {
    /// A frame that makes no sense.
    pub(super) const BAD_FRAME: Self = Self::Bad { code: 4000 };
}

/// One socket.
pub(super) struct Socket(WebSocket);

impl Socket {
    pub(super) fn new(socket: WebSocket) -> Self {
        Self(socket)
    }

    /// The next frame. May be dropped while it waits: nothing is lost.
    pub(super) async fn receive(&mut self) -> Result<FromDevice, End> {
        loop {
            match self.0.recv().await {
                Some(Ok(Message::Text(text))) => return FromDevice::parse(&text).map_err(|_fault| End::BAD_FRAME),
                Some(Ok(Message::Binary(_))) => {
                    return Err(End::Bad {
                        code: standard::UNSUPPORTED,
                    });
                }
                // The library answers pings. They say that a network is there, not that a guard works.
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_))) | None => return Err(End::Gone),
                Some(Err(error)) => return Err(fault(error)),
            }
        }
    }

    /// Sends a frame, unless the other side does not take it in time.
    pub(super) async fn send(&mut self, frame: &ToDevice, within: Duration) -> Result<(), End> {
        let message = Message::Text(frame.to_json().into());
        match timeout(within, self.0.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }

    /// Says goodbye, where somebody may be there to hear it, and closes.
    pub(super) async fn close(mut self, end: End, within: Duration) {
        let (reason, code, host) = match end {
            End::Gone => return,
            End::Bad { code } => (GoodbyeReason::BadFrame, code, None),
            End::Goodbye(reason) => (reason, close_code(reason), None),
            End::Elsewhere { host } => {
                let reason = GoodbyeReason::ShuttingDown;
                (reason, close_code(reason), Some(host))
            }
        };
        if self.send(&ToDevice::Goodbye { reason, host }, within).await.is_err() {
            return;
        }
        let close = Message::Close(Some(CloseFrame {
            code,
            reason: "".into(),
        }));
        let closing = async {
            if self.0.send(close).await.is_err() {
                return;
            }
            loop {
                match self.0.recv().await {
                    Some(Ok(_)) => {}
                    None => return,
                    // What comes cannot be read any more; it gets a moment to hear us before the socket goes.
                    Some(Err(_)) => return sleep(LINGER).await,
                }
            }
        };
        let _closed_or_not = timeout(CLOSE_WITHIN, closing).await;
    }
}

/// What a fault of the WebSocket itself says: a frame that is too large, no UTF-8, no WebSocket at all, or just a cut.
fn fault(error: axum::Error) -> End {
    let Ok(error) = error.into_inner().downcast::<tungstenite::Error>() else {
        return End::Gone;
    };
    match *error {
        tungstenite::Error::Capacity(_) => End::Bad { code: standard::SIZE },
        tungstenite::Error::Utf8(_) => End::Bad {
            code: standard::INVALID,
        },
        tungstenite::Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => End::Gone,
        tungstenite::Error::Protocol(_) => End::Bad {
            code: standard::PROTOCOL,
        },
        _ => End::Gone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_goodbye_has_a_code_of_its_own() {
        let reasons = [
            GoodbyeReason::ShuttingDown,
            GoodbyeReason::BadFrame,
            GoodbyeReason::NotAdmitted,
            GoodbyeReason::ConnectedElsewhere,
            GoodbyeReason::Silent,
            GoodbyeReason::Busy,
        ];
        let mut codes = reasons.map(close_code);
        codes.sort_unstable();
        assert!(codes.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(
            End::BAD_FRAME,
            End::Bad {
                code: close_code(GoodbyeReason::BadFrame)
            }
        );
    }
}

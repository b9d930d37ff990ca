//! The guard of one reader's door, in a task of its own.

use crate::door_bridge::guards;
use crate::guard_sim::{Event, Runner, SimError};
use domain::guard::device::Input;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::warn;

/// A card or code shown longer ago than this no longer opens.
const FRESH: Duration = Duration::from_secs(5);

/// What a guard is told.
pub(super) struct Told {
    /// What happened.
    pub(super) input: Input,
    /// When.
    pub(super) at: Instant,
}

/// What a guard decided.
pub(super) struct Decided {
    /// The door whose guard it is.
    pub(super) door: usize,
    /// It may open.
    pub(super) granted: bool,
    /// It is not too late to open.
    pub(super) opens: bool,
}

/// Runs a guard until its channel is closed.
///
/// # Errors
/// A state that could not be kept.
pub(super) async fn serve(
    door: usize,
    name: String,
    mut runner: Runner,
    mut told: mpsc::Receiver<Told>,
    decides: mpsc::Sender<Decided>,
) -> Result<(), SimError> {
    runner.guard.start()?;
    loop {
        let linked = runner.guard.device.is_connected();
        let events = tokio::select! {
            happened = runner.wait() => runner.act(happened).await?,
            told = told.recv() => match told {
                Some(Told { input, at }) => {
                    let is_presented = matches!(input, Input::Presented(_));
                    let events = runner.feed(input).await?;
                    if is_presented {
                        let granted = events.iter().any(|event| matches!(event, Event::Opened(_)));
                        let opens = granted && at.elapsed() < FRESH;
                        if granted && !opens {
                            warn!(door = name, "decided too late");
                        }
                        // The bridge ends when nobody takes it.
                        let _ = decides.send(Decided { door, granted, opens }).await;
                    }
                    events
                }
                None => break,
            },
        };
        guards::log(&name, &runner, linked, &events);
    }
    runner.end().await;
    Ok(())
}

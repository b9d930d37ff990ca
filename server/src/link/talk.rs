//! One link after the welcome. Each frame is dealt with before the next is read, so what a guard sends faster than it can be stored waits
//! in the network and not here.

use super::Setting;
use super::delivery::Delivery;
use super::handshake::{Admitted, admit};
use super::links::{Pace, Place};
use super::socket::{End, Socket};
use backend::Backend;
use backend::guard::hub::Wake;
use backend::guard::link::Session;
use domain::error::Refusal;
use domain::guard::link::{FromDevice, GoodbyeReason, Record, ToDevice, Version, no_time};
use domain::ids::Millis;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// While the database is away a link stays, and looks so often whether it is back.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(1);

/// One socket from its upgrade to its end.
///
/// What needs much space for a short time (asking the database) is boxed: a task is as large as the largest thing it ever waits for.
pub(super) async fn serve(mut socket: Socket, setting: Setting, mut place: Place) {
    let admitted = Box::pin(admit(&mut socket, &setting, &mut place)).await;
    let end = match admitted {
        Err(end) => end,
        Ok(admitted) => {
            tracing::Span::current().record("guard", tracing::field::display(admitted.session.guard_id()));
            place.admitted(admitted.session.guard_id().clone());
            let mut talk = Talk::new(&setting, &mut socket, admitted);
            let end = talk.until_end(&mut place).await;
            tracing::debug!(guard = %talk.session.guard_id(), ?end, "unlinked");
            end
        }
    };
    Box::pin(socket.close(end, setting.links.pace().send_within)).await;
}

/// `now` and `echo` of a frame that answers one sent at `sent`: one that nobody sets a clock by, where this machine does not know the time.
pub(super) fn time_for(b: &Backend, sent: Millis) -> (Millis, Millis) {
    match b.certain_now() {
        Some(now) => (now, sent),
        None => (b.now(), no_time(sent)),
    }
}

struct Talk<'a> {
    setting: &'a Setting,
    socket: &'a mut Socket,
    session: Session,
    delivery: Delivery,
    heard: Instant,
    /// All its records up to this number are stored.
    stored: i64,
    /// Something could not be done; to be tried again then.
    again: Option<Instant>,
    /// Records came that could not be stored. The guard keeps them, and sends them again when it is told where the node stands.
    unstored: bool,
}

/// What can happen next.
enum Event {
    Heard(FromDevice),
    /// Grants changed.
    Changed,
    /// The time is over for a heartbeat or a confirmation.
    Late,
}

impl<'a> Talk<'a> {
    fn new(setting: &'a Setting, socket: &'a mut Socket, admitted: Admitted) -> Self {
        let Admitted { session, held } = admitted;
        Self {
            setting,
            socket,
            delivery: Delivery::new(held, session.desired()),
            stored: session.records_stored(),
            session,
            heard: Instant::now(),
            again: None,
            unstored: false,
        }
    }

    fn pace(&self) -> &'a Pace {
        self.setting.links.pace()
    }

    async fn until_end(&mut self, place: &mut Place) -> End {
        let mut outcome = Box::pin(self.deliver()).await;
        while outcome.is_ok() {
            outcome = match self.next(place).await {
                Ok(event) => Box::pin(self.on_event(event)).await,
                Err(end) => Err(end),
            };
        }
        outcome.err().unwrap_or(End::Gone)
    }

    async fn next(&mut self, place: &mut Place) -> Result<Event, End> {
        let silent = self.heard + self.pace().silent_after();
        let late = [self.delivery.due(), self.again].into_iter().flatten();
        let late = late.fold(silent, Instant::min);
        tokio::select! {
            biased;
            host = place.leaving() => Err(match host {
                Some(host) => End::Elsewhere { host },
                None => End::Goodbye(GoodbyeReason::ShuttingDown),
            }),
            wake = self.session.woken() => match wake {
                Wake::Changed => Ok(Event::Changed),
                Wake::Superseded => Err(End::Goodbye(GoodbyeReason::ConnectedElsewhere)),
            },
            frame = self.socket.receive() => frame.map(Event::Heard),
            () = sleep_until(late) => Ok(Event::Late),
        }
    }

    async fn on_event(&mut self, event: Event) -> Result<(), End> {
        match event {
            Event::Heard(frame) => {
                self.heard = Instant::now();
                self.on_frame(frame).await?;
            }
            Event::Changed => self.delivery.changed(),
            Event::Late if self.heard.elapsed() >= self.pace().silent_after() => {
                return Err(End::Goodbye(GoodbyeReason::Silent));
            }
            Event::Late if self.again.is_some_and(|again| again <= Instant::now()) => self.retry().await?,
            Event::Late => self.delivery.again(),
        }
        self.deliver().await
    }

    /// Something could not be done now: it is tried again later.
    fn schedule_retry(&mut self) {
        self.again = Some(Instant::now() + LOOK_EVERY);
    }

    /// Tries again what could not be done before.
    async fn retry(&mut self) -> Result<(), End> {
        if !self.setting.backend.is_available() {
            self.schedule_retry();
            return Ok(());
        }
        self.again = None;
        if std::mem::take(&mut self.unstored) {
            let through = self.stored;
            self.send(&ToDevice::RecordsStored { through }).await?;
        }
        Ok(())
    }

    async fn on_frame(&mut self, frame: FromDevice) -> Result<(), End> {
        match frame {
            FromDevice::Applied { version } => {
                self.delivery.confirmed(version);
                self.session.acknowledged(version);
                Ok(())
            }
            FromDevice::Records { records } => self.store(&records).await,
            FromDevice::Heartbeat {
                sent,
                uncertainty_ms,
                status,
                fault,
                version,
            } => {
                self.session.heartbeat(status, fault, uncertainty_ms, version);
                self.heartbeat(sent, version).await
            }
            FromDevice::Hello(_) => Err(End::BAD_FRAME),
            FromDevice::Goodbye { .. } => Err(End::Gone),
            FromDevice::Unknown => Ok(()),
        }
    }

    /// Confirmed only when stored; a gap is answered by where the node stands.
    async fn store(&mut self, records: &[Record]) -> Result<(), End> {
        let turn = self.setting.links.turn().await;
        let stored = self.session.store_records(records).await;
        drop(turn);
        match stored {
            Ok(through) => {
                self.stored = through;
                self.unstored = false;
                self.send(&ToDevice::RecordsStored { through }).await
            }
            Err(Refusal::Unavailable) => {
                self.unstored = true;
                self.schedule_retry();
                Ok(())
            }
            Err(_) => Err(End::Goodbye(GoodbyeReason::Busy)),
        }
    }

    async fn heartbeat(&mut self, sent: Millis, version: Version) -> Result<(), End> {
        self.delivery.heard(version);
        let (now, echo) = time_for(&self.setting.backend, sent);
        let clock_epoch = self.setting.backend.clock_epoch();
        self.send(&ToDevice::Heartbeat { now, echo, clock_epoch }).await
    }

    /// Sends what the guard lacks, unless something is on its way already.
    async fn deliver(&mut self) -> Result<(), End> {
        // What failed is tried again when it is time for that, not at every frame.
        let Some(from) = self.delivery.from().filter(|_| self.again.is_none()) else {
            return Ok(());
        };
        let turn = self.setting.links.turn().await;
        let frames = self.session.changes_since(from).await;
        drop(turn);
        let frames = match frames {
            Ok(frames) => frames,
            Err(Refusal::Unavailable) => {
                self.schedule_retry();
                return Ok(());
            }
            Err(_) => return Err(End::Goodbye(GoodbyeReason::Busy)),
        };
        for frame in &frames {
            self.send(frame).await?;
        }
        self.delivery.sent(&frames, Instant::now() + self.pace().confirm_within);
        Ok(())
    }

    async fn send(&mut self, frame: &ToDevice) -> Result<(), End> {
        self.socket.send(frame, self.pace().send_within).await
    }
}

//! What a kiosk's events tell about orders. A kiosk proves that it is this kiosk, and nothing more: a device that was taken over, or whose
//! clock is wrong, can send any event. So an event becomes history only where it agrees with what is known without it: the order is or was in
//! that kiosk, the person is staff, and the date is one at which this device was the kiosk.

use crate::Result;
use crate::core::db::{Tx, row, sql, word};
use crate::locker::dates::AHEAD_MS;
use crate::locker::history::Step;
use domain::ids::{Millis, Phone, Port, Yid};
use domain::locker::events::{EventKind, KioskEvent};
use domain::locker::history::{Happening, Source};
use domain::locker::orders::Place;
use domain::people::Role;
use std::collections::HashMap;

/// A kiosk that sends events.
pub(super) struct Teller {
    yid: Yid,
    /// Since when this device is the kiosk.
    since: Millis,
    now: Millis,
    /// Who is staff, of those the events name.
    staff: HashMap<Phone, bool>,
}

/// What an event says about an order.
fn happening(kind: EventKind) -> Option<Happening> {
    match kind {
        EventKind::DepositOpened => Some(Happening::OpenedToStore),
        EventKind::PickUpOpened | EventKind::RetrievalOpened => Some(Happening::OpenedToTake),
        EventKind::ReturnClosed => Some(Happening::Returned),
        EventKind::RetrievalClosed => Some(Happening::Retrieved),
        _ => None,
    }
}

row! {
    struct OrderRow {
        things_sq: String,
        business: String,
        status: String,
        yid: Option<i64>,
    }
}

impl Teller {
    pub(super) fn new(yid: Yid, since: Millis, now: Millis) -> Self {
        let staff = HashMap::new();
        Self { yid, since, now, staff }
    }

    /// The steps these events tell.
    pub(super) async fn steps(mut self, tx: &mut Tx, events: &[KioskEvent]) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        for event in events {
            if let (Some(what), Some(port)) = (happening(event.kind), event.port) {
                steps.extend(self.step(tx, event, what, port).await?);
            }
        }
        Ok(steps)
    }

    async fn step(&mut self, tx: &mut Tx, event: &KioskEvent, what: Happening, port: Port) -> Result<Option<Step>> {
        let Some(order) = self.order_of(tx, event, port).await? else {
            return Ok(None);
        };
        let doubt = self.doubt(tx, event, what, &order).await?;
        if let Some(doubt) = doubt {
            let (yid, seq) = (self.yid.0, event.seq);
            tracing::warn!(yid, seq, doubt, "a kiosk's event is stored and not shown as history");
            return Ok(None);
        }
        let OrderRow {
            things_sq, business, ..
        } = order;
        if matches!(what, Happening::Returned | Happening::Retrieved)
            && self.carried(tx, &things_sq, what, port).await?
        {
            return Ok(None);
        }
        let yid = self.yid;
        Ok(Some(Step {
            things_sq,
            business,
            at: event.at,
            what,
            place: self.label(tx, port).await?.map(|label| Place { yid, port, label }),
            who: event.actor.as_ref().map(|phone| phone.0.clone()),
            source: Source::Kiosk,
            mark: Some(format!("k{yid}.{}", event.seq)),
            detail: None,
        }))
    }

    /// The order the event names, else the one that was in that compartment then.
    async fn order_of(&self, tx: &mut Tx, event: &KioskEvent, port: Port) -> Result<Option<OrderRow>> {
        let found = match &event.things_sq {
            Some(named) => sql!(
                "SELECT things_sq, business, status, yid FROM orders WHERE things_sq = $1",
                &named.0
            ),
            None => sql!(
                "SELECT things_sq, business, status, yid FROM orders WHERE yid = $1 AND jumper = $2 AND serial = $3
                 AND stored_at <= $4 AND (done_at IS NULL OR done_at >= $5) ORDER BY stored_at DESC LIMIT 1",
                self.yid.0,
                port.jumper,
                port.serial,
                event.at.plus(AHEAD_MS).0,
                event.at.plus(-AHEAD_MS).0,
            ),
        };
        tx.optional(found).await
    }

    /// Why the event is no history of this order.
    async fn doubt(
        &mut self,
        tx: &mut Tx,
        event: &KioskEvent,
        what: Happening,
        order: &OrderRow,
    ) -> Result<Option<&'static str>> {
        if event.at < self.since.plus(-AHEAD_MS) || event.at > self.now.plus(AHEAD_MS) {
            return Ok(Some("its date is not one at which this device was the kiosk"));
        }
        if !self.was_here(tx, what, order).await? {
            return Ok(Some("the order was never in this kiosk"));
        }
        match &event.actor {
            Some(phone) if !self.is_staff(tx, phone).await? => Ok(Some("the person is not staff")),
            _ => Ok(None),
        }
    }

    /// Whether the order is or was in this kiosk. An old meter may come back to any kiosk once the new one was fetched.
    async fn was_here(&self, tx: &mut Tx, what: Happening, order: &OrderRow) -> Result<bool> {
        if order.yid == Some(self.yid.0) || what == Happening::Returned && order.status == "D" {
            return Ok(true);
        }
        let row: Option<i64> = tx
            .optional(sql!(
                "SELECT at FROM evidence WHERE things_sq = $1 AND yid = $2 LIMIT 1",
                &order.things_sq,
                self.yid.0
            ))
            .await?;
        Ok(row.is_some())
    }

    async fn is_staff(&mut self, tx: &mut Tx, phone: &Phone) -> Result<bool> {
        if let Some(known) = self.staff.get(phone) {
            return Ok(*known);
        }
        let role: Option<String> = tx
            .optional(sql!("SELECT role FROM people WHERE phone = $1", phone.as_str()))
            .await?;
        let is_staff = role.is_some_and(|role| Role::parse(&role) == Some(Role::Staff));
        self.staff.insert(phone.clone(), is_staff);
        Ok(is_staff)
    }

    async fn label(&self, tx: &mut Tx, port: Port) -> Result<Option<String>> {
        let label: Option<String> = tx
            .optional(sql!(
                "SELECT label FROM compartments WHERE yid = $1 AND jumper = $2 AND serial = $3",
                self.yid.0,
                port.jumper,
                port.serial
            ))
            .await?;
        Ok(label)
    }

    /// Whether a phone brought this news before the kiosk could.
    async fn carried(&self, tx: &mut Tx, things_sq: &str, what: Happening, port: Port) -> Result<bool> {
        let row: Option<i64> = tx.optional(sql!(
            "SELECT at FROM evidence WHERE things_sq = $1 AND what = $2 AND source = $3 AND yid = $4 AND jumper = $5 AND serial = $6
                 LIMIT 1",
            things_sq,
            word(what)?,
            word(Source::Phone)?,
            self.yid.0,
            port.jumper,
            port.serial,
        )).await?;
        Ok(row.is_some())
    }
}

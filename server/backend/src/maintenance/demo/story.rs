//! What happened at the sample kiosks: deposits by staff, pick-ups by businesses, a return. The kiosks report as real ones do.

use super::{DAY_MS, HOUR_MS, KIOSKS, MINUTE_MS, Time, orders, person};
use crate::core::keys::random_digits;
use crate::identity::{Actor, tokens};
use crate::locker::{codes, deposits, events, kiosks, scans, sync};
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::{Millis, Phone, Port, ThingsSq, Yid};
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::locker::events::{EventKind, KioskEvent};
use domain::locker::kiosk::Enrolment;
use domain::people::Person;
use domain::token::{self, CompartmentFields, CompartmentRow, Payload, TokenKey};

/// A kiosk that lives through the story.
struct Device<'a> {
    b: &'a Backend,
    yid: Yid,
    key: TokenKey,
    rows: Vec<CompartmentRow>,
    events: Vec<KioskEvent>,
    seq: i64,
}

/// Lives through it: `time` starts two weeks before `end`.
pub(super) async fn live(b: &Backend, time: &Time, end: Millis) -> Result<()> {
    let staff = [person(b, "01000000002").await?, person(b, "01000000003").await?];
    let fetchers = [person(b, "01000000004").await?, person(b, "01000000005").await?];
    for (index, (yid, ..)) in KIOSKS.iter().enumerate() {
        time.set(end.plus(-14 * DAY_MS + HOUR_MS));
        let mut device = Device::enrol(b, Yid(*yid)).await?;
        device.note(EventKind::Enrolled, None, None, None);
        let mine = |number: &i64| number % 2 == index as i64 % 2;
        // The first deposit of each kiosk was never fetched; it is overdue by now.
        for number in (1031..=1032).filter(mine) {
            time.set(end.plus(-14 * DAY_MS + 3 * HOUR_MS));
            device.deposit(&staff[index], number).await?;
        }
        // What is done came and went in the first week, what is stored came in the last day.
        for number in (1046..=1060).filter(mine) {
            let at = end.plus(-13 * DAY_MS + (number - 1046) * 13 * HOUR_MS + 25 * MINUTE_MS);
            time.set(at);
            let port = device.deposit(&staff[index], number).await?;
            time.set(at.plus(5 * HOUR_MS + 40 * MINUTE_MS));
            let fetcher = fetchers.iter().find(|f| {
                f.business
                    .as_ref()
                    .is_some_and(|b| b.as_str() == orders::business(number))
            });
            device.pick_up(fetcher.ok_or(Refusal::Internal)?, number, port).await?;
        }
        for number in (1033..=1045).filter(mine) {
            time.set(end.plus(-DAY_MS - (1045 - number) * 70 * MINUTE_MS));
            device.deposit(&staff[index], number).await?;
        }
        time.set(end.plus(-3 * HOUR_MS));
        device.take_back(1046 + index as i64).await?;
        device.out_of_order(&staff[index].phone).await?;
        device.leave().await?;
    }
    Ok(())
}

impl<'a> Device<'a> {
    async fn enrol(b: &'a Backend, yid: Yid) -> Result<Self> {
        let code = kiosks::enrolment_code(b, &Actor::Cli, yid).await?;
        let Enrolment {
            secret,
            compartments,
            acked_seq,
            ..
        } = kiosks::enrol(b, &code.code, "demo").await?;
        let rows = compartments
            .into_iter()
            .map(|door| CompartmentRow {
                jumper: door.jumper,
                serial: door.serial,
                status: door.status,
                label: door.label,
                pwd: None,
                save_date: None,
                things_sq: None,
                kind: None,
            })
            .collect();
        Ok(Self {
            b,
            yid,
            key: TokenKey::new(secret.as_bytes()),
            rows,
            events: Vec::new(),
            seq: acked_seq,
        })
    }

    /// The device of the story goes without anything untold, so that a device that is tried out is no replacement.
    async fn leave(&self) -> Result<()> {
        self.b.db().execute(tokens::end_of_kiosk(self.yid)).await?;
        Ok(())
    }

    fn note(&mut self, kind: EventKind, port: Option<Port>, order: Option<&ThingsSq>, actor: Option<&Phone>) {
        self.seq += 1;
        self.events.push(KioskEvent {
            seq: self.seq,
            at: self.b.now(),
            kind,
            port,
            things_sq: order.cloned(),
            actor: actor.cloned(),
            detail: None,
        });
    }

    fn row(&mut self, port: Port) -> Result<&mut CompartmentRow> {
        self.rows
            .iter_mut()
            .find(|row| row.port() == port)
            .ok_or(Refusal::Internal)
    }

    fn free(&self) -> Result<Port> {
        self.rows
            .iter()
            .find(|row| row.status == CompartmentStatus::Free)
            .map(CompartmentRow::port)
            .ok_or(Refusal::Internal)
    }

    /// Puts something into a compartment.
    fn fill(&mut self, port: Port, kind: ContentKind, order: &ThingsSq) -> Result<CompartmentFields> {
        let pwd = random_digits(self.b.rng(), 5);
        let save_date = self.b.now().to_iso();
        let row = self.row(port)?;
        row.status = CompartmentStatus::Stored;
        row.kind = Some(kind);
        row.pwd = Some(pwd.clone());
        row.save_date = Some(save_date.clone());
        // A kiosk without network does not know which order a deposit is for.
        row.things_sq = (kind == ContentKind::Return).then(|| order.clone());
        Ok(CompartmentFields {
            serial: port.serial,
            jumper: port.jumper,
            pwd,
            save_date,
            label: row.label.clone(),
            things_sq: None,
        })
    }

    async fn deposit(&mut self, staff: &Person, number: i64) -> Result<Port> {
        let order = ThingsSq(number.to_string());
        let port = self.free()?;
        self.note(EventKind::StaffIn, None, None, Some(&staff.phone));
        self.note(EventKind::DepositOpened, Some(port), None, Some(&staff.phone));
        let fields = self.fill(port, ContentKind::Deposit, &order)?;
        self.note(EventKind::DepositClosed, Some(port), None, Some(&staff.phone));
        let b = self.b;
        let mut random = |bytes: &mut [u8]| b.rng().fill(bytes);
        let token = token::seal(&self.key, self.yid, b.now(), &Payload::OpenToSave(fields), &mut random)?;
        let scanned = scans::read_code(b, staff, &token).await?;
        deposits::complete_scanned(b, staff, &order, &scanned.token_id).await?;
        self.report().await?;
        Ok(port)
    }

    async fn pick_up(&mut self, fetcher: &Person, number: i64, port: Port) -> Result<()> {
        let order = ThingsSq(number.to_string());
        codes::take_code(self.b, fetcher, &order).await?;
        self.note(EventKind::PickUpOpened, Some(port), Some(&order), None);
        let row = self.row(port)?;
        *row = CompartmentRow {
            status: CompartmentStatus::Free,
            pwd: None,
            save_date: None,
            things_sq: None,
            kind: None,
            ..row.clone()
        };
        self.note(EventKind::PickUpClosed, Some(port), Some(&order), None);
        self.report().await
    }

    /// An old meter comes back for an order that is done.
    async fn take_back(&mut self, number: i64) -> Result<()> {
        let order = ThingsSq(number.to_string());
        let port = self.free()?;
        self.note(EventKind::ReturnOpened, Some(port), Some(&order), None);
        self.fill(port, ContentKind::Return, &order)?;
        self.note(EventKind::ReturnClosed, Some(port), Some(&order), None);
        self.report().await
    }

    async fn out_of_order(&mut self, staff: &Phone) -> Result<()> {
        let last = self
            .rows
            .iter_mut()
            .rev()
            .find(|row| row.status == CompartmentStatus::Free)
            .ok_or(Refusal::Internal)?;
        last.status = CompartmentStatus::OutOfOrder;
        let port = last.port();
        self.note(EventKind::ConditionSet, Some(port), None, Some(staff));
        if let Some(event) = self.events.last_mut() {
            event.detail = Some("out-of-order".to_owned());
        }
        self.report().await
    }

    /// The kiosk has network: it sends its events, then its compartments.
    async fn report(&mut self) -> Result<()> {
        events::append(self.b, self.yid, std::mem::take(&mut self.events)).await?;
        sync::apply_kiosk(self.b, self.yid, Some(self.b.now()), &self.rows).await?;
        Ok(())
    }
}

//! Compartments as stored. What of one cannot be read is left out and named ([`crate::core::damage`]); the others are what they are.

use crate::core::db::{Statement, Tx, read_sound, row, sql};
use crate::locker::dates::believable;
use crate::{Backend, Result};
use domain::ids::{Millis, Port, ThingsSq, Yid};
use domain::locker::compartments::{Compartment, CompartmentStatus, ContentKind};

row! {
    /// A compartment as stored.
    #[derive(Clone)]
    pub(crate) struct CompartmentState {
        pub(crate) jumper: i64,
        pub(crate) serial: i64,
        pub(crate) label: String,
        pub(crate) size: i64,
        status: String,
        kind: Option<String>,
        pub(crate) things_sq: Option<String>,
        pub(crate) save_date: Option<String>,
        /// Sealed.
        pwd: Option<String>,
        state_at: i64,
        heard_at: Option<i64>,
        wanted: Option<String>,
        unknown_since: Option<i64>,
    }
}

/// The columns of a [`CompartmentState`], `pwd` being the expression for the sealed password.
fn columns(pwd: &str) -> String {
    format!(
        "jumper, serial, label, size, status, kind, things_sq, save_date, {pwd} AS pwd, state_at, heard_at, wanted, unknown_since"
    )
}

impl CompartmentState {
    pub(crate) fn port(&self) -> Port {
        Port {
            jumper: self.jumper,
            serial: self.serial,
        }
    }

    /// Names a part of this row that cannot be read.
    fn damaged(&self, b: &Backend, yid: Yid, column: &str) {
        let row = format_args!("{yid} {} {} {column}", self.jumper, self.serial);
        b.damage().note("compartments", row);
    }

    /// One that cannot be read is out of order, so that nobody is sent to a door of which nothing is known. What the kiosk says next takes
    /// its place.
    pub(crate) fn status(&self, b: &Backend, yid: Yid) -> CompartmentStatus {
        CompartmentStatus::parse(&self.status).unwrap_or_else(|| {
            self.damaged(b, yid, "status");
            CompartmentStatus::OutOfOrder
        })
    }

    /// As of when this is known, at `now`.
    pub(crate) fn known_at(&self, now: Millis) -> Millis {
        believable(Millis(self.state_at), now)
    }

    /// The condition an operator set and the kiosk has not confirmed yet.
    pub(crate) fn wanted(&self) -> Option<CompartmentStatus> {
        self.wanted.as_deref().and_then(CompartmentStatus::parse)
    }

    pub(crate) fn kind(&self, b: &Backend, yid: Yid) -> Option<ContentKind> {
        match self.kind.as_deref()? {
            DEPOSIT => Some(ContentKind::Deposit),
            RETURN => Some(ContentKind::Return),
            _ => {
                self.damaged(b, yid, "kind");
                None
            }
        }
    }

    /// The password in clear, where there is one that can be read.
    pub(crate) fn pwd(&self, b: &Backend, yid: Yid) -> Option<String> {
        let sealed = self.pwd.as_deref()?;
        let found = b.keys().try_open_text(&pwd_context(yid, self.port()), sealed);
        if found.is_none() {
            self.damaged(b, yid, "pwd");
        }
        found
    }

    pub(super) fn compartment(self, b: &Backend, yid: Yid) -> Compartment {
        Compartment {
            port: self.port(),
            size: self.size,
            status: self.status(b, yid),
            kind: self.kind(b, yid),
            label: self.label,
            things_sq: self.things_sq.map(ThingsSq),
            save_date: self.save_date,
            heard_at: self.heard_at.map(Millis),
            unknown_since: self.unknown_since.map(Millis),
        }
    }
}

const DEPOSIT: &str = "deposit";
const RETURN: &str = "return";

pub(crate) fn kind_word(kind: ContentKind) -> &'static str {
    match kind {
        ContentKind::Deposit => DEPOSIT,
        ContentKind::Return => RETURN,
    }
}

pub(crate) fn pwd_context(yid: Yid, port: Port) -> String {
    format!("pwd {yid}/{}/{}", port.jumper, port.serial)
}

fn all(yid: Yid, pwd: &str) -> Statement<'static> {
    sql!(
        "SELECT {columns} FROM compartments WHERE yid = $1 ORDER BY jumper, serial"
        { columns: one_of([columns("pwd")], columns(pwd)) },
        yid.0
    )
}

fn one(yid: Yid, port: Port, pwd: &str) -> Statement<'static> {
    sql!(
        "SELECT {columns} FROM compartments WHERE yid = $1 AND jumper = $2 AND serial = $3"
        { columns: one_of([columns("pwd")], columns(pwd)) },
        yid.0,
        port.jumper,
        port.serial
    )
}

/// Every compartment of a kiosk, by board and port.
pub(super) async fn states(b: &Backend, yid: Yid) -> Result<Vec<CompartmentState>> {
    read_sound!(b, ["pwd"], |[pwd]| { b.db().read().try_all(all(yid, &pwd)).await })
}

/// The same as part of a transaction.
pub(crate) async fn states_within(b: &Backend, tx: &mut Tx, yid: Yid) -> Result<Vec<CompartmentState>> {
    read_sound!(b, ["pwd"], |[pwd]| { tx.try_all(all(yid, &pwd)).await })
}

/// One compartment.
pub(crate) async fn state(b: &Backend, yid: Yid, port: Port) -> Result<Option<CompartmentState>> {
    read_sound!(b, ["pwd"], |[pwd]| {
        b.db().read().try_optional(one(yid, port, &pwd)).await
    })
}

/// The same as part of a transaction.
pub(crate) async fn state_within(b: &Backend, tx: &mut Tx, yid: Yid, port: Port) -> Result<Option<CompartmentState>> {
    read_sound!(b, ["pwd"], |[pwd]| { tx.try_optional(one(yid, port, &pwd)).await })
}

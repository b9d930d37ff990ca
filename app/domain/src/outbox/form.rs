//! The outbox as text, with the number of its form. A newer form is not touched: its entries would be lost.

use super::{Entry, Outbox};
use serde::{Deserialize, Serialize};

/// The number of the form written here.
pub const FORM: u32 = 1;

/// Why a stored outbox cannot be read. The shell keeps the text as it is, tells the person, and writes nothing over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A newer version of the page wrote it.
    Newer {
        /// The number of its form.
        form: u32,
    },
    /// It is damaged.
    Damaged,
}

#[derive(Deserialize)]
struct Form {
    form: u32,
}

#[derive(Serialize, Deserialize)]
struct Stored<E> {
    form: u32,
    last: u64,
    started: u64,
    confirmed: u64,
    discarded: u64,
    entries: E,
}

impl Outbox {
    /// As it is stored.
    pub fn to_text(&self) -> String {
        let stored = Stored {
            form: FORM,
            last: self.last,
            started: self.started,
            confirmed: self.confirmed,
            discarded: self.discarded,
            entries: &self.entries,
        };
        // Strings and numbers only: nothing of it can fail to be written.
        serde_json::to_string(&stored).unwrap_or_default()
    }

    /// The inverse of [`Outbox::to_text`].
    pub fn from_text(text: &str) -> Result<Self, Unreadable> {
        let Form { form } = serde_json::from_str(text).map_err(|_| Unreadable::Damaged)?;
        if form > FORM {
            return Err(Unreadable::Newer { form });
        }
        let stored: Stored<Vec<Entry>> = serde_json::from_str(text).map_err(|_| Unreadable::Damaged)?;
        Ok(Self {
            entries: stored.entries,
            last: stored.last,
            started: stored.started,
            confirmed: stored.confirmed,
            discarded: stored.discarded,
            offline: false,
            signed_out: false,
        })
    }
}

//! Codes that a phone shows to a kiosk.

use crate::ids::{Millis, Yid};

/// What the page "find" shows.
#[derive(Clone)]
pub struct TakeCode {
    /// The code to show.
    pub token: String,
    /// What is written on the door.
    pub label: String,
    /// The password, for those who type.
    pub pwd: String,
    /// The kiosk.
    pub yid: Yid,
    /// How it is called.
    pub kiosk_name: String,
    /// Where it stands.
    pub kiosk_address: String,
    /// When the kiosk will refuse the code.
    pub expires: Millis,
}

impl std::fmt::Debug for TakeCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TakeCode")
            .field("yid", &self.yid)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

//! What a token says about itself.

use crate::error::Refusal;
use crate::ids::{Millis, Yid};
use serde::{Deserialize, Serialize};

/// `cmd`: what the token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub enum Command {
    /// Kiosk → staff phone: something was deposited.
    OpenToSave,
    /// Business phone → kiosk: open this compartment.
    OpenToTake,
    /// Kiosk → phone → server: all its compartments.
    SaveToData,
    /// Phone → kiosk: the server's time.
    SyncDate,
    /// Phone → kiosk: a member of staff identifies themselves.
    StaffPass,
}

impl Command {
    /// Every command.
    pub const ALL: [Self; 5] = [
        Self::OpenToSave,
        Self::OpenToTake,
        Self::SaveToData,
        Self::SyncDate,
        Self::StaffPass,
    ];

    /// As written in `cmd`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenToSave => "OpenToSave",
            Self::OpenToTake => "OpenToTake",
            Self::SaveToData => "SaveToData",
            Self::SyncDate => "SyncDate",
            Self::StaffPass => "StaffPass",
        }
    }

    /// The inverse of [`Command::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.as_str() == text)
    }

    /// How far its date may be from the reader's clock. `None`: not judged by the clock, but by what was accepted before
    /// (`SaveToData`, `SyncDate`).
    pub fn window_ms(self) -> Option<i64> {
        match self {
            Self::OpenToSave | Self::OpenToTake => Some(super::OPEN_WINDOW_MS),
            Self::StaffPass => Some(super::STAFF_PASS_WINDOW_MS),
            Self::SaveToData | Self::SyncDate => None,
        }
    }
}

impl std::fmt::Display for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The verified claims of a token, its data apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// What it is for.
    pub cmd: Command,
    /// The kiosk.
    pub yid: Yid,
    /// The maker's clock.
    pub date: Millis,
    /// The same, exactly as in the token; the encryption depends on this very text.
    pub date_text: String,
    /// Unique id; ours have one.
    pub jti: Option<String>,
    /// Format version; ours have one.
    pub v: Option<i64>,
    /// A voucher: it is worthless from this moment on. Caveats are not counted in.
    pub exp: Option<Millis>,
}

impl Claims {
    /// Refuses a token whose command is judged by the clock and whose date is too far from `now`, the reader's clock
    /// (at a kiosk: corrected by its known offset).
    ///
    /// A voucher has an end of its own instead of the window.
    pub fn freshness(&self, now: Millis) -> Result<(), Refusal> {
        if let Some(exp) = self.exp {
            return if now >= exp {
                Err(Refusal::CodeExpired)
            } else if self.date.since(now) > super::OPEN_WINDOW_MS {
                Err(Refusal::CodeFromFuture)
            } else {
                Ok(())
            };
        }
        self.cmd
            .window_ms()
            .map_or(Ok(()), |window_ms| freshness(self.date, now, window_ms))
    }
}

/// What a token claims before anything was verified: only good for finding the key to verify it with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peeked {
    /// The command it claims.
    pub cmd: Command,
    /// The kiosk it claims.
    pub yid: Yid,
    /// The date it claims.
    pub date: Millis,
}

/// Refuses a date more than `window_ms` before `now` (expired) or after it (from the future).
pub fn freshness(date: Millis, now: Millis, window_ms: i64) -> Result<(), Refusal> {
    let age = now.since(date);
    if age > window_ms {
        Err(Refusal::CodeExpired)
    } else if age < -window_ms {
        Err(Refusal::CodeFromFuture)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_fresh_up_to_the_window_on_both_sides() {
        let date = Millis(1_000_000_000);
        assert_eq!(freshness(date, date.plus(600_000), 600_000), Ok(()));
        assert_eq!(freshness(date, date.plus(-600_000), 600_000), Ok(()));
        assert_eq!(freshness(date, date.plus(600_001), 600_000), Err(Refusal::CodeExpired));
        assert_eq!(
            freshness(date, date.plus(-600_001), 600_000),
            Err(Refusal::CodeFromFuture)
        );
        assert_eq!(
            freshness(Millis(i64::MIN), Millis(i64::MAX), 1),
            Err(Refusal::CodeExpired)
        );
        assert_eq!(
            freshness(Millis(i64::MAX), Millis(i64::MIN), 1),
            Err(Refusal::CodeFromFuture)
        );
    }

    #[test]
    fn every_command_reads_back() {
        for command in Command::ALL {
            assert_eq!(Command::parse(command.as_str()), Some(command));
        }
        assert_eq!(Command::parse("opentosave"), None);
    }
}

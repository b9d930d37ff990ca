//! What somebody beside an interactive guard can do.

use domain::guard::grants::Presented;
use domain::guard::ids::{CardNumb, DnCode, DoorPassword};
use domain::guard::link::{DoorState, Status};

/// One line of input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Hold a card to it, or type a password.
    Present(Presented),
    /// The door itself does something.
    Door(DoorState),
    /// Pull the network cable, or put it in.
    Net {
        /// In.
        on: bool,
    },
    /// The clock goes wrong by so much.
    Drift {
        /// Forward.
        ms: i64,
    },
    /// Power off and on.
    Reboot,
    /// The device's own checks find something, or nothing any more.
    Feels(Status),
    /// Say how it stands.
    Status,
    /// Say what can be typed.
    Help,
    /// End.
    Quit,
}

/// What can be typed.
pub const HELP: &str = "card NUMBER [DN]   hold a card to it\n\
    card - DN          a card of which only the chip was read\n\
    password DIGITS    type a password\n\
    door STATE         what its contact says: opened, closed, forced, held, button, not-opened\n\
    net off | on       pull the network cable, put it in\n\
    drift SECONDS      the clock goes wrong by so much\n\
    reboot             power off and on\n\
    fault on | off     its own checks find a fault, or none any more\n\
    status             how it stands\n\
    quit               end";

impl Command {
    /// Reads a line; `None`: an empty one. What cannot be understood comes back as what is wrong with it.
    pub fn parse(line: &str) -> Result<Option<Self>, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let command = match words.as_slice() {
            [] => return Ok(None),
            ["card", number] => card(number, None)?,
            ["card", number, dn_code] => card(number, Some(dn_code))?,
            ["password", digits] => Self::Present(Presented::Password {
                password: DoorPassword::parse(digits).map_err(|_problem| "a password has 4 to 12 digits".to_owned())?,
            }),
            ["door", state] => {
                Self::Door(DoorState::parse(state).ok_or_else(|| format!("{state}: no state of a door"))?)
            }
            ["net", "on"] => Self::Net { on: true },
            ["net", "off"] => Self::Net { on: false },
            ["drift", seconds] => Self::Drift { ms: millis(seconds)? },
            ["reboot"] => Self::Reboot,
            ["fault", "on"] => Self::Feels(Status::Faulty),
            ["fault", "off"] => Self::Feels(Status::Working),
            ["status"] => Self::Status,
            ["help" | "?"] => Self::Help,
            ["quit" | "exit"] => Self::Quit,
            [other, ..] => return Err(format!("{other}: not understood; type help")),
        };
        Ok(Some(command))
    }
}

fn card(number: &str, dn_code: Option<&&str>) -> Result<Command, String> {
    let wrong = |_problem| "a card has a number of 1 to 64 characters and a chip text of at most 128".to_owned();
    let card_numb = (number != "-")
        .then(|| CardNumb::parse(number))
        .transpose()
        .map_err(wrong)?;
    let dn_code = dn_code.map(|text| DnCode::parse(text)).transpose().map_err(wrong)?;
    Ok(Command::Present(Presented::Card { card_numb, dn_code }))
}

fn millis(seconds: &str) -> Result<i64, String> {
    let seconds: f64 = seconds
        .parse()
        .map_err(|_error| format!("{seconds}: not a number of seconds"))?;
    // A century is more than any clock is wrong by.
    let bounded = (seconds * 1000.0).clamp(-3.2e12, 3.2e12);
    if bounded.is_nan() {
        return Err("not a number of seconds".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
    let ms = bounded as i64;
    Ok(ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let read = |line: &str| Command::parse(line);
        assert_eq!(read("  "), Ok(None));
        assert_eq!(read("net off"), Ok(Some(Command::Net { on: false })));
        assert_eq!(read("drift -1.5"), Ok(Some(Command::Drift { ms: -1500 })));
        assert!(read("drift NaN").is_err() && read("drift x").is_err());
        assert_eq!(read("fault on"), Ok(Some(Command::Feels(Status::Faulty))));
        assert_eq!(read("door not-opened"), Ok(Some(Command::Door(DoorState::NotOpened))));
        assert!(read("door ajar").is_err());
        assert!(read("password 12").is_err());
        assert!(read("dance").is_err() && read("net").is_err());
        let chip_only = Presented::Card {
            card_numb: None,
            dn_code: DnCode::parse("04A1").ok(),
        };
        assert_eq!(read("card - 04A1"), Ok(Some(Command::Present(chip_only))));
        let both = read("card 110101199003071234 04A1").unwrap().unwrap();
        assert!(matches!(
            both,
            Command::Present(Presented::Card {
                card_numb: Some(_),
                dn_code: Some(_)
            })
        ));
    }
}

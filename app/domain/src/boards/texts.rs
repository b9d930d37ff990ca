//! Adapters and wires as one line of a form.

use super::{Adapter, Wire};
use crate::error::Problem;
use crate::ids::PortName;
use serde::{Deserialize, Serialize};

/// Adapters: `1-36 /dev/serial/by-id/a, 37-61`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AdaptersText(pub Vec<Adapter>);

/// Locks that are not where their doors are: `1.1=1.5, 2.3=2.4`, the door first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WiresText(pub Vec<Wire>);

impl TryFrom<String> for AdaptersText {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        parts(&text).map(adapter).collect::<Result<_, _>>().map(Self)
    }
}

impl From<AdaptersText> for String {
    fn from(adapters: AdaptersText) -> Self {
        let texts: Vec<Self> = adapters
            .0
            .iter()
            .map(|one| format!("{}-{} {}", one.first, one.last, one.path).trim_end().to_owned())
            .collect();
        texts.join(", ")
    }
}

impl TryFrom<String> for WiresText {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        parts(&text).map(wire).collect::<Result<_, _>>().map(Self)
    }
}

impl From<WiresText> for String {
    fn from(wires: WiresText) -> Self {
        let texts: Vec<Self> = wires
            .0
            .iter()
            .map(|wire| format!("{}={}", PortName(wire.door), PortName(wire.lock)))
            .collect();
        texts.join(", ")
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn adapter(text: &str) -> Result<Adapter, Problem> {
    let (range, path) = text.split_once(' ').unwrap_or((text, ""));
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let number = |text: &str| text.trim().parse().map_err(|_| Problem::Form);
    Ok(Adapter {
        path: path.trim().to_owned(),
        first: number(first)?,
        last: number(last)?,
    })
}

fn wire(text: &str) -> Result<Wire, Problem> {
    let (door, lock) = text.split_once('=').ok_or(Problem::Form)?;
    let port = |text: &str| PortName::try_from(text.trim().to_owned()).map(|name| name.0);
    Ok(Wire {
        door: port(door)?,
        lock: port(lock)?,
    })
}

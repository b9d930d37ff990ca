//! The lock boards of a kiosk.

#![expect(
    clippy::too_many_arguments,
    reason = "each is a field of the form, and what a script may leave out"
)]

use crate::call::Call;
use crate::refused::Refused;
use domain::boards::{AdaptersText, ByteOrder, Echo, Kind, Via, WiresText};
use domain::ids::Yid;
use leptos::prelude::*;

/// Sets which lock boards a kiosk has and how they are connected; without a kind its doors are drawn on its screen. What is left out is as the
/// documents of the kind have it, and so is everything where a form was filled in for another kind (`shown_for`: its word, which may be one that only
/// another version knows).
#[server(prefix = "/do/operator", endpoint = "set-boards", protocol = Call)]
pub async fn set_boards(
    yid: Yid,
    kind: Option<Kind>,
    via: Option<Via>,
    baud: Option<u32>,
    doors: Option<u8>,
    open_ms: Option<u16>,
    inverted: bool,
    byte_order: Option<ByteOrder>,
    ask_one_door: Option<bool>,
    echo: Option<Echo>,
    contacts: Option<bool>,
    acknowledges: Option<bool>,
    adapters: Option<AdaptersText>,
    wires: Option<WiresText>,
    shown_for: Option<String>,
) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::locker::kiosks;
    use domain::boards::Wiring;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let wiring = kind.map(|kind| {
        let mut wiring = Wiring::of(kind);
        if shown_for.is_some_and(|shown| !is_word_of(kind, &shown)) {
            return wiring;
        }
        wiring.via = via.unwrap_or(wiring.via);
        if let Some(AdaptersText(adapters)) = adapters {
            wiring.adapters = adapters;
        }
        wiring.wires = wires.unwrap_or_default().0;
        let boards = &mut wiring.boards;
        boards.baud = baud.unwrap_or(boards.baud);
        boards.doors = doors.unwrap_or(boards.doors);
        boards.open_ms = open_ms.unwrap_or(boards.open_ms);
        boards.inverted = inverted;
        boards.byte_order = byte_order.unwrap_or(boards.byte_order);
        boards.ask_one_door = ask_one_door.unwrap_or(boards.ask_one_door);
        boards.echo = echo.unwrap_or(boards.echo);
        boards.contacts = contacts.unwrap_or(boards.contacts);
        boards.acknowledges = acknowledges.unwrap_or(boards.acknowledges);
        wiring
    });
    kiosks::set_wiring(&request.backend, who, yid, wiring).await?;
    go_to(&with_notice(&at::operator_kiosk(&yid), "saved"));
    Ok(())
}

#[cfg(feature = "ssr")]
fn is_word_of(kind: Kind, text: &str) -> bool {
    serde_json::to_value(kind).is_ok_and(|word| word == text)
}

//! Lock boards in words, for the technician at the kiosk and for the operator: why nothing opens with some settings, and how a board answers.

use crate::i18n::{Locale, td_string};
use domain::boards::bus::BoardState;
use domain::boards::{SettingsFault, Wiring, WiringFault};
use domain::ids::PortName;

/// How a board answers.
pub fn answers(locale: Locale, state: BoardState) -> &'static str {
    match state {
        BoardState::Ok => td_string!(locale, kiosk.board_ok),
        BoardState::Silent => td_string!(locale, kiosk.board_silent),
        BoardState::Garbled => td_string!(locale, kiosk.board_garbled),
        BoardState::Echo => td_string!(locale, kiosk.board_echo),
        BoardState::Lost => td_string!(locale, kiosk.board_lost),
    }
}

/// Why nothing opens with these settings.
pub fn fault_text(locale: Locale, wiring: &Wiring, fault: WiringFault) -> String {
    match fault {
        WiringFault::Settings(SettingsFault::Kind) => td_string!(locale, kiosk.fault_kind).to_owned(),
        WiringFault::Range { adapter } => {
            let most = wiring.boards.kind.boards();
            td_string!(locale, kiosk.fault_range, adapter = adapter + 1, most = most)
        }
        WiringFault::Claimed { jumper } => td_string!(locale, kiosk.fault_claimed, board = jumper),
        WiringFault::Outside(port) => td_string!(locale, kiosk.fault_outside, door = PortName(port).to_string()),
        WiringFault::Unconnected(port) => td_string!(locale, kiosk.fault_unconnected, board = port.jumper),
        WiringFault::Wire(port) => td_string!(locale, kiosk.fault_wire, door = PortName(port).to_string()),
        WiringFault::EchoUnknown => td_string!(locale, kiosk.fault_echo).to_owned(),
        WiringFault::Settings(_) | WiringFault::TooMany | WiringFault::Path { .. } => {
            td_string!(locale, kiosk.link_faulty).to_owned()
        }
    }
}

//! What speaks to lock boards. All of it is a wasm file of its own, which `scripts/build.sh` splits off where [`load`] is called; nothing else of the
//! kiosk may name these modules.

mod bridge;
mod serial;

use super::doors::{self, DoorDriver, Link};
use super::shell::Shell;
use domain::boards::{Via, Wiring};
use domain::ids::Port;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use std::rc::Rc;

/// What the file has.
#[derive(Clone, Copy)]
pub struct Boards {
    /// Makes what speaks to the boards of these settings.
    pub driver: fn(Shell, &Wiring, &[Port]) -> Rc<dyn DoorDriver>,
}

/// Fetches the file, once.
#[wasm_split(boards, wasm_split_path = leptos::wasm_split, fallible)]
pub fn load() -> Result<Boards, SplitLoaderError> {
    Ok(Boards { driver })
}

fn driver(shell: Shell, wiring: &Wiring, layout: &[Port]) -> Rc<dyn DoorDriver> {
    if wiring.check(layout).is_err() {
        doors::unreachable(shell, &doors::jumpers(wiring, layout), Link::Faulty);
        return Rc::new(doors::NoDoors(shell));
    }
    match wiring.via {
        Via::Browser => serial::Serial::start(shell, wiring, layout),
        Via::Bridge => bridge::Bridge::start(shell, wiring, layout),
    }
}

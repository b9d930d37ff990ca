//! The wasm file of codes that are drawn in the page: for `moving-code.js`, which shows one frame after another, for the kiosk's camera, which puts them
//! together (`frontend/decoder/worker.js`), and for `pass-on.js`, which narrows a voucher without network. A file of its own, which only those load.

use domain::error::Refusal;
use domain::ids::{Millis, ThingsSq, VoucherName};
use domain::qr::{self, Level};
use domain::token::frames::{self, PART, Reading};
use domain::token::{self, Caveat};
use wasm_bindgen::prelude::wasm_bindgen;

/// A text as an SVG image with its quiet zone; empty where it is too long for one code.
#[wasm_bindgen]
pub fn svg(text: &str) -> String {
    qr::encode(text, Level::M).map_or(String::new(), |symbol| symbol.to_svg())
}

/// A token as frames.
#[wasm_bindgen]
pub struct Frames(frames::Frames);

#[wasm_bindgen]
impl Frames {
    /// Of this token. Throws where it is longer than any.
    #[wasm_bindgen(constructor)]
    pub fn new(token: &str) -> Result<Frames, String> {
        let frames = frames::encode(token).map_err(|_| "too-long")?;
        Ok(Self(frames))
    }

    /// One frame as SVG. They are shown one after another, from 0 on without end.
    pub fn svg(&self, number: u32) -> String {
        svg(&self.0.text(number))
    }
}

/// Puts the frames together that a kiosk's camera sees.
#[wasm_bindgen]
#[derive(Default)]
pub struct Watcher(frames::Watcher);

#[wasm_bindgen]
impl Watcher {
    /// Nothing was seen yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// What a frame makes known: the token, or after `LK1 ` how much of it, in percent. `now`: milliseconds, which never go back.
    pub fn receive(&mut self, text: &str, now: f64) -> Option<String> {
        match self.0.receive(text, Millis(now as i64))? {
            // 0 to 100.
            Reading::Partial { progress } => Some(format!("{PART}{}", (progress.clamp(0.0, 1.0) * 100.0) as u32)),
            Reading::Whole(token) => Some(token),
            Reading::Foreign => None,
        }
    }
}

/// A voucher narrowed for somebody: to these orders (none: all), until this moment in Unix seconds, with their name. Throws the name of what is wrong:
/// `name`, `narrower` or `too-long`.
#[wasm_bindgen]
pub fn narrow(token: &str, orders: Vec<String>, until: Option<f64>, name: &str) -> Result<String, String> {
    let name = VoucherName::read(name).map_err(|_| "name")?;
    let orders: Option<Vec<_>> = orders.iter().map(|order| ThingsSq::parse(order)).collect();
    let orders = orders.ok_or("narrower")?;
    let caveat = Caveat {
        orders: (!orders.is_empty()).then_some(orders),
        // Seconds since 1970, far from what an `f64` holds exactly.
        until: until.map(|seconds| seconds as i64),
        name: Some(name.0),
    };
    token::narrow(token, &caveat).map_err(|refusal| {
        match refusal {
            Refusal::TooLarge { .. } => "too-long",
            _ => "narrower",
        }
        .to_owned()
    })
}

//! The wasm file of codes that a phone makes without network, for `pass-on.js`: a file of its own, which only pages with a kept voucher load.

use domain::error::Refusal;
use domain::ids::{ThingsSq, VoucherName};
use domain::qr::{self, Level};
use domain::token::{self, Caveat};
use wasm_bindgen::prelude::wasm_bindgen;

/// A text as an SVG image with its quiet zone; empty where it is too long for one code.
#[wasm_bindgen]
pub fn svg(text: &str) -> String {
    qr::encode(text, Level::M).map_or(String::new(), |symbol| symbol.to_svg())
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

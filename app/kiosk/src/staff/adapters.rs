//! The adapters that are plugged in, for the technician. They are looked for without a driver: none is there before boards are set up.

use crate::browser::{self, call, get};
use js_sys::Array;
use leptos::prelude::window;
use wasm_bindgen::JsValue;

/// What tells ports apart, where the browser knows it: vendor and product of an adapter.
fn usb(info: &JsValue) -> Option<String> {
    let id = |name| get(info, name).as_f64();
    let (vendor, product) = (id("usbVendorId")?, id("usbProductId")?);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "both are numbers of 16 bits"
    )]
    let hex = |number: f64| format!("{:04x}", number as u16);
    Some(format!("{}:{}", hex(vendor), hex(product)))
}

/// The ports this page may use, for the technician.
pub async fn all() -> Vec<String> {
    let serial = get(&window().navigator(), "serial");
    let Ok(asked) = call(&serial, "getPorts", &[]) else {
        return Vec::new();
    };
    let Ok(ports) = browser::wait(asked).await else {
        return Vec::new();
    };
    Array::from(&ports)
        .iter()
        .map(|port| {
            let info = call(&port, "getInfo", &[]).unwrap_or_default();
            usb(&info).unwrap_or_else(|| "–".to_owned())
        })
        .collect()
}

//! The wasm file of the outbox (`domain::outbox`), for `unsent.js`: a file of its own, which pages load only where something waits to be sent.
//!
//! Everything passes as JSON: it is little, and each step is stored before anything is done about it.

use domain::ids::Millis;
use domain::outbox::{self, Key, Unreadable, Work};
use wasm_bindgen::prelude::wasm_bindgen;

/// The outbox of one person on one phone, as it was stored.
#[wasm_bindgen]
pub struct Outbox(outbox::Outbox);

/// Moments come from the browser's clock, in milliseconds since 1970.
fn at(now: f64) -> Millis {
    Millis(now as i64)
}

#[wasm_bindgen]
impl Outbox {
    /// From its text; without one, empty. Throws `newer` where a newer version of the pages wrote it, and `damaged`.
    #[wasm_bindgen(constructor)]
    pub fn new(text: Option<String>) -> Result<Outbox, String> {
        let Some(text) = text else {
            return Ok(Self(outbox::Outbox::default()));
        };
        outbox::Outbox::from_text(&text).map(Self).map_err(|unreadable| {
            match unreadable {
                Unreadable::Newer { .. } => "newer",
                Unreadable::Damaged => "damaged",
            }
            .to_owned()
        })
    }

    /// Its text, to be stored.
    pub fn text(&self) -> String {
        self.0.to_text()
    }

    /// Takes work in. `room`: how many bytes the phone can store, where that is known. Throws why it was not taken.
    pub fn add(&mut self, work: &str, key: String, now: f64, room: Option<f64>) -> Result<(), String> {
        let work: Work = serde_json::from_str(work).map_err(|error| error.to_string())?;
        let room = room.map(|bytes| bytes as usize);
        let taken = self.0.add(work, Key(key), at(now), room);
        taken.map(drop).map_err(|refused| {
            let text = serde_json::to_string(&refused).unwrap_or_default();
            text.trim_matches('"').to_owned()
        })
    }

    /// One step. Answers what is to be done once the new state is stored. Throws where there is no such input.
    pub fn step(&mut self, input: &str, now: f64) -> Result<String, String> {
        let input = serde_json::from_str(input).map_err(|error| error.to_string())?;
        serde_json::to_string(&self.0.step(input, at(now))).map_err(|error| error.to_string())
    }

    /// Its entries, oldest first.
    pub fn entries(&self) -> Result<String, String> {
        serde_json::to_string(self.0.entries()).map_err(|error| error.to_string())
    }

    /// When something may be sent that may not be now.
    pub fn next_at(&self) -> Option<f64> {
        self.0.next_at().map(|at| at.0 as f64)
    }
}

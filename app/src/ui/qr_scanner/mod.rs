//! Reading codes with a camera: [`ScannerForm`] for phones, [`Reader`] with [`ReaderView`] for the kiosk. Pictures are decoded
//! in a worker, so that the page stays smooth.
//!
//! The scanner of phones is drawn by the server, words included, and brought to life by [`scan`] without leptos: its wasm file
//! has to be small.

mod camera;
#[cfg(feature = "ssr")]
mod form;
mod lens;
mod reader;
mod scan;
mod worker;

pub use camera::{CameraProblem, Facing};
#[cfg(feature = "ssr")]
pub use form::ScannerForm;
pub use lens::{Lens, ReaderState, Report};
pub use reader::{Reader, ReaderView};
pub use scan::scan;

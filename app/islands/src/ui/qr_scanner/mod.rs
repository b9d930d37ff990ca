//! Reading codes with a camera: [`ScannerForm`] for phones, [`Reader`] with [`ReaderView`] for the kiosk. Pictures are decoded
//! in a worker, so that the page stays smooth.
//!
//! The scanner of phones is drawn by the server, words included, and brought to life by the island `Scanner`.

mod camera;
#[cfg(feature = "ssr")]
mod form;
mod lens;
mod reader;
#[cfg(any(feature = "ssr", feature = "scan"))]
mod scan;
mod worker;

pub use camera::{CameraProblem, Facing};
#[cfg(feature = "ssr")]
pub use form::ScannerForm;
pub use lens::{Lens, ReaderState, Report};
pub use reader::{Reader, ReaderView};

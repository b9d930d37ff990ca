//! Reading codes with a camera: [`ScannerForm`] for phones, [`Reader`] with [`ReaderView`] for the kiosk. Pictures are decoded
//! in a worker, so that the page stays smooth.

mod camera;
mod form;
mod reader;
mod worker;

pub use camera::{CameraProblem, Facing};
pub use form::ScannerForm;
pub use reader::{Reader, ReaderState, ReaderView};

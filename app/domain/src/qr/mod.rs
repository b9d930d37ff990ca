//! QR symbols: text to modules, fast.

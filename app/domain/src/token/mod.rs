//! The QR token of SPEC 2.

//! The offline kiosk as a pure state machine: what a cabinet with four usages (J, K, L, M) does, without a screen, a door or a network.

pub mod pin;

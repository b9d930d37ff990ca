//! A frame to write, and the sums that close frames.

use std::fmt;

const MOST: usize = 9;

/// The bytes of one request, whole.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    bytes: [u8; MOST],
    length: u8,
}

impl Frame {
    /// The bytes as they go on the wire.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    fn of(parts: [&[u8]; 2]) -> Self {
        let mut bytes = [0; MOST];
        let mut length = 0;
        for byte in parts.into_iter().flatten() {
            bytes[usize::from(length)] = *byte;
            length += 1;
        }
        Self { bytes, length }
    }

    /// Closed by CRC-16/MODBUS, low byte first.
    pub(super) fn with_crc(body: &[u8]) -> Self {
        Self::of([body, &crc(body).to_le_bytes()])
    }

    /// Closed by the XOR of all bytes before.
    pub(super) fn with_xor(body: &[u8]) -> Self {
        Self::of([body, &[xor(body)]])
    }

    /// Closed by the sum of the bytes after the first `skipped`.
    pub(super) fn with_sum(body: &[u8], skipped: usize) -> Self {
        Self::of([body, &[sum(&body[skipped..])]])
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes()
            .iter()
            .enumerate()
            .try_for_each(|(at, byte)| write!(f, "{}{byte:02X}", if at == 0 { "" } else { " " }))
    }
}

/// CRC-16/MODBUS.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xA001 } else { crc >> 1 }
        })
    })
}

fn xor(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

/// Does the CRC at the end fit?
pub(super) fn crc_fits(bytes: &[u8]) -> bool {
    matches!(bytes.split_last_chunk::<2>(), Some((body, end)) if crc(body).to_le_bytes() == *end)
}

/// Does the XOR at the end fit?
pub(super) fn xor_fits(bytes: &[u8]) -> bool {
    matches!(bytes.split_last(), Some((end, body)) if xor(body) == *end)
}

/// Does the sum at the end fit?
pub(super) fn sum_fits(bytes: &[u8], skipped: usize) -> bool {
    matches!(bytes.split_last(), Some((end, body)) if body.len() >= skipped && sum(&body[skipped..]) == *end)
}

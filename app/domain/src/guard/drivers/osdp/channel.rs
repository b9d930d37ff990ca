//! The secure channel: keys of a session, MACs and encryption, as both sides compute them.

use super::packet::MAC_BYTES;
use crate::guard::ids::GuardId;
use crate::guard::link::DeviceKey;
use aes_gcm::aes::Aes128;
use aes_gcm::aes::cipher::{BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use hkdf::Hkdf;
use sha2::Sha256;

const BLOCK: usize = 16;
const INFO: &[u8] = b"latchkey/osdp/scbk/v1";

type Bytes = [u8; BLOCK];

/// The base key of one reader. Prints nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Bytes);

impl Key {
    /// What every reader leaves the factory with, so it protects nothing.
    pub const DEFAULT: Self = Self([
        0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F,
    ]);

    /// 32 hexadecimal digits; `None` for anything else, and for the default key.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() != 2 * BLOCK || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut key = [0; BLOCK];
        for (at, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        Some(Self(key)).filter(|key| *key != Self::DEFAULT)
    }

    /// The key of a guard's reader, made from the guard's device key: nothing else has to be kept.
    pub fn of(guard: &GuardId, device_key: &DeviceKey) -> Self {
        let mut key = [0; BLOCK];
        let info = [INFO, guard.as_str().as_bytes()];
        // 16 bytes are within the limit of HKDF.
        let _within_limit =
            Hkdf::<Sha256>::new(None, device_key.expose().as_bytes()).expand_multi_info(&info, &mut key);
        Self(key)
    }

    /// The bytes, for a reader that is given its key, and for setting up a reader by other means.
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// We.
    Panel,
    /// The reader.
    Reader,
}

/// The keys of one session.
#[derive(Clone)]
pub struct Channel {
    data: Aes128,
    first: Aes128,
    last: Aes128,
    randoms: ([u8; 8], [u8; 8]),
    panel_mac: Bytes,
    reader_mac: Bytes,
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Channel")
    }
}

impl Channel {
    /// From the base key and what each side chose by chance.
    pub fn new(key: &Key, panel: [u8; 8], reader: [u8; 8]) -> Self {
        let base = Aes128::new(&key.0.into());
        let session = |kind: [u8; 2]| {
            let mut block = [0; BLOCK];
            block[..2].copy_from_slice(&kind);
            block[2..8].copy_from_slice(&panel[..6]);
            Aes128::new(&encrypted(&base, block).into())
        };
        Self {
            data: session([1, 0x82]),
            first: session([1, 1]),
            last: session([1, 2]),
            randoms: (panel, reader),
            panel_mac: [0; BLOCK],
            reader_mac: [0; BLOCK],
        }
    }

    /// What a side sends to show that it has the key.
    pub fn cryptogram(&self, side: Side) -> [u8; 16] {
        let (panel, reader) = self.randoms;
        let (left, right) = match side {
            Side::Reader => (panel, reader),
            Side::Panel => (reader, panel),
        };
        let mut block = [0; BLOCK];
        block[..8].copy_from_slice(&left);
        block[8..].copy_from_slice(&right);
        encrypted(&self.data, block)
    }

    /// Begins: returns the first MAC of the reader, which is the last step of the handshake.
    pub fn begin(&mut self) -> [u8; 16] {
        let once = encrypted(&self.first, self.cryptogram(Side::Panel));
        self.reader_mac = encrypted(&self.last, once);
        self.panel_mac = [0; BLOCK];
        self.reader_mac
    }

    /// The MAC of what a side sends, each made from the one before.
    fn mac(&self, side: Side, bytes: &[u8]) -> Bytes {
        let mut chained = self.last_of(side);
        let mut blocks = bytes.chunks(BLOCK).peekable();
        while let Some(chunk) = blocks.next() {
            let mut block = [0; BLOCK];
            block[..chunk.len()].copy_from_slice(chunk);
            if let Some(end) = block.get_mut(chunk.len()) {
                *end = 0x80;
            }
            let key = if blocks.peek().is_some() {
                &self.first
            } else {
                &self.last
            };
            chained = encrypted(key, xor(block, chained));
        }
        chained
    }

    /// What the other side sent last.
    fn last_of(&self, side: Side) -> Bytes {
        match side {
            Side::Panel => self.reader_mac,
            Side::Reader => self.panel_mac,
        }
    }

    /// Signs what a side sends.
    pub fn sign(&mut self, side: Side, bytes: &[u8]) -> [u8; MAC_BYTES] {
        let mac = self.mac(side, bytes);
        match side {
            Side::Panel => self.panel_mac = mac,
            Side::Reader => self.reader_mac = mac,
        }
        [mac[0], mac[1], mac[2], mac[3]]
    }

    /// Is this the MAC of what a side sent? A wrong one changes nothing.
    pub fn verify(&mut self, side: Side, bytes: &[u8], mac: [u8; MAC_BYTES]) -> bool {
        let mut next = self.clone();
        let differs = next.sign(side, bytes).into_iter().zip(mac);
        let fits = differs.fold(0, |differs, (one, other)| differs | (one ^ other)) == 0;
        if fits {
            *self = next;
        }
        fits
    }

    /// Encrypts what a side sends, before it is signed.
    pub fn seal(&self, side: Side, data: &[u8]) -> Vec<u8> {
        let mut padded = data.to_vec();
        padded.push(0x80);
        padded.resize(padded.len().next_multiple_of(BLOCK), 0);
        let mut chained = self.last_of(side).map(|byte| !byte);
        for chunk in padded.chunks_exact_mut(BLOCK) {
            let mut block = [0; BLOCK];
            block.copy_from_slice(chunk);
            chained = encrypted(&self.data, xor(block, chained));
            chunk.copy_from_slice(&chained);
        }
        padded
    }

    /// Decrypts what a side sent, before its MAC is noted; `None` unless it ends as it must.
    pub fn unseal(&self, side: Side, sealed: &[u8]) -> Option<Vec<u8>> {
        if sealed.is_empty() || !sealed.len().is_multiple_of(BLOCK) {
            return None;
        }
        let mut chained = self.last_of(side).map(|byte| !byte);
        let mut plain = Vec::with_capacity(sealed.len());
        for chunk in sealed.chunks_exact(BLOCK) {
            let mut block = [0; BLOCK];
            block.copy_from_slice(chunk);
            let mut opened = block.into();
            self.data.decrypt_block(&mut opened);
            plain.extend(xor(opened.into(), chained));
            chained = block;
        }
        let end = plain.iter().rposition(|byte| *byte != 0)?;
        if plain[end] != 0x80 {
            return None;
        }
        plain.truncate(end);
        Some(plain)
    }
}

fn encrypted(key: &Aes128, block: Bytes) -> Bytes {
    let mut block = block.into();
    key.encrypt_block(&mut block);
    block.into()
}

fn xor(mut one: Bytes, other: Bytes) -> Bytes {
    for (byte, with) in one.iter_mut().zip(other) {
        *byte ^= with;
    }
    one
}

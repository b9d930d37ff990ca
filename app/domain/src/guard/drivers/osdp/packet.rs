//! Frames on the wire: `53 addr lenLo lenHi ctrl [block] code data [mac] crcLo crcHi`.

use super::Command;

pub(super) const START: u8 = 0x53;
/// Set in the address of what a reader sends.
const FROM_READER: u8 = 0x80;
/// The check at the end is a CRC.
const WITH_CRC: u8 = 0x04;
/// A security block follows the control byte.
const WITH_BLOCK: u8 = 0x08;
/// Start, address, length, control, code and CRC.
const SHORTEST: usize = 8;
/// The longest frame that is taken: what readers answer to our commands is far shorter.
const LONGEST: usize = 256;
/// Bytes of a MAC that are sent.
pub(super) const MAC_BYTES: usize = 4;

/// Commands that are sent in the secure channel without data.
pub(super) const SIGNED_COMMAND: u8 = 0x15;
/// The answer to them.
pub(super) const SIGNED_REPLY: u8 = 0x16;
/// Commands whose data is encrypted.
pub(super) const SEALED_COMMAND: u8 = 0x17;
/// Answers whose data is encrypted.
pub(super) const SEALED_REPLY: u8 = 0x18;

/// CRC-16 of polynomial 1021 that begins with 1D0F.
pub fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0x1D0F, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
            let shifted = crc << 1;
            if crc & 0x8000 == 0 { shifted } else { shifted ^ 0x1021 }
        })
    })
}

/// What a secure channel says of a frame: its kind, and in the handshake which key is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// 0x11 to 0x18.
    pub kind: u8,
    /// In the handshake: 0 for the default key and 1 for the reader's own; of the last answer 1 for success.
    pub key: Option<u8>,
}

/// A frame whose CRC fits.
#[derive(Clone, PartialEq, Eq)]
pub struct Packet {
    /// 0 to 126.
    pub address: u8,
    /// A reader sent it.
    pub is_reply: bool,
    /// 0 to 3.
    pub sequence: u8,
    /// In or on the way to the secure channel.
    pub block: Option<Block>,
    /// What is asked or answered.
    pub code: u8,
    /// As it is sent: encrypted where the security block says so.
    pub data: Vec<u8>,
    /// In the secure channel.
    pub mac: Option<[u8; MAC_BYTES]>,
    /// Everything that the MAC is made of.
    pub signed: Vec<u8>,
}

impl std::fmt::Debug for Packet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Cards and keys are in the data.
        write!(
            f,
            "Packet {:02X} of {:02X}, {} bytes",
            self.code,
            self.address,
            self.data.len()
        )
    }
}

impl Packet {
    /// A frame from its beginning to its end; `None` unless everything fits.
    fn read(bytes: &[u8]) -> Option<Self> {
        let (body, check) = bytes.split_at_checked(bytes.len().checked_sub(2)?)?;
        let control = *body.get(4)?;
        if control & WITH_CRC == 0 || check != crc(body).to_le_bytes() {
            return None;
        }
        let mut rest = body.get(5..)?;
        let mut block = None;
        if control & WITH_BLOCK != 0 {
            let length = usize::from(*rest.first()?);
            let inside = rest.get(1..length)?;
            block = Some(Block {
                kind: *inside.first()?,
                key: inside.get(1).copied(),
            });
            rest = rest.get(length..)?;
        }
        let mut mac = None;
        let mut signed = body;
        if block.is_some_and(|block| block.kind >= SIGNED_COMMAND) {
            let (left, right) = rest.split_at_checked(rest.len().checked_sub(MAC_BYTES)?)?;
            (rest, mac) = (left, Some(right.try_into().ok()?));
            signed = body.get(..body.len() - MAC_BYTES)?;
        }
        let (code, data) = rest.split_first()?;
        Some(Self {
            address: body[1] & !FROM_READER,
            is_reply: body[1] & FROM_READER != 0,
            sequence: control & 3,
            block,
            code: *code,
            data: data.to_vec(),
            mac,
            signed: signed.to_vec(),
        })
    }

    /// The bytes of a frame, from a panel with a mark before it, as a reader may need one to wake up.
    /// `sign` makes the MAC of a frame that has one.
    ///
    /// `data` is as it is sent; nothing is sent where it is longer than a frame can carry.
    pub fn write(
        address: u8,
        is_reply: bool,
        sequence: u8,
        block: Option<Block>,
        (code, data): (u8, &[u8]),
        sign: impl FnOnce(&[u8]) -> [u8; MAC_BYTES],
    ) -> Option<Vec<u8>> {
        let has_mac = block.is_some_and(|block| block.kind >= SIGNED_COMMAND);
        let mut inside = Vec::new();
        if let Some(block) = block {
            inside = vec![0, block.kind];
            inside.extend(block.key);
            inside[0] = u8::try_from(inside.len()).ok()?;
        }
        let length = SHORTEST + inside.len() + data.len() + if has_mac { MAC_BYTES } else { 0 };
        let [low, high] = u16::try_from(length).ok().filter(|_| length <= LONGEST)?.to_le_bytes();
        let whose = address | if is_reply { FROM_READER } else { 0 };
        let control = sequence & 3 | WITH_CRC | if block.is_some() { WITH_BLOCK } else { 0 };
        let mut frame = vec![START, whose, low, high, control];
        frame.extend(inside);
        frame.push(code);
        frame.extend(data);
        if has_mac {
            let mac = sign(&frame);
            frame.extend(mac);
        }
        let check = crc(&frame).to_le_bytes();
        frame.extend(check);
        Some(frame)
    }
}

/// Bytes that become frames. Noise is passed over, byte by byte.
#[derive(Clone, Default)]
pub struct Assembler(Vec<u8>);

impl std::fmt::Debug for Assembler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Assembler with {} bytes", self.0.len())
    }
}

impl Assembler {
    /// Every frame that is complete now.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Packet> {
        self.0.extend(bytes);
        let mut packets = Vec::new();
        let mut at = 0;
        while let Some(rest) = self.0.get(at..).filter(|rest| !rest.is_empty()) {
            let length = match rest {
                [START, _, low, high, ..] => usize::from(u16::from_le_bytes([*low, *high])),
                [START, ..] => break,
                _ => {
                    at += 1;
                    continue;
                }
            };
            if !(SHORTEST..=LONGEST).contains(&length) {
                at += 1;
                continue;
            }
            let Some(frame) = rest.get(..length) else { break };
            match Packet::read(frame) {
                Some(packet) => {
                    packets.push(packet);
                    at += length;
                }
                None => at += 1,
            }
        }
        self.0.drain(..at);
        packets
    }

    /// Drops what was received so far: it belongs to no later frame.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl Command {
    /// Its code, and its data before encryption.
    pub fn parts(&self) -> (u8, Vec<u8>) {
        match self {
            Self::Poll => (0x60, Vec::new()),
            Self::Identify => (0x61, vec![0]),
            Self::Capabilities => (0x62, vec![0]),
            Self::LocalStatus => (0x64, Vec::new()),
            Self::Inputs => (0x65, Vec::new()),
            Self::Pulse { output, tenths } => {
                let [low, high] = tenths.to_le_bytes();
                // 5: on for a time, which the reader measures.
                (0x68, vec![*output, 5, low, high])
            }
            Self::Light { granted } => {
                // Set for a time: reader 0, LED 0, on without a pause; the permanent colour stays.
                let (colour, tenths) = if *granted { (2, 20) } else { (1, 10) };
                (0x69, vec![0, 0, 2, 10, 0, colour, 0, tenths, 0, 0, 0, 0, 0, 0])
            }
            Self::Sound { granted } => {
                let (on, off, times) = if *granted { (2, 1, 1) } else { (1, 1, 3) };
                (0x6A, vec![0, 2, on, off, times])
            }
            Self::SetKey(key) => {
                let mut data = vec![1, 16];
                data.extend(key.bytes());
                (0x75, data)
            }
            Self::Challenge(random) => (0x76, random.to_vec()),
            Self::Cryptogram(cryptogram) => (0x77, cryptogram.to_vec()),
        }
    }
}

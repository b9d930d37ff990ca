//! One session with a reader: the handshake, and frames in the secure channel.

use super::channel::{Channel, Key, Side};
use super::packet::{Block, Packet, SEALED_COMMAND, SEALED_REPLY, SIGNED_COMMAND, SIGNED_REPLY};
use super::{Command, Fault, Identity};
use crate::token::Random;

const NAK: u8 = 0x41;
const IDENTITY: u8 = 0x45;
const CRYPTOGRAM: u8 = 0x76;
const FIRST_MAC: u8 = 0x78;
const BUSY: u8 = 0x79;
/// A reader refuses a command because its conditions are not met: it has a secure channel, and other keys.
const CONDITIONS: u8 = 6;

/// How far the handshake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Identify,
    Challenge,
    Cryptogram,
    Secure,
}

/// What a frame meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nothing to us.
    Nothing,
    /// The reader asks to be asked again.
    Busy,
    /// The handshake goes on.
    Step(Option<Identity>),
    /// The secure channel stands.
    Secured,
    /// An answer in the secure channel.
    Answer(u8, Vec<u8>),
    /// There will be no secure channel.
    Refused(Fault),
    /// The session is over, and another one may begin.
    Broken,
}

/// A session.
#[derive(Clone, Debug)]
pub(super) struct Session {
    address: u8,
    key: Key,
    /// Of the last frame; the first one of a session is 0.
    sequence: Option<u8>,
    stage: Stage,
    ours: [u8; 8],
    channel: Option<Channel>,
}

impl Session {
    pub(super) fn new(address: u8, key: Key) -> Self {
        Self {
            address,
            key,
            sequence: None,
            stage: Stage::Identify,
            ours: [0; 8],
            channel: None,
        }
    }

    pub(super) fn is_secure(&self) -> bool {
        self.stage == Stage::Secure
    }

    /// The next command of the handshake; `None` once it is over.
    pub(super) fn handshake(&mut self, random: &mut Random) -> Option<Command> {
        match (self.stage, &self.channel) {
            (Stage::Identify, _) => Some(Command::Identify),
            (Stage::Challenge, _) => {
                random(&mut self.ours);
                Some(Command::Challenge(self.ours))
            }
            (Stage::Cryptogram, Some(channel)) => Some(Command::Cryptogram(channel.cryptogram(Side::Panel))),
            (Stage::Cryptogram | Stage::Secure, _) => None,
        }
    }

    /// A new frame with the next number.
    pub(super) fn write(&mut self, command: &Command) -> Vec<u8> {
        let sequence = self.sequence.map_or(0, |last| last % 3 + 1);
        self.sequence = Some(sequence);
        let (code, mut data) = command.parts();
        let own = u8::from(self.key != Key::DEFAULT);
        let block = match (command, &self.channel) {
            (Command::Challenge(_), _) => Some(Block {
                kind: 0x11,
                key: Some(own),
            }),
            (Command::Cryptogram(_), _) => Some(Block {
                kind: 0x13,
                key: Some(own),
            }),
            (_, Some(channel)) if self.stage == Stage::Secure => {
                let kind = if data.is_empty() {
                    SIGNED_COMMAND
                } else {
                    data = channel.seal(Side::Panel, &data);
                    SEALED_COMMAND
                };
                Some(Block { kind, key: None })
            }
            _ => None,
        };
        let channel = &mut self.channel;
        let sign = |bytes: &[u8]| {
            channel
                .as_mut()
                .map_or([0; 4], |channel| channel.sign(Side::Panel, bytes))
        };
        let mut marked = vec![super::bus::MARK];
        // None of our commands is too long for a frame.
        marked.extend(Packet::write(self.address, false, sequence, block, (code, &data), sign).unwrap_or_default());
        marked
    }

    /// What a frame means that may be the answer to the last one.
    pub(super) fn hear(&mut self, packet: &Packet) -> Heard {
        if !packet.is_reply || packet.address != self.address {
            return Heard::Nothing;
        }
        if packet.code == BUSY && packet.block.is_none() {
            return Heard::Busy;
        }
        if self.sequence != Some(packet.sequence) {
            return Heard::Nothing;
        }
        match self.stage {
            Stage::Identify => match (packet.code, packet.block) {
                (IDENTITY, None) => {
                    self.stage = Stage::Challenge;
                    Heard::Step(identity(&packet.data))
                }
                // It may be a reader that does not identify itself outside of a session.
                (NAK, None) => {
                    self.stage = Stage::Challenge;
                    Heard::Step(None)
                }
                _ => Heard::Nothing,
            },
            Stage::Challenge => self.challenged(packet),
            Stage::Cryptogram => self.compared(packet),
            Stage::Secure => self.secure(packet),
        }
    }

    fn challenged(&mut self, packet: &Packet) -> Heard {
        let theirs: Option<([u8; 8], [u8; 16])> = packet
            .data
            .get(8..16)
            .zip(packet.data.get(16..32))
            .and_then(|(random, cryptogram)| Some((random.try_into().ok()?, cryptogram.try_into().ok()?)));
        match (packet.code, packet.block.map(|block| block.kind), theirs) {
            (CRYPTOGRAM, Some(0x12), Some((theirs, cryptogram))) => {
                let channel = Channel::new(&self.key, self.ours, theirs);
                if channel.cryptogram(Side::Reader) != cryptogram {
                    let default = Channel::new(&Key::DEFAULT, self.ours, theirs);
                    let has_default = default.cryptogram(Side::Reader) == cryptogram;
                    return Heard::Refused(if has_default {
                        Fault::DefaultKey
                    } else {
                        Fault::WrongKey
                    });
                }
                self.channel = Some(channel);
                self.stage = Stage::Cryptogram;
                Heard::Step(None)
            }
            (NAK, ..) => Heard::Refused(if packet.data.first() == Some(&CONDITIONS) {
                Fault::WrongKey
            } else {
                Fault::Plain
            }),
            _ => Heard::Nothing,
        }
    }

    fn compared(&mut self, packet: &Packet) -> Heard {
        let block = packet.block.filter(|block| block.kind == 0x14);
        match (packet.code, block, &mut self.channel) {
            (FIRST_MAC, Some(block), Some(channel)) => {
                if block.key != Some(1) || channel.begin()[..] != packet.data[..] {
                    return Heard::Refused(Fault::WrongKey);
                }
                self.stage = Stage::Secure;
                Heard::Secured
            }
            (NAK, ..) => Heard::Refused(Fault::WrongKey),
            _ => Heard::Nothing,
        }
    }

    fn secure(&mut self, packet: &Packet) -> Heard {
        let (Some(channel), Some(block), Some(mac)) = (&mut self.channel, packet.block, packet.mac) else {
            // It has no session (any more). Anything else in the clear is no answer.
            let over = packet.block.is_none() && packet.code == NAK;
            return if over { Heard::Broken } else { Heard::Nothing };
        };
        if !matches!(block.kind, SIGNED_REPLY | SEALED_REPLY) {
            return Heard::Nothing;
        }
        if !channel.verify(Side::Reader, &packet.signed, mac) {
            return Heard::Broken;
        }
        if block.kind == SIGNED_REPLY {
            return Heard::Answer(packet.code, packet.data.clone());
        }
        match channel.unseal(Side::Reader, &packet.data) {
            Some(data) => Heard::Answer(packet.code, data),
            None => Heard::Broken,
        }
    }
}

fn identity(data: &[u8]) -> Option<Identity> {
    match data {
        [one, two, three, model, version, a, b, c, d, ..] => Some(Identity {
            vendor: [*one, *two, *three],
            model: *model,
            version: *version,
            serial: u32::from_le_bytes([*a, *b, *c, *d]),
        }),
        _ => None,
    }
}

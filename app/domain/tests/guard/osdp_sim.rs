//! A reader by the tables of the public documents. The server's tests and benches have it as well.

use domain::guard::drivers::osdp::{Assembler, Block, Channel, Key, Packet, Side};
use std::collections::VecDeque;

pub struct Sim {
    pub address: u8,
    /// `None`: it has no secure channel.
    pub key: Option<Key>,
    /// What it tells at the next polls: code and data.
    pub queue: VecDeque<(u8, Vec<u8>)>,
    pub inputs: [u8; 2],
    pub tamper: u8,
    pub outputs: u8,
    /// Output and tenths of a second of each pulse.
    pub pulses: Vec<(u8, u16)>,
    /// Codes of all commands that were carried out.
    pub done: Vec<u8>,
    /// It hears nothing.
    pub away: bool,
    /// It carries out this number of commands, and their answers are lost.
    pub mute: u32,
    /// The same for a command with this code alone.
    pub mute_to: Option<u8>,
    /// It carries out a command with this code, and is away from then on.
    pub away_after: Option<u8>,
    /// It says "busy" this number of times.
    pub busy: u32,
    /// It does not know the questions for inputs.
    pub tells_inputs_itself: bool,
    channel: Option<Channel>,
    is_secure: bool,
    last: Option<(Vec<u8>, Vec<u8>)>,
    heard: Assembler,
    chosen: u8,
}

impl Sim {
    pub fn new(address: u8, key: Option<Key>) -> Self {
        Self {
            address,
            key,
            queue: VecDeque::new(),
            inputs: [0; 2],
            tamper: 0,
            outputs: 1,
            pulses: Vec::new(),
            done: Vec::new(),
            away: false,
            mute: 0,
            mute_to: None,
            away_after: None,
            busy: 0,
            tells_inputs_itself: false,
            channel: None,
            is_secure: false,
            last: None,
            heard: Assembler::default(),
            chosen: address,
        }
    }

    /// A card of 26 bits is shown, or another one.
    pub fn card(&mut self, bytes: &[u8], bits: u16) {
        let [low, high] = bits.to_le_bytes();
        self.queue.push_back((0x50, [&[0, 1, low, high], bytes].concat()));
    }

    pub fn keys(&mut self, keys: &[u8]) {
        let count = u8::try_from(keys.len()).unwrap();
        self.queue.push_back((0x53, [&[0, count], keys].concat()));
    }

    /// The power fails: it knows its key, and nothing of a session.
    pub fn restart(&mut self) {
        (self.channel, self.is_secure, self.last) = (None, false, None);
    }

    /// What it answers to bytes on the wire.
    pub fn hears(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut answers = Vec::new();
        for packet in self.heard.feed(bytes) {
            if !packet.is_reply && packet.address == self.address && !self.away {
                answers.extend(self.answer(&packet));
            }
        }
        answers
    }

    fn answer(&mut self, packet: &Packet) -> Option<Vec<u8>> {
        if packet.sequence == 0 {
            self.restart();
        }
        if let Some((asked, answer)) = &self.last
            && *asked == packet.signed
        {
            return Some(answer.clone());
        }
        if self.busy > 0 {
            self.busy -= 1;
            return Packet::write(self.address, true, 0, None, (0x79, &[]), |_| [0; 4]);
        }
        let answer = self.carries_out(packet)?;
        self.last = Some((packet.signed.clone(), answer.clone()));
        if self.away_after == Some(packet.code) {
            self.away = true;
            return None;
        }
        if self.mute > 0 || self.mute_to == Some(packet.code) {
            self.mute = self.mute.saturating_sub(1);
            self.mute_to = None;
            return None;
        }
        Some(answer)
    }

    fn plain(&self, sequence: u8, block: Option<Block>, code: u8, data: &[u8]) -> Option<Vec<u8>> {
        Packet::write(self.address, true, sequence, block, (code, data), |_| [0; 4])
    }

    fn carries_out(&mut self, packet: &Packet) -> Option<Vec<u8>> {
        let sequence = packet.sequence;
        let kind = packet.block.map(|block| block.kind);
        match (packet.code, kind) {
            (0x61, None) => self.plain(sequence, None, 0x45, &[1, 2, 3, 4, 5, 6, 0, 0, 0, 1, 0, 0]),
            (0x76, Some(0x11)) => {
                let Some(key) = self.key.clone() else {
                    return self.plain(sequence, None, 0x41, &[5]);
                };
                self.chosen = self.chosen.wrapping_add(1);
                let theirs = [self.chosen; 8];
                let channel = Channel::new(&key, packet.data[..].try_into().unwrap(), theirs);
                let data = [[9; 8].as_slice(), &theirs, &channel.cryptogram(Side::Reader)].concat();
                self.channel = Some(channel);
                let block = Block {
                    kind: 0x12,
                    key: Some(u8::from(key != Key::DEFAULT)),
                };
                self.plain(sequence, Some(block), 0x76, &data)
            }
            (0x77, Some(0x13)) => {
                let channel = self.channel.as_mut()?;
                if channel.cryptogram(Side::Panel)[..] != packet.data[..] {
                    return self.plain(sequence, None, 0x41, &[6]);
                }
                let first = channel.begin();
                self.is_secure = true;
                self.plain(
                    sequence,
                    Some(Block {
                        kind: 0x14,
                        key: Some(1),
                    }),
                    0x78,
                    &first,
                )
            }
            (_, Some(0x15 | 0x17)) if self.is_secure => self.secure(packet),
            _ => self.plain(sequence, None, 0x41, &[6]),
        }
    }

    fn secure(&mut self, packet: &Packet) -> Option<Vec<u8>> {
        let mut channel = self.channel.clone()?;
        let data = if packet.block?.kind == 0x17 {
            channel.unseal(Side::Panel, &packet.data)?
        } else {
            Vec::new()
        };
        if !channel.verify(Side::Panel, &packet.signed, packet.mac?) {
            return self.plain(packet.sequence, None, 0x41, &[6]);
        }
        let (code, data) = self.does(packet.code, &data);
        let (kind, data) = if data.is_empty() {
            (0x16, data)
        } else {
            (0x18, channel.seal(Side::Reader, &data))
        };
        let block = Some(Block { kind, key: None });
        let answer = Packet::write(self.address, true, packet.sequence, block, (code, &data), |bytes| {
            channel.sign(Side::Reader, bytes)
        });
        self.channel = Some(channel);
        answer
    }

    fn does(&mut self, code: u8, data: &[u8]) -> (u8, Vec<u8>) {
        self.done.push(code);
        let ack = (0x40, Vec::new());
        match (code, data) {
            (0x60, _) => self.queue.pop_front().unwrap_or(ack),
            (0x62, _) => (0x46, vec![1, 1, 2, 2, 3, self.outputs]),
            (0x64, _) => (0x48, vec![self.tamper, 0]),
            (0x65, _) if self.tells_inputs_itself => (0x41, vec![9]),
            (0x65, _) => (0x49, self.inputs.to_vec()),
            (0x68, [output, 5, low, high]) if *output < self.outputs => {
                self.pulses.push((*output, u16::from_le_bytes([*low, *high])));
                ack
            }
            (0x69 | 0x6A, _) => ack,
            (0x75, [1, 16, key @ ..]) => {
                let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
                self.key = Some(Key::parse(&text).unwrap());
                ack
            }
            _ => (0x41, vec![3]),
        }
    }
}

//! A UHPPOTE controller on the loopback, by the tables of its public documents. The benches have it as well.

use backend::LocalZone;
use backend::clock::{Clock as _, SystemClock};
use domain::guard::times::Zone as _;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;
use tokio::time::Instant;

pub const SERIAL: u32 = 405_419_896;
pub const ZONE: &str = "Asia/Shanghai";

#[derive(Default)]
pub struct Memory {
    /// The first event's number is the one after this.
    pub base: u32,
    /// What is pushed is lost on its way.
    pub loses_pushes: bool,
    /// What was lost, to come late.
    lost: Vec<Vec<u8>>,
    /// Door, card and reason of each event.
    pub events: Vec<(u8, u32, u8, [u8; 7])>,
    pub opened: Vec<u8>,
    pub pc_control: bool,
    pub listener: Option<SocketAddr>,
    /// It hears nothing.
    pub away: bool,
    /// Another controller is at its address, with this serial number; it answers who it is, and nothing to those who mean another one.
    pub stranger: Option<u32>,
    /// When each opening was told.
    pub opened_at: Vec<Instant>,
    /// Cards by their number, each as its packet.
    pub cards: BTreeMap<u32, Vec<u8>>,
    /// Time profiles by their number.
    pub profiles: BTreeMap<u8, Vec<u8>>,
    read_mark: u32,
}

/// The controller, by the tables of its public documents.
pub struct Sim {
    pub address: SocketAddr,
    pub memory: Arc<Mutex<Memory>>,
    socket: Arc<UdpSocket>,
    task: JoinHandle<()>,
}

fn bcd(number: i32) -> u8 {
    u8::try_from(number / 10 * 16 + number % 10).unwrap()
}

/// Now, as the controller's clock shows it.
pub fn stamp() -> [u8; 7] {
    let civil = LocalZone::named(ZONE).unwrap().to_civil(SystemClock.now()).unwrap();
    let [century, year] = [civil.year / 100, civil.year % 100].map(|part| bcd(part.into()));
    let [month, day, hour, minute, second] =
        [civil.month, civil.day, civil.hour, civil.minute, civil.second].map(|part| bcd(part.into()));
    [century, year, month, day, hour, minute, second]
}

impl Memory {
    /// The number of an event; after the last one there is they begin at 1 again.
    pub fn number_of(&self, place: usize) -> u32 {
        let number = u64::from(self.base) + u64::try_from(place).unwrap() + 1;
        u32::try_from(number).unwrap_or_else(|_| u32::try_from(number - u64::from(u32::MAX)).unwrap())
    }

    fn write(&self, place: Option<usize>, answer: &mut [u8]) {
        let Some((place, (door, card, reason, at))) = place.and_then(|place| Some((place, self.events.get(place)?)))
        else {
            return;
        };
        answer[8..12].copy_from_slice(&self.number_of(place).to_le_bytes());
        (answer[12], answer[14], answer[15]) = (if *reason == 44 { 2 } else { 1 }, *door, 1);
        answer[16..20].copy_from_slice(&card.to_le_bytes());
        answer[20..27].copy_from_slice(at);
        answer[13] = u8::from(*reason == 1);
        answer[27] = *reason;
    }

    fn answer(&mut self, packet: &[u8]) -> Vec<u8> {
        let mut answer = vec![0; 64];
        answer[..8].copy_from_slice(&packet[..8]);
        match packet[1] {
            0x20 => {
                self.write(self.events.len().checked_sub(1), &mut answer);
                let now = stamp();
                answer[37..40].copy_from_slice(&now[4..]);
                answer[51..54].copy_from_slice(&now[1..4]);
            }
            0xB0 => {
                let index = u32::from_le_bytes(packet[8..12].try_into().unwrap());
                let place = (0..self.events.len()).find(|place| self.number_of(*place) == index);
                self.write(place, &mut answer);
            }
            0x30 => answer[8..15].copy_from_slice(&packet[8..15]),
            0x32 => answer[8..15].copy_from_slice(&stamp()),
            0x5A => {
                let number = u32::from_le_bytes(packet[8..12].try_into().unwrap());
                if let Some(card) = self.cards.get(&number) {
                    answer[8..].copy_from_slice(&card[8..]);
                }
            }
            0x80 => answer[8..11].copy_from_slice(&packet[8..11]),
            // 127.0.0.1, version 6.62 of 2020-01-01.
            0x94 => {
                answer[8..12].copy_from_slice(&[127, 0, 0, 1]);
                answer[26..32].copy_from_slice(&[0x06, 0x62, 0x20, 0x20, 0x01, 0x01]);
            }
            0xB4 => answer[8..12].copy_from_slice(&self.read_mark.to_le_bytes()),
            other => {
                answer[8] = 1;
                match other {
                    0x40 => {
                        self.opened.push(packet[8]);
                        self.opened_at.push(Instant::now());
                        self.events.push((packet[8], 0, 44, stamp()));
                    }
                    0x90 => {
                        let ip: [u8; 4] = packet[8..12].try_into().unwrap();
                        self.listener = Some((ip, u16::from_le_bytes([packet[12], packet[13]])).into());
                    }
                    0xA0 => self.pc_control = packet[12] == 1,
                    0x50 => {
                        let number = u32::from_le_bytes(packet[8..12].try_into().unwrap());
                        self.cards.insert(number, packet.to_vec());
                    }
                    0x52 => {
                        let number = u32::from_le_bytes(packet[8..12].try_into().unwrap());
                        answer[8] = u8::from(self.cards.remove(&number).is_some());
                    }
                    0x54 => self.cards.clear(),
                    0x88 => drop(self.profiles.insert(packet[8], packet.to_vec())),
                    0x8A => self.profiles.clear(),
                    0xB2 => self.read_mark = u32::from_le_bytes(packet[8..12].try_into().unwrap()),
                    _ => {}
                }
            }
        }
        answer
    }
}

impl Sim {
    pub async fn start() -> Self {
        let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let memory = Arc::new(Mutex::new(Memory::default()));
        let (hears, knows) = (socket.clone(), memory.clone());
        let task = tokio::spawn(async move {
            let mut packet = [0; 100];
            while let Ok((length, from)) = hears.recv_from(&mut packet).await {
                assert_eq!((length, packet[0]), (64, 0x17));
                let everybody = packet[1] == 0x94 && packet[4..8] == [0; 4];
                assert!(everybody || packet[4..8] == SERIAL.to_le_bytes());
                let answer = {
                    let mut memory = knows.lock().unwrap();
                    match memory.stranger {
                        Some(serial) => everybody.then(|| {
                            let mut answer = memory.answer(&packet[..64]);
                            answer[4..8].copy_from_slice(&serial.to_le_bytes());
                            answer
                        }),
                        None => (!memory.away).then(|| memory.answer(&packet[..64])),
                    }
                };
                if let Some(answer) = answer {
                    hears.send_to(&answer, from).await.unwrap();
                }
            }
        });
        Self {
            address: socket.local_addr().unwrap(),
            memory,
            socket,
            task,
        }
    }

    /// A card is held to the reader of a door.
    pub async fn swipe(&self, door: u8, card: u32) {
        let (pushed, to) = {
            let mut memory = self.memory.lock().unwrap();
            let reason = if memory.pc_control { 5 } else { 6 };
            memory.events.push((door, card, reason, stamp()));
            let mut request = [0; 64];
            (request[0], request[1]) = (0x17, 0x20);
            request[4..8].copy_from_slice(&SERIAL.to_le_bytes());
            let mut pushed = memory.answer(&request);
            pushed[0] = 0x19;
            if memory.loses_pushes {
                memory.lost.push(pushed.clone());
            }
            (pushed, memory.listener.filter(|_| !memory.loses_pushes))
        };
        if let Some(to) = to {
            self.socket.send_to(&pushed, to).await.unwrap();
        }
    }

    /// What was lost comes after all, the newest first and each twice.
    pub async fn deliver_late(&self) {
        let (lost, to) = {
            let mut memory = self.memory.lock().unwrap();
            (std::mem::take(&mut memory.lost), memory.listener.unwrap())
        };
        for pushed in lost.iter().rev().flat_map(|one| [one, one]) {
            self.socket.send_to(pushed, to).await.unwrap();
        }
    }

    pub fn opened(&self) -> Vec<u8> {
        self.memory.lock().unwrap().opened.clone()
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.task.abort();
    }
}

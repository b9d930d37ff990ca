//! Tokens as QR texts: one plain code while it is short enough, else an endless animation.
//!
//! A token of the animation is cut into pieces; the first frames carry one piece each, every later one the XOR of about
//! half of them, chosen by the frame's number (a random linear fountain). Any frames will do: after as many as there are
//! pieces, and on average fewer than two more, the equations are solved, whichever frames were missed and wherever the reader joined.
//!
//! A frame is `LK1:` and base45 (RFC 9285), all in QR's alphanumeric set, of: 3 bytes check (SHA-256 of the rest), 4 bytes
//! id of the animation (SHA-256 of its bytes), 3 bytes frame number, 3 bytes length of the whole, one piece.

mod base45;
mod compact;
mod fountain;

use super::MAX_TOKEN_BYTES;
use crate::error::Refusal;
use crate::ids::Millis;
use fountain::Collector;
use sha2::{Digest, Sha256};

/// Longest token shown as one plain code.
pub const MAX_PLAIN_CHARS: usize = 1_100;

const PREFIX: &str = "LK1:";
/// Before how much is known of a code that moves, in percent: what stands in place of a frame once it was put to the others.
pub const PART: &str = "LK1 ";
const CHECK_BYTES: usize = 3;
const HEADER_BYTES: usize = CHECK_BYTES + 4 + 3 + 3;
/// Frames of at most 364 characters, which at level M is a symbol of version 11 (61 modules).
const MAX_PIECE_BYTES: usize = 240 - HEADER_BYTES;
const MIN_PIECE_BYTES: usize = 64;
/// No symbol holds more characters of this set.
const MAX_FRAME_CHARS: usize = 4_296;
const NUMBERS: u32 = 1 << 24;
/// Two screens seen in turn both get through; more are not worth the memory.
const MAX_ANIMATIONS: usize = 2;

/// The texts that carry one token.
#[derive(Clone)]
pub struct Frames(Kind);

#[derive(Clone)]
enum Kind {
    Plain(String),
    Animated {
        id: u32,
        length: usize,
        pieces: Vec<Vec<u8>>,
    },
}

/// Makes the texts that carry `token`; refuses what is longer than any token may be.
pub fn encode(token: &str) -> Result<Frames, Refusal> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Refusal::TooLarge {
            max_bytes: MAX_TOKEN_BYTES as u64,
        });
    }
    if token.len() <= MAX_PLAIN_CHARS {
        return Ok(Frames(Kind::Plain(token.to_owned())));
    }
    let bytes = compact::pack(token);
    let count = bytes.len().div_ceil(MAX_PIECE_BYTES);
    let piece_bytes = bytes.len().div_ceil(count).max(MIN_PIECE_BYTES);
    let pieces = bytes.chunks(piece_bytes).map(|piece| {
        let mut piece = piece.to_vec();
        piece.resize(piece_bytes, 0);
        piece
    });
    Ok(Frames(Kind::Animated {
        id: id_of(&bytes),
        length: bytes.len(),
        pieces: pieces.collect(),
    }))
}

impl Frames {
    /// True when [`Frames::text`] is the same for every number.
    pub fn is_plain(&self) -> bool {
        matches!(self.0, Kind::Plain(_))
    }

    /// How many different frames a reader needs at least.
    pub fn pieces(&self) -> usize {
        match &self.0 {
            Kind::Plain(_) => 1,
            Kind::Animated { pieces, .. } => pieces.len(),
        }
    }

    /// The text of one frame. Show 0, 1, 2 … one after another, without end.
    pub fn text(&self, number: u32) -> String {
        match &self.0 {
            Kind::Plain(token) => token.clone(),
            Kind::Animated { id, length, pieces } => animated(*id, number % NUMBERS, *length, pieces),
        }
    }

    /// The frames in order, without end.
    pub fn iter(&self) -> impl Iterator<Item = String> + '_ {
        (0..NUMBERS).cycle().map(|number| self.text(number))
    }
}

fn animated(id: u32, number: u32, length: usize, pieces: &[Vec<u8>]) -> String {
    let mut frame = vec![0; CHECK_BYTES];
    frame.extend(id.to_be_bytes());
    frame.extend(&number.to_be_bytes()[1..]);
    frame.extend(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()[1..]);
    frame.extend(fountain::mix(&fountain::choice(id, number, pieces.len()), pieces));
    let check = check_of(&frame[CHECK_BYTES..]);
    frame[..CHECK_BYTES].copy_from_slice(&check);
    let mut text = PREFIX.to_owned();
    base45::encode(&frame, &mut text);
    text
}

fn check_of(rest: &[u8]) -> [u8; CHECK_BYTES] {
    let [a, b, c, ..]: [u8; 32] = Sha256::digest(rest).into();
    [a, b, c]
}

fn id_of(bytes: &[u8]) -> u32 {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(bytes).into();
    u32::from_be_bytes([a, b, c, d])
}

/// What a scanned text meant.
#[derive(Clone, PartialEq, Debug)]
pub enum Reading {
    /// Neither a token nor a frame of one.
    Foreign,
    /// A frame; this much (0 to 1) of its token is known now.
    Partial {
        /// 0 to 1.
        progress: f64,
    },
    /// A whole token, not verified.
    Whole(String),
}

/// Puts tokens together from whatever texts a camera or hand scanner sees.
#[derive(Default)]
pub struct Decoder {
    /// The one seen last stands last.
    animations: Vec<Animation>,
}

/// What a camera makes of texts where it always looks, such as a kiosk's: a token of an animation counts once, however long its frames are in sight.
#[derive(Default)]
pub struct Watcher {
    decoder: Decoder,
    last: Option<(String, Millis)>,
}

/// An animation is read again after it was out of sight for this long.
const FORGET_AFTER_MS: i64 = 3_000;

impl Watcher {
    /// Takes one scanned text; `now` only moves on. A damaged frame is no part of anything, and is not spoken of: `None`.
    pub fn receive(&mut self, text: &str, now: Millis) -> Option<Reading> {
        let is_frame = text.trim().starts_with(PREFIX);
        let reading = self.decoder.receive(text);
        let Reading::Whole(token) = &reading else {
            return Some(reading).filter(|reading| !is_frame || *reading != Reading::Foreign);
        };
        if !is_frame {
            return Some(reading);
        }
        let before = self.last.replace((token.clone(), now));
        let in_sight = |(last, at): (String, Millis)| last == *token && now.since(at) < FORGET_AFTER_MS;
        if before.is_some_and(in_sight) {
            None
        } else {
            Some(reading)
        }
    }
}

struct Animation {
    id: u32,
    length: usize,
    collector: Collector,
    token: Option<String>,
}

struct Frame<'a> {
    id: u32,
    number: u32,
    length: usize,
    piece: &'a [u8],
}

impl Decoder {
    /// Takes one scanned text, of any origin.
    pub fn receive(&mut self, text: &str) -> Reading {
        let text = text.trim();
        if looks_like_token(text) {
            return Reading::Whole(text.to_owned());
        }
        let coded = text.strip_prefix(PREFIX).filter(|_| text.len() <= MAX_FRAME_CHARS);
        let Some(bytes) = coded.and_then(base45::decode) else {
            return Reading::Foreign;
        };
        read_frame(&bytes).map_or(Reading::Foreign, |frame| self.add(&frame))
    }

    fn add(&mut self, frame: &Frame) -> Reading {
        let same = |seen: &Animation| {
            (seen.id, seen.length, seen.collector.piece_bytes()) == (frame.id, frame.length, frame.piece.len())
        };
        let mut animation = match self.animations.iter().position(same) {
            Some(at) => self.animations.remove(at),
            None => Animation::new(frame),
        };
        let reading = animation.add(frame);
        if reading != Reading::Foreign {
            if self.animations.len() == MAX_ANIMATIONS {
                self.animations.remove(0);
            }
            self.animations.push(animation);
        }
        reading
    }
}

impl Animation {
    fn new(frame: &Frame) -> Self {
        Self {
            id: frame.id,
            length: frame.length,
            collector: Collector::new(frame.length.div_ceil(frame.piece.len()), frame.piece.len()),
            token: None,
        }
    }

    /// `Foreign`: the frames contradict each other, so that this animation is to be forgotten.
    fn add(&mut self, frame: &Frame) -> Reading {
        if let Some(token) = &self.token {
            return Reading::Whole(token.clone());
        }
        let choice = fountain::choice(frame.id, frame.number, self.collector.pieces());
        self.collector.add(choice, frame.piece);
        if !self.collector.complete() {
            return Reading::Partial {
                progress: self.collector.progress(),
            };
        }
        let mut bytes = self.collector.solve();
        bytes.truncate(self.length);
        self.token = Some(bytes)
            .filter(|bytes| id_of(bytes) == self.id)
            .and_then(|bytes| compact::unpack(&bytes));
        self.token.clone().map_or(Reading::Foreign, Reading::Whole)
    }
}

fn read_frame(bytes: &[u8]) -> Option<Frame<'_>> {
    let (check, rest) = bytes.split_first_chunk::<CHECK_BYTES>()?;
    if check_of(rest) != *check {
        return None;
    }
    let (id, rest) = rest.split_first_chunk::<4>()?;
    let (number, rest) = rest.split_first_chunk::<3>()?;
    let (length, piece) = rest.split_first_chunk::<3>()?;
    let three = |[a, b, c]: [u8; 3]| u32::from_be_bytes([0, a, b, c]);
    let length = usize::try_from(three(*length)).ok()?;
    let sound = piece.len() >= MIN_PIECE_BYTES && (1..=compact::MAX_BYTES).contains(&length);
    sound.then_some(Frame {
        id: u32::from_be_bytes(*id),
        number: three(*number),
        length,
        piece,
    })
}

fn looks_like_token(text: &str) -> bool {
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() <= MAX_TOKEN_BYTES
        && text.split('.').count() == 3
        && text
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(base64url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    /// A frame that passes its own check, whatever it says.
    fn forged(rest: &[u8]) -> String {
        let mut text = PREFIX.to_owned();
        base45::encode(&[&check_of(rest)[..], rest].concat(), &mut text);
        text
    }

    proptest! {
        #[test]
        fn forged_frames_never_panic_and_never_make_a_token(
            length in 0..70_000_u32,
            frames in proptest::collection::vec((any::<[u8; 3]>(), any::<[u8; 64]>()), 0..40),
        ) {
            let mut decoder = Decoder::default();
            for (number, piece) in frames {
                let rest = [&[1, 2, 3, 4], &number[..], &length.to_be_bytes()[1..], &piece[..]].concat();
                prop_assert!(!matches!(decoder.receive(&forged(&rest)), Reading::Whole(_)));
            }
        }

        #[test]
        fn bytes_of_any_kind_never_panic(rest in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(!matches!(Decoder::default().receive(&forged(&rest)), Reading::Whole(_)));
            let _any_answer_but_a_panic = compact::unpack(&rest);
        }
    }

    #[test]
    fn contradicting_frames_are_forgotten_so_that_reading_can_begin_again() {
        let token = format!("{}.{}.{}", "e30", "W10".repeat(400), "x".repeat(43));
        let frames = encode(&token).unwrap();
        let Kind::Animated { id, length, pieces } = &frames.0 else {
            panic!("too short");
        };
        let mut wrong = pieces.clone();
        wrong[0][0] ^= 1;
        let mut decoder = Decoder::default();
        for number in 0..pieces.len() as u32 {
            decoder.receive(&animated(*id, number, *length, &wrong));
        }
        assert!(decoder.animations.is_empty());
        let read = frames
            .iter()
            .take(pieces.len())
            .map(|text| decoder.receive(&text))
            .last();
        assert_eq!(read, Some(Reading::Whole(token)));
    }

    #[test]
    fn the_base64_of_a_sealed_token_is_not_carried() {
        let sealed = URL_SAFE_NO_PAD.encode([7; 900]);
        let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"cmd":"SaveToData","data":"{sealed}","x":1}}"#));
        let header = super::super::sealing::HEADER;
        let token = format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode([9; 32]));
        let bytes = compact::pack(&token);
        assert!(bytes.len() < 1_000, "{} of {}", bytes.len(), token.len());
        assert_eq!(compact::unpack(&bytes), Some(token));
    }
}

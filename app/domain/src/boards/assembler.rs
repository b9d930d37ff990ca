//! From bytes and moments to the one answer that is waited for.

use super::{Answer, Codec, Frame, Length, Request};
use crate::ids::Millis;

/// So long nothing comes after the last byte of a frame that only silence ends; USB adapters hand bytes over in lumps up to 16 ms apart.
const SILENCE_MS: i64 = 25;
/// More than the longest reply, with the junk that some boards send before it.
const KEPT: usize = 32;

/// What the bytes so far come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing that fits, so far.
    Nothing,
    /// The answer.
    Answer(Answer),
    /// What was sent came back changed: somebody else spoke at the same time.
    Collision,
}

/// Collects the bytes that follow one request. Whatever does not belong to a fitting frame is passed over, so noise delays an answer but never becomes one.
#[derive(Clone, Debug)]
pub struct Assembler {
    request: Request,
    sent: Frame,
    /// The number of bytes of the request that are still to come back.
    echo: usize,
    kept: Vec<u8>,
    /// When the last byte came that was not an echo.
    last: Option<Millis>,
    /// All that came was the request itself.
    itself: bool,
}

impl Assembler {
    /// Waits for the answer to `request`, which went out as `sent`. With `echo` the adapter hears itself, and exactly these bytes come back first.
    pub fn new(request: Request, sent: Frame, echo: bool) -> Self {
        let echo = if echo { sent.bytes().len() } else { 0 };
        Self {
            request,
            sent,
            echo,
            kept: Vec::new(),
            last: None,
            itself: false,
        }
    }

    /// Takes bytes as they came.
    pub fn feed(&mut self, codec: &Codec, bytes: &[u8], now: Millis) -> Heard {
        let before = self.quiet(codec, now);
        if before != Heard::Nothing || bytes.is_empty() {
            return before;
        }
        for byte in bytes {
            if self.echo > 0 {
                let sent = self.sent.bytes();
                if sent[sent.len() - self.echo] != *byte {
                    return Heard::Collision;
                }
                self.echo -= 1;
                continue;
            }
            self.last = Some(now);
            if self.kept.len() == KEPT {
                self.kept.remove(0);
            }
            self.kept.push(*byte);
            if let Length::Fixed(lengths) = codec.reply_length(self.request)
                && let Some(answer) = self.ending_here(codec, lengths)
            {
                return Heard::Answer(answer);
            }
        }
        Heard::Nothing
    }

    /// Time passed and no byte came; ends frames that only silence ends.
    pub fn quiet(&mut self, codec: &Codec, now: Millis) -> Heard {
        let Length::Silence(lengths) = codec.reply_length(self.request) else {
            return Heard::Nothing;
        };
        if !self.is_quiet(now) {
            return Heard::Nothing;
        }
        let answer = self.ending_here(codec, lengths);
        self.itself = self.heard_itself();
        self.kept.clear();
        answer.map_or(Heard::Nothing, Heard::Answer)
    }

    fn ending_here(&self, codec: &Codec, lengths: &[usize]) -> Option<Answer> {
        lengths.iter().find_map(|length| {
            let start = self.kept.len().checked_sub(*length)?;
            codec.decode(self.request, &self.kept[start..])
        })
    }

    /// Has nothing come for the time that ends a frame, after something came?
    pub fn is_quiet(&self, now: Millis) -> bool {
        self.last.is_some_and(|last| now.since(last) >= SILENCE_MS)
    }

    /// Did anything come?
    pub fn heard_something(&self) -> bool {
        self.last.is_some()
    }

    /// Is all that came the request itself, although the adapter is not said to hear itself?
    pub fn heard_itself(&self) -> bool {
        self.kept == self.sent.bytes() || (self.itself && self.kept.is_empty())
    }

    /// When silence will have ended what came so far.
    pub fn quiet_at(&self) -> Option<Millis> {
        self.last
            .filter(|_| !self.kept.is_empty())
            .map(|last| last.plus(SILENCE_MS))
    }
}

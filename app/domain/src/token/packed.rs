//! The compact form of `SaveToData` rows: one column after another, then DEFLATE.
//!
//! Layout after inflating: the number of rows, then the columns jumper, serial, status, kind, label, pwd, saveDate,
//! thingsSq. Numbers are LEB128; a jumper, serial or moment is the (zigzag) difference to the row above, because
//! neighbours differ little. A text is its length plus a column's number of special codes, then its UTF-8.

use super::CompartmentRow;
use crate::ids::{Millis, ThingsSq};
use crate::locker::compartments::{CompartmentStatus, ContentKind};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// The first byte tells the packed form from JSON, which never begins with it.
const FORM: u8 = 1;
const LEVEL: u8 = 9;
/// Far more than 256 compartments need; a small text that would swell to more is an attack.
const MAX_INFLATED: usize = 256 * 1024;
const MAX_ROWS: u64 = 4096;

/// True for what [`pack`] made.
pub(super) fn is_packed(plain: &[u8]) -> bool {
    plain.first() == Some(&FORM)
}

/// The compact form.
pub(super) fn pack(rows: &[CompartmentRow]) -> Vec<u8> {
    let mut packed = vec![FORM];
    packed.extend(compress_to_vec(&columns(rows), LEVEL));
    packed
}

/// The inverse of [`pack`]; `None` for anything it did not make.
pub(super) fn unpack(plain: &[u8]) -> Option<Vec<CompartmentRow>> {
    let (&FORM, deflated) = plain.split_first()? else {
        return None;
    };
    let inflated = decompress_to_vec_with_limit(deflated, MAX_INFLATED).ok()?;
    let mut reader = Reader(&inflated);
    let rows = reader.rows()?;
    reader.0.is_empty().then_some(rows)
}

fn columns(rows: &[CompartmentRow]) -> Vec<u8> {
    let mut out = Writer(Vec::with_capacity(rows.len() * 20 + 2));
    out.number(rows.len() as u64);
    out.differences(rows.iter().map(|row| row.jumper));
    out.differences(rows.iter().map(|row| row.serial));
    out.0.extend(rows.iter().flat_map(|row| row.status.letter().bytes()));
    out.0.extend(rows.iter().map(|row| kind_code(row.kind)));
    for row in rows {
        if row.label == usual_label(row.jumper, row.serial) {
            out.number(0);
        } else {
            out.text(1, &row.label);
        }
    }
    for row in rows {
        out.optional_text(row.pwd.as_deref());
    }
    out.moments(rows);
    for row in rows {
        out.optional_text(row.things_sq.as_ref().map(ThingsSq::as_str));
    }
    out.0
}

fn kind_code(kind: Option<ContentKind>) -> u8 {
    match kind {
        None => 0,
        Some(ContentKind::Deposit) => 1,
        Some(ContentKind::Return) => 2,
    }
}

/// Board letter and port, `A3`, as kiosks are labelled unless somebody chose otherwise.
fn usual_label(jumper: i64, serial: i64) -> String {
    let letter = u8::try_from(jumper)
        .ok()
        .filter(|board| (1..=26).contains(board))
        .map_or('?', |board| char::from(b'@' + board));
    format!("{letter}{serial}")
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, mut number: u64) {
        while let Some(low @ 0x80..) = Some(number) {
            self.0.push((low & 0x7f) as u8 | 0x80);
            number = low >> 7;
        }
        self.0.push(number as u8);
    }

    fn difference(&mut self, from: i64, to: i64) {
        let step = to.wrapping_sub(from);
        self.number(((step << 1) ^ (step >> 63)).cast_unsigned());
    }

    fn differences(&mut self, numbers: impl Iterator<Item = i64>) {
        let mut above = 0;
        for number in numbers {
            self.difference(above, number);
            above = number;
        }
    }

    fn text(&mut self, specials: u64, text: &str) {
        self.number(text.len() as u64 + specials);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn optional_text(&mut self, text: Option<&str>) {
        match text {
            None => self.number(0),
            Some(text) => self.text(1, text),
        }
    }

    /// 0: none; 1: a moment written as ours are; else any other text.
    fn moments(&mut self, rows: &[CompartmentRow]) {
        let mut above = Millis(0);
        for text in rows.iter().map(|row| row.save_date.as_deref()) {
            let moment = text.and_then(|text| Millis::from_iso(text).filter(|moment| moment.to_iso() == text));
            match (text, moment) {
                (None, _) => self.number(0),
                (Some(_), Some(moment)) => {
                    self.number(1);
                    self.difference(above.0, moment.0);
                    above = moment;
                }
                (Some(text), None) => self.text(2, text),
            }
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn rows(&mut self) -> Option<Vec<CompartmentRow>> {
        let count = self.number().filter(|&count| count <= MAX_ROWS)?;
        let count = usize::try_from(count).ok()?;
        let jumpers = self.differences(count)?;
        let serials = self.differences(count)?;
        let statuses = self.take(count)?.iter().map(|&letter| status(letter));
        let statuses = statuses.collect::<Option<Vec<_>>>()?;
        let kinds = self.take(count)?.iter().map(|&code| kind(code));
        let kinds = kinds.collect::<Option<Vec<_>>>()?;
        let mut rows = Vec::with_capacity(count);
        for at in 0..count {
            let (jumper, serial) = (jumpers[at], serials[at]);
            rows.push(CompartmentRow {
                jumper,
                serial,
                status: statuses[at],
                label: self.optional_text()?.unwrap_or_else(|| usual_label(jumper, serial)),
                pwd: None,
                save_date: None,
                things_sq: None,
                kind: kinds[at],
            });
        }
        for row in &mut rows {
            row.pwd = self.optional_text()?;
        }
        self.moments(&mut rows)?;
        for row in &mut rows {
            row.things_sq = self.optional_text()?.map(ThingsSq);
        }
        Some(rows)
    }

    fn take(&mut self, bytes: usize) -> Option<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn difference(&mut self, from: i64) -> Option<i64> {
        let zigzag = self.number()?;
        let step = (zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed();
        Some(from.wrapping_add(step))
    }

    fn differences(&mut self, count: usize) -> Option<Vec<i64>> {
        let mut above = 0;
        (0..count)
            .map(|_| {
                above = self.difference(above)?;
                Some(above)
            })
            .collect()
    }

    fn text(&mut self, bytes: u64) -> Option<String> {
        let bytes = self.take(usize::try_from(bytes).ok()?)?;
        String::from_utf8(bytes.to_vec()).ok()
    }

    #[expect(clippy::option_option, reason = "no text, and no more bytes, are different things")]
    fn optional_text(&mut self) -> Option<Option<String>> {
        match self.number()? {
            0 => Some(None),
            length => self.text(length - 1).map(Some),
        }
    }

    fn moments(&mut self, rows: &mut [CompartmentRow]) -> Option<()> {
        let mut above = 0;
        for row in rows {
            row.save_date = match self.number()? {
                0 => None,
                1 => {
                    above = self.difference(above)?;
                    Some(Millis(above).to_iso())
                }
                length => Some(self.text(length - 2)?),
            };
        }
        Some(())
    }
}

fn status(letter: u8) -> Option<CompartmentStatus> {
    CompartmentStatus::ALL
        .into_iter()
        .find(|status| status.letter().as_bytes() == [letter])
}

#[expect(clippy::option_option, reason = "no kind, and no such code, are different things")]
fn kind(code: u8) -> Option<Option<ContentKind>> {
    match code {
        0 => Some(None),
        1 => Some(Some(ContentKind::Deposit)),
        2 => Some(Some(ContentKind::Return)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn deflated(columns: &[u8]) -> Vec<u8> {
        [&[FORM], &compress_to_vec(columns, 1)[..]].concat()
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _any_answer_but_a_panic = (unpack(&bytes), unpack(&[&[FORM], &bytes[..]].concat()), unpack(&deflated(&bytes)));
        }
    }

    #[test]
    fn what_is_cut_or_goes_on_is_refused() {
        let row = CompartmentRow {
            jumper: 1,
            serial: 2,
            status: CompartmentStatus::Stored,
            label: "A2".to_owned(),
            pwd: Some("12345".to_owned()),
            save_date: Some("111".to_owned()),
            things_sq: Some(ThingsSq("1042".to_owned())),
            kind: None,
        };
        let whole = columns(&[row]);
        assert!(unpack(&deflated(&whole)).is_some());
        for end in 0..whole.len() {
            assert_eq!(unpack(&deflated(&whole[..end])), None);
        }
        assert_eq!(unpack(&deflated(&[&whole[..], &[0]].concat())), None);
    }

    #[test]
    fn a_text_that_swells_is_refused() {
        let bomb = deflated(&vec![0; MAX_INFLATED + 1]);
        assert!(bomb.len() < 4_096);
        assert_eq!(unpack(&bomb), None);
        let mut many = Writer(Vec::new());
        many.number(MAX_ROWS + 1);
        many.0.resize(200_000, b'A');
        assert_eq!(unpack(&deflated(&many.0)), None);
    }
}

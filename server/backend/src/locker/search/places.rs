//! Where a term is in a block of orders, as one text. A place is the order's number in the block and the letter's in the order; places are
//! kept in order, as the differences between them, in bytes of seven bits, in Base64.

use crate::Result;
use crate::core::db::fault;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as B64;
use domain::search::terms::PLACES;

/// A place as one number: order · [`PLACES`] + letter.
pub(super) type Place = u32;

pub(super) fn place(order: u32, letter: u32) -> Place {
    order * PLACES + letter
}

pub(super) fn order_of(place: Place) -> u32 {
    place / PLACES
}

/// `places` must be in order.
pub(super) fn encode(places: &[Place]) -> String {
    let mut bytes = Vec::with_capacity(2 * places.len());
    let mut before = 0;
    for place in places {
        let orders = order_of(*place) - order_of(before);
        let letters = if orders == 0 { place - before } else { place % PLACES };
        write(&mut bytes, orders);
        write(&mut bytes, letters);
        before = *place;
    }
    B64.encode(bytes)
}

fn write(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Adds what was encoded to `places`.
pub(super) fn decode(text: &str, places: &mut Vec<Place>) -> Result<()> {
    let damaged = || fault("a term of the search table is damaged");
    let bytes = B64.decode(text).map_err(|_| damaged())?;
    let mut numbers = Numbers { bytes: &bytes };
    let mut before = 0_u32;
    while !numbers.bytes.is_empty() {
        let (orders, letters) = numbers.next().zip(numbers.next()).ok_or_else(damaged)?;
        let begin = if orders == 0 {
            Some(before)
        } else {
            order_of(before)
                .checked_add(orders)
                .and_then(|order| order.checked_mul(PLACES))
        };
        before = begin.and_then(|begin| begin.checked_add(letters)).ok_or_else(damaged)?;
        places.push(before);
    }
    Ok(())
}

struct Numbers<'b> {
    bytes: &'b [u8],
}

impl Iterator for Numbers<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let mut number = 0_u32;
        for shift in [0, 7, 14, 21] {
            let (first, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            number |= u32::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

/// What is in both, each in order; `shift` letters of `other` lie behind those of `places`.
pub(super) fn meet(places: &[Place], other: &[Place], shift: u32) -> Vec<Place> {
    let mut both = Vec::new();
    let mut rest = other;
    for place in places {
        let wanted = place + shift;
        rest = &rest[rest.partition_point_from_start(wanted)..];
        match rest.first() {
            Some(first) if *first == wanted => both.push(*place),
            Some(_) => {}
            None => break,
        }
    }
    both
}

trait Gallop {
    /// How many at the start are smaller: doubling steps, then halving ones, because the next one is mostly near.
    fn partition_point_from_start(&self, than: Place) -> usize;
}

impl Gallop for [Place] {
    fn partition_point_from_start(&self, than: Place) -> usize {
        let mut end = 1;
        while self.get(end - 1).is_some_and(|place| *place < than) {
            end *= 2;
        }
        let begin = end / 2;
        let end = end.min(self.len());
        begin.min(self.len()) + self[begin.min(self.len())..end].partition_point(|place| *place < than)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Vec<Place> {
        let mut places = Vec::new();
        decode(text, &mut places).unwrap();
        places
    }

    #[test]
    fn places_come_out_as_they_went_in() {
        for places in [
            vec![],
            vec![place(0, 0)],
            vec![place(0, 0), place(0, 1), place(0, 500), place(1, 3), place(4095, 4095)],
            (0..4096).map(|order| place(order, order * 7 % PLACES)).collect(),
        ] {
            assert_eq!(decoded(&encode(&places)), places);
        }
    }

    #[test]
    fn damage_is_a_fault_and_no_panic() {
        for text in ["!", "gA", "AIA", "/////////w", "////f////38"] {
            assert!(decode(text, &mut Vec::new()).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_in_both_is_found_whatever_lies_between() {
        let places: Vec<Place> = (0..3000).step_by(3).collect();
        let other: Vec<Place> = (0..3000).step_by(7).collect();
        for shift in [0, 1, 2, 5] {
            let slowly: Vec<Place> = places
                .iter()
                .copied()
                .filter(|p| other.contains(&(p + shift)))
                .collect();
            assert_eq!(meet(&places, &other, shift), slowly, "{shift}");
        }
        assert!(meet(&places, &[], 0).is_empty());
        assert!(meet(&[], &other, 0).is_empty());
    }
}

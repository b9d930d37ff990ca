//! Sums once more, in other ways than the codecs compute them.

/// CRC-16/MODBUS by a table of 256 entries, made by long division of polynomials with the bits in natural order.
pub fn crc16(bytes: &[u8]) -> u16 {
    let table: Vec<u16> = (0..=255_u8)
        .map(|index| {
            let mut rest = u32::from(index.reverse_bits()) << 16;
            for bit in (16..24).rev() {
                if rest & (1 << bit) != 0 {
                    rest ^= 0x1_8005 << (bit - 16);
                }
            }
            u16::try_from(rest & 0xFFFF).unwrap().reverse_bits()
        })
        .collect();
    bytes.iter().fold(0xFFFF, |crc, byte| {
        let [low, high] = crc.to_le_bytes();
        table[usize::from(low ^ byte)] ^ u16::from(high)
    })
}

/// Each bit is set where an odd number of bytes has it.
pub fn parity(bytes: &[u8]) -> u8 {
    (0..8)
        .filter(|bit| bytes.iter().filter(|byte| **byte >> bit & 1 == 1).count() % 2 == 1)
        .map(|bit| 1 << bit)
        .sum()
}

/// The sum of all bytes, kept whole until the end.
pub fn total(bytes: &[u8]) -> u8 {
    u8::try_from(bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>() % 256).unwrap()
}

pub fn with_crc(body: &[u8]) -> Vec<u8> {
    [body, &crc16(body).to_le_bytes()].concat()
}

pub fn with_parity(body: &[u8]) -> Vec<u8> {
    [body, &[parity(body)]].concat()
}

pub fn with_total(body: &[u8], skipped: usize) -> Vec<u8> {
    [body, &[total(&body[skipped..])]].concat()
}

#[test]
fn check_value_of_the_catalogue_of_crcs() {
    assert_eq!(crc16(b"123456789"), 0x4B37);
}

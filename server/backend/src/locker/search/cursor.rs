//! Where a page of hits ends.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;

/// Where an order was found, which is where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// Among few, by customer number and key.
    Few(String, String),
    /// Among those that wait, by its key, when there was this number of blocks.
    Waiting(i64, String),
    /// In a block, with this number; -1 is before its first.
    Block(i64, i64),
}

impl At {
    pub(super) fn cursor(&self) -> String {
        B64.encode(match self {
            Self::Few(number, key) => format!("few\n{number}\n{key}"),
            Self::Waiting(blocks, key) => format!("waiting\n{blocks}\n{key}"),
            Self::Block(block, order) => format!("block\n{block}\n{order}"),
        })
    }

    pub(super) fn read(cursor: &str) -> Option<Self> {
        let text = String::from_utf8(B64.decode(cursor).ok()?).ok()?;
        let fields: Vec<&str> = text.split('\n').collect();
        let number = |text: &str| {
            text.parse::<i64>()
                .ok()
                .filter(|number| (-1..=i64::from(u32::MAX)).contains(number))
        };
        match fields[..] {
            ["few", customer_no, key] => Some(Self::Few(customer_no.to_owned(), key.to_owned())),
            ["waiting", blocks, key] => Some(Self::Waiting(number(blocks)?, key.to_owned())),
            ["block", block, order] => Some(Self::Block(number(block)?, number(order)?)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was_given_out() {
        for at in [
            At::Few("02-1".to_owned(), "1".to_owned()),
            At::Waiting(3, "T-1".to_owned()),
            At::Block(0, -1),
            At::Block(12, 4095),
        ] {
            assert_eq!(At::read(&at.cursor()), Some(at));
        }
        for forged in ["", "forged", "YmxvY2s", "%"] {
            assert_eq!(At::read(forged), None, "{forged}");
        }
        assert_eq!(At::read(&B64.encode("block\n-2\n0")), None);
        assert_eq!(At::read(&B64.encode("block\n9223372036854775807\n0")), None);
    }
}

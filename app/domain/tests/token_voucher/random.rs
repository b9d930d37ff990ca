//! Vouchers of any kind.

use crate::*;

proptest! {
    #[test]
    fn vouchers_read_back(doors in 1..=8_i64, life in 1_i64..=LONGEST_MS / 1_000 - 1, sign_in in "[A-Za-z0-9_-]{0,64}") {
        let until = Millis((NOW.0 / 1_000 + life) * 1_000);
        let voucher = Voucher { until, sign_in, ..voucher(doors) };
        let opened = open(&key(), &made(&voucher)).unwrap();
        prop_assert_eq!(opened.payload, Payload::Voucher(voucher));
    }

    /// However a voucher is narrowed, what is left is a part of what there was.
    #[test]
    fn narrowing_only_narrows(steps in prop::collection::vec((prop::collection::vec(1..=4_i64, 0..4), 0..100_000_i64, any::<bool>()), 1..6)) {
        let mut token = made(&voucher(4));
        let mut before = granted(&open(&key(), &token).unwrap());
        for (numbers, earlier, timed) in steps {
            let caveat = Caveat {
                orders: (!numbers.is_empty()).then(|| numbers.iter().copied().map(order).collect()),
                until: timed.then_some(UNTIL.0 / 1_000 - earlier),
                name: None,
            };
            let Ok(narrowed) = narrow(&token, &caveat) else {
                continue;
            };
            let after = granted(&open(&key(), &narrowed).unwrap());
            prop_assert!(after.until <= before.until);
            prop_assert!(after.doors.iter().all(|door| before.doors.contains(door)));
            (token, before) = (narrowed, after);
        }
    }

    #[test]
    fn one_changed_character_of_a_narrowed_voucher_is_refused(at in any::<prop::sample::Index>(), bit in 0..6_u32) {
        let token = narrow(&made(&voucher(2)), &name("Kim")).unwrap();
        let at = at.index(token.len());
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut bytes = token.clone().into_bytes();
        let Some(place) = alphabet.iter().position(|byte| *byte == bytes[at]) else {
            return Ok(());
        };
        bytes[at] = alphabet[place ^ (1 << bit)];
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert!(open(&key(), &changed).is_err());
        let _any_answer_but_a_panic = narrow(&changed, &name("Lee"));
    }

    #[test]
    fn texts_of_any_kind_never_panic(header in "\\PC{0,60}", cav in "\\PC{0,60}") {
        for text in [header.clone(), format!(r#"{{"typ":"JWT","alg":"HS256","crit":["cav"],"cav":[{cav}]}}"#)] {
            let token = format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(text), made(&voucher(1)).split('.').nth(1).unwrap(), "A".repeat(43));
            prop_assert!(open(&key(), &token).is_err());
            let _any_answer_but_a_panic = narrow(&token, &name("Lee"));
        }
    }
}

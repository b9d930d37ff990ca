//! Every type that is read from what people type or paste: the same text is the same value whichever keyboard and program it came from.

use domain::error::Problem;
use domain::guard::ids::{
    AccessToken, CardHolder, CardNumb, DnCode, DoorPassword, FromText, GuardComment, GuardId, GuardLocation, GuardName,
    Imei, OpCode, OwnerName, OwnerPassword, ResetCode, ServiceNumb,
};
use domain::ids::{BusinessName, CustomerNo, DoorLabel, Line, PersonName, Phone, Port, PortName, ThingsSq};
use domain::text;

fn guard<T: FromText + Into<String>>(text: &str) -> Option<String> {
    T::from_text(text).ok().map(Into::into)
}

type Read = fn(&str) -> Option<String>;

/// Identifiers, each with a good value.
const IDENTIFIERS: [(&str, Read, &str); 8] = [
    ("ThingsSq", |text| ThingsSq::parse(text).map(|id| id.0), "A-1 2"),
    ("CustomerNo", |text| CustomerNo::parse(text).map(|id| id.0), "051-2345"),
    ("GuardId", guard::<GuardId>, "LK-0001"),
    ("ServiceNumb", guard::<ServiceNumb>, "20260302-1"),
    ("Imei", guard::<Imei>, "86-1234"),
    ("DnCode", guard::<DnCode>, "04A1-B2"),
    ("CardNumb", guard::<CardNumb>, "11010119900307126X"),
    ("OpCode", guard::<OpCode>, "1-23A"),
];

const NAMES: [(&str, Read); 9] = [
    ("Line", |text| Line::parse(text).map(|line| line.0)),
    ("PersonName", |text| PersonName::parse(text).map(|name| name.0)),
    ("DoorLabel", |text| DoorLabel::parse(text).map(|label| label.0)),
    ("BusinessName", |text| BusinessName::parse(text).map(|id| id.0)),
    ("CardHolder", guard::<CardHolder>),
    ("OwnerName", guard::<OwnerName>),
    ("GuardName", guard::<GuardName>),
    ("GuardLocation", guard::<GuardLocation>),
    ("GuardComment", guard::<GuardComment>),
];

/// The full-width forms of a Chinese or Japanese keyboard.
fn full_width(text: &str) -> String {
    let wide = |c: char| match c {
        ' ' => '\u{3000}',
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
        _ => c,
    };
    text.chars().map(wide).collect()
}

fn written(text: &str) -> Vec<String> {
    vec![
        text.to_owned(),
        full_width(text),
        format!("  {text}\u{a0}"),
        format!("\u{202d}{text}\u{202c}"),
        format!("\u{feff}{text}\u{200b}"),
        text.replace('-', "\u{2011}"),
        text.replace('-', "\u{2013}"),
        text.replace('-', "\u{2212}"),
        text.chars().flat_map(|c| [c, '\u{2060}']).collect(),
        format!("\u{3164}{text}"),
    ]
}

#[test]
fn identifiers_have_one_form_however_they_are_typed() {
    for (name, read, good) in IDENTIFIERS {
        for text in written(good) {
            assert_eq!(read(&text).as_deref(), Some(good), "{name} from {text:?}");
        }
    }
}

#[test]
fn numbers_people_write_in_groups_have_one_form() {
    for written in [
        "110101 19900307 126X",
        "11010119900307126x",
        "11010119900307126Ｘ",
        "１１０１０１１９９００３０７１２６ｘ",
        "11010119900307126\u{200b}X",
    ] {
        assert_eq!(
            guard::<CardNumb>(written).as_deref(),
            Some("11010119900307126X"),
            "{written:?}"
        );
    }
    // The letters of other cards are kept: their readers may tell them apart.
    assert_eq!(guard::<CardNumb>("04a1b2c3").as_deref(), Some("04a1b2c3"));
    assert_eq!(guard::<CardNumb>("card-x").as_deref(), Some("card-x"));
    for written in ["135790", "１３５７９０", " \u{200e}135790"] {
        assert_eq!(guard::<DoorPassword>(written).as_deref(), Some("135790"), "{written:?}");
    }
    for written in ["135790", "１３５７９０", "135 790", "135-790", "\u{200e}135790"] {
        assert_eq!(guard::<ResetCode>(written).as_deref(), Some("135790"), "{written:?}");
    }
    for odd in ["12 34", "-1234", "12-34"] {
        assert_eq!(guard::<DoorPassword>(odd), None, "{odd:?}");
    }
    for written in [
        "010-2222-3333",
        "＋８２ 10 2222 3333",
        "\u{202a}010\u{2013}2222\u{2011}3333\u{202c}",
    ] {
        assert_eq!(Phone::parse(written).unwrap().as_str(), "01022223333", "{written:?}");
        assert_eq!(
            Phone::from_text(written).unwrap().as_str(),
            "01022223333",
            "{written:?}"
        );
    }
}

#[test]
fn names_are_composed_and_show_all_they_hold() {
    let decomposed = "\u{1112}\u{1161}\u{11ab}\u{1107}\u{1175}\u{11be}전기";
    for (name, read) in NAMES {
        for text in [
            decomposed,
            " 한빛전기 ",
            "한빛\u{200b}전기",
            "\u{feff}한빛전기\u{202c}",
            "\u{3000}한빛전기\u{a0}",
        ] {
            assert_eq!(read(text).as_deref(), Some("한빛전기"), "{name} from {text:?}");
        }
        assert_eq!(read("café").as_deref(), read("cafe\u{301}").as_deref(), "{name}");
    }
}

#[test]
fn what_is_only_spaces_or_invisible_is_empty() {
    for text in ["", " ", "\u{3000}", "\u{200b}", "\u{3164}", "\u{feff}\u{a0}\u{202e}"] {
        for (name, read, _) in IDENTIFIERS
            .into_iter()
            .filter(|(name, _, _)| !["DnCode", "Imei"].contains(name))
        {
            assert_eq!(read(text), None, "{name} from {text:?}");
        }
        assert_eq!(guard::<DnCode>(text).as_deref(), Some(""));
        assert_eq!(BusinessName::parse(text), None);
        assert!(OwnerName::parse(text).is_err());
    }
}

#[test]
fn control_characters_are_rejected() {
    for (name, read, good) in IDENTIFIERS {
        for control in ['\n', '\t', '\0', '\u{7f}', '\u{85}'] {
            let (first, rest) = good.split_at(1);
            assert_eq!(
                read(&format!("{first}{control}{rest}")),
                None,
                "{name} with {control:?}"
            );
        }
    }
    assert_eq!(guard::<GuardComment>("a\r\nb").as_deref(), Some("a\nb"));
}

#[test]
fn a_stored_value_is_read_as_itself() {
    for (name, read, good) in IDENTIFIERS {
        for text in written(good) {
            let once = read(&text).unwrap();
            assert_eq!(read(&once), Some(once.clone()), "{name}");
        }
    }
}

#[test]
fn secrets_that_programs_make_are_left_as_they_are() {
    assert_eq!(
        guard::<OwnerPassword>(" Ａ\u{200b}\u{1100}\u{1161} ").as_deref(),
        Some(" Ａ\u{200b}\u{1100}\u{1161} ")
    );
    assert_eq!(guard::<AccessToken>(" a.b ").as_deref(), Some("a.b"));
    assert_eq!(text::password("\u{1100}\u{1161}"), "가");
}

/// What serde says of a text that does not fit.
fn problem<T: serde::de::DeserializeOwned>(text: &str) -> Option<Problem> {
    let error = serde_json::from_value::<T>(text.into()).err()?;
    Some(Problem::from_message(&error.to_string()))
}

#[test]
fn a_text_that_does_not_fit_is_rejected_by_serde_with_its_problem() {
    assert_eq!(problem::<ThingsSq>(" "), Some(Problem::Required));
    assert_eq!(
        problem::<CustomerNo>(&"1".repeat(33)),
        Some(Problem::TooLong { max: 32 })
    );
    assert_eq!(problem::<BusinessName>("a\nb"), Some(Problem::Form));
    assert_eq!(problem::<Phone>(""), Some(Problem::Required));
    assert_eq!(problem::<Phone>("010-xxxx"), Some(Problem::Form));
    assert_eq!(problem::<DoorPassword>("12"), Some(Problem::TooShort { min: 4 }));
    assert_eq!(problem::<OpCode>("12345678901"), Some(Problem::TooLong { max: 10 }));
    assert_eq!(problem::<GuardId>("G1"), None);
    // A message of serde's own names no problem.
    assert_eq!(Problem::from_message("invalid type: null"), Problem::Form);
}

#[test]
fn keys_are_written_and_read_as_plain_texts() {
    let phone: Phone = serde_json::from_str("\"+82 10-2222-3333\"").unwrap();
    assert_eq!(serde_json::to_string(&phone).unwrap(), "\"01022223333\"");
    let order: ThingsSq = serde_json::from_str("\"A-1\"").unwrap();
    assert_eq!(serde_json::to_string(&order).unwrap(), "\"A-1\"");
}

#[test]
fn a_compartment_has_one_name_in_forms() {
    let name = PortName(Port { jumper: 1, serial: 12 });
    assert_eq!(serde_json::to_value(name).unwrap(), "1.12");
    assert_eq!(serde_json::from_value::<PortName>("1.12".into()).unwrap(), name);
    for other in ["1", "1.", ".12", "01.12", "1.+12", "1. 12", "1.12.3", "1-12", "", "x.y"] {
        assert_eq!(PortName::try_from(other.to_owned()), Err(Problem::Form), "{other}");
    }
}

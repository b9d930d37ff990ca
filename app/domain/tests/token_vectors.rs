//! Tokens made by another program (Node's own cryptography) are read here as they were meant, or refused as they must be.

use domain::error::Refusal;
use domain::ids::{Millis, Yid};
use domain::token::{Payload, TokenKey, open, peek, seal};
use serde_json::{Value, json};

const YANG: &[u8] = b"iloveyang";

fn vectors() -> Value {
    serde_json::from_str(include_str!("token_vectors.json")).unwrap()
}

fn text<'a>(vector: &'a Value, key: &str) -> &'a str {
    vector[key].as_str().unwrap()
}

fn clear(payload: &Payload) -> Value {
    match payload {
        Payload::OpenToSave(fields) | Payload::OpenToTake(fields) => json!(fields),
        Payload::SaveToData(rows) => json!(rows),
        Payload::SyncDate => Value::Null,
        Payload::StaffPass(pass) => json!(pass),
        Payload::Voucher(voucher) => panic!("no vector is of a voucher: {voucher:?}"),
    }
}

#[test]
fn tokens_of_another_program_are_read() {
    for vector in vectors()["accepted"].as_array().unwrap() {
        let name = text(vector, "name");
        let token = text(vector, "token");
        let yid = Yid(vector["yid"].as_i64().unwrap());
        let peeked = peek(token).unwrap();
        assert_eq!((peeked.cmd.as_str(), peeked.yid), (text(vector, "cmd"), yid), "{name}");

        let opened = open(&TokenKey::new(text(vector, "secret").as_bytes()), token).unwrap();
        assert_eq!(opened.claims.cmd.as_str(), text(vector, "cmd"), "{name}");
        assert_eq!(opened.claims.yid, yid, "{name}");
        assert_eq!(opened.claims.date_text, text(vector, "date"), "{name}");
        assert_eq!(
            Some(opened.claims.date),
            Millis::from_iso(text(vector, "date")),
            "{name}"
        );
        assert_eq!(json!(opened.claims.jti), vector["jti"], "{name}");
        assert_eq!(json!(opened.claims.v), vector["v"], "{name}");
        assert_eq!(opened.token_id, text(vector, "tokenId"), "{name}");
        assert_eq!(clear(&opened.payload), vector["data"], "{name}");
    }
}

fn payload(vector: &Value) -> Payload {
    let data = vector["data"].clone();
    match text(vector, "cmd") {
        "OpenToSave" => Payload::OpenToSave(serde_json::from_value(data).unwrap()),
        "OpenToTake" => Payload::OpenToTake(serde_json::from_value(data).unwrap()),
        "SyncDate" => Payload::SyncDate,
        "StaffPass" => Payload::StaffPass(serde_json::from_value(data).unwrap()),
        other => panic!("no way to make {other}"),
    }
}

#[test]
fn another_program_makes_the_same_tokens() {
    for vector in vectors()["made"].as_array().unwrap() {
        let digits = text(vector, "random").as_bytes().chunks(2);
        let mut random = digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
        let made = seal(
            &TokenKey::new(text(vector, "secret").as_bytes()),
            Yid(vector["yid"].as_i64().unwrap()),
            Millis::from_iso(text(vector, "date")).unwrap(),
            &payload(vector),
            &mut |bytes| bytes.fill_with(|| random.next().unwrap()),
        );
        assert_eq!(made.unwrap(), text(vector, "token"), "{}", text(vector, "name"));
        assert_eq!(random.next(), None);
    }
}

#[test]
fn tokens_that_must_not_pass_are_refused() {
    for vector in vectors()["refused"].as_array().unwrap() {
        let refusal = open(&TokenKey::new(text(vector, "secret").as_bytes()), text(vector, "token")).unwrap_err();
        assert_eq!(json!(refusal)["code"], vector["code"], "{}", text(vector, "name"));
    }
}

#[test]
fn the_source_deposit_example() {
    let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJjbWQiOiJPcGVuVG9TYXZlIiwieWlkIjoxMjM0LCJkYXRlIjoiMjAxOC0wOS0\
        xN1QwNjo1Njo0NS4wMDBaIiwiZGF0YSI6IloydUx1RXpuSm4zVklON0tvWVhETTBYZDJVY1hMNGt6WmFxZThDSjhZWTd4UXZubDN\
        0T3hiVHJpeEpNMkNROHN1TTluWnBseWJwbFg2WXlSQThKYldLMFlDRmNHd181YXlVVDIzbHhGdGdZcDJKeVBkNFczR1R1OHZJWlh\
        xQVEifQ.F9nspG18puy9IsSJu9jqnnp_cU6UsrdYVfTBCGmUejo";
    let opened = open(&TokenKey::new(YANG), token).unwrap();
    let Payload::OpenToSave(fields) = opened.payload else {
        panic!("not OpenToSave");
    };
    assert_eq!((fields.serial, fields.jumper, fields.pwd.as_str()), (1, 1, "1234"));
    assert_eq!((fields.save_date.as_str(), fields.label.as_str()), ("111", "A3"));
    assert_eq!(opened.claims.jti, None);
}

#[test]
fn the_source_sync_example_with_a_plain_array() {
    let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJjbWQiOiJTYXZlVG9EYXRhIiwieWlkIjoxMjM0LCJkYXRlIjoiMjAxOC0wOS0\
        xN1QwNjo1Njo0NS4wMDBaIiwiZGF0YSI6W3sianVtcGVyIjoxLiwic2VyaWFsIjoxLiwic3RhdHVzIjoiQiIsImxhYmVsIjoiQTE\
        iLCJwd2QiOiIiLCJzYXZlRGF0ZSI6IiIsInRoaW5nc1NxIjoiIiwia2luZCI6bnVsbH0seyJqdW1wZXIiOiIxIiwic2VyaWFsIjo\
        yLjAsInN0YXR1cyI6IkEiLCJsYWJlbCI6IkEgMS4iLCJwd2QiOiIxMjM0Iiwic2F2ZURhdGUiOiIxMTEiLCJ0aGluZ3NTcSI6IjE\
        yMzQifV19.dG3g2Jrmt1p4qHR5QspuCDyllM8KcaH_mw5BTLmcai8";
    let opened = open(&TokenKey::new(YANG), token).unwrap();
    let Payload::SaveToData(rows) = opened.payload else {
        panic!("not SaveToData");
    };
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (rows[0].serial, rows[0].pwd.as_deref(), rows[0].things_sq.as_ref()),
        (1, None, None)
    );
    assert_eq!(rows[1].things_sq.as_ref().map(|key| key.as_str()), Some("1234"));
}

#[test]
fn the_source_clock_example() {
    let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJjbWQiOiJTeW5jRGF0ZSIsInlpZCI6MTIzNCwiZGF0ZSI6IjIwMTgtMDktMTd\
        UMDY6NTY6NDUuMDAwWiJ9.mrM2IJSUF_34EpwYNIHQqkwEzikqxIYXyUzbQ0zYDrw";
    let opened = open(&TokenKey::new(YANG), token).unwrap();
    assert_eq!(opened.payload, Payload::SyncDate);
    assert_eq!(opened.claims.date, Millis(1_537_167_405_000));
    assert_eq!(open(&TokenKey::new(b"iloveyin"), token), Err(Refusal::CodeDamaged));
}

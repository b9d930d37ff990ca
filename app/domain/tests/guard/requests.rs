//! Reading requests: as the source gives them, as the field writes them, and as they should not be.

use domain::error::Problem;
use domain::guard::messages::{Fault, Malformed, Request, Sign, parse};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Every request as the source gives it.
pub fn every_request() -> Vec<Value> {
    let phone = "13800138000";
    let service = "20170510123030138001380001234567";
    let now = "20170510123030";
    vec![
        json!({"sign":1,"ownerPhoneNumber":phone,"timetag":now}),
        json!({"sign":2,"ownerName":"王小明","ownerPhoneNumber":phone,"ownerPassword":"s3cret秘密","timetag":now,"imei":"860000000000001"}),
        json!({"sign":3,"ownerPhoneNumber":phone}),
        json!({"sign":4,"ownerPhoneNumber":phone,"ownerPassword":"s3cret秘密","imei":"860000000000001","timetag":now}),
        json!({"sign":5,"ownerPhoneNumber":phone,"guardId":"G0001"}),
        json!({"sign":6,"ownerPhoneNumber":phone,"guardId":"G0001"}),
        json!({"sign":7,"ownerPhoneNumber":phone,"guardId":"G0001","opCode":"op90887766"}),
        json!({"sign":8,"ownerPhoneNumber":phone,"guardName":"前门","guardId":"G0001","guardLocation":"一楼","guardComment":"","opCode":"op90887766","timetag":now}),
        json!({"sign":9,"ownerPhoneNumber":phone,"guardId":"G0001","guardName":"后门","guardLocation":"二楼","guardComment":"小心\n有狗","timetag":now}),
        json!({"sign":10,"ownerPhoneNumber":phone,"guardId":10001,"timetag":now}),
        json!({"sign":11,"ownerPhoneNumber":phone}),
        json!({"sign":12,"ownerPhoneNumber":phone}),
        json!({"sign":13,"ownerPhoneNumber":phone,"guardId":"G0001"}),
        json!({"sign":14,"ownerPhoneNumber":phone,"guardId":"G0001","serviceNumb":service,"name":"李雷","cardNumb":"11010119900307123X","dnCode":"","startTime":"201705101200","endTime":"201705111200","timetag":now}),
        json!({"sign":15,"ownerPhoneNumber":phone,"guardId":"G0001","serviceNumb":service,"cardNumb":"11010119900307123X","timetag":now}),
        json!({"sign":16,"ownerPhoneNumber":phone,"guardId":"G0001"}),
        json!({"sign":17,"ownerPhoneNumber":phone,"guardId":"G0001","password":"90887766","serviceNumb":service,"startTime":"201705101200","endTime":"201705111200","timetag":now}),
        json!({"sign":18,"ownerPhoneNumber":phone,"guardId":"G0001","serviceNumb":service,"timetag":now}),
        json!({"sign":19,"ownerPhoneNumber":phone,"newPassword":"s3cret秘密","timetag":now}),
        json!({"sign":20,"ownerPhoneNumber":phone,"newName":"王大明","timetag":now}),
        json!({"sign":21,"ownerPhoneNumber":phone}),
        json!({"sign":22,"ownerPhoneNumber":phone,"startTime":"201705101200","endTime":"20170511120000"}),
        json!({"sign":23,"ownerPhoneNumber":phone,"juniorPhoneNumber":"13900139000","superiorGrade":0}),
        json!({"sign":24,"ownerPhoneNumber":phone}),
        json!({"sign":25,"ownerPhoneNumber":phone,"juniorPhoneNumber":"13900139000"}),
        json!({"sign":26,"ownerPhoneNumber":phone,"ownerPassword":domain::guard::tea::encode("s3cret秘密"),"timetag":now}),
    ]
}

fn read(body: &Value) -> Result<Request, Fault> {
    parse(body.to_string().as_bytes()).unwrap().request
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

fn the(sign: u8) -> Value {
    every_request()[usize::from(sign) - 1].clone()
}

#[test]
fn every_request_of_the_source_is_read() {
    for (sign, body) in Sign::ALL.into_iter().zip(every_request()) {
        let request = read(&body).unwrap();
        assert_eq!(request.sign(), sign, "{body}");
        assert_eq!(request.owner().as_str(), "13800138000");
        assert_eq!(i64::from(sign.number()), body["sign"].as_i64().unwrap());
    }
}

const MAY_BE_EMPTY: [&str; 4] = ["dnCode", "guardLocation", "guardComment", "imei"];

#[test]
fn a_text_that_may_be_empty_may_be_null() {
    for body in every_request() {
        for field in MAY_BE_EMPTY.into_iter().filter(|field| body.get(field).is_some()) {
            let empty = read(&with(body.clone(), field, json!(""))).unwrap();
            assert_eq!(read(&with(body.clone(), field, Value::Null)).unwrap(), empty);
        }
    }
}

#[test]
fn every_field_that_is_missing_null_or_of_another_type_is_that_messages_failure() {
    for body in every_request() {
        let fields: Vec<String> = body.as_object().unwrap().keys().cloned().collect();
        for field in fields.iter().filter(|field| *field != "sign") {
            let sign = Sign::from_number(body["sign"].as_u64().unwrap()).unwrap();
            let null = if MAY_BE_EMPTY.contains(&field.as_str()) {
                json!([])
            } else {
                Value::Null
            };
            let mut without = body.clone();
            without.as_object_mut().unwrap().remove(field);
            for wrong in [
                without,
                with(body.clone(), field, null),
                with(body.clone(), field, json!({"a":[1]})),
                with(body.clone(), field, json!(true)),
                with(body.clone(), field, json!(1.5)),
            ] {
                let fault = read(&wrong).unwrap_err();
                assert!(
                    matches!(&fault, Fault::Field { sign: named, field: about, .. } if *named == sign && about == field),
                    "{wrong} {fault:?}"
                );
                let want = match sign.number() {
                    7 => -1,
                    23 => 4,
                    _ => 1,
                };
                assert_eq!(fault.reply().result(), want);
            }
        }
    }
}

#[test]
fn a_sign_may_be_text_with_white_space_and_fields_nobody_knows_are_ignored() {
    for sign in [json!("21"), json!(" 21"), json!("\t\n21 "), json!(21)] {
        let body = with(with(the(21), "sign", sign), "extra", json!({"deep":[[1,2,{"x":null}]]}));
        assert_eq!(read(&body).unwrap().sign(), Sign::CurrentImei);
    }
    let spaced = b" \r\n { \"sign\" : \" 3\" , \"ownerPhoneNumber\" : \"13800138000\" } ";
    assert_eq!(parse(spaced).unwrap().request.unwrap().sign(), Sign::LocateOwner);
}

#[test]
fn a_sign_nobody_knows_fails_plainly() {
    let signs = [
        json!(0),
        json!(99),
        json!(-1),
        json!(1.0),
        json!("x"),
        json!(""),
        json!(null),
        json!([]),
        json!(u64::MAX),
        json!("1e0"),
    ];
    for sign in signs {
        let fault = read(&with(the(3), "sign", sign)).unwrap_err();
        assert_eq!(fault, Fault::UnknownSign);
        assert_eq!(fault.reply().to_json(), br#"{"result":1}"#);
    }
    assert_eq!(read(&json!({})).unwrap_err(), Fault::UnknownSign);
}

#[test]
fn a_guard_id_is_read_as_integer_and_as_text_everywhere() {
    for body in every_request().into_iter().filter(|body| body.get("guardId").is_some()) {
        let as_text = read(&with(body.clone(), "guardId", json!("10001"))).unwrap();
        assert_eq!(read(&with(body.clone(), "guardId", json!(10001))).unwrap(), as_text);
        for wrong in [json!(-1), json!(1e3), json!(""), json!("a\nb"), json!("1".repeat(65))] {
            assert!(read(&with(body.clone(), "guardId", wrong)).is_err());
        }
        assert!(read(&with(body, "guardId", json!("a\"b\\'; --"))).is_ok());
    }
}

#[test]
fn a_token_is_found_and_a_non_text_one_is_ignored() {
    let token = |value| {
        parse(with(the(12), "token", value).to_string().as_bytes())
            .unwrap()
            .token
    };
    assert_eq!(token(json!("abc.def")).unwrap().as_str(), "abc.def");
    assert_eq!(token(json!(5)), None);
    assert_eq!(token(json!("")), None);
    assert_eq!(token(Value::Null), None);
}

#[test]
fn the_password_of_sign_26_comes_out_of_its_text_form() {
    let Request::WebSignIn(request) = read(&the(26)).unwrap() else {
        panic!()
    };
    assert_eq!(request.password.as_str(), "s3cret秘密");
    assert!(read(&with(the(26), "ownerPassword", json!("s3cret"))).is_err());
    let empty = domain::guard::tea::encode("");
    assert!(read(&with(the(26), "ownerPassword", json!(empty))).is_err());
}

#[test]
fn impossible_times_and_spans_are_refused() {
    for sign in [14, 17] {
        for (field, value) in [
            ("startTime", "202602300000"),
            ("endTime", "201705101200"),
            ("endTime", "201705101159"),
            ("endTime", "20170511120000"),
            ("timetag", "20260230000000"),
        ] {
            assert!(
                read(&with(the(sign), field, json!(value))).is_err(),
                "{sign} {field} {value}"
            );
        }
    }
    let records = |start: &str, end: &str| {
        read(&json!({"sign":22,"ownerPhoneNumber":"13800138000","startTime":start,"endTime":end}))
    };
    assert!(records("201705101200", "201705101200").is_ok());
    assert!(records("20170510120059", "201705101200").is_ok());
    assert!(records("20170510120059", "20170510120058").is_err());
    assert!(records("202401010000", "202501010000").is_ok());
    assert!(records("202401010000", "20250101000000").is_ok());
    assert!(records("202401010000", "20250101000001").is_err());
    assert!(records("202401010000", "202501010001").is_err());
    assert!(records("20260230", "202602300000").is_err());
}

#[test]
fn ranges_of_fields_are_kept() {
    for (sign, field, wrong) in [
        (17, "password", json!("123")),
        (17, "password", json!("1234567890123")),
        (17, "password", json!("12e4")),
        (17, "password", json!(90887766)),
        (17, "serviceNumb", json!("")),
        (17, "serviceNumb", json!("1".repeat(33))),
        (8, "opCode", json!("12345678901")),
        (8, "guardName", json!("")),
        (2, "ownerName", json!("a".repeat(65))),
        (2, "ownerPassword", json!("")),
        (2, "ownerPassword", json!("码".repeat(301))),
        (2, "ownerPhoneNumber", json!("call me")),
        (23, "superiorGrade", json!("three")),
        (4, "imei", json!("1".repeat(65))),
    ] {
        assert!(
            read(&with(the(sign), field, wrong.clone())).is_err(),
            "{sign} {field} {wrong}"
        );
    }
    assert!(read(&with(the(2), "ownerPassword", json!("码".repeat(300)))).is_ok());
    assert!(read(&with(the(23), "superiorGrade", json!(" 3"))).is_ok());
    assert!(read(&with(the(7), "opCode", json!("no code is as long as this"))).is_ok());
    assert_eq!(
        read(&with(the(14), "endTime", json!("201705091200"))).unwrap_err(),
        Fault::Field {
            sign: Sign::AddCard,
            field: "endTime",
            problem: Problem::Contradicts
        }
    );
}

#[test]
fn what_is_no_object_is_malformed() {
    let statuses = |body: &[u8]| parse(body).unwrap_err().status();
    for body in [
        &b""[..],
        b"{",
        b"[]",
        b"1",
        b"null",
        b"{\"sign\":1,}",
        b"{\"sign\":1}x",
        b"\xEF\xBB\xBF{}",
        b"{\"a\":\"\xff\"}",
        b"{\"a\":01}",
    ] {
        assert_eq!(statuses(body), 400, "{}", String::from_utf8_lossy(body));
    }
    assert_eq!(parse(b"{\"\xff\":1}"), Err(Malformed::NotUtf8));
    assert_eq!(
        parse(br#"{"sign":3,"sign":4}"#),
        Err(Malformed::DoubledKey("sign".to_owned()))
    );
    assert_eq!(
        parse(br#"{"a":1,"\u0061":2}"#),
        Err(Malformed::DoubledKey("a".to_owned()))
    );
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(20_000), "]".repeat(20_000));
    assert_eq!(parse(deep.as_bytes()), Err(Malformed::TooDeep));
    assert!(parse(br#"{"a":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}"#).is_ok());
    assert_eq!(parse(&vec![b' '; 64 * 1024 + 1]), Err(Malformed::TooLarge));
    assert_eq!(Malformed::TooLarge.status(), 413);
}

#[test]
fn half_a_surrogate_pair_is_no_text() {
    let body = br#"{"sign":20,"ownerPhoneNumber":"13800138000","newName":"\ud83d","timetag":"20170510123030"}"#;
    assert!(matches!(
        parse(body).unwrap().request,
        Err(Fault::Field { field: "newName", .. })
    ));
}

#[test]
fn no_request_prints_a_secret() {
    for body in every_request() {
        let body = with(body, "token", json!("s3cret-token"));
        let body = if body["sign"] == 19 {
            with(body, "code", json!("s3cret-code"))
        } else {
            body
        };
        let shown = format!("{:?}", parse(body.to_string().as_bytes()).unwrap());
        for secret in ["s3cret", "90887766", "11010119900307123X"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&body);
    }

    #[test]
    fn no_damage_to_a_request_makes_it_panic(which in 0usize..26, at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut body = every_request()[which].to_string().into_bytes();
        let at = at.index(body.len());
        if cut { body.truncate(at); } else { body[at] = byte; }
        if let Ok(incoming) = parse(&body) {
            let reply = match &incoming.request {
                Ok(request) => request.failure(),
                Err(fault) => fault.reply(),
            };
            prop_assert!(reply.to_json().is_ascii());
        }
    }
}

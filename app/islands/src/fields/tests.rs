use super::*;
use domain::guard::ids::{DoorPassword, GuardId, GuardName};
use domain::ids::{Phone, Yid};
use domain::locker::orders::OrderStatus;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, PartialEq, Deserialize)]
struct Whole {
    guard_id: GuardId,
    name: Option<GuardName>,
    yid: Yid,
    status: OrderStatus,
    agreed: bool,
    pick: Vec<Phone>,
    size: BTreeMap<String, u8>,
    password: Option<DoorPassword>,
}

const GOOD: &str = "guard_id=+G1+&name=&yid=%EF%BC%91%EF%BC%92&status=B&agreed=on&pick=010-2222-3333&pick=01033334444&size.1.2=3&size.2.1=4";

fn read(form: &str) -> Result<Whole, Vec<Wrong>> {
    Fields::of_form(form.as_bytes()).read()
}

fn wrong(form: &str) -> Vec<(String, Problem)> {
    let wrong = read(form).unwrap_err();
    wrong.into_iter().map(|wrong| (wrong.field, wrong.problem)).collect()
}

fn pair(field: &str, problem: Problem) -> (String, Problem) {
    (field.to_owned(), problem)
}

#[test]
fn a_form_becomes_typed_arguments() {
    let whole = read(GOOD).unwrap();
    let phones = ["01022223333", "01033334444"].map(|phone| Phone(phone.to_owned()));
    assert_eq!(
        whole,
        Whole {
            guard_id: GuardId::parse("G1").unwrap(),
            name: None,
            yid: Yid(12),
            status: OrderStatus::Ready,
            agreed: true,
            pick: phones.into(),
            size: [("1.2".to_owned(), 3), ("2.1".to_owned(), 4)].into(),
            password: None,
        }
    );
    assert_eq!(
        argument_names::<Whole>(),
        [
            "guard_id", "name", "yid", "status", "agreed", "pick", "size", "password"
        ]
    );
}

#[test]
fn json_becomes_the_same_arguments() {
    let json = r#"{"guard_id":"G1","yid":12,"status":"B","agreed":true,"pick":["010-2222-3333","01033334444"],"size":{"1.2":3,"2.1":4}}"#;
    let fields = Fields::of_json(json.as_bytes()).unwrap();
    assert_eq!(fields.read::<Whole>().unwrap(), read(GOOD).unwrap());
    for broken in ["", "[]", "1", "{", r#"{"a":1,"a":2}"#] {
        assert!(Fields::of_json(broken.as_bytes()).is_err(), "{broken}");
    }
}

#[test]
fn everything_that_is_wrong_is_reported_at_once() {
    assert_eq!(
        wrong("name=%00&status=Z&agreed=yes&pick=01022223333&pick=x&size.1.2=300&size.1.3=3&size.2.1=x&password=12"),
        [
            pair("guard_id", Problem::Required),
            pair("name", Problem::Form),
            pair("yid", Problem::Required),
            pair("status", Problem::Form),
            pair("agreed", Problem::Form),
            pair("pick", Problem::Form),
            pair("size.1.2", Problem::Form),
            pair("size.2.1", Problem::Form),
            pair("password", Problem::TooShort { min: 4 }),
        ]
    );
    let json = r#"{"guard_id":7,"yid":"12","status":"B","password":"12"}"#;
    let fields = Fields::of_json(json.as_bytes()).unwrap();
    let wrong = fields.read::<Whole>().unwrap_err();
    let wrong: Vec<_> = wrong.into_iter().map(|wrong| (wrong.field, wrong.problem)).collect();
    assert_eq!(
        wrong,
        [
            pair("guard_id", Problem::Form),
            pair("yid", Problem::Form),
            pair("password", Problem::TooShort { min: 4 }),
        ]
    );
}

#[test]
fn a_repeated_field_and_broken_bytes_are_not_taken_for_a_value() {
    for changed in [
        "&guard_id=G2",
        "&yid=13",
        "&status=B",
        "&agreed=on",
        "&password=1234&password=5678",
        "&size.1.2=4",
    ] {
        assert_eq!(wrong(&format!("{GOOD}{changed}")).len(), 1, "{changed}");
    }
    assert_eq!(wrong(&GOOD.replace("name=", "name=%FF")), [pair("name", Problem::Form)]);
}

#[test]
fn forms_with_other_fields_are_other_forms_whatever_their_one_use_key() {
    let form = |body: &str| Fields::of_form(body.as_bytes()).digestible();
    let one = form("once=k&x=1&y=2");
    for same in ["y=2&do=%2Fa&once=k&x=1", "once=l&x=1&y=2"] {
        assert_eq!(form(same), one, "{same}");
    }
    for other in ["once=k&x=1&y=3", "once=k&x=1", "once=k&x=1%26y%3D2"] {
        assert_ne!(form(other), one, "{other}");
    }
}

#[test]
fn a_map_is_not_taken_for_a_text_nor_a_text_for_a_map() {
    let field = |text: &str| text.to_owned();
    assert_eq!(wrong(&format!("{GOOD}&yid.1=2")), [(field("yid"), Problem::Form)]);
    assert_eq!(wrong(&format!("{GOOD}&name.x=2")), [(field("name"), Problem::Form)]);
    assert_eq!(wrong(&format!("{GOOD}&size=2")), [(field("size"), Problem::Form)]);
    assert!(read(&format!("{GOOD}&size=")).is_ok());
}

#[test]
fn a_field_that_is_no_argument_is_told() {
    let unknown = |form: &str| {
        let fields = Fields::of_form(form.as_bytes());
        fields
            .unknown::<Whole>()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(unknown(&format!("do=%2Fx&once=k&{GOOD}")), Vec::<String>::new());
    assert_eq!(
        unknown("guard_id=1&colour=red&shape.1=x&guard_id2=2"),
        ["colour", "shape.1", "guard_id2"]
    );
    let json = Fields::of_json(br#"{"size":{"1.2":3},"colour":null}"#).unwrap();
    assert_eq!(json.unknown::<Whole>(), ["colour"]);
    assert_eq!(unknown(&"&a=1".repeat(1000)).len(), 10);
}

#[test]
fn a_password_is_never_shown_again() {
    let fields = Fields::of_form(b"new_password=secret&name=Kim&do=%2Fx&once=k");
    assert_eq!(fields.shown_again(), [("name".to_owned(), "Kim".to_owned())]);
}

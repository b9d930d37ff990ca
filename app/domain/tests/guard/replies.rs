//! Writing replies: the exact bytes of each, with Chinese names and emoji in them.

use domain::guard::grades::Grade;
use domain::guard::ids::*;
use domain::guard::messages::cards::{CardRow, CardsListed};
use domain::guard::messages::directory::{GuardNode, GuardNodeRow, GuardNodes, OwnerNode};
use domain::guard::messages::guards::*;
use domain::guard::messages::juniors::{JuniorAdded, JuniorResult, JuniorRow, JuniorsListed};
use domain::guard::messages::owners::{ImeiIs, OwnerRegistered, Registration, SignedIn, WebSignedIn};
use domain::guard::messages::passwords::{PasswordRow, PasswordsListed};
use domain::guard::messages::records::{CardInfo, OpenedBy, PasswordInfo, RecordRow, RecordsListed};
use domain::guard::messages::{Done, Plain, Reply, Sign};
use domain::guard::times::{LocalMinute, LocalSecond};
use domain::ids::Phone;
use proptest::prelude::*;

const OK: Plain = Plain::Done;

fn minute(text: &str) -> LocalMinute {
    LocalMinute::parse(text).unwrap()
}

fn service() -> ServiceNumb {
    ServiceNumb::parse("20170510123030138001380001234567").unwrap()
}

fn guard() -> GuardId {
    GuardId::parse("门1").unwrap()
}

fn secret(text: &str) -> SecretText {
    SecretText::parse(text).unwrap()
}

fn phone() -> Phone {
    Phone::parse("13800138000").unwrap()
}

fn token() -> Option<AccessToken> {
    Some(AccessToken::parse("tok.en").unwrap())
}

fn shown(reply: &Reply) -> String {
    let json = reply.to_json();
    assert!(json.is_ascii());
    String::from_utf8(json).unwrap()
}

fn assert_bytes(reply: Reply, want: &str) {
    assert_eq!(shown(&reply), want);
}

#[test]
fn replies_about_owners_are_these_bytes() {
    assert_bytes(
        Reply::RegisterOwner(OwnerRegistered {
            result: Registration::Done,
            token: token(),
        }),
        r#"{"result":0,"token":"tok.en"}"#,
    );
    assert_bytes(
        Reply::RegisterOwner(OwnerRegistered {
            result: Registration::Taken,
            token: None,
        }),
        r#"{"result":2}"#,
    );
    assert_bytes(
        Reply::SignIn(SignedIn {
            result: OK,
            owner_name: Some(OwnerName::parse("王小明😀").unwrap()),
            imei: Some(Imei::parse("860000000000001").unwrap()),
            grade: Some(Grade::Middle),
            token: token(),
        }),
        r#"{"result":0,"ownerName":"\u738b\u5c0f\u660e\ud83d\ude00","imei":"860000000000001","grade":"2","token":"tok.en"}"#,
    );
    assert_bytes(Reply::ResetPassword(Done::OK), r#"{"result":0}"#);
    assert_bytes(Reply::RenameOwner(Done::OK), r#"{"result":0}"#);
    let imei = Some(Imei::parse("设备").unwrap());
    assert_bytes(
        Reply::CurrentImei(ImeiIs { result: OK, imei }),
        r#"{"result":0,"imei":"\u8bbe\u5907"}"#,
    );
    assert_bytes(
        Reply::WebSignIn(WebSignedIn {
            result: OK,
            owner_name: Some(OwnerName::parse("a\"\\é𠮷").unwrap()),
            token: token(),
        }),
        r#"{"result":0,"ownerName":"a\"\\\u00e9\ud842\udfb7","token":"tok.en"}"#,
    );
}

#[test]
fn replies_of_the_directory_are_these_bytes() {
    let node = || OwnerNode {
        result: OK,
        owner_ip: "10.0.0.7".to_owned(),
    };
    assert_bytes(Reply::AllocateOwner(node()), r#"{"result":0,"ownerIp":"10.0.0.7"}"#);
    assert_bytes(Reply::LocateOwner(node()), r#"{"result":0,"ownerIp":"10.0.0.7"}"#);
    assert_bytes(
        Reply::LocateGuard(GuardNode {
            result: OK,
            guard_ip: "门.example".to_owned(),
        }),
        r#"{"result":0,"guardIp":"\u95e8.example"}"#,
    );
    let rows = vec![GuardNodeRow {
        guard_id: guard(),
        guard_ip: "10.0.0.7".to_owned(),
    }];
    assert_bytes(
        Reply::LocateGuards(GuardNodes {
            result: OK,
            guard_ip_list: rows,
        }),
        r#"{"result":0,"guardIpList":[{"guardId":"\u95e81","guardIp":"10.0.0.7"}]}"#,
    );
}

#[test]
fn replies_about_guards_are_these_bytes() {
    assert_bytes(
        Reply::CheckAdded(AddedBy {
            result: Added::Yes,
            already_phone_number: Some(phone()),
        }),
        r#"{"result":1,"alreadyPhoneNumber":"13800138000"}"#,
    );
    assert_bytes(
        Reply::CheckAdded(AddedBy {
            result: Added::No,
            already_phone_number: None,
        }),
        r#"{"result":0,"alreadyPhoneNumber":""}"#,
    );
    for (result, want) in [
        (CodeMatch::NeverConnected, r#"{"result":-1}"#),
        (CodeMatch::NoCode, r#"{"result":0}"#),
        (CodeMatch::Match, r#"{"result":1}"#),
        (CodeMatch::Mismatch, r#"{"result":2}"#),
    ] {
        assert_bytes(Reply::CheckCode(CodeChecked { result }), want);
    }
    for reply in [
        Reply::AddGuard(Done::OK),
        Reply::EditGuard(Done::OK),
        Reply::DeleteGuard(Done::OK),
    ] {
        assert_bytes(reply, r#"{"result":0}"#);
    }
    let row = GuardRow {
        guard_name: GuardName::parse("前门🚪").unwrap(),
        guard_id: guard(),
        guard_location: GuardLocation::parse("一楼").unwrap(),
        guard_comment: GuardComment::parse("a\nb").unwrap(),
        guard_status: GuardStatus::NotConnected,
        default_password1: secret("111111"),
        default_password2: SecretText::empty(),
    };
    assert_bytes(
        Reply::ListGuards(GuardsListed {
            result: OK,
            guards: vec![row],
        }),
        concat!(
            r#"{"result":0,"guards":[{"guardName":"\u524d\u95e8\ud83d\udeaa","guardId":"\u95e81","guardLocation":"\u4e00\u697c","#,
            r#""guardComment":"a\nb","guardStatus":3,"defaultPassword1":"111111","defaultPassword2":""}]}"#
        ),
    );
}

#[test]
fn replies_about_authorisations_are_these_bytes() {
    let card = CardRow {
        service_numb: service(),
        name: CardHolder::parse("李雷").unwrap(),
        card_numb: CardNumb::parse("11010119900307123X").unwrap(),
        dn_code: DnCode::none(),
        start_time: minute("201705101200"),
        end_time: minute("201705111200"),
    };
    assert_bytes(
        Reply::ListCards(CardsListed {
            result: OK,
            user_list: vec![card],
        }),
        concat!(
            r#"{"result":0,"userList":[{"serviceNumb":"20170510123030138001380001234567","name":"\u674e\u96f7","#,
            r#""cardNumb":"11010119900307123X","dnCode":"","startTime":"201705101200","endTime":"201705111200"}]}"#
        ),
    );
    let password = PasswordRow {
        password: secret("123456"),
        service_numb: service(),
        start_time: minute("201705101200"),
        end_time: minute("201705111200"),
    };
    let listed = PasswordsListed {
        result: OK,
        default_password1: secret("111111"),
        default_password2: secret("222222"),
        password_list: vec![password],
    };
    assert_bytes(
        Reply::ListPasswords(listed),
        concat!(
            r#"{"result":0,"defaultPassword1":"111111","defaultPassword2":"222222","passwordList":[{"password":"123456","#,
            r#""serviceNumb":"20170510123030138001380001234567","startTime":"201705101200","endTime":"201705111200"}]}"#
        ),
    );
    for reply in [
        Reply::AddCard(Done::OK),
        Reply::CancelCard(Done::OK),
        Reply::AddPassword(Done::OK),
        Reply::CancelPassword(Done::OK),
    ] {
        assert_bytes(reply, r#"{"result":0}"#);
    }
}

fn row(opened_by: OpenedBy) -> RecordRow {
    RecordRow {
        guard_id: guard(),
        timetag: LocalSecond::parse("20170510123030").unwrap(),
        opened_by,
    }
}

#[test]
fn a_record_has_the_information_that_applies_and_not_the_other() {
    let card = CardInfo {
        name: "李雷".to_owned(),
        card_numb: secret("11010119900307123X"),
        dn_code: String::new(),
        service_numb: "1".to_owned(),
    };
    let password = PasswordInfo {
        password: secret("123456"),
        service_numb: "2".to_owned(),
    };
    let record_list = vec![row(OpenedBy::Card(card)), row(OpenedBy::Password(password))];
    assert_bytes(
        Reply::ListRecords(RecordsListed {
            result: OK,
            record_list,
        }),
        concat!(
            r#"{"result":0,"recordList":[{"guardId":"\u95e81","openMode":1,"timetag":"20170510123030","cardInfo":{"name":"\u674e\u96f7","#,
            r#""cardNumb":"11010119900307123X","dnCode":"","serviceNumb":"1"}},"#,
            r#"{"guardId":"\u95e81","openMode":2,"timetag":"20170510123030","passwordInfo":{"password":"123456","serviceNumb":"2"}}]}"#
        ),
    );
}

#[test]
fn replies_about_juniors_are_these_bytes() {
    for (result, want) in [
        (JuniorResult::Done, r#"{"result":0}"#),
        (JuniorResult::NotRegistered, r#"{"result":1}"#),
        (JuniorResult::TopGrade, r#"{"result":2}"#),
        (JuniorResult::AlreadyJunior, r#"{"result":3}"#),
        (JuniorResult::Failed, r#"{"result":4}"#),
    ] {
        assert_bytes(Reply::AddJunior(JuniorAdded { result }), want);
    }
    let row = JuniorRow {
        junior_name: OwnerName::parse("小红").unwrap(),
        junior_phone_number: phone(),
    };
    assert_bytes(
        Reply::ListJuniors(JuniorsListed {
            result: OK,
            junior_list: vec![row],
        }),
        r#"{"result":0,"juniorList":[{"juniorName":"\u5c0f\u7ea2","juniorPhoneNumber":"13800138000"}]}"#,
    );
    assert_bytes(Reply::CancelJunior(Done::OK), r#"{"result":0}"#);
}

#[test]
fn every_failure_is_these_bytes() {
    for sign in Sign::ALL {
        let want = match sign.number() {
            1 | 3 => r#"{"result":1,"ownerIp":""}"#,
            4 => r#"{"result":1,"ownerName":"","imei":"","grade":""}"#,
            5 => r#"{"result":1,"guardIp":""}"#,
            6 => r#"{"result":1,"alreadyPhoneNumber":""}"#,
            7 => r#"{"result":-1}"#,
            11 => r#"{"result":1,"guardIpList":[]}"#,
            12 => r#"{"result":1,"guards":[]}"#,
            13 => r#"{"result":1,"userList":[]}"#,
            16 => r#"{"result":1,"defaultPassword1":"","defaultPassword2":"","passwordList":[]}"#,
            21 => r#"{"result":1,"imei":""}"#,
            22 => r#"{"result":1,"recordList":[]}"#,
            23 => r#"{"result":4}"#,
            24 => r#"{"result":1,"juniorList":[]}"#,
            26 => r#"{"result":1,"ownerName":""}"#,
            _ => r#"{"result":1}"#,
        };
        assert_bytes(Reply::failure(sign), want);
    }
    for body in crate::requests::every_request() {
        let request = domain::guard::messages::parse(body.to_string().as_bytes())
            .unwrap()
            .request
            .unwrap();
        assert_eq!(request.failure(), Reply::failure(request.sign()));
    }
}

proptest! {
    #[test]
    fn a_reply_is_ascii_and_any_parser_finds_the_values_in_it(name in "\\PC{1,40}", remark in any::<String>(), password in "[0-9]{0,12}") {
        let Ok(junior_name) = OwnerName::parse(&name) else { return Ok(()) };
        let reply = Reply::ListJuniors(JuniorsListed {
            result: OK,
            junior_list: vec![JuniorRow { junior_name: junior_name.clone(), junior_phone_number: phone() }],
        });
        let value: serde_json::Value = serde_json::from_str(&shown(&reply)).unwrap();
        prop_assert_eq!(value["juniorList"][0]["juniorName"].as_str(), Some(junior_name.as_str()));
        let info = CardInfo { name: remark.clone(), card_numb: secret(&password), dn_code: remark.clone(), service_numb: String::new() };
        let reply = Reply::ListRecords(RecordsListed { result: OK, record_list: vec![row(OpenedBy::Card(info))] });
        let value: serde_json::Value = serde_json::from_str(&shown(&reply)).unwrap();
        let info = &value["recordList"][0]["cardInfo"];
        prop_assert_eq!(info["name"].as_str(), Some(remark.as_str()));
        prop_assert_eq!(info["cardNumb"].as_str(), Some(password.as_str()));
    }
}

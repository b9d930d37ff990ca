//! What operators change of people, businesses and kiosks is noted; of two who change at once the second is told; what is retired is used no more.

use crate::both;
use crate::harness::{World, port};
use backend::locker::kiosks;
use backend::locker::orders::{self, NewOrder};
use backend::people::{self, NewPerson, PersonTexts};
use backend::{Actor, businesses, changes};
use domain::changes::{About, Changed, Deed};
use domain::error::{Problem, Refusal};
use domain::ids::{BusinessName, Yid};
use domain::locker::kiosks::KioskTexts;
use domain::locker::orders::OrderTexts;
use domain::people::{Person, Role};

fn texts(name: &str, address: &str) -> KioskTexts {
    KioskTexts {
        name: name.to_owned(),
        address: address.to_owned(),
    }
}

fn name(text: &str) -> BusinessName {
    BusinessName(text.to_owned())
}

async fn noted(w: &World, who: &Person, about: About) -> Vec<Changed> {
    changes::list(&w.b, who, &about).await.unwrap()
}

fn order(number: &str, business: &str) -> NewOrder {
    NewOrder {
        things_sq: number.to_owned(),
        texts: OrderTexts {
            customer_no: number.to_owned(),
            business: business.to_owned(),
            ..OrderTexts::default()
        },
        ..NewOrder::default()
    }
}

both! {
    async fn of_two_who_edit_a_kiosk_at_once_the_second_is_told(w: &World) {
        let who = w.operator().await;
        w.kiosk(1234, 1).await;
        let before = KioskTexts::from(&kiosks::get(&w.b, &who, Yid(1234)).await.unwrap().0);
        let first = kiosks::edit(&w.b, &who, Yid(1234), Some(&before), &texts("새 이름", "서울")).await.unwrap();
        assert!(first.1);
        w.pass(1);
        let (now, as_asked) = kiosks::edit(&w.b, &who, Yid(1234), Some(&before), &texts("다른 이름", "부산")).await.unwrap();
        assert_eq!((now.name.as_str(), now.address.as_str(), as_asked), ("새 이름", "서울", false));
        // The same again is what was asked for.
        assert!(kiosks::edit(&w.b, &who, Yid(1234), Some(&before), &texts("새 이름", "서울")).await.unwrap().1);
        let noted = noted(w, &who, About::Kiosk(Yid(1234))).await;
        assert_eq!((noted[0].deed, noted[0].who.as_ref()), (Deed::Corrected, Some(&who.phone)));
        assert_eq!(noted[0].who_name.as_deref(), Some(who.name.as_str()));
        let value = noted[0].values.iter().find(|value| value.field == "name").unwrap();
        assert_eq!((value.was.as_str(), value.is.as_str()), (before.name.as_str(), "새 이름"));
    }

    async fn everything_done_to_a_person_is_noted_and_no_password_with_it(w: &World) {
        let who = w.operator().await;
        let actor = Actor::from(&who);
        w.business("한빛전기").await;
        w.business("대성전력").await;
        let new = NewPerson {
            phone: "01012345678".to_owned(),
            name: "김".to_owned(),
            role: Role::Business,
            business: Some("한빛전기".to_owned()),
            password: "correct horse battery".to_owned(),
        };
        let person = people::add(&w.b, &actor, new).await.unwrap();
        w.pass(1);
        let to = PersonTexts { name: "김서연".to_owned(), business: Some("대성전력".to_owned()) };
        people::correct(&w.b, &actor, &person.phone, &PersonTexts::from(&person), &to).await.unwrap();
        w.pass(1);
        people::set_password(&w.b, &actor, &person.phone, "another horse battery").await.unwrap();
        w.pass(1);
        people::set_active(&w.b, &actor, &person.phone, false).await.unwrap();
        w.pass(1);
        people::set_active(&w.b, &Actor::Cli, &person.phone, true).await.unwrap();
        let noted = noted(w, &who, About::Person(person.phone)).await;
        let deeds: Vec<Deed> = noted.iter().map(|change| change.deed).collect();
        assert_eq!(deeds, [Deed::Unblocked, Deed::Blocked, Deed::PasswordSet, Deed::Corrected, Deed::Added]);
        assert_eq!(noted[0].who, None, "at the command line");
        assert_eq!(noted[3].values.len(), 2);
        use sqlx::Row as _;
        for row in w.sql("SELECT detail FROM changes").await {
            assert!(!row.get::<String, _>(0).contains("horse"));
        }
    }

    async fn nothing_new_belongs_to_a_retired_business_and_what_there_is_stays(w: &World) {
        let who = w.operator().await;
        let user = w.business_user("01000000004", "한빛전기").await;
        let ready = w.ready_order("1001", "한빛전기").await;
        w.pass(1);
        businesses::set_retired(&w.b, &who, &name("한빛전기"), true).await.unwrap();
        businesses::set_retired(&w.b, &who, &name("한빛전기"), true).await.unwrap();
        let unknown = Refusal::field("business", Problem::Unknown);
        assert_eq!(orders::add(&w.b, &Actor::from(&who), order("1002", "한빛전기")).await.err(), Some(unknown));
        let file = "thingsSq,customerNo,customerName,address,meterKind,business\n1003,3,a,b,c,한빛전기\n";
        let report = orders::import_csv(&w.b, &Actor::from(&who), file.as_bytes()).await.unwrap();
        assert_eq!((report.added, report.errors.len()), (0, 1));
        assert!(businesses::all_names(&w.b, &who).await.unwrap().is_empty());
        // Who is there already still sees their orders, and may be renamed.
        assert_eq!(orders::get(&w.b, &user, &ready).await.unwrap().things_sq, ready);
        let to = PersonTexts { name: "새 이름".to_owned(), ..PersonTexts::from(&user) };
        assert!(people::correct(&w.b, &Actor::from(&who), &user.phone, &PersonTexts::from(&user), &to).await.unwrap().1);
        assert!(businesses::get(&w.b, &who, &name("한빛전기")).await.unwrap().retired_at.is_some());
        w.pass(1);
        businesses::set_retired(&w.b, &who, &name("한빛전기"), false).await.unwrap();
        orders::add(&w.b, &Actor::from(&who), order("1002", "한빛전기")).await.unwrap();
        let deeds: Vec<Deed> = noted(w, &who, About::Business(name("한빛전기"))).await.iter().map(|change| change.deed).collect();
        assert_eq!(deeds, [Deed::Restored, Deed::Retired, Deed::Added]);
        assert_eq!(businesses::set_retired(&w.b, &who, &name("없음"), true).await, Err(Refusal::Unknown));
    }

    async fn a_kiosk_is_retired_when_it_is_empty_and_its_device_and_codes_end(w: &World) {
        let who = w.operator().await;
        w.business("한빛전기").await;
        let staff = w.staff("01000000002").await;
        let kiosk = w.kiosk(1234, 2).await;
        let stored = w.ready_order("1001", "한빛전기").await;
        kiosk.deposit(&staff, &stored, port(1, 1), "48213").await;
        let full = kiosks::set_retired(&w.b, &who, Yid(1234), true).await;
        assert_eq!(full, Err(Refusal::field("yid", Problem::Contradicts)));
        w.sql("UPDATE compartments SET things_sq = NULL, kind = NULL, status = 'B'").await;
        let code = kiosks::enrolment_code(&w.b, &Actor::from(&who), Yid(1234)).await.unwrap().code;
        kiosks::set_retired(&w.b, &who, Yid(1234), true).await.unwrap();
        assert_eq!(kiosks::enrol(&w.b, &code, "10.0.0.1").await.err(), Some(Refusal::EnrolmentCode));
        let again = kiosks::enrolment_code(&w.b, &Actor::from(&who), Yid(1234)).await;
        assert_eq!(again.err(), Some(Refusal::Unknown));
        assert!(kiosks::list(&w.b, &staff).await.unwrap().is_empty());
        assert!(kiosks::list(&w.b, &who).await.unwrap()[0].retired_at.is_some());
        // A code of its old device opens nothing and is believed by nobody.
        let code = kiosk.seal(&domain::token::Payload::SyncDate);
        assert!(backend::locker::scans::read_code(&w.b, &staff, &code).await.is_err());
        w.pass(1);
        kiosks::set_retired(&w.b, &who, Yid(1234), false).await.unwrap();
        let (kiosk, _) = kiosks::get(&w.b, &who, Yid(1234)).await.unwrap();
        assert_eq!((kiosk.retired_at, kiosk.enrolled_at), (None, None));
        kiosks::enrolment_code(&w.b, &Actor::from(&who), Yid(1234)).await.unwrap();
        let deeds: Vec<Deed> = noted(w, &who, About::Kiosk(Yid(1234))).await.iter().map(|change| change.deed).collect();
        assert!(deeds.contains(&Deed::Restored) && deeds.contains(&Deed::Retired) && deeds.contains(&Deed::CodeMade), "{deeds:?}");
    }

    async fn settings_of_a_kiosk_are_noted_and_its_pin_is_not(w: &World) {
        let who = w.operator().await;
        w.kiosk(1234, 1).await;
        kiosks::set_overdue_days(&w.b, &who, Yid(1234), 7).await.unwrap();
        w.pass(1);
        kiosks::set_pin(&w.b, &who, Yid(1234), "2580").await.unwrap();
        let noted = noted(w, &who, About::Kiosk(Yid(1234))).await;
        assert_eq!((noted[0].deed, noted[0].values.len()), (Deed::PinSet, 0));
        let days = &noted[1].values[0];
        assert_eq!((days.field.as_str(), days.was.as_str(), days.is.as_str()), ("overdue_days", "14", "7"));
        assert_eq!(kiosks::set_overdue_days(&w.b, &who, Yid(9), 7).await, Err(Refusal::Unknown));
    }

    async fn overdue_days_that_somebody_else_changed_meanwhile_stay_as_they_are(w: &World) {
        let who = w.operator().await;
        w.kiosk(1234, 1).await;
        let change = async |was, days| kiosks::change_overdue_days(&w.b, &who, Yid(1234), was, days).await.unwrap();
        assert_eq!(change(Some(14), 7).await, (7, true));
        assert_eq!(change(Some(14), 9).await, (7, false));
        assert_eq!(change(Some(14), 7).await, (7, true), "both want the same");
        assert_eq!(change(Some(7), 9).await, (9, true));
        let noted = noted(w, &who, About::Kiosk(Yid(1234))).await;
        assert_eq!(noted.iter().filter(|change| change.deed == Deed::Corrected).count(), 2);
    }

    async fn a_pin_that_somebody_else_set_meanwhile_stays_and_they_are_named(w: &World) {
        let who = w.operator().await;
        w.kiosk(1234, 1).await;
        let set = async |seen, pin: &str| kiosks::replace_pin(&w.b, &who, Yid(1234), seen, pin).await.unwrap();
        let drawn = Some(w.now());
        w.pass(1_000);
        assert!(set(drawn, "2580").await.is_none());
        assert!(kiosks::settings(&w.b, &who, Yid(1234)).await.unwrap().has_pin);
        w.pass(1_000);
        let newer = set(drawn, "1379").await.expect("another PIN was set since");
        assert_eq!((newer.who.as_ref(), newer.at), (Some(&who.phone), w.now().plus(-1_000)));
        let pins = async || noted(w, &who, About::Kiosk(Yid(1234))).await.iter().filter(|change| change.deed == Deed::PinSet).count();
        assert_eq!(pins().await, 1);
        assert!(set(Some(newer.at), "1379").await.is_none());
        assert_eq!(pins().await, 2);
    }
}

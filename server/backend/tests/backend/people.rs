use crate::both;
use crate::harness::{MINUTE, PASSWORD, World, phone};
use backend::people::{self, NewPerson};
use backend::tokens::{self, Bearer};
use backend::{Actor, businesses};
use domain::error::{Problem, Refusal};
use domain::people::Role;
use domain::search::Part;

const HERE: &str = "10.0.0.1";

fn new(phone: &str, role: Role) -> NewPerson {
    NewPerson {
        phone: phone.to_owned(),
        name: "김서연".to_owned(),
        role,
        business: None,
        password: PASSWORD.to_owned(),
    }
}

both! {
    async fn a_person_signs_in_however_the_number_is_written(w: &World) {
        let staff = w.staff("01012345678").await;
        for written in ["01012345678", "010-1234-5678", " +010 1234 5678 "] {
            assert_eq!(people::sign_in(&w.b, written, PASSWORD, HERE).await, Ok(staff.clone()));
        }
    }

    async fn unknown_number_wrong_password_and_inactive_person_get_the_same_answer(w: &World) {
        let operator = w.operator().await;
        let staff = w.staff("01012345678").await;
        people::set_active(&w.b, &Actor::from(&operator), &staff.phone, false).await.unwrap();
        for (number, password) in [
            ("01099999999", PASSWORD),
            ("01000000001", "wrong password"),
            ("01012345678", PASSWORD),
            ("01000000001", &"x".repeat(100_000)),
        ] {
            assert_eq!(people::sign_in(&w.b, number, password, HERE).await, Err(Refusal::WrongSignIn), "{number}");
        }
    }

    async fn five_failures_of_a_caller_with_one_number_wait_for_five_minutes(w: &World) {
        w.staff("01012345678").await;
        for _ in 0..5 {
            let refused = people::sign_in(&w.b, "01012345678", "wrong password", HERE).await;
            assert_eq!(refused, Err(Refusal::WrongSignIn));
        }
        let refused = people::sign_in(&w.b, "01012345678", PASSWORD, HERE).await;
        assert_eq!(refused, Err(Refusal::TooMany { seconds: 301 }));
        w.pass(5 * MINUTE);
        assert!(people::sign_in(&w.b, "01012345678", PASSWORD, HERE).await.is_ok());
    }

    async fn a_success_forgives_the_failures_before(w: &World) {
        w.staff("01012345678").await;
        for _ in 0..3 {
            for _ in 0..4 {
                people::sign_in(&w.b, "01012345678", "wrong password", HERE).await.unwrap_err();
            }
            people::sign_in(&w.b, "01012345678", PASSWORD, HERE).await.unwrap();
        }
    }

    async fn an_address_that_tries_many_numbers_is_slowed_down(w: &World) {
        for number in 0..50 {
            let refused = people::sign_in(&w.b, &format!("0107777{number:04}"), PASSWORD, HERE).await;
            assert_eq!(refused, Err(Refusal::WrongSignIn));
        }
        let refused = people::sign_in(&w.b, "01088880000", PASSWORD, HERE).await;
        assert!(matches!(refused, Err(Refusal::TooMany { .. })));
        assert_eq!(people::sign_in(&w.b, "01088880000", PASSWORD, "10.0.0.2").await, Err(Refusal::WrongSignIn));
    }

    async fn what_is_typed_wrong_is_told_field_by_field(w: &World) {
        w.business("한빛전기").await;
        w.staff("01012345678").await;
        let cases = [
            (NewPerson { phone: String::new(), ..new("", Role::Staff) }, "phone", Problem::Required),
            (new("12ab", Role::Staff), "phone", Problem::Form),
            (new("010-1234-5678", Role::Staff), "phone", Problem::Taken),
            (NewPerson { name: " ".to_owned(), ..new("01055550000", Role::Staff) }, "name", Problem::Required),
            (NewPerson { name: "가".repeat(101), ..new("01055550000", Role::Staff) }, "name", Problem::TooLong { max: 100 }),
            (NewPerson { name: "a\u{7}b".to_owned(), ..new("01055550000", Role::Staff) }, "name", Problem::Form),
            (NewPerson { password: "short".to_owned(), ..new("01055550000", Role::Staff) }, "password", Problem::TooShort { min: 8 }),
            (NewPerson { password: "x".repeat(301), ..new("01055550000", Role::Staff) }, "password", Problem::TooLong { max: 300 }),
            (new("01055550000", Role::Business), "business", Problem::Required),
            (NewPerson { business: Some("없는회사".to_owned()), ..new("01055550000", Role::Business) }, "business", Problem::Unknown),
            (NewPerson { business: Some("한빛전기".to_owned()), ..new("01055550000", Role::Staff) }, "business", Problem::Contradicts),
        ];
        for (new, field, problem) in cases {
            assert_eq!(people::add(&w.b, &Actor::Cli, new).await, Err(Refusal::field(field, problem)));
        }
        assert_eq!(people::get(&w.b, &phone("01055550000")).await, Ok(None));
    }

    async fn only_an_operator_does_an_operators_work(w: &World) {
        w.business("한빛전기").await;
        for who in [w.staff("01012345678").await, w.person("01087654321", Role::Owner, None).await] {
            let actor = Actor::from(&who);
            assert_eq!(people::add(&w.b, &actor, new("01055550000", Role::Operator)).await, Err(Refusal::NotYours));
            assert_eq!(people::set_password(&w.b, &actor, &who.phone, PASSWORD).await, Err(Refusal::NotYours));
            assert_eq!(people::set_active(&w.b, &actor, &phone("01012345678"), false).await, Err(Refusal::NotYours));
            assert_eq!(people::list(&w.b, &who, "", None, None, 10).await, Err(Refusal::NotYours));
            assert_eq!(businesses::add(&w.b, &actor, "새회사").await, Err(Refusal::NotYours));
            assert_eq!(businesses::list(&w.b, &who, "", None, 10).await, Err(Refusal::NotYours));
        }
    }

    async fn nobody_locks_themselves_out(w: &World) {
        let operator = w.operator().await;
        let refused = people::set_active(&w.b, &Actor::from(&operator), &operator.phone, false).await;
        assert_eq!(refused, Err(Refusal::NotYours));
    }

    async fn set_up_makes_the_first_operator_and_nobody_else(w: &World) {
        assert_eq!(people::any_operator(&w.b).await, Ok(false));
        let refused = people::add(&w.b, &Actor::SetUp, new("01000000001", Role::Staff)).await;
        assert_eq!(refused, Err(Refusal::NotYours));
        people::add(&w.b, &Actor::SetUp, new("01000000001", Role::Operator)).await.unwrap();
        assert_eq!(people::any_operator(&w.b).await, Ok(true));
        let refused = people::add(&w.b, &Actor::SetUp, new("01000000002", Role::Operator)).await;
        assert_eq!(refused, Err(Refusal::NotYours));
    }

    async fn of_two_who_set_up_at_once_one_becomes_operator(w: &World) {
        let other = w.another_node().await;
        let (one, two) = tokio::join!(
            people::add(&w.b, &Actor::SetUp, new("01000000001", Role::Operator)),
            people::add(&other, &Actor::SetUp, new("01000000002", Role::Operator)),
        );
        assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1);
    }

    async fn a_new_password_ends_everything_that_was_signed_in(w: &World) {
        let staff = w.staff("01012345678").await;
        let token = tokens::issue_for_person(&w.b, &staff).await.unwrap().token;
        assert_eq!(tokens::authenticate(&w.b, &token).await, Ok(Bearer::Person(staff.clone())));

        let wrong = people::change_password(&w.b, &staff, "not the one", "a new password").await;
        assert_eq!(wrong, Err(Refusal::field("current", Problem::WrongPassword)));
        people::change_password(&w.b, &staff, PASSWORD, "a new password").await.unwrap();

        assert_eq!(tokens::authenticate(&w.b, &token).await, Err(Refusal::NotSignedIn));
        assert!(people::sign_in(&w.b, "01012345678", PASSWORD, HERE).await.is_err());
        assert!(people::sign_in(&w.b, "01012345678", "a new password", HERE).await.is_ok());
    }

    async fn people_are_found_by_number_and_by_name_page_by_page(w: &World) {
        let operator = w.operator().await;
        for number in 0..7 {
            w.staff(&format!("0105555000{number}")).await;
        }
        let first = people::list(&w.b, &operator, "0105555", None, None, 4).await.unwrap();
        let second = people::list(&w.b, &operator, "0105555", None, first.next.as_deref(), 4).await.unwrap();
        assert_eq!((first.rows.len(), second.rows.len(), second.next), (4, 3, None));
        let named = people::list(&w.b, &operator, "이름 01055550003", None, None, 10).await.unwrap();
        assert_eq!(named.rows.len(), 1);
        let wild = people::list(&w.b, &operator, "%", None, None, 10).await.unwrap();
        assert_eq!(wild.rows.len(), 0);
        let operators = people::list(&w.b, &operator, "", Some(Role::Operator), None, 10).await.unwrap();
        assert_eq!(operators.rows.into_iter().map(|hit| hit.of).collect::<Vec<_>>(), [operator]);
    }

    async fn people_are_found_by_any_part_of_name_number_and_business(w: &World) {
        let operator = w.operator().await;
        w.business("한빛전기").await;
        for (number, name, business) in [("01055550001", "김민준", Some("한빛전기")), ("01066660002", "최서윤", None)] {
            let role = if business.is_some() { Role::Business } else { Role::Staff };
            let person = NewPerson { name: name.to_owned(), business: business.map(str::to_owned), ..new(number, role) };
            people::add(&w.b, &Actor::Cli, person).await.unwrap();
        }
        for (typed, number, part) in [
            ("민준", "01055550001", Part::Name),
            ("ㄱㅁㅈ", "01055550001", Part::Name),
            ("최ㅅ", "01066660002", Part::Name),
            ("0002", "01066660002", Part::Phone),
            ("5555-0001", "01055550001", Part::Phone),
            ("+82 10-6666-0002", "01066660002", Part::Phone),
            ("빛전", "01055550001", Part::Business),
        ] {
            let found = people::list(&w.b, &operator, typed, None, None, 10).await.unwrap();
            let shown: Vec<_> = found.rows.iter().map(|hit| (hit.of.phone.as_str(), hit.found[0].part)).collect();
            assert_eq!(shown, [(number, part)], "{typed}");
        }
        let none = people::list(&w.b, &operator, "ㄱㅁㅈ", Some(Role::Staff), None, 10).await.unwrap();
        assert!(none.rows.is_empty());
    }

    async fn sql_and_html_in_a_name_are_only_text(w: &World) {
        let nasty = "'); DROP TABLE people; -- <script>alert(\"1\")</script> $1 ?1 \\";
        let person = people::add(&w.b, &Actor::Cli, NewPerson { name: nasty.to_owned(), ..new("01055550000", Role::Staff) })
            .await
            .unwrap();
        assert_eq!(people::get(&w.b, &person.phone).await.unwrap().unwrap().name, nasty);
        let business = businesses::add(&w.b, &Actor::Cli, nasty).await.unwrap();
        assert_eq!(business.name.as_str(), nasty);
    }

    async fn businesses_are_listed_with_what_they_have(w: &World) {
        let operator = w.operator().await;
        w.business_user("01000000004", "한빛전기").await;
        w.business("대성전력").await;
        w.order("1001", "한빛전기", "A").await;
        let list = businesses::list(&w.b, &operator, "", None, 10).await.unwrap();
        let rows: Vec<_> = list.rows.iter().map(|row| (row.name.as_str(), row.people, row.orders)).collect();
        assert_eq!(rows, [("대성전력", 0, 0), ("한빛전기", 1, 1)]);
        let taken = businesses::add(&w.b, &Actor::Cli, "한빛전기").await;
        assert_eq!(taken, Err(Refusal::field("name", Problem::Taken)));
    }
}

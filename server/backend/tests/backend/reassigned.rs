//! Numbers that somebody else registered, given by an operator to the person who holds them.

use crate::both;
use crate::guard_rig::{by_password, guards_of, id};
use crate::harness::{DAY, MINUTE, PASSWORD, World, phone};
use crate::notify::{Recorder, codes};
use backend::access;
use backend::guard::owners::{self, Proof};
use backend::guard::reassign::{self, Reassigned};
use backend::guard::records::{self, Filter};
use backend::guard::{cards, guards, juniors, superiors};
use backend::people::{self, NewPerson};
use backend::sessions::{PERSON_KEY, SessionStore};
use backend::{Actor, tokens};
use domain::error::{Problem, Refusal};
use domain::guard::ids::{Imei, OwnerPassword, ResetCode};
use domain::people::{Person, Role};
use sqlx::Row;
use std::collections::HashMap;
use std::sync::Arc;
use time::OffsetDateTime;
use tower_sessions::SessionStore as _;
use tower_sessions::session::{Id, Record};

const NUMBER: &str = "13800000002";
const HERE: &str = "10.0.0.1";
const NEW: &str = "another correct horse";

fn holder(role: Role) -> NewPerson {
    NewPerson {
        phone: NUMBER.to_owned(),
        name: "실제 사용자".to_owned(),
        role,
        business: None,
        password: NEW.to_owned(),
    }
}

async fn session(w: &World, who: &Person) -> Id {
    let mut made = Record {
        id: Id::default(),
        data: HashMap::from([(PERSON_KEY.to_owned(), who.phone.as_str().into())]),
        expiry_date: OffsetDateTime::from_unix_timestamp(w.now().plus(DAY).0 / 1000).unwrap(),
    };
    SessionStore::new(&w.b).create(&mut made).await.unwrap();
    made.id
}

both! {
    async fn nothing_of_the_earlier_holder_goes_over(w: &World) {
        let operator = w.operator().await;
        let (top, squatter, below) = (w.owner("13800000001").await, w.owner(NUMBER).await, w.owner("13800000003").await);
        juniors::add(&w.b, &top, &squatter.phone, None).await.unwrap();
        superiors::agree(&w.b, &squatter, &top.phone).await.unwrap();
        juniors::add(&w.b, &squatter, &below.phone, None).await.unwrap();
        superiors::agree(&w.b, &below, &squatter.phone).await.unwrap();
        let mut guard = w.guard_of(&squatter, "G0001").await;
        w.password(&squatter, "G0001", "1", "135790").await;
        guard.catch_up().await;
        assert_eq!(guard.live(w.now()), 1);
        let secret = OwnerPassword::parse(PASSWORD).unwrap();
        let signed_in = owners::sign_in(&w.b, HERE, &squatter.phone, &secret, Some(&Imei::parse("theirs").unwrap())).await.unwrap();
        let session = session(w, &squatter).await;
        let recorder = Arc::new(Recorder::default());
        let b = w.node_with(|config| config.notifier = Some(recorder.clone())).await;
        owners::request_reset_code(&b, HERE, &squatter.phone).await.unwrap();
        let code = ResetCode::parse(&codes(&b, &recorder).await.pop().unwrap()).unwrap();
        owners::request_reset_code(&b, HERE, &squatter.phone).await.unwrap();

        let person = reassign::reassign(&w.b, &(&operator).into(), holder(Role::Staff)).await.unwrap();
        assert_eq!((person.role, person.active), (Role::Staff, true));
        assert_eq!(people::get(&w.b, &person.phone).await.unwrap(), Some(person.clone()));
        assert_eq!(people::sign_in(&w.b, NUMBER, PASSWORD, HERE).await, Err(Refusal::WrongSignIn));
        assert_eq!(people::sign_in(&w.b, NUMBER, NEW, HERE).await, Ok(person.clone()));
        assert_eq!(access::verify(&w.b, &signed_in.token).await, Err(Refusal::NotSignedIn));
        assert_eq!(SessionStore::new(&w.b).load(&session).await.unwrap(), None);
        let reset = owners::reset_password(&b, &person.phone, &secret, Proof::Code { code: &code, address: HERE }).await;
        assert_eq!(reset, Err(Refusal::field("code", Problem::Contradicts)));
        assert_eq!(codes(&b, &recorder).await.len(), 1, "the second code was not sent any more");

        assert_eq!(guards::owner_of(&w.b, &operator, &id("G0001")).await, Ok(None));
        guard.catch_up().await;
        assert_eq!((guard.grants.owned, guard.live(w.now())), (false, 0));
        assert_eq!(juniors::list(&w.b, &top).await, Ok(Vec::new()));
        assert_eq!(superiors::above(&w.b, &below).await, Ok(Vec::new()));
        let grades: Vec<i64> = w.sql("SELECT grade FROM owners ORDER BY phone").await.iter().map(|row| row.get(0)).collect();
        assert_eq!(grades, [0, 0]);
        // Nobody makes a member of staff a junior.
        assert!(juniors::add(&w.b, &top, &person.phone, None).await.is_err());
        // Somebody with the guard at hand may add it.
        w.add_guard(&top, "G0001").await;
        let trace = reassign::reassigned(&w.b, &operator, &person.phone).await.unwrap();
        assert_eq!(trace, Some(Reassigned { at: w.now(), by: Some(operator.phone.clone()) }));
        b.close().await;
    }

    async fn another_owner_sees_only_what_happened_since(w: &World) {
        let squatter = w.owner(NUMBER).await;
        let guard = w.guard_of(&squatter, "G0001").await;
        w.password(&squatter, "G0001", "1", "135790").await;
        cards::add(&w.b, &squatter, &id("G0001"), w.new_card("2", "110101199003071234")).await.unwrap();
        cards::reveal(&w.b, &squatter, &squatter.phone, &id("G0001"), &crate::guard_rig::number("2")).await.unwrap();
        let start = w.now();
        w.pass(MINUTE);
        guard.session.store_records(&[by_password(1, start.plus(1), "1")]).await.unwrap();
        let secret = OwnerPassword::parse(PASSWORD).unwrap();
        let earlier = owners::sign_in(&w.b, HERE, &squatter.phone, &secret, None).await.unwrap();
        let tokens = tokens::issue_for_person(&w.b, &squatter).await.unwrap();

        let owner = reassign::reassign(&w.b, &Actor::Cli, holder(Role::Owner)).await.unwrap();
        assert_eq!(access::verify(&w.b, &earlier.token).await, Err(Refusal::NotSignedIn));
        assert!(tokens::authenticate(&w.b, &tokens.token).await.is_err());
        assert_eq!(guards_of(&w.b, &owner, &owner.phone).await, Ok(Vec::new()));
        // One that comes late is from before as well.
        guard.session.store_records(&[by_password(2, start.plus(2), "1")]).await.unwrap();
        let mut mine = w.connect(&crate::guard_rig::hello("G0001", Some("123456"))).await;
        w.add_guard(&owner, "G0001").await;
        w.password(&owner, "G0001", "3", "246802").await;
        mine.seq = 2;
        w.pass(2 * MINUTE);
        let opened = mine.opened(w.now().plus(-MINUTE), "3");
        mine.session.store_records(&[opened]).await.unwrap();

        let stored: i64 = w.sql(&format!("SELECT count(*) FROM records WHERE owner = '{NUMBER}'")).await[0].get(0);
        assert_eq!(stored, 3, "records stay");
        let all = records::between(&w.b, &owner, &owner.phone, start, w.now().plus(1), 100).await.unwrap();
        assert_eq!(all.iter().map(|record| record.seq).collect::<Vec<_>>(), [3]);
        let filter = Filter { limit: 50, from: Some(start), until: Some(w.now().plus(1)), ..Filter::default() };
        let page = records::page(&w.b, &owner, &owner.phone, &filter).await.unwrap();
        assert_eq!(page.rows.iter().map(|record| record.seq).collect::<Vec<_>>(), [3]);
        let openings = records::openings(&w.b, &owner, &owner.phone, &filter).await.unwrap();
        assert_eq!(openings.by_hour.iter().sum::<u32>(), 1);
        let reveal = records::reveal_card(&w.b, &owner, &owner.phone, &id("G0001"), start.plus(1), 1).await;
        assert_eq!(reveal, Err(Refusal::Unknown));
        assert_eq!(cards::views(&w.b, &owner, None, None, 50).await.unwrap().rows.len(), 0);
        let trace = reassign::reassigned(&w.b, &w.operator().await, &owner.phone).await.unwrap();
        assert_eq!(trace.unwrap().by, None);
    }

    async fn only_operators_reassign_and_only_the_numbers_of_owners(w: &World) {
        let operator = w.operator().await;
        let (staff, owner) = (w.staff("01000000002").await, w.owner(NUMBER).await);
        for who in [&staff, &owner] {
            assert_eq!(reassign::reassign(&w.b, &who.into(), holder(Role::Staff)).await, Err(Refusal::NotYours));
            assert_eq!(reassign::reassigned(&w.b, who, &owner.phone).await, Err(Refusal::NotYours));
        }
        let of = async |number: &str| {
            let new = NewPerson { phone: number.to_owned(), ..holder(Role::Staff) };
            reassign::reassign(&w.b, &(&operator).into(), new).await
        };
        assert_eq!(of("01000000002").await, Err(Refusal::field("phone", Problem::Taken)));
        assert_eq!(of("01000000001").await, Err(Refusal::field("phone", Problem::Taken)));
        assert_eq!(of("13899999999").await, Err(Refusal::field("phone", Problem::Unknown)));
        // A refusal changes nothing.
        let weak = NewPerson { password: "short".to_owned(), ..holder(Role::Staff) };
        assert!(reassign::reassign(&w.b, &(&operator).into(), weak).await.is_err());
        assert_eq!(w.known(NUMBER).await, owner);
        assert_eq!(reassign::reassigned(&w.b, &operator, &phone(NUMBER)).await, Ok(None));
    }

    async fn a_guard_is_not_added_to_a_number_that_was_given_away_meanwhile(w: &World) {
        let squatter = w.owner(NUMBER).await;
        let _guard = w.device("G0001", "123456").await;
        reassign::reassign(&w.b, &Actor::Cli, holder(Role::Staff)).await.unwrap();
        let (guard, code) = (id("G0001"), crate::guard_rig::code("123456"));
        let added = guards::add(&w.b, &squatter, &guard, &code, &crate::guard_rig::about("大门")).await;
        assert_eq!(added.err(), Some(Refusal::NotSignedIn));
        let operator = w.operator().await;
        assert_eq!(guards::owner_of(&w.b, &operator, &guard).await, Ok(None));
    }
}

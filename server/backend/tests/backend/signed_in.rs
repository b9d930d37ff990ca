//! Who is signed in is kept in memory for a moment. What ends it counts at once at the node where it was done, and elsewhere within two seconds.

use crate::both;
use crate::harness::{DAY, PASSWORD, World, phone};
use backend::access;
use backend::guard::{owners, reassign};
use backend::once::{self, Request, Who};
use backend::people::{self, NewPerson};
use backend::sessions::{self, ENDS_KEY, PERSON_KEY, SessionStore};
use backend::tokens::{self, Bearer};
use backend::{Actor, Backend, signed_in};
use domain::error::Refusal;
use domain::guard::ids::{AccessToken, Imei, OwnerName, OwnerPassword};
use domain::people::{Person, Role};
use std::collections::HashMap;
use std::time::Duration;
use time::OffsetDateTime;
use tower_sessions::SessionStore as _;
use tower_sessions::session::{Id, Record};

const ZHANG: &str = "13800000001";
/// After this nothing is trusted any more that was read before.
const TRUSTED_MS: i64 = 2000;

/// Everything by which an owner is let in.
struct Keys {
    session: Id,
    bearer: String,
    token: AccessToken,
}

/// What lets them in at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Enters {
    session: bool,
    bearer: bool,
    token: bool,
}

const EVERYWHERE: Enters = Enters {
    session: true,
    bearer: true,
    token: true,
};
const NOWHERE: Enters = Enters {
    session: false,
    bearer: false,
    token: false,
};

/// As pages, `/v1` and messages ask.
async fn enters(b: &Backend, keys: &Keys) -> Enters {
    let session = SessionStore::new(b).load(&keys.session).await.unwrap();
    let active = match session {
        Some(record) => {
            let number = record.data[PERSON_KEY].as_str().unwrap().to_owned();
            signed_in::person(b, &phone(&number))
                .await
                .unwrap()
                .is_some_and(|person| person.active)
        }
        None => false,
    };
    Enters {
        session: active,
        bearer: tokens::authenticate(b, &keys.bearer).await.is_ok(),
        token: access::verify(b, &keys.token).await.is_ok(),
    }
}

async fn sign_in(w: &World) -> (Person, Keys) {
    let owner = match people::get(&w.b, &phone(ZHANG)).await.unwrap() {
        Some(person) => person,
        None => w.owner(ZHANG).await,
    };
    let (password, imei) = (OwnerPassword::parse(PASSWORD).unwrap(), Imei::parse("a").unwrap());
    let signed_in = owners::sign_in(&w.b, "10.0.0.1", &owner.phone, &password, Some(&imei))
        .await
        .unwrap();
    let ends = w.now().plus(DAY);
    let data = HashMap::from([
        (PERSON_KEY.to_owned(), ZHANG.into()),
        (ENDS_KEY.to_owned(), ends.0.into()),
    ]);
    let mut record = Record {
        id: Id::default(),
        data,
        expiry_date: OffsetDateTime::from_unix_timestamp(ends.0 / 1000).unwrap(),
    };
    SessionStore::new(&w.b).create(&mut record).await.unwrap();
    let keys = Keys {
        session: record.id,
        bearer: tokens::issue_for_person(&w.b, &owner).await.unwrap().token,
        token: signed_in.token,
    };
    (owner, keys)
}

/// Ways to end it, and what lets them in afterwards.
const ENDS: [(&str, Enters); 8] = [
    (
        "sign-out",
        Enters {
            session: false,
            ..EVERYWHERE
        },
    ),
    (
        "end of one session",
        Enters {
            session: false,
            ..EVERYWHERE
        },
    ),
    (
        "end of all sessions",
        Enters {
            session: false,
            ..EVERYWHERE
        },
    ),
    (
        "end of a bearer token",
        Enters {
            bearer: false,
            ..EVERYWHERE
        },
    ),
    ("sign-out everywhere", NOWHERE),
    ("new password", NOWHERE),
    ("blocked", NOWHERE),
    ("another holder", NOWHERE),
];

async fn end(b: &Backend, way: &str, owner: &Person, keys: &Keys) {
    match way {
        "sign-out" => SessionStore::new(b).delete(&keys.session).await.unwrap(),
        "end of one session" => sessions::end(b, owner, &sessions::handle(&keys.session)).await.unwrap(),
        "end of all sessions" => sessions::delete_for(b, &owner.phone).await.unwrap(),
        "end of a bearer token" => tokens::revoke(b, &keys.bearer).await.unwrap(),
        "sign-out everywhere" => owners::sign_out_everywhere(b, owner).await.unwrap(),
        "new password" => people::set_password(b, &Actor::Cli, &owner.phone, "mango tunnel 42")
            .await
            .unwrap(),
        "blocked" => _ = people::set_active(b, &Actor::Cli, &owner.phone, false).await.unwrap(),
        "another holder" => {
            let new = NewPerson {
                phone: ZHANG.to_owned(),
                name: "李芳".to_owned(),
                role: Role::Staff,
                business: None,
                password: "mango tunnel 43".to_owned(),
            };
            _ = reassign::reassign(b, &Actor::Cli, new).await.unwrap();
        }
        other => unreachable!("{other}"),
    }
}

/// As it was before: the next way begins with somebody who may sign in with the usual password.
async fn restore(w: &World, way: &str) {
    match way {
        "new password" => people::set_password(&w.b, &Actor::Cli, &phone(ZHANG), PASSWORD)
            .await
            .unwrap(),
        "blocked" => {
            _ = people::set_active(&w.b, &Actor::Cli, &phone(ZHANG), true)
                .await
                .unwrap()
        }
        _ => {}
    }
}

both! {
    async fn an_ended_sign_in_is_rejected_at_once_at_this_node(w: &World) {
        for (way, left) in ENDS {
            let (owner, keys) = sign_in(w).await;
            assert_eq!(enters(&w.b, &keys).await, EVERYWHERE, "before: {way}");
            end(&w.b, way, &owner, &keys).await;
            assert_eq!(enters(&w.b, &keys).await, left, "{way}");
            restore(w, way).await;
        }
    }

    /// On SQLite no node tells another anything, as if every hint were lost.
    async fn an_ended_sign_in_is_rejected_within_two_seconds_at_another_node(w: &World) {
        let other = w.another_node().await;
        for (way, left) in ENDS {
            let (owner, keys) = sign_in(w).await;
            assert_eq!(enters(&other, &keys).await, EVERYWHERE, "before: {way}");
            end(&w.b, way, &owner, &keys).await;
            if !w.is_postgres() {
                assert_eq!(enters(&other, &keys).await, EVERYWHERE, "it is kept for a moment: {way}");
            }
            w.pass(TRUSTED_MS);
            assert_eq!(enters(&other, &keys).await, left, "{way}");
            restore(w, way).await;
        }
        other.close().await;
    }

    async fn somebody_let_in_again_enters_at_once(w: &World) {
        let (owner, keys) = sign_in(w).await;
        let entering = async || signed_in::person(&w.b, &owner.phone).await.unwrap().unwrap().active;
        people::set_active(&w.b, &Actor::Cli, &owner.phone, false).await.unwrap();
        assert!(!entering().await);
        people::set_active(&w.b, &Actor::Cli, &owner.phone, true).await.unwrap();
        assert!(entering().await);
        assert_eq!(enters(&w.b, &keys).await, NOWHERE, "what had ended stays so");
    }

    /// On SQLite no node tells another anything.
    async fn nobody_is_rejected_by_what_another_node_read_before(w: &World) {
        let other = w.another_node().await;
        let (owner, keys) = sign_in(w).await;
        assert_eq!(enters(&other, &keys).await, EVERYWHERE);
        for blocked in [false, true] {
            people::set_active(&w.b, &Actor::Cli, &owner.phone, !blocked).await.unwrap();
            if blocked {
                w.pass(TRUSTED_MS);
                assert_eq!(enters(&other, &keys).await, NOWHERE);
                people::set_active(&w.b, &Actor::Cli, &owner.phone, true).await.unwrap();
            }
            owners::sign_out_everywhere(&w.b, &owner).await.unwrap();
            let (_, newer) = sign_in(w).await;
            assert_eq!(enters(&other, &newer).await, EVERYWHERE, "blocked: {blocked}");
        }
        other.close().await;
    }

    async fn somebody_has_their_new_name_and_role_at_once(w: &World) {
        let (owner, _) = sign_in(w).await;
        let shown = async || signed_in::person(&w.b, &owner.phone).await.unwrap().unwrap();
        assert_eq!(shown().await.name, owner.name);
        owners::rename(&w.b, &owner, &OwnerName::parse("张三").unwrap()).await.unwrap();
        assert_eq!(shown().await.name, "张三");
        end(&w.b, "another holder", &owner, &sign_in(w).await.1).await;
        assert_eq!((shown().await.role, shown().await.name.clone()), (Role::Staff, "李芳".to_owned()));
    }

    async fn another_device_is_known_at_once(w: &World) {
        let (owner, keys) = sign_in(w).await;
        assert!(access::verify(&w.b, &keys.token).await.unwrap().current);
        let (password, imei) = (OwnerPassword::parse(PASSWORD).unwrap(), Imei::parse("b").unwrap());
        owners::sign_in(&w.b, "10.0.0.1", &owner.phone, &password, Some(&imei)).await.unwrap();
        let superseded = access::verify(&w.b, &keys.token).await.unwrap();
        assert!(!superseded.current);
        access::told(&w.b, &superseded).await.unwrap();
        assert_eq!(access::verify(&w.b, &keys.token).await, Err(Refusal::NotSignedIn));
    }

    async fn a_kiosk_that_was_replaced_is_rejected_at_once(w: &World) {
        let kiosk = w.kiosk(1234, 1).await;
        let token = kiosk.token.clone();
        assert_eq!(tokens::authenticate(&w.b, &token).await, Ok(Bearer::Kiosk(kiosk.yid)));
        let new = w.replace(kiosk).await;
        assert_eq!(tokens::authenticate(&w.b, &token).await, Err(Refusal::NotSignedIn));
        assert_eq!(tokens::authenticate(&w.b, &new.token).await, Ok(Bearer::Kiosk(new.yid)));
    }

    async fn a_session_that_is_kept_ends_at_its_time(w: &World) {
        let (_, keys) = sign_in(w).await;
        w.pass(DAY - 1);
        assert!(enters(&w.b, &keys).await.session);
        w.pass(1);
        assert!(!enters(&w.b, &keys).await.session);
    }

    async fn what_was_read_in_a_transaction_that_was_undone_is_not_kept(w: &World) {
        let (owner, _) = sign_in(w).await;
        let is_active = async || signed_in::person(&w.b, &owner.phone).await.unwrap().unwrap().active;
        people::set_active(&w.b, &Actor::Cli, &owner.phone, false).await.unwrap();
        assert!(!is_active().await);
        let request = Request { who: Who::Person(&owner), key: "key", action: "let in", body: b"" };
        let work = once::run(&w.b, request, async {
            people::set_active(&w.b, &Actor::Cli, &owner.phone, true).await?;
            assert!(is_active().await, "it reads what it wrote");
            std::future::pending::<Result<(), Refusal>>().await
        });
        assert!(tokio::time::timeout(Duration::from_millis(500), work).await.is_err());
        assert!(!is_active().await);
    }
}

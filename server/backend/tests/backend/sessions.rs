use crate::both;
use crate::harness::{DAY, World};
use backend::sessions::{self, ENDS_KEY, PERSON_KEY, SessionStore};
use backend::tokens::{self, Bearer};
use backend::{Actor, people};
use domain::error::Refusal;
use std::collections::HashMap;
use time::OffsetDateTime;
use tower_sessions::SessionStore as _;
use tower_sessions::session::{Id, Record};

fn record(w: &World, phone: Option<&str>) -> Record {
    let mut data = HashMap::new();
    data.insert("language".to_owned(), "ko".into());
    if let Some(phone) = phone {
        data.insert(PERSON_KEY.to_owned(), phone.into());
        data.insert(ENDS_KEY.to_owned(), w.now().plus(DAY).0.into());
    }
    Record {
        id: Id::default(),
        data,
        expiry_date: OffsetDateTime::from_unix_timestamp(w.now().plus(DAY).0 / 1000).unwrap(),
    }
}

both! {
    async fn a_session_is_kept_until_it_ends(w: &World) {
        let store = SessionStore::new(&w.b);
        let mut made = record(w, None);
        store.create(&mut made).await.unwrap();
        assert_eq!(store.load(&made.id).await.unwrap(), Some(made.clone()));

        made.data.insert("language".to_owned(), "zh".into());
        store.save(&made).await.unwrap();
        assert_eq!(store.load(&made.id).await.unwrap(), Some(made.clone()));

        w.pass(DAY);
        assert_eq!(store.load(&made.id).await.unwrap(), None);
    }

    async fn the_cookies_value_is_not_in_the_database(w: &World) {
        let mut made = record(w, None);
        SessionStore::new(&w.b).create(&mut made).await.unwrap();
        let sql = format!("SELECT id FROM sessions WHERE id = '{}'", made.id);
        assert!(w.sql(&sql).await.is_empty());
    }

    async fn a_taken_session_id_is_replaced(w: &World) {
        let store = SessionStore::new(&w.b);
        let mut one = record(w, None);
        store.create(&mut one).await.unwrap();
        let mut two = Record { id: one.id, ..record(w, None) };
        store.create(&mut two).await.unwrap();
        assert_ne!(one.id, two.id);
    }

    async fn sessions_of_a_person_end_together_and_are_not_revived(w: &World) {
        let staff = w.staff("01012345678").await;
        let store = SessionStore::new(&w.b);
        let (mut own, mut other) = (record(w, Some("01012345678")), record(w, Some("01099999999")));
        store.create(&mut own).await.unwrap();
        store.create(&mut other).await.unwrap();

        sessions::delete_for(&w.b, &staff.phone).await.unwrap();
        store.save(&own).await.unwrap();

        assert_eq!(store.load(&own.id).await.unwrap(), None);
        assert_eq!(store.load(&other.id).await.unwrap(), Some(other));
    }

    async fn what_has_expired_is_removed(w: &World) {
        let staff = w.staff("01012345678").await;
        let mut made = record(w, None);
        SessionStore::new(&w.b).create(&mut made).await.unwrap();
        tokens::issue_for_person(&w.b, &staff).await.unwrap();
        w.pass(31 * DAY);
        w.b.sweep().await.unwrap();
        assert!(w.sql("SELECT id FROM sessions").await.is_empty());
        assert!(w.sql("SELECT id FROM person_tokens").await.is_empty());
    }

    async fn a_bearer_token_speaks_for_its_person_until_it_ends(w: &World) {
        let operator = w.operator().await;
        let staff = w.staff("01012345678").await;
        let one = tokens::issue_for_person(&w.b, &staff).await.unwrap();
        let two = tokens::issue_for_person(&w.b, &staff).await.unwrap();
        let three = tokens::issue_for_person(&w.b, &staff).await.unwrap();
        assert_eq!(tokens::authenticate(&w.b, &one.token).await, Ok(Bearer::Person(staff.clone())));

        tokens::revoke(&w.b, &one.token).await.unwrap();
        assert_eq!(tokens::authenticate(&w.b, &one.token).await, Err(Refusal::NotSignedIn));
        assert!(tokens::authenticate(&w.b, &two.token).await.is_ok());

        people::set_active(&w.b, &Actor::from(&operator), &staff.phone, false).await.unwrap();
        assert_eq!(tokens::authenticate(&w.b, &two.token).await, Err(Refusal::NotSignedIn));
        people::set_active(&w.b, &Actor::from(&operator), &staff.phone, true).await.unwrap();
        assert_eq!(tokens::authenticate(&w.b, &two.token).await, Err(Refusal::NotSignedIn));

        w.pass(three.expires.since(w.now()));
        assert_eq!(tokens::authenticate(&w.b, &three.token).await, Err(Refusal::NotSignedIn));
    }

    async fn what_is_no_token_speaks_for_nobody(w: &World) {
        let staff = w.staff("01012345678").await;
        let good = tokens::issue_for_person(&w.b, &staff).await.unwrap().token;
        let stolen = good.replace("01012345678", "01000000001");
        let long = "p.".repeat(5000);
        for bad in ["", ".", "p", "p..", "p.01012345678.", "k.x.y", "k.1234.abc", "' OR 1=1 --", &stolen, &long] {
            assert_eq!(tokens::authenticate(&w.b, bad).await, Err(Refusal::NotSignedIn), "{bad}");
            tokens::revoke(&w.b, bad).await.unwrap();
        }
        assert!(tokens::authenticate(&w.b, &good).await.is_ok());
    }
}

//! Nobody is told that something is done before it is: neither the caller nor those who wait for news of it.

use crate::guard_rig::{about, by_password, code, id, number};
use crate::harness::{PASSWORD, TestKiosk, World, phone, port};
use backend::guard::hub::{GuardSubscription, LiveSubscription};
use backend::guard::owners::Registrant;
use backend::guard::{cards, guards, juniors, link, owners, passwords, superiors};
use backend::locker::{deposits, events, kiosks, orders, scans, sync};
use backend::sessions::{PERSON_KEY, SessionStore};
use backend::{Actor, Backend, limits, people, tokens};
use domain::guard::grants::Addition;
use domain::guard::ids::{Imei, OwnerName, OwnerPassword};
use domain::ids::Yid;
use domain::locker::events::{EventKind, KioskEvent};
use domain::locker::orders::OrderTexts;
use domain::people::{Person, Role};
use domain::token::Payload;
use std::collections::HashMap;
use std::fmt::Debug;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::time::{sleep, timeout};
use tower_sessions::SessionStore as _;

const ZHANG: &str = "13800000001";
const LI: &str = "13800000002";
/// A commit takes so long where a test wants that.
const SLOWLY: Duration = Duration::from_millis(400);

/// From now on no transaction that writes to this table can be committed: what it refers to is not there, which is found out at its end.
async fn doom(w: &World, table: &str) {
    let more: &[&str] = if w.is_postgres() {
        &[
            "CREATE OR REPLACE FUNCTION doom() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO doomed VALUES (1); RETURN NULL; END'",
            "CREATE TRIGGER doom AFTER INSERT OR UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION doom()",
        ]
    } else {
        &[
            "CREATE TRIGGER doom_insert AFTER INSERT ON {} BEGIN INSERT INTO doomed VALUES (1); END",
            "CREATE TRIGGER doom_update AFTER UPDATE ON {} BEGIN INSERT INTO doomed VALUES (1); END",
            "CREATE TRIGGER doom_delete AFTER DELETE ON {} BEGIN INSERT INTO doomed VALUES (1); END",
        ]
    };
    let tables = [
        "CREATE TABLE IF NOT EXISTS absent (id BIGINT PRIMARY KEY)",
        "CREATE TABLE IF NOT EXISTS doomed (id BIGINT REFERENCES absent (id) DEFERRABLE INITIALLY DEFERRED)",
    ];
    for sql in tables.iter().chain(more) {
        w.sql(&sql.replace("{}", table)).await;
    }
}

async fn lift(w: &World, table: &str) {
    let triggers: &[&str] = if w.is_postgres() {
        &["DROP TRIGGER doom ON {}"]
    } else {
        &[
            "DROP TRIGGER doom_insert",
            "DROP TRIGGER doom_update",
            "DROP TRIGGER doom_delete",
        ]
    };
    for sql in triggers {
        w.sql(&sql.replace("{}", table)).await;
    }
}

/// Refused as long as it cannot be committed; and then done, as if it had never been asked for before.
async fn only_when_it_stands<T: Debug, E: Debug>(
    w: &World,
    what: &str,
    table: &str,
    ask: impl AsyncFn() -> Result<T, E>,
) -> T {
    doom(w, table).await;
    let outcome = ask().await;
    assert!(outcome.is_err(), "{what}: acknowledged, and not committed: {outcome:?}");
    lift(w, table).await;
    ask().await.unwrap_or_else(|error| panic!("{what}: {error:?}"))
}

fn event(w: &World, seq: i64) -> KioskEvent {
    KioskEvent {
        seq,
        at: w.now(),
        kind: EventKind::StaffOut,
        port: None,
        things_sq: None,
        actor: None,
        detail: None,
    }
}

/// Triggers are not for distributed tables.
async fn on_both_engines(test: impl AsyncFn(&World)) {
    for w in [Some(World::sqlite().await), World::whole().await]
        .into_iter()
        .flatten()
    {
        test(&w).await;
        w.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_owner_asks_for_is_acknowledged_when_it_is_committed() {
    on_both_engines(async |w| {
        let b = &w.b;
        let (zhang, li) = (w.owner(ZHANG).await, w.owner(LI).await);
        let guard = w.device("G0001", "123456").await;
        let g = id("G0001");
        let mut watching = Watching::at(b, &zhang);
        only_when_it_stands(w, "sign 8", "guards", async || {
            guards::add(b, &zhang, &g, &code("123456"), &about("大门")).await
        })
        .await;
        let new = w.new_password("1", "135790");
        doom(w, "grants").await;
        watching.forget().await;
        assert!(passwords::add(b, &zhang, &g, new.clone()).await.is_err());
        assert!(
            timeout(SLOWLY, watching.told()).await.is_err(),
            "nobody is told of what is not done"
        );
        lift(w, "grants").await;
        let added = only_when_it_stands(w, "sign 17", "grants", async || {
            passwords::add(b, &zhang, &g, new.clone()).await
        });
        assert_eq!(added.await, Addition::New);
        let card = w.new_card("7", "110101199003071234");
        let added = only_when_it_stands(w, "sign 13", "grants", async || {
            cards::add(b, &zhang, &g, card.clone()).await
        });
        assert_eq!(added.await, Addition::New);
        only_when_it_stands(w, "sign 18", "grants", async || {
            passwords::cancel(b, &zhang, &g, &number("1")).await
        })
        .await;
        only_when_it_stands(w, "sign 14", "grants", async || {
            cards::cancel(b, &zhang, &g, &number("7"), None).await
        })
        .await;
        only_when_it_stands(w, "sign 9", "guards", async || {
            guards::edit(b, &zhang, &g, &about("后门")).await
        })
        .await;
        let record = [by_password(1, w.now(), "1")];
        let stored = only_when_it_stands(w, "records", "records", async || {
            guard.session.store_records(&record).await
        });
        assert_eq!(stored.await, 1);
        only_when_it_stands(w, "sign 10", "guards", async || guards::delete(b, &zhang, &g).await).await;
        only_when_it_stands(w, "sign 20", "people", async || {
            owners::rename(b, &zhang, &OwnerName::parse("王芳").unwrap()).await
        })
        .await;
        only_when_it_stands(w, "sign 23", "juniors", async || {
            juniors::add(b, &zhang, &li.phone, None).await
        })
        .await;
        only_when_it_stands(w, "sign 25", "juniors", async || {
            juniors::cancel(b, &zhang, &li.phone).await
        })
        .await;
        let (secret, imei) = (OwnerPassword::parse(PASSWORD).unwrap(), Imei::parse("a").unwrap());
        only_when_it_stands(w, "sign 4", "owners", async || {
            owners::sign_in(b, "10.0.0.1", &zhang.phone, &secret, Some(&imei)).await
        })
        .await;
        let (name, new) = (OwnerName::parse("李娜").unwrap(), phone("13800000009"));
        only_when_it_stands(w, "sign 2", "owners", async || {
            owners::register(
                b,
                "10.0.0.1",
                Registrant {
                    name: &name,
                    phone: &new,
                    password: &secret,
                    imei: None,
                    code: None,
                },
            )
            .await
        })
        .await;
        let other = OwnerPassword::parse("another one").unwrap();
        only_when_it_stands(w, "sign 19", "people", async || {
            owners::reset_password(b, &zhang.phone, &other, owners::Proof::SignedIn(&zhang)).await
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_staff_and_kiosks_ask_for_is_acknowledged_when_it_is_committed() {
    on_both_engines(async |w| {
        let b = &w.b;
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk: TestKiosk<'_> = w.kiosk(1234, 2).await;
        let code = kiosk.seal(&Payload::OpenToSave(kiosk.put_in(port(1, 1), "48213")));
        let scanned =
            only_when_it_stands(w, "a scan", "scans", async || scans::read_code(b, &staff, &code).await).await;
        only_when_it_stands(w, "a deposit", "evidence", async || {
            deposits::complete_scanned(b, &staff, &order, &scanned.token_id).await
        })
        .await;
        w.pass(60_000);
        kiosk.take_out(port(1, 1));
        let rows = kiosk.rows();
        let synced = only_when_it_stands(w, "a sync", "evidence", async || {
            sync::apply_kiosk(b, kiosk.yid, Some(w.now()), &rows).await
        });
        synced.await;
        let stored = only_when_it_stands(w, "events", "events", async || {
            events::append(b, Yid(1234), vec![event(w, 1), event(w, 2)]).await
        });
        assert_eq!(stored.await, 2);
        let enrolment = kiosks::enrolment_code(b, &Actor::Cli, Yid(1234)).await.unwrap();
        only_when_it_stands(w, "an enrolment", "kiosks", async || {
            kiosks::enrol(b, &enrolment.code, "10.0.0.9")
                .await
                .map(|enrolled| enrolled.yid)
        })
        .await;
        let new = orders::NewOrder {
            things_sq: "1002".to_owned(),
            texts: OrderTexts {
                customer_no: "021002".to_owned(),
                customer_name: "홍길동".to_owned(),
                address: "서울특별시".to_owned(),
                business: "한빛전기".to_owned(),
                ..OrderTexts::default()
            },
            status: "A".to_owned(),
        };
        only_when_it_stands(w, "an order", "orders", async || {
            orders::add(b, &Actor::Cli, new.clone()).await
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lets_somebody_in_or_keeps_them_out_is_acknowledged_when_it_is_committed() {
    on_both_engines(async |w| {
        let b = &w.b;
        let staff = w.staff("01000000002").await;
        let issued = only_when_it_stands(w, "a token", "person_tokens", async || {
            tokens::issue_for_person(b, &staff).await.map(|issued| issued.token)
        })
        .await;
        only_when_it_stands(w, "its end", "person_tokens", async || tokens::revoke(b, &issued).await).await;
        assert!(tokens::authenticate(b, &issued).await.is_err());
        let store = SessionStore::new(b);
        let session = tower_sessions::session::Record {
            id: tower_sessions::session::Id::default(),
            data: HashMap::from([(PERSON_KEY.to_owned(), "01000000002".into())]),
            expiry_date: OffsetDateTime::from_unix_timestamp(w.now().0 / 1000 + 60).unwrap(),
        };
        only_when_it_stands(w, "a session", "sessions", async || {
            store.create(&mut session.clone()).await
        })
        .await;
        only_when_it_stands(w, "a session's end", "sessions", async || {
            store.delete(&session.id).await
        })
        .await;
        // Counted: a caller who may try three times may not try a fourth time because the third one was not written.
        for _ in 0..2 {
            limits::count(b, "x", 3, 60_000).await.unwrap();
        }
        only_when_it_stands(w, "a try", "limits", async || limits::count(b, "x", 3, 60_000).await).await;
        assert!(limits::count(b, "x", 3, 60_000).await.is_err());
        only_when_it_stands(w, "a person's end", "people", async || {
            people::set_active(b, &Actor::Cli, &staff.phone, false)
                .await
                .map(|_| ())
        })
        .await;
    })
    .await;
}

/// From now on what writes to this table takes its time to be committed. On PostgreSQL.
async fn slow(w: &World, table: &str) {
    let sql = format!(
        "CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep({}); RETURN NULL; END'",
        SLOWLY.as_secs_f32()
    );
    w.sql(&sql).await;
    w.sql(&format!(
        "CREATE CONSTRAINT TRIGGER slow AFTER INSERT OR UPDATE OR DELETE ON {table} DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION slow()"
    ))
    .await;
}

/// A guard's link and its owner's page, at one node.
struct Watching {
    link: GuardSubscription,
    page: LiveSubscription,
}

impl Watching {
    fn at(b: &Backend, who: &Person) -> Self {
        Self {
            link: b.hub().subscribe_guard(&id("G0001"), i64::MAX),
            page: b.hub().subscribe(&who.phone),
        }
    }

    /// What was said before does not count.
    async fn forget(&mut self) {
        while timeout(Duration::from_millis(150), self.told()).await.is_ok() {}
    }

    async fn told(&mut self) {
        tokio::select! {
            _ = self.link.woken() => {}
            _ = self.page.next() => {}
        }
    }
}

/// Does it, slowly; those who are told of it, here and at the other node, find it there.
async fn told_when_it_stands<T: Debug>(
    w: &World,
    watching: &mut [Watching; 2],
    (what, table, look): (&str, &str, &str),
    work: impl Future<Output = Result<T, impl Debug>>,
) {
    for one in watching.iter_mut() {
        one.forget().await;
    }
    assert!(w.sql(look).await.is_empty(), "{what} is to be done");
    slow(w, table).await;
    let looking = futures::future::join_all(watching.iter_mut().map(|one| async {
        timeout(4 * SLOWLY, one.told())
            .await
            .unwrap_or_else(|_| panic!("{what}: nobody is told"));
        assert_eq!(w.sql(look).await.len(), 1, "{what}: told before it stands");
    }));
    let (done, _) = tokio::join!(work, looking);
    done.unwrap_or_else(|error| panic!("{what}: {error:?}"));
    w.sql(&format!("DROP TRIGGER slow ON {table}")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_there_when_it_is_announced() {
    let Some(w) = World::whole().await else { return };
    let (b, other) = (&w.b, w.another_node().await);
    let (zhang, li) = (w.owner(ZHANG).await, w.owner(LI).await);
    let guard = w.device("G0001", "123456").await;
    let g = id("G0001");
    // Both nodes listen.
    sleep(Duration::from_millis(500)).await;
    let watching = &mut [Watching::at(b, &zhang), Watching::at(&other, &zhang)];
    let owned = ("sign 8", "guards", "SELECT 1 FROM guards WHERE owner IS NOT NULL");
    let (shown, front) = (code("123456"), about("大门"));
    let work = guards::add(b, &zhang, &g, &shown, &front);
    told_when_it_stands(&w, watching, owned, work).await;
    let added = ("sign 17", "grants", "SELECT 1 FROM grants");
    let work = passwords::add(b, &zhang, &g, w.new_password("1", "135790"));
    told_when_it_stands(&w, watching, added, work).await;
    let cancelled = (
        "sign 18",
        "grants",
        "SELECT 1 FROM grants WHERE cancelled_at IS NOT NULL",
    );
    let (one, record) = (number("1"), [by_password(1, w.now(), "1")]);
    told_when_it_stands(&w, watching, cancelled, passwords::cancel(b, &zhang, &g, &one)).await;
    let stored = ("records", "guards", "SELECT 1 FROM records");
    told_when_it_stands(&w, watching, stored, link::store_records(b, &g, &record)).await;
    let edited = ("sign 9", "guards", "SELECT 1 FROM guards WHERE name = '后门'");
    let back = about("后门");
    told_when_it_stands(&w, watching, edited, guards::edit(b, &zhang, &g, &back)).await;
    let renamed = ("sign 20", "people", "SELECT 1 FROM people WHERE name = '王芳'");
    let name = OwnerName::parse("王芳").unwrap();
    told_when_it_stands(&w, watching, renamed, owners::rename(b, &zhang, &name)).await;
    let below = ("sign 23", "juniors", "SELECT 1 FROM juniors");
    told_when_it_stands(&w, watching, below, juniors::add(b, &zhang, &li.phone, None)).await;
    let agreed = ("agree", "owners", "SELECT 1 FROM owners WHERE agreed_at IS NOT NULL");
    told_when_it_stands(&w, watching, agreed, superiors::agree(b, &li, &zhang.phone)).await;
    let apart = (
        "sign 25",
        "juniors",
        "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM juniors)",
    );
    told_when_it_stands(&w, watching, apart, juniors::cancel(b, &zhang, &li.phone)).await;
    let (secret, imei) = (OwnerPassword::parse(PASSWORD).unwrap(), Imei::parse("a").unwrap());
    let moved = ("sign 4", "owners", "SELECT 1 FROM owners WHERE imei = 'a'");
    let work = owners::sign_in(b, "10.0.0.1", &zhang.phone, &secret, Some(&imei));
    told_when_it_stands(&w, watching, moved, work).await;
    let deleted = ("sign 10", "guards", "SELECT 1 FROM guards WHERE owner IS NULL");
    told_when_it_stands(&w, watching, deleted, guards::delete(b, &zhang, &g)).await;
    drop(guard);
    other.close().await;
    w.end().await;
}

/// What another node knows of a kiosk while its new secret is being committed is forgotten afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kiosk_that_is_looked_up_while_it_changes_is_known_as_it_is_afterwards() {
    let Some(w) = World::whole().await else { return };
    let other = w.another_node().await;
    let staff = w.person("01000000002", Role::Staff, None).await;
    let kiosk = w.kiosk(1234, 2).await;
    sleep(Duration::from_millis(500)).await;
    let enrolment = kiosks::enrolment_code(&w.b, &Actor::Cli, kiosk.yid).await.unwrap();
    slow(&w, "kiosks").await;
    let scanning = async {
        // The clock of this test stands still: what is known stays known until it is forgotten.
        for _ in 0..10 {
            sleep(SLOWLY / 12).await;
            for b in [&w.b, &other] {
                let old = kiosk.seal(&Payload::OpenToSave(kiosk.put_in(port(1, 1), "48213")));
                let _read = scans::read_code(b, &staff, &old).await;
            }
        }
    };
    let (enrolled, ()) = tokio::join!(kiosks::enrol(&w.b, &enrolment.code, "10.0.0.9"), scanning);
    let new = domain::token::TokenKey::new(enrolled.unwrap().secret.as_bytes());
    sleep(Duration::from_millis(300)).await;
    for (seed, b) in (5..).zip([&w.b, &other]) {
        let payload = Payload::OpenToSave(kiosk.put_in(port(1, 2), "48214"));
        let mut bytes = |bytes: &mut [u8]| bytes.fill(seed);
        let code = domain::token::seal(&new, kiosk.yid, w.now(), &payload, &mut bytes).unwrap();
        scans::read_code(b, &staff, &code).await.unwrap();
    }
    other.close().await;
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kiosk_whose_enrolment_stands_gets_its_secret_whatever_fails_afterwards() {
    on_both_engines(async |w| {
        w.kiosk(1234, 1).await;
        let code = kiosks::enrolment_code(&w.b, &Actor::Cli, Yid(1234)).await.unwrap();
        let no_try_is_taken_back: &[&str] = if w.is_postgres() {
            &[
                "CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''stuck''; END'",
                "CREATE TRIGGER stuck BEFORE UPDATE ON limits FOR EACH ROW WHEN (NEW.tries < OLD.tries) EXECUTE FUNCTION stuck()",
            ]
        } else {
            &["CREATE TRIGGER stuck BEFORE UPDATE ON limits WHEN NEW.tries < OLD.tries BEGIN SELECT RAISE(ABORT, 'stuck'); END"]
        };
        for sql in no_try_is_taken_back {
            w.sql(sql).await;
        }
        let enrolled = kiosks::enrol(&w.b, &code.code, "10.0.0.9").await.unwrap();
        assert!(!enrolled.secret.is_empty());
    })
    .await;
}

//! What is asked all day names the key its table is distributed by, and a transaction is about one key. Proved on what PostgreSQL is really
//! asked, read off the wire with its values. `hot_paths.txt` lists what may be otherwise, and why.

use crate::guard_rig::{HOUR, hello, id, number};
use crate::harness::{DAY, PASSWORD, Place, World, port};
use crate::keys::keys_of;
use crate::schema::distribution;
use crate::wire::{Said, Wire};
use backend::access;
use backend::guard::directory::{self, Caller};
use backend::guard::{cards, guards, link, owners, passwords, records};
use backend::locker::{codes, deposits, events, history, kiosks, orders, scans, search, sync};
use backend::sessions::{PERSON_KEY, SessionStore};
use backend::{limits, tokens};
use domain::guard::ids::{Imei, OwnerPassword};
use domain::guard::link::Status;
use domain::ids::Yid;
use domain::locker::events::{EventKind, KioskEvent};
use domain::locker::orders::{OrderFilter, OrderSearch, OrderStatus};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use time::OffsetDateTime;
use tower_sessions::SessionStore as _;

/// What was found against the rule, as `hot_paths.txt` would have it.
#[derive(Default)]
struct Findings(BTreeMap<[String; 3], String>);

/// Keys by what they name.
type Keys = BTreeSet<(&'static str, String)>;

impl Findings {
    /// Judges what was asked on the way `path`.
    fn judge(&mut self, path: &str, said: Vec<(usize, Said)>) {
        let mut open: HashMap<usize, (Keys, Vec<String>)> = HashMap::new();
        for (connection, said) in said {
            match said {
                Said::Begin => {
                    open.insert(connection, Default::default());
                }
                Said::End => {
                    if let Some((keys, statements)) = open.remove(&connection) {
                        self.transaction(path, &keys, &statements);
                    }
                }
                Said::Statement { sql, values } => {
                    let keys = self.statement(&sql, &values);
                    if let Some((all, statements)) = open.get_mut(&connection) {
                        all.extend(keys);
                        statements.push(sql);
                    }
                }
            }
        }
    }

    fn statement(&mut self, sql: &str, values: &[Option<Vec<u8>>]) -> Keys {
        let mut all = Keys::new();
        for (table, keys) in keys_of(sql, values) {
            let Some((_, what)) = distribution(&table) else {
                continue;
            };
            match keys {
                Some(keys) => all.extend(keys.into_iter().map(|key| (what, key))),
                None => {
                    let words: Vec<&str> = sql.split_whitespace().collect();
                    let entry = ["statement".to_owned(), table, words.join(" ")];
                    self.0.insert(entry, String::new());
                }
            }
        }
        all
    }

    fn transaction(&mut self, path: &str, keys: &Keys, statements: &[String]) {
        if keys.len() < 2 {
            return;
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (what, _) in keys {
            *counts.entry(what).or_default() += 1;
        }
        let kinds: Vec<String> = counts
            .into_iter()
            .map(|(what, count)| {
                if count == 1 {
                    what.to_owned()
                } else {
                    format!("{what}s")
                }
            })
            .collect();
        let entry = ["transaction".to_owned(), path.to_owned(), kinds.join(" ")];
        self.0.insert(entry, statements.join("\n    "));
    }

    /// Fails unless the list has exactly what was found.
    fn hold_against(&self, list: &str) {
        let entries: Vec<[&str; 4]> = list
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| {
                let fields: Vec<&str> = line.split(" | ").collect();
                fields.try_into().unwrap_or_else(|_| panic!("four fields: {line}"))
            })
            .collect();
        let fits = |entry: &[&str; 4], found: &[String; 3]| {
            let about = match entry[0] {
                "statement" => found[2].contains(entry[2]),
                _ => entry[2].split(" or ").any(|kinds| kinds == found[2]),
            };
            entry[0] == found[0] && entry[1] == found[1] && about
        };
        let mut wrong = String::new();
        for (found, more) in &self.0 {
            if !entries.iter().any(|entry| fits(entry, found)) {
                wrong += &format!("not listed: {}\n    {more}\n", found.join(" | "));
            }
        }
        for entry in &entries {
            if !self.0.keys().any(|found| fits(entry, found)) {
                wrong += &format!("listed, but not found: {}\n", entry.join(" | "));
            }
        }
        assert!(wrong.is_empty(), "\n{wrong}");
    }
}

struct Watched<'w> {
    wire: &'w Wire,
    findings: Findings,
    statements: usize,
}

impl Watched<'_> {
    /// Runs something and judges what it asked.
    async fn path<T>(&mut self, path: &str, work: impl Future<Output = T>) -> T {
        self.wire.take();
        let outcome = work.await;
        let said = self.wire.take();
        self.statements += said.len();
        assert!(!said.is_empty(), "{path} asked nothing");
        self.findings.judge(path, said);
        outcome
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hot_paths_name_their_keys_and_keep_to_one_a_transaction() {
    let Some(place) = Place::postgres().await else { return };
    let wire = Wire::before(&place.url).await;
    let url = wire.url(&place.url);
    let w = World::through(place, url).await;
    let mut watched = Watched {
        wire: &wire,
        findings: Findings::default(),
        statements: 0,
    };
    lockers(&w, &mut watched).await;
    people(&w, &mut watched).await;
    owners_and_guards(&w, &mut watched).await;
    links(&w, &mut watched).await;
    assert!(watched.statements > 100, "{}", watched.statements);
    let list = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/backend/hot_paths.txt");
    watched.findings.hold_against(&std::fs::read_to_string(list).unwrap());
    w.end().await;
}

async fn lockers(w: &World, watched: &mut Watched<'_>) {
    let b = &w.b;
    let staff = w.staff("01000000002").await;
    let business = w.business_user("01000000004", "한빛전기").await;
    let order = w.ready_order("1001", "한빛전기").await;
    let kiosk = w.kiosk(1234, 2).await;
    kiosk.put_in(port(1, 3), "48213");
    let code = kiosk.seal(&domain::token::Payload::OpenToSave(kiosk.put_in(port(1, 1), "11111")));
    let scanned = watched.path("scan", scans::read_code(b, &staff, &code)).await.unwrap();
    let done = deposits::complete_scanned(b, &staff, &order, &scanned.token_id);
    watched.path("deposit", done).await.unwrap();
    watched.path("order", orders::get(b, &business, &order)).await.unwrap();
    watched
        .path("history", history::for_order(b, &staff, &order))
        .await
        .unwrap();
    watched
        .path("pick-up code", codes::take_code(b, &business, &order))
        .await
        .unwrap();
    for (who, status) in [(&staff, None), (&staff, Some(OrderStatus::Ready)), (&business, None)] {
        let filter = OrderFilter {
            status,
            limit: 50,
            ..OrderFilter::default()
        };
        watched
            .path("order search", orders::search(b, who, &filter))
            .await
            .unwrap();
    }
    for (who, text) in [(&staff, "021001"), (&business, "홍길")] {
        let asked = OrderSearch {
            text: text.to_owned(),
            limit: 50,
            ..OrderSearch::default()
        };
        let found = watched.path("order found", search::find(b, who, &asked)).await;
        assert_eq!(found.unwrap().rows.len(), 1);
    }
    w.pass(60_000);
    kiosk.take_out(port(1, 1));
    watched
        .path(
            "sync by the kiosk",
            sync::apply_kiosk(b, kiosk.yid, Some(w.now()), &kiosk.rows()),
        )
        .await
        .unwrap();
    let other = w.ready_order("1002", "한빛전기").await;
    let (fields, _) = kiosk.deposit_scanned(&staff, port(1, 5), "55555").await;
    let done = deposits::complete(b, &staff, &other, fields);
    watched.path("deposit over /v1", done).await.unwrap();
    w.pass(60_000);
    let code = kiosk.data_code();
    let scanned = watched.path("scan", scans::read_code(b, &staff, &code)).await.unwrap();
    let carried = sync::apply_from_scan(b, &staff, &scanned.token_id);
    watched.path("sync by phone", carried).await.unwrap();
    w.pass(60_000);
    scans::read_code(b, &staff, &kiosk.data_code()).await.unwrap();
    let rows = kiosk.rows();
    let sent = sync::apply_scanned(b, &staff, kiosk.yid, &rows);
    watched.path("sync over /v1", sent).await.unwrap();
    let event = |seq, kind, port| KioskEvent {
        seq,
        at: w.now(),
        kind,
        port,
        things_sq: None,
        actor: None,
        detail: None,
    };
    let opened = event(1, EventKind::PickUpOpened, Some(port(1, 1)));
    watched
        .path("events", events::append(b, Yid(1234), vec![opened]))
        .await
        .unwrap();
    let quiet = event(2, EventKind::StaffOut, None);
    watched
        .path("quiet events", events::append(b, Yid(1234), vec![quiet]))
        .await
        .unwrap();
    watched.path("kiosk", kiosks::get(b, &staff, Yid(1234))).await.unwrap();
}

async fn people(w: &World, watched: &mut Watched<'_>) {
    let b = &w.b;
    let staff = backend::people::get(b, &crate::harness::phone("01000000002"))
        .await
        .unwrap()
        .unwrap();
    let store = SessionStore::new(b);
    let mut session = tower_sessions::session::Record {
        id: tower_sessions::session::Id::default(),
        data: HashMap::from([(PERSON_KEY.to_owned(), "01000000002".into())]),
        expiry_date: OffsetDateTime::from_unix_timestamp(w.now().plus(DAY).0 / 1000).unwrap(),
    };
    watched.path("session", store.create(&mut session)).await.unwrap();
    watched.path("session", store.load(&session.id)).await.unwrap().unwrap();
    watched.path("session", store.save(&session)).await.unwrap();
    watched
        .path("session", backend::people::get(b, &staff.phone))
        .await
        .unwrap();
    let issued = watched
        .path("token", tokens::issue_for_person(b, &staff))
        .await
        .unwrap();
    watched
        .path("token", tokens::authenticate(b, &issued.token))
        .await
        .unwrap();
    watched
        .path("limit", limits::count(b, "address/10.0.0.1", 5, 60_000))
        .await
        .unwrap();
}

async fn owners_and_guards(w: &World, watched: &mut Watched<'_>) {
    let b = &w.b;
    // So that owners and guards are given a home.
    backend::nodes::start(b).await.unwrap();
    let who = w.owner("13800000001").await;
    let (password, imei) = (OwnerPassword::parse(PASSWORD).unwrap(), Imei::parse("a").unwrap());
    let signed_in = owners::sign_in(b, "10.0.0.1", &who.phone, &password, Some(&imei));
    let signed_in = watched.path("sign 4", signed_in).await.unwrap();
    let access = watched
        .path("every sign", access::verify(b, &signed_in.token))
        .await
        .unwrap();
    watched
        .path("every sign", async {
            access::told(b, &access).await.unwrap();
            backend::people::get(b, &who.phone).await
        })
        .await
        .unwrap();
    for guard in ["G0001", "G0002"] {
        w.device(guard, "123456").await;
    }
    let caller = Caller {
        address: "10.0.0.1",
        reached: "latchkey.test",
    };
    let fresh = crate::harness::phone("13800000009");
    watched
        .path("sign 1", directory::allocate_owner(b, caller, &fresh))
        .await
        .unwrap();
    watched
        .path("sign 3", directory::owner_host(b, caller, &who.phone))
        .await
        .unwrap();
    let guard = id("G0001");
    watched
        .path("sign 5", directory::guard_host(b, &who, "latchkey.test", &guard))
        .await
        .unwrap();
    watched
        .path("sign 6", guards::owner_of(b, &who, &id("G0001")))
        .await
        .unwrap();
    watched.path("sign 8", w.add_guard(&who, "G0001")).await;
    watched.path("sign 8", w.add_guard(&who, "G0002")).await;
    let hosts = directory::guard_hosts(b, &who, "latchkey.test");
    assert_eq!(watched.path("sign 11", hosts).await.unwrap().len(), 2);
    assert_eq!(
        watched
            .path("sign 12", guards::listed(b, &who, &who.phone))
            .await
            .unwrap()
            .len(),
        2
    );
    let card = w.new_card("7", "110101199003071234");
    watched
        .path("sign 13", cards::add(b, &who, &id("G0001"), card))
        .await
        .unwrap();
    watched
        .path("sign 15", cards::list(b, &who, &who.phone, &id("G0001")))
        .await
        .unwrap();
    let (guard, card) = (id("G0001"), number("7"));
    let cancelled = cards::cancel(b, &who, &guard, &card, None);
    watched.path("sign 14", cancelled).await.unwrap();
    let new = w.new_password("1", "135790");
    watched
        .path("sign 17", passwords::add(b, &who, &id("G0001"), new))
        .await
        .unwrap();
    watched
        .path("sign 16", passwords::list(b, &who, &who.phone, &id("G0001")))
        .await
        .unwrap();
    watched
        .path("sign 18", passwords::cancel(b, &who, &id("G0001"), &number("1")))
        .await
        .unwrap();
    let span = (w.now().plus(-DAY), w.now());
    let between = records::between(b, &who, &who.phone, span.0, span.1, 100);
    watched.path("sign 22", between).await.unwrap();
    let filter = records::Filter {
        limit: 50,
        ..records::Filter::default()
    };
    watched
        .path("records", records::page(b, &who, &who.phone, &filter))
        .await
        .unwrap();
    let filter = records::Filter {
        from: Some(span.0),
        until: Some(span.1),
        ..filter
    };
    watched
        .path("records", records::openings(b, &who, &who.phone, &filter))
        .await
        .unwrap();
}

async fn links(w: &World, watched: &mut Watched<'_>) {
    let b = &w.b;
    let who = backend::people::get(b, &crate::harness::phone("13800000001"))
        .await
        .unwrap()
        .unwrap();
    watched.path("hello", link::device_key(b, &id("G0001"))).await.unwrap();
    let greeting = hello("G0001", Some("654321"));
    let mut guard = watched.path("hello", w.connect(&greeting)).await;
    watched.path("delivery", guard.catch_up()).await;
    w.password(&who, "G0001", "2", "135791").await;
    watched.path("delivery", guard.catch_up()).await;
    let records = [guard.opened(w.now(), "2"), guard.opened(w.now().plus(1), "2")];
    watched
        .path("records of a guard", guard.session.store_records(&records))
        .await
        .unwrap();
    let other = w.connect(&hello("G0002", Some("123456"))).await;
    let first = [guard.opened(w.now().plus(HOUR / 60), "2")];
    let second = [crate::guard_rig::by_password(1, w.now(), "9")];
    let both = async {
        tokio::join!(
            guard.session.store_records(&first),
            other.session.store_records(&second)
        )
    };
    let (one, two) = watched.path("records of guards", both).await;
    assert_eq!((one.unwrap(), two.unwrap()), (3, 1));
    guard.session.heartbeat(Status::Working, None, Some(5), guard.version);
    watched.path("presence", b.close()).await;
}

//! A master key that is replaced while everything stays readable.

use crate::both;
use crate::guard_rig::{by_password, id};
use crate::harness::{PASSWORD, Place, World, port};
use backend::access;
use backend::clock::SystemRng;
use backend::guard::{cards, link, owners, passwords, records};
use backend::locker::kiosks;
use backend::once;
use backend::rotation::{RotateError, Rotated, Step, rotate};
use backend::{Actor, Backend, OpenError, imports, put_master_key_in_front, uploads};
use domain::error::Refusal;
use domain::guard::ids::{AccessToken, Imei, OwnerPassword};
use domain::ids::Yid;
use domain::imports::ImportKind;
use domain::people::Person;
use sqlx::Row;

/// Every text in every table that begins with one of these ids, by table and column.
async fn sealed_under(w: &World, key: &str) -> Vec<(String, String)> {
    let columns = if w.is_postgres() {
        "SELECT table_name::text, column_name::text FROM information_schema.columns c JOIN pg_class p ON p.oid = c.table_name::regclass
         WHERE table_schema = 'public' AND data_type = 'text' AND NOT p.relispartition ORDER BY 1, 2"
    } else {
        "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND p.type = 'TEXT' ORDER BY 1, 2"
    };
    let mut found = Vec::new();
    for row in w.sql(columns).await {
        let (table, column): (String, String) = (row.get(0), row.get(1));
        let rows = w
            .sql(&format!(
                "SELECT 1 FROM {table} WHERE substr({column}, 1, 9) = '{key}.' LIMIT 1"
            ))
            .await;
        if !rows.is_empty() {
            found.push((table, column));
        }
    }
    found
}

/// The id of the key under which the secret of this kiosk is sealed.
async fn key_of_kiosk(w: &World) -> String {
    let rows = w.sql("SELECT secret FROM kiosks WHERE yid = 1234").await;
    let secret: String = rows[0].get(0);
    secret.split('.').next().unwrap().to_owned()
}

/// Something sealed in every table that seals.
async fn filled(w: &World) -> Person {
    let who = w.owner("13800000001").await;
    w.guard_of(&who, "G0001").await;
    w.password(&who, "G0001", "password", "135790").await;
    cards::add(&w.b, &who, &id("G0001"), w.new_card("card", "110101199003071234"))
        .await
        .unwrap();
    let stored: Vec<_> = (1..=450).map(|seq| by_password(seq, w.now(), "password")).collect();
    for some in stored.chunks(50) {
        link::store_records(&w.b, &id("G0001"), some).await.unwrap();
    }
    let staff = w.staff("01000000002").await;
    w.business("한빛전기").await;
    let order = w.ready_order("1001", "한빛전기").await;
    w.kiosk(1234, 2)
        .await
        .deposit(&staff, &order, port(1, 1), "48213")
        .await;
    assert_eq!(made_once(&w.b, &who, "made").await.unwrap(), "made");
    let operator = w.operator().await;
    imports::keep(&w.b, &operator, ImportKind::Guards, "g.csv", b"guardId,deviceKey\n")
        .await
        .unwrap();
    who
}

/// A request with a one-use key that makes `what`, or is answered what it made first.
async fn made_once(b: &Backend, who: &Person, what: &str) -> Result<String, Refusal> {
    let request = once::Request {
        who: once::Who::Person(who),
        key: "key",
        action: "make",
        body: b"",
    };
    once::run(b, request, async { Ok(what.to_owned()) }).await
}

/// What is sealed, opened by its owner.
async fn readable(b: &Backend, w: &World, who: &Person) -> Result<(), Refusal> {
    let listed = passwords::list(b, who, &who.phone, &id("G0001")).await?;
    assert_eq!(
        listed.passwords[0]
            .password
            .as_ref()
            .map(|password| password.as_str().to_owned()),
        Some("135790".to_owned())
    );
    assert_eq!(cards::list(b, who, &who.phone, &id("G0001")).await?.len(), 1);
    let filter = records::Filter {
        limit: 200,
        ..records::Filter::default()
    };
    assert_eq!(records::page(b, who, &who.phone, &filter).await?.rows.len(), 200);
    kiosks::get(b, &w.known("01000000002").await, Yid(1234)).await?;
    assert_eq!(made_once(b, who, "made again").await?, "made");
    let operator = w.known("01000000001").await;
    for upload in uploads::list(b, &operator).await? {
        imports::look(b, &operator, &upload.id, None).await?;
    }
    Ok(())
}

/// A node whose keys are those in the directory of the world now.
async fn node(w: &World) -> Result<Backend, OpenError> {
    w.open_again().await
}

async fn rotated(b: &Backend) -> Result<Rotated, RotateError> {
    rotate(b, &Actor::Cli, async |_| {}).await
}

async fn signed_in(b: &Backend, who: &Person) -> AccessToken {
    let secret = OwnerPassword::parse(PASSWORD).unwrap();
    let imei = Imei::parse("a").unwrap();
    owners::sign_in(b, "10.0.0.1", &who.phone, &secret, Some(&imei))
        .await
        .unwrap()
        .token
}

both! {
    async fn everything_is_sealed_under_the_new_key_and_the_old_one_can_go(w: &World) {
        let who = filled(w).await;
        let old = key_of_kiosk(w).await;
        let sealed = sealed_under(w, &old).await;
        for (table, column) in [
            ("compartments", "pwd"), ("grants", "content"), ("guards", "device_key"), ("idempotency_keys", "result"),
            ("guards", "default_password1"), ("guards", "default_password2"), ("guards", "op_code"),
            ("kiosks", "secret"), ("records", "info"), ("scans", "data"), ("upload_parts", "content"),
        ] {
            assert!(sealed.contains(&(table.to_owned(), column.to_owned())), "{table}.{column} in {sealed:?}");
        }
        let before = std::fs::read_to_string(w.dir().join("master.key")).unwrap();
        put_master_key_in_front(w.dir(), &SystemRng).unwrap();
        let both = node(w).await.unwrap();
        let token = signed_in(&w.b, &who).await;
        assert!(access::verify(&both, &token).await.is_ok(), "the old key verifies until then");
        let done = rotated(&both).await.unwrap();
        assert!(done.retired && done.sealed >= 450 && done.damaged == 0, "{done:?}");
        assert_eq!(sealed_under(w, &old).await, []);
        readable(&both, w, &who).await.unwrap();
        assert_eq!(access::verify(&both, &token).await.err(), Some(Refusal::NotSignedIn), "the owner signs in again");
        let again = rotated(&both).await.unwrap();
        assert_eq!(again, Rotated { sealed: 0, damaged: 0, retired: false });
        both.close().await;
        // With the old key still in the file it signs nothing any more, and without it nothing is missing.
        let forged = signed_in(&w.b, &who).await;
        let both = node(w).await.unwrap();
        assert_eq!(access::verify(&both, &forged).await.err(), Some(Refusal::NotSignedIn));
        both.close().await;
        let text = std::fs::read_to_string(w.dir().join("master.key")).unwrap();
        std::fs::write(w.dir().join("master.key"), text.lines().next().unwrap()).unwrap();
        let new = node(w).await.unwrap();
        readable(&new, w, &who).await.unwrap();
        let token = signed_in(&new, &who).await;
        assert!(access::verify(&new, &token).await.is_ok());
        new.close().await;
        // The old one alone is no key of this database any more.
        std::fs::write(w.dir().join("master.key"), before).unwrap();
        assert!(matches!(node(w).await.err(), Some(OpenError::OtherMasterKey { .. })));
    }

    async fn a_key_something_is_sealed_under_cannot_be_taken_away(w: &World) {
        let who = filled(w).await;
        let path = put_master_key_in_front(w.dir(), &SystemRng).unwrap();
        node(w).await.unwrap().close().await;
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        std::fs::write(&path, lines[0]).unwrap();
        assert!(matches!(node(w).await.err(), Some(OpenError::MissingMasterKey { .. })));
        // Nor is a node started that lacks the newest one, under which the others seal.
        std::fs::write(&path, lines[1]).unwrap();
        assert!(matches!(node(w).await.err(), Some(OpenError::MissingMasterKey { .. })));
        std::fs::write(&path, &text).unwrap();
        let both = node(w).await.unwrap();
        readable(&both, w, &who).await.unwrap();
        both.close().await;
    }

    async fn a_key_nothing_is_sealed_under_is_not_missed(w: &World) {
        w.owner("13800000001").await;
        let path = put_master_key_in_front(w.dir(), &SystemRng).unwrap();
        node(w).await.unwrap().close().await;
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.lines().next().unwrap()).unwrap();
        for _ in 0..2 {
            node(w).await.unwrap().close().await;
        }
    }

    async fn what_no_key_opens_is_named_and_keeps_nobody_from_going_on(w: &World) {
        let who = filled(w).await;
        let path = put_master_key_in_front(w.dir(), &SystemRng).unwrap();
        let both = node(w).await.unwrap();
        w.sql("UPDATE grants SET content = substr(content, 1, 30) || 'xxxx' || substr(content, 35) WHERE service_numb = 'card'").await;
        w.sql("UPDATE records SET info = 'AAAAAAAA.' || substr(info, 10) WHERE seq = 7").await;
        let mut damaged = Vec::new();
        let done = rotate(&both, &Actor::Cli, async |step| {
            if let Step::Damaged { table, row, .. } = step {
                damaged.push(format!("{table} {row}"));
            }
        })
        .await
        .unwrap();
        assert!(done.retired && done.damaged == 2, "{done:?}");
        assert!(damaged[0].starts_with("grants G0001 ") && damaged[0].ends_with("card"), "{damaged:?}");
        assert!(damaged[1].starts_with("records 13800000001 ") && damaged[1].ends_with(" G0001 7"), "{damaged:?}");
        both.close().await;
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.lines().next().unwrap()).unwrap();
        let new = node(w).await.unwrap();
        assert_eq!(new.now(), w.now());
        assert!(passwords::list(&new, &who, &who.phone, &id("G0001")).await.is_ok());
        let staff = w.known("01000000002").await;
        assert_eq!(rotate(&new, &Actor::from(&staff), async |_| {}).await.err().map(|error| error.to_string()), Some(RotateError::Refused(Refusal::NotYours).to_string()));
        new.close().await;
    }

    async fn a_node_that_still_seals_under_the_old_key_is_found_out(w: &World) {
        let who = filled(w).await;
        put_master_key_in_front(w.dir(), &SystemRng).unwrap();
        let both = node(w).await.unwrap();
        let mut round = 0;
        // The world's own node does not have the new key.
        let done = rotate(&both, &Actor::Cli, async |step| {
            if matches!(step, Step::Sealed { table: "grants", .. }) && round == 0 {
                round += 1;
                w.password(&who, "G0001", "late", "975310").await;
            }
        })
        .await;
        // It is not lost: either this run noticed, or the next one seals it; the old key cannot go before.
        let again = rotated(&both).await.unwrap();
        assert!(done.is_err() || again.sealed > 0, "{done:?} {again:?}");
        let listed = passwords::list(&both, &who, &who.phone, &id("G0001")).await.unwrap();
        assert_eq!(listed.passwords.len(), 2);
        both.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_file_that_is_not_there_is_not_made_by_key_new() {
    let place = Place::sqlite();
    assert!(matches!(
        put_master_key_in_front(place.dir.path(), &SystemRng),
        Err(OpenError::Io { .. })
    ));
    Backend::open(place.config(place.dir.path()))
        .await
        .unwrap()
        .close()
        .await;
    put_master_key_in_front(place.dir.path(), &SystemRng).unwrap();
}

//! The world in which every server function can be called with success.

use super::{ELSEWHERE, PUSH_KEY, PUSH_SECRET};
use crate::harness::{BUSINESS, MINE, OPERATOR, OTHER_STAFF, STAFF, World, cabinet, stored};
use crate::pages::inhabited::store;
use crate::sign_rig::{CODE, add_card, add_password};
use backend::locker::orders::{self, NewOrder};
use backend::locker::scans;
use backend::locker::vouchers::{self, VoucherRequest};
use backend::push::{self, Subscription};
use backend::{Actor, sessions};
use domain::guard::grants::Key;
use domain::guard::ids::{CardNumb, ServiceNumb};
use domain::guard::link::{Attempt, Happening, Record};
use domain::ids::{BusinessName, ThingsSq};
use domain::imports::ImportKind;
use domain::locker::orders::OrderTexts;
use domain::token::Payload;

/// A business that is being renamed.
pub const RENAMING: &str = "옛 이름";

/// What is there for the examples, as far as its names are not chosen.
pub struct InStock {
    /// A code of a deposit that nobody read yet.
    pub code: String,
    /// Another one, and the data of the kiosk, which a phone read without network.
    pub late: [String; 2],
    /// When it did.
    pub late_at: i64,
    /// A scan of another one.
    pub scan: String,
    /// Another session of the other member of staff.
    pub session: String,
    /// When a record was made.
    pub record_at: i64,
    /// A voucher of order 1008.
    pub voucher: String,
    /// A file of orders to be imported, and one to be removed.
    pub uploads: [String; 2],
}

/// Makes it.
pub async fn prepare(world: &World) -> InStock {
    let (operator, renaming) = (world.person(OPERATOR).await, BusinessName(RENAMING.to_owned()));
    backend::businesses::add(&world.backend, &Actor::Cli, RENAMING)
        .await
        .unwrap();
    backend::locker::rename::business(&world.backend, &operator, &renaming, "새 이름", 0)
        .await
        .unwrap();
    let kiosk = store(world).await;
    for (things_sq, status) in [
        ("1004", "B"),
        ("1005", "A"),
        ("1006", "B"),
        ("1008", "B"),
        ("1009", "B"),
    ] {
        let new = NewOrder {
            things_sq: things_sq.to_owned(),
            texts: OrderTexts {
                customer_no: format!("10020{things_sq}"),
                customer_name: "홍길동".to_owned(),
                business: MINE.to_owned(),
                ..OrderTexts::default()
            },
            status: status.to_owned(),
        };
        orders::add(&world.backend, &Actor::Cli, new).await.unwrap();
    }
    let full = [
        stored(1, 1, Some("1002")),
        stored(1, 2, Some("1006")),
        stored(2, 1, Some("1008")),
    ];
    kiosk.syncs(&full).await;
    let wish = VoucherRequest {
        orders: vec![ThingsSq("1008".to_owned())],
        until: None,
        sign_in: None,
    };
    let business = world.person(BUSINESS).await;
    let voucher = vouchers::make(&world.backend, &business, wish).await.unwrap().token;
    let staff = world.person(STAFF).await;
    let elsewhere = Subscription {
        address: ELSEWHERE.to_owned().try_into().unwrap(),
        key: PUSH_KEY.to_owned().try_into().unwrap(),
        secret: PUSH_SECRET.to_owned().try_into().unwrap(),
    };
    push::keep(&world.backend, &staff, "elsewhere", &elsewhere)
        .await
        .unwrap();
    let scanned = scans::read_code(&world.backend, &staff, &kiosk.deposit_code(1, 3)).await;
    let ([zhang, ..], guard) = world.family().await;
    world.device("G7", Some(CODE)).await;
    for message in [add_password(world, "password-1", "135790"), add_card(world, "card-1")] {
        assert_eq!(world.result(&zhang, message).await, 0);
    }
    let record = Record {
        seq: 1,
        at: world.now(),
        uncertainty_ms: Some(5),
        what: Happening::Opened {
            attempt: Attempt::Card {
                card_numb: CardNumb::parse("110101199003071234").ok(),
                dn_code: None,
            },
            key: Key::Grant {
                service_numb: ServiceNumb::parse("card-1").unwrap(),
            },
        },
    };
    guard.store_records(&[record]).await.unwrap();
    let node =
        "INSERT INTO nodes (name, host, weight, state, run, started_at, seen_at, stopped_at, guards, clock_offset_ms)
                VALUES ('gone', NULL, 1, 'live', 'x', 1, 1, 1, 0, 0)";
    world.sql(node).await;
    let logo = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    backend::site::set_logo(&world.backend, &Actor::Cli, Some(logo))
        .await
        .unwrap();
    world.cookie(OTHER_STAFF).await;
    let other = world.person(OTHER_STAFF).await;
    let file = format!("thingsSq,customerNo,customerName,address,meterKind,business\n7001,7,김,서울,LP,{MINE}\n");
    let keep = async || {
        let kept =
            backend::imports::keep(&world.backend, &operator, ImportKind::Orders, "o.csv", file.as_bytes()).await;
        kept.unwrap().to_string()
    };
    InStock {
        uploads: [keep().await, keep().await],
        code: kiosk.deposit_code(1, 4),
        late: [
            kiosk.deposit_code(2, 2),
            kiosk.seal(&Payload::SaveToData(cabinet(&full))),
        ],
        late_at: world.now().0,
        voucher,
        scan: scanned.unwrap().token_id,
        session: sessions::list(&world.backend, &other).await.unwrap()[0].handle.clone(),
        record_at: world.now().0,
    }
}

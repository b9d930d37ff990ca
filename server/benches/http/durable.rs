//! What is answered only when it is on the disk, asked by 64 at once: grants over HTTP, and deposits by the use case itself.

use crate::client::{Load, run};
use crate::guards;
use crate::report::{Report, cpu_seconds};
use crate::world::Server;
use backend::clock::{Clock, Rng, SystemClock, SystemRng};
use backend::locker::kiosks::{self, NewKiosk};
use backend::locker::{deposits, scans};
use backend::people::{self, NewPerson};
use backend::{Actor, Backend, Config, businesses};
use domain::ids::{ThingsSq, Yid};
use domain::people::{Person, Role};
use domain::token::{self, CompartmentFields, Payload, TokenKey};
use sqlx::Connection as _;
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

const LASTS: Duration = Duration::from_secs(5);
const CALLERS: usize = 64;
const KIOSKS: usize = 24;
const BOARDS: usize = 16;
const PORTS: usize = 16;
const DEPOSITS: usize = KIOSKS * BOARDS * PORTS;

/// Both figures, each on data of its own.
pub async fn measure(report: &mut Report) {
    let data = tempfile::tempdir().unwrap();
    guards::prepare(data.path(), None).await;
    let mut server = Server::on(data.path());
    let token = guards::sign_in(&server, guards::OWNER, guards::PASSWORD).await;
    let load = run(&server, CALLERS, LASTS, |at| guards::new_password(at, &token)).await;
    report.rate("sign 17, 64 at once, on the disk", 3_000.0, &load);
    report.slowest("  its p99", 100.0, &load);
    server.stop();
    let data = tempfile::tempdir().unwrap();
    let load = complete_all(data.path()).await;
    report.rate("deposits, 64 at once, on the disk", 1_000.0, &load);
    report.slowest("  its p99", 100.0, &load);
}

/// Every compartment of some kiosks gets its order.
async fn complete_all(data: &Path) -> Load {
    let b = Backend::open(Config::new(data, None)).await.unwrap();
    businesses::add(&b, &Actor::Cli, "한빛전기").await.unwrap();
    let staff = NewPerson {
        phone: "01000000002".to_owned(),
        name: "김서연".to_owned(),
        role: Role::Staff,
        business: None,
        password: guards::PASSWORD.to_owned(),
    };
    let staff = people::add(&b, &Actor::Cli, staff).await.unwrap();
    add_orders(data).await;
    let codes = futures::future::join_all((0..KIOSKS).map(|kiosk| codes(&b, kiosk)))
        .await
        .concat();
    let mut ready = Vec::with_capacity(DEPOSITS);
    for codes in codes.chunks(CALLERS) {
        let scanned = futures::future::join_all(codes.iter().map(|code| scans::read_code(&b, &staff, code))).await;
        ready.extend(scanned.into_iter().map(|scanned| scanned.unwrap().token_id));
    }
    let (begun, used) = (Instant::now(), cpu_seconds(std::process::id()));
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let mine: Vec<_> = ready
                .iter()
                .cloned()
                .enumerate()
                .skip(caller)
                .step_by(CALLERS)
                .collect();
            tokio::spawn(complete(b.clone(), staff.clone(), mine))
        })
        .collect();
    let mut took = Vec::with_capacity(DEPOSITS);
    for caller in callers {
        took.extend(caller.await.unwrap());
    }
    let lasted = begun.elapsed().as_secs_f64();
    took.sort_unstable();
    let load = Load {
        rate: DEPOSITS as f64 / lasted,
        p99_ms: took[took.len() * 99 / 100].as_secs_f64() * 1000.0,
        cost_us: (cpu_seconds(std::process::id()) - used) * 1e6 / DEPOSITS as f64,
    };
    b.close().await;
    load
}

async fn complete(b: Backend, staff: Person, mine: Vec<(usize, String)>) -> Vec<Duration> {
    let mut took = Vec::with_capacity(mine.len());
    for (at, token_id) in mine {
        let begun = Instant::now();
        let order = ThingsSq(format!("T{at:07}"));
        deposits::complete_scanned(&b, &staff, &order, &token_id).await.unwrap();
        took.push(begun.elapsed());
    }
    took
}

/// A code for each compartment of a new kiosk.
async fn codes(b: &Backend, kiosk: usize) -> Vec<String> {
    let yid = i64::try_from(2_000 + kiosk).unwrap();
    let new = NewKiosk {
        yid,
        name: format!("{yid}호"),
        address: "서울특별시 중구".to_owned(),
        boards: 16,
        ports: 16,
        secret: None,
    };
    kiosks::add(b, &Actor::Cli, new).await.unwrap();
    let code = kiosks::enrolment_code(b, &Actor::Cli, Yid(yid)).await.unwrap();
    let enrolled = kiosks::enrol(b, &code.code, &format!("127.0.0.{}", kiosk + 1))
        .await
        .unwrap();
    let key = TokenKey::new(enrolled.secret.as_bytes());
    let mut random = |bytes: &mut [u8]| SystemRng.fill(bytes);
    let compartments = enrolled.compartments.iter().enumerate();
    compartments
        .map(|(number, door)| {
            let fields = CompartmentFields {
                serial: door.serial,
                jumper: door.jumper,
                pwd: format!("{:05}", 10_000 + number),
                save_date: SystemClock.now().to_iso(),
                label: door.label.clone(),
                things_sq: None,
            };
            let payload = Payload::OpenToSave(fields);
            token::seal(&key, Yid(yid), SystemClock.now(), &payload, &mut random).unwrap()
        })
        .collect()
}

async fn add_orders(data: &Path) {
    let url = format!("sqlite:{}", data.join("latchkey.db").display());
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {DEPOSITS})
         INSERT INTO orders (things_sq, customer_no, customer_name, address, meter_kind, business, status, added_at)
         SELECT printf('T%07d', i), printf('%09d', i), '홍길동', '서울특별시 중구', '단상 5(40)A', '한빛전기', 'B', 1780000000000 FROM n"
    );
    sqlx::query(&sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

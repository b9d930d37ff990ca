//! A device that sends a million records at once: all are stored, in bounded memory, and others do not notice.

use crate::engine::{database_of, url_of};
use crate::link::frames::{Raw, hello, records};
use crate::link_rig::{CODE, Door, KEY, Moved, id, target};
use crate::process::binary::Running;
use backend::guard::guards::{self, Description};
use backend::guard::owners::Registrant;
use backend::guard::{inventory, link, owners};
use backend::{Actor, Backend, Config, password};
use domain::guard::ids::{GuardComment, GuardLocation, GuardName, Imei, OpCode, OwnerName, OwnerPassword};
use domain::guard::link::{FromDevice, MAX_RECORDS, Nonce, ToDevice};
use domain::ids::Phone;
use futures::FutureExt;
use server::guard_sim::Disk;
use sqlx::Connection;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

const MANY: i64 = 1_000_000;
const FLOODER: &str = "FLOOD";
const OTHER: &str = "OTHER";
/// What the server may grow by, whatever it is sent.
const MOST_KB: i64 = 64 * 1024;

/// An owner with a guard; answers their token.
async fn owner(b: &Backend, phone: &str, guard: &str) -> String {
    let name = OwnerName::parse("张三").unwrap();
    let secret = OwnerPassword::parse("secret 1").unwrap();
    let imei = Imei::parse("imei-1").unwrap();
    let phone = Phone(phone.to_owned());
    let registered = owners::register(
        b,
        "10.0.0.1",
        Registrant {
            name: &name,
            phone: &phone,
            password: &secret,
            imei: Some(&imei),
            code: None,
        },
    )
    .await
    .unwrap();
    let file = format!("guardId,deviceKey\n{guard},{KEY}\n");
    inventory::import_csv(b, &Actor::Cli, file.as_bytes()).await.unwrap();
    let FromDevice::Hello(hello) = hello(guard, &Nonce::generate(&mut |bytes: &mut [u8]| bytes.fill(1))) else {
        unreachable!()
    };
    let _session = link::connected(b, &hello).await.unwrap();
    let about = Description {
        name: GuardName::parse("大门").unwrap(),
        location: GuardLocation::parse("").unwrap(),
        comment: GuardComment::parse("").unwrap(),
    };
    guards::add(b, &registered.person, &id(guard), &OpCode::parse(CODE).unwrap(), &about)
        .await
        .unwrap();
    registered.token.as_str().to_owned()
}

/// Sends everything as fast as it is taken and waits for no confirmation before the last; answers how far it was confirmed.
async fn flood(mut raw: Raw) -> i64 {
    let (mut next, mut confirmed) = (1, 0);
    while confirmed < MANY {
        let mut heard = None;
        if next <= MANY {
            raw.say(&records(next, MAX_RECORDS)).await;
            next += MAX_RECORDS as i64;
        } else {
            heard = Some(raw.0.receive().await);
        }
        while let Some(frame) = heard.take().or_else(|| raw.0.receive().now_or_never()) {
            if let ToDevice::RecordsStored { through } = ToDevice::parse(&frame.unwrap()).unwrap() {
                assert!(through > confirmed && through < next, "{through} after {confirmed}");
                confirmed = through;
            }
        }
    }
    confirmed
}

/// A field client that keeps its connection.
struct Client(TcpStream);

impl Client {
    async fn say(&mut self, message: &str) -> String {
        let head = format!(
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-type: text/json\r\ncontent-length: {}\r\n\r\n",
            message.len()
        );
        self.0.write_all(format!("{head}{message}").as_bytes()).await.unwrap();
        let (mut answer, mut some) = (String::new(), [0; 4096]);
        while !answer.ends_with('}') {
            let read = self.0.read(&mut some).await.unwrap();
            assert_ne!(read, 0, "{answer}");
            answer += std::str::from_utf8(&some[..read]).unwrap();
        }
        answer
    }
}

async fn stored(data: &Path) -> (i64, i64, i64) {
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(&url_of(data)).await.unwrap();
    sqlx::query_as("SELECT COUNT(*), MIN(seq), MAX(seq) FROM records WHERE guard_id = $1 AND owner = '13800000001'")
        .bind(FLOODER)
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_records_at_once_are_stored_once_each_in_bounded_memory_and_others_are_served_meanwhile() {
    let data = tempfile::tempdir().unwrap();
    let mut config = Config::new(data.path(), database_of(data.path()));
    config.password_cost = password::Cost::CHEAP;
    let backend = Backend::open(config).await.unwrap();
    owner(&backend, "13800000001", FLOODER).await;
    let token = owner(&backend, "13800000002", OTHER).await;
    backend.close().await;

    let server = Running::serve(data.path(), &[]);
    let at = target(server.http.parse().unwrap());
    let mut door = Door::new(OTHER, at.clone(), Disk::None, Arc::new(Moved::default()));
    door.linked().await;
    let mut client = Client(TcpStream::connect(&server.http).await.unwrap());
    let mine = format!(r#"{{"sign":12,"ownerPhoneNumber":"13800000002","token":"{token}"}}"#);
    let answer = client.say(&mine).await;
    assert!(answer.contains(OTHER), "{answer}");
    let before = server.memory("VmHWM");

    let begun = Instant::now();
    let flooding = tokio::spawn(flood(Raw::admitted_at(&at, FLOODER).await));
    let (mut asked, mut opened) = (Vec::new(), Vec::new());
    while !flooding.is_finished() {
        let since = Instant::now();
        assert!(client.say(&mine).await.contains(OTHER));
        asked.push(since.elapsed());
        let since = Instant::now();
        door.card().await;
        door.until("stored", |door| {
            door.runner.guard.device.log.confirmed() == door.last_record()
        })
        .await;
        opened.push(since.elapsed());
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(flooding.await.unwrap(), MANY);
    let took = begun.elapsed();
    let grown = server.memory("VmHWM") - before;
    for all in [&mut asked, &mut opened] {
        all.sort_unstable();
    }
    let most = |all: &[Duration]| all[all.len() * 99 / 100];
    println!(
        "{:.0}/s; {grown} KB more than {before}; sign 12 {:?}, {:?} at most; a record {:?}, {:?} at most",
        MANY as f64 / took.as_secs_f64(),
        asked[asked.len() / 2],
        asked.last(),
        opened[opened.len() / 2],
        opened.last()
    );
    assert!(grown < MOST_KB, "{grown} KB");
    assert!(most(&asked) < Duration::from_millis(250), "{:?}", most(&asked));
    assert!(most(&opened) < Duration::from_secs(1), "{:?}", most(&opened));
    assert!(opened.len() > 20, "{}", opened.len());
    server.terminate();
    let (_, log) = server.ended();
    assert!(!log.contains("ERROR"), "{log}");
    assert_eq!(stored(data.path()).await, (MANY, 1, MANY));
}

//! The database goes away and comes back: callers are told at once, guards stay and keep their records, and nothing that was
//! acknowledged is lost.

use crate::cluster::kill::{Fleet, nothing_lost_or_doubled};
use crate::cluster::postgres::OwnPostgres;
use crate::cluster_rig::{Answer, Cluster, FORM, Node, ZHANG};
use crate::harness::{PASSWORD, deposited};
use crate::link::frames::Raw;
use crate::link::proxy::Cable;
use crate::link_rig::{Door, target};
use backend::Actor;
use backend::clock::{Clock, Rng, SystemClock, SystemRng};
use backend::locker::kiosks;
use domain::guard::link::{FromDevice, Status, ToDevice, Version};
use domain::ids::{Millis, Yid};
use domain::people::Role;
use domain::token::{self, Payload, TokenKey};
use serde_json::json;
use server::guard_sim::{Disk, Event};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

const STAFF: &str = "01011110002";
const GUARDS: usize = 24;

/// People who scan codes as fast as they are answered.
struct Scanners {
    token: String,
    key: TokenKey,
    /// The codes whose acceptance was acknowledged.
    accepted: Mutex<Vec<String>>,
    over: AtomicBool,
}

impl Scanners {
    async fn new(cluster: &Cluster) -> Arc<Self> {
        cluster.person(STAFF, Role::Staff).await;
        cluster.kiosk().await;
        let code = kiosks::enrolment_code(&cluster.backend, &Actor::Cli, Yid(1234))
            .await
            .unwrap();
        let enrolled = kiosks::enrol(&cluster.backend, &code.code, "10.0.0.9").await.unwrap();
        let login = json!({ "phoneNumber": STAFF, "password": PASSWORD }).to_string();
        let kind = [("content-type", "application/json")];
        let login = cluster.nodes[0].ask("POST", "/v1/Login", &kind, &login).await.json();
        Arc::new(Self {
            token: login["token"].as_str().unwrap().to_owned(),
            key: TokenKey::new(enrolled.secret.as_bytes()),
            accepted: Mutex::default(),
            over: AtomicBool::new(false),
        })
    }

    fn code(&self) -> String {
        let payload = Payload::OpenToSave(deposited(1, 1));
        let mut random = |bytes: &mut [u8]| SystemRng.fill(bytes);
        token::seal(&self.key, Yid(1234), SystemClock.now(), &payload, &mut random).unwrap()
    }

    async fn scan(&self, at: SocketAddr, code: &str) -> std::io::Result<Answer> {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        let body = json!({ "data": code }).to_string();
        crate::cluster_rig::ask(at, "POST", "/v1/QrData", &headers, &body).await
    }

    async fn go_on(self: Arc<Self>, at: SocketAddr) {
        while !self.over.load(Ordering::SeqCst) {
            let code = self.code();
            let answer = self.scan(at, &code).await.expect("a node answers, whatever it says");
            match answer.status {
                200 => self.accepted.lock().unwrap().push(code),
                503 => sleep(Duration::from_millis(20)).await,
                other => panic!("{other} {}", answer.text()),
            }
        }
    }

    /// The number that was acknowledged.
    fn count(&self) -> usize {
        self.accepted.lock().unwrap().len()
    }

    /// Waits until this number was acknowledged, at most five seconds from `back`.
    async fn are_accepted(&self, number: usize, back: Instant) {
        while self.count() < number {
            assert!(back.elapsed() < Duration::from_secs(5), "no scan is accepted");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Every code that was acknowledged is known to be used.
    async fn nothing_lost(&self, at: &[Node]) {
        let accepted = self.accepted.lock().unwrap().clone();
        for (number, code) in accepted.iter().enumerate() {
            let again = self.scan(at[number % at.len()].address, code).await.unwrap();
            assert_eq!(
                again.status,
                409,
                "code {number} of {}: {}",
                accepted.len(),
                again.text()
            );
        }
        println!("{} acknowledged scans, all there", accepted.len());
    }
}

/// Guards of Zhang at the nodes in turn, each made to live by the fleet.
async fn doors(cluster: &Cluster, fleet: &Arc<Fleet>) -> JoinSet<(String, i64)> {
    let guards: Vec<String> = (0..GUARDS).map(|number| format!("G{number:04}")).collect();
    cluster.import(&guards).await;
    let mut doors = JoinSet::new();
    for (number, guard) in guards.iter().enumerate() {
        let at = cluster.nodes[number % cluster.nodes.len()].address;
        let door = Door::new(guard, target(at), Disk::None, Arc::new(SystemClock));
        let fleet = fleet.clone();
        doors.spawn(async move { fleet.live(door).await });
    }
    fleet.all_linked(GUARDS, Duration::from_secs(20)).await;
    doors
}

/// Waits until this node's readiness is so; answers how long it took.
async fn readiness(node: &Node, status: u16, within: Duration) -> Duration {
    let begun = Instant::now();
    while node.ready().await != status {
        assert!(begun.elapsed() < within, "node {} is not {status}", node.name);
        sleep(Duration::from_millis(50)).await;
    }
    begun.elapsed()
}

/// Every kind of request says at once that it cannot be answered now.
async fn says_so(cluster: &Cluster, node: &Node, cookie: &str, token: &str) {
    let begun = Instant::now();
    assert_eq!(node.ask("GET", "/healthz", &[], "").await.status, 200);
    let page = node.get("/owner", cookie).await;
    assert_eq!(
        (page.status, page.header("retry-after")),
        (503, Some("3")),
        "{}",
        page.text()
    );
    let id = page.header("x-request-id").unwrap();
    assert!(page.text().contains(id), "{}", page.text());
    let v1 = node.v1("/v1/QrData", "p.01011110002.x", &json!({ "data": "x" })).await;
    assert_eq!((v1.status, v1.header("retry-after")), (503, Some("3")));
    assert_eq!(
        (&v1.json()["errorCode"], &v1.json()["reason"]["code"]),
        (&json!(503), &json!("unavailable"))
    );
    let guards = json!({ "sign": 12, "ownerPhoneNumber": ZHANG, "token": token });
    assert_eq!(node.say(&guards).await, json!({ "result": 1, "guards": [] }));
    let refused = node.say(&cluster.password(token, "G0000", "N1", "135790")).await;
    assert_eq!(refused, json!({ "result": 1 }));
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

/// A form that cannot be answered keeps what was typed, in the reader's language, and no password.
async fn keeps_what_was_typed(node: &Node) {
    for (language, words) in [("ko", "다시 시도"), ("zh", "重试"), ("en", "Try again")] {
        let headers = [("content-type", FORM), ("accept-language", language)];
        let body = "do=%2Fdo%2Fanyone%2Fsign-in&phone=13800000001&password=top+secret";
        let page = node
            .ask("POST", "/sign-in?next=%2Fowner%3Fx%3D%22", &headers, body)
            .await;
        let text = page.text();
        assert_eq!((page.status, page.header("retry-after")), (503, Some("3")));
        assert!(text.contains(words) && text.contains("value=\"13800000001\""), "{text}");
        assert!(text.contains("action=\"/sign-in?next=%2Fowner%3Fx%3D%22\""), "{text}");
        assert!(text.contains("value=\"/do/anyone/sign-in\""), "{text}");
        assert!(!text.contains("top secret"), "{text}");
    }
}

async fn stopped_and_started(mode: &str) {
    let Some(postgres) = OwnPostgres::start() else { return };
    let cluster = Cluster::on(&postgres.url(), 2).await;
    let scanners = Scanners::new(&cluster).await;
    let fleet = Arc::new(Fleet::default());
    let doors = doors(&cluster, &fleet).await;
    let cookie = cluster.nodes[0].cookie(ZHANG).await;
    let token = cluster.token(&cluster.nodes[0]).await;
    let mut page = cluster.nodes[1].live(&cookie).await;
    let mut people = JoinSet::new();
    for number in 0..8 {
        let at = cluster.nodes[number % 2].address;
        people.spawn(scanners.clone().go_on(at));
    }
    for round in 0..2 {
        sleep(Duration::from_millis(1_500)).await;
        postgres.stop(mode);
        let stopped = Instant::now();
        for node in &cluster.nodes {
            readiness(node, 503, Duration::from_secs(3)).await;
        }
        println!("{mode} {round}: not ready after {:?}", stopped.elapsed());
        for node in &cluster.nodes {
            says_so(&cluster, node, &cookie, &token).await;
        }
        keeps_what_was_typed(&cluster.nodes[round % 2]).await;
        sleep(Duration::from_secs(3)).await;
        let before = scanners.count();
        postgres.begin();
        let back = Instant::now();
        for node in &cluster.nodes {
            readiness(node, 200, Duration::from_secs(5)).await;
        }
        println!("{mode} {round}: ready again after {:?}", back.elapsed());
        scanners.are_accepted(before + 20, back).await;
        assert!(page.event().await.is_some(), "an open page looks again");
    }
    assert_eq!(fleet.lost(), 0, "no guard was sent away");
    scanners.over.store(true, Ordering::SeqCst);
    people.join_all().await;
    fleet.end();
    nothing_lost_or_doubled(&cluster, doors.join_all().await).await;
    scanners.nothing_lost(&cluster.nodes).await;
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_stopped_and_started_loses_nothing() {
    stopped_and_started("fast").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_dies_and_is_started_loses_nothing() {
    stopped_and_started("immediate").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_cut_off_says_so_and_catches_up() {
    let Some(postgres) = OwnPostgres::start() else { return };
    let cable = Cable::to(postgres.address()).await;
    let mut cluster = Cluster::without_nodes(&postgres.url(), 2).await;
    let a = cluster.node(0, &postgres.url(), &[]);
    let b = cluster.node(1, &postgres.url_at(cable.address), &[]);
    cluster.nodes = vec![a, b];
    let [a, b] = &cluster.nodes[..] else { unreachable!() };
    let scanners = Scanners::new(&cluster).await;
    let fleet = Arc::new(Fleet::default());
    let doors = doors(&cluster, &fleet).await;
    let mut door = cluster.door("G9999", b.address).await;
    let (cookie, token) = (a.cookie(ZHANG).await, cluster.token(a).await);
    assert_eq!(
        a.say(&cluster.password(&token, "G9999", "N1", "135790")).await["result"],
        0
    );
    door.until("granted", |door| door.runner.guard.device.grants.grants.len() == 1)
        .await;
    // One that comes while its node is cut off.
    cluster.import(&["G8888".to_owned()]).await;
    let mut late = Door::new("G8888", target(b.address), Disk::None, Arc::new(SystemClock));
    let mut people = JoinSet::new();
    for node in [a, b, a, b] {
        people.spawn(scanners.clone().go_on(node.address));
    }
    sleep(Duration::from_secs(1)).await;
    cable.cut();
    println!(
        "cut: not ready after {:?}",
        readiness(b, 503, Duration::from_secs(3)).await
    );
    // By then it is sure, and nobody waits any more.
    sleep(Duration::from_secs(3)).await;
    says_so(&cluster, b, &cookie, &token).await;
    keeps_what_was_typed(b).await;
    // The other one goes on, also with what the one that is cut off was just doing.
    assert_eq!((a.ready().await, a.get("/owner", &cookie).await.status), (200, 200));
    let before = scanners.count();
    assert_eq!(
        a.say(&cluster.password(&token, "G9999", "N2", "246800")).await["result"],
        0
    );
    sleep(Duration::from_secs(1)).await;
    assert!(scanners.count() > before + 20, "scans at the other node");
    // A guard of the one that is cut off opens by what it knows.
    assert!(
        door.types("135790")
            .await
            .iter()
            .any(|event| matches!(event, Event::Opened(_)))
    );
    let came = Instant::now();
    while came.elapsed() < Duration::from_secs(2) {
        late.live(Duration::from_millis(200)).await;
    }
    door.live(Duration::from_secs(8)).await;
    assert!(door.runner.guard.device.is_connected(), "{}", door.runner.why());
    assert!(!late.runner.guard.device.is_connected());
    cable.mend();
    let mended = Instant::now();
    late.linked().await;
    println!("mended: the guard that waited is linked after {:?}", mended.elapsed());
    assert_eq!(late.runner.why(), "", "it was not sent away meanwhile");
    println!(
        "mended: ready after {:?}",
        readiness(b, 200, Duration::from_secs(5)).await
    );
    door.until("caught up", |door| {
        let device = &door.runner.guard.device;
        device.grants.grants.len() == 2 && device.log.confirmed() == device.log.last()
    })
    .await;
    println!("mended: the guard caught up after {:?}", mended.elapsed());
    assert!(mended.elapsed() < Duration::from_secs(8), "{:?}", mended.elapsed());
    scanners.over.store(true, Ordering::SeqCst);
    people.join_all().await;
    fleet.end();
    assert_eq!(fleet.lost(), 0, "no guard was sent away");
    nothing_lost_or_doubled(&cluster, doors.join_all().await).await;
    scanners.nothing_lost(&cluster.nodes).await;
    cluster.end().await;
}

/// What the node says next that is of this kind, within five seconds.
async fn hears<T>(raw: &mut Raw, kind: impl Fn(ToDevice) -> Option<T>) -> T {
    let hearing = async {
        loop {
            let said = ToDevice::parse(&raw.0.receive().await.unwrap()).unwrap();
            if let Some(heard) = kind(said) {
                return heard;
            }
        }
    };
    timeout(Duration::from_secs(5), hearing).await.unwrap()
}

fn snapshot(said: ToDevice) -> Option<Version> {
    match said {
        ToDevice::Snapshot(part) => Some(part.version),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_guard_turns_out_to_lack_during_an_outage_it_gets_after_it() {
    let Some(postgres) = OwnPostgres::start() else { return };
    let cluster = Cluster::on(&postgres.url(), 1).await;
    let node = &cluster.nodes[0];
    drop(cluster.door("G0001", node.address).await);
    let mut raw = Raw::admitted_at(&target(node.address), "G0001").await;
    let version = hears(&mut raw, snapshot).await;
    raw.say(&FromDevice::Applied { version }).await;
    postgres.stop("fast");
    readiness(node, 503, Duration::from_secs(3)).await;
    // It has lost what it knew, and says so.
    raw.say(&FromDevice::Heartbeat {
        sent: Millis(7),
        uncertainty_ms: None,
        status: Status::Working,
        fault: None,
        version: Version::default(),
    })
    .await;
    let echo = hears(&mut raw, |said| match said {
        ToDevice::Heartbeat { echo, .. } => Some(echo),
        _ => None,
    });
    assert_eq!(echo.await, Millis(7), "a heartbeat needs no database");
    sleep(Duration::from_secs(2)).await;
    postgres.begin();
    assert_eq!(hears(&mut raw, snapshot).await, version);
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_takes_over_has_everything_that_was_acknowledged() {
    let Some(primary) = OwnPostgres::start() else { return };
    let replica = primary.replica().await;
    let cable = Cable::to(primary.address()).await;
    let cluster = Cluster::on(&primary.url_at(cable.address), 2).await;
    let scanners = Scanners::new(&cluster).await;
    let fleet = Arc::new(Fleet::default());
    let doors = doors(&cluster, &fleet).await;
    let mut people = JoinSet::new();
    for node in &cluster.nodes {
        people.spawn(scanners.clone().go_on(node.address));
    }
    sleep(Duration::from_secs(2)).await;
    cable.lead_to(replica.address());
    primary.stop("immediate");
    // A replica answers, but takes no writes: that is not a database to work with.
    for _ in 0..2 {
        for node in &cluster.nodes {
            readiness(node, 503, Duration::from_secs(4)).await;
        }
        sleep(Duration::from_secs(2)).await;
    }
    let before = scanners.count();
    replica.promote();
    let back = Instant::now();
    for node in &cluster.nodes {
        readiness(node, 200, Duration::from_secs(5)).await;
    }
    println!("ready after {:?}", back.elapsed());
    scanners.are_accepted(before + 20, back).await;
    scanners.over.store(true, Ordering::SeqCst);
    people.join_all().await;
    fleet.end();
    assert_eq!(fleet.lost(), 0, "no guard was sent away");
    nothing_lost_or_doubled(&cluster, doors.join_all().await).await;
    scanners.nothing_lost(&cluster.nodes).await;
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_the_database_is_refused_or_waits() {
    let Some(postgres) = OwnPostgres::start() else { return };
    let mut cluster = Cluster::without_nodes(&postgres.url(), 1).await;
    postgres.stop("fast");
    let mut command = cluster.command(0, &postgres.url(), &[]);
    let ended = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    assert_eq!(ended.status.code(), Some(69));
    assert!(ended.stdout.is_empty());
    let log = cluster.log(0);
    assert!(log.contains("error: the database does not answer: "), "{log}");
    let command = cluster.command(0, &postgres.url(), &["--wait-for-database", "30"]);
    let starting = tokio::task::spawn_blocking(move || Node::start(command, 0));
    sleep(Duration::from_secs(2)).await;
    assert!(!starting.is_finished());
    postgres.begin();
    cluster.nodes.push(starting.await.unwrap());
    assert_eq!(cluster.nodes[0].ready().await, 200);
    cluster.end().await;
}

//! A UHPPOTE controller on the loopback, the bridge beside it, and a real server behind.

use crate::link_rig::*;
use crate::uhppote_sim::{SERIAL, Sim, ZONE, stamp};
use backend::guard::guards::{self, Description};
use backend::guard::inventory;
use domain::guard::ids::*;
use domain::guard::link::Fault;
use domain::people::{Person, Role};
use server::door_bridge::uhppote::{Bridge, Fallback, Options};
use server::guard_sim::SimError;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

fn options(state: &Path, sim: SocketAddr, node: SocketAddr) -> Options {
    Options {
        controller: format!("{SERIAL}@{sim}"),
        doors: vec!["1=G1".to_owned(), "2=G2".to_owned()],
        state: state.to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        zone: ZONE.to_owned(),
        servers: vec![format!("http://{node}")],
        op_code: Some(CODE.to_owned()),
        keypad: true,
        fallback: Fallback::None,
        insecure: false,
    }
}

fn keys() -> TempDir {
    let state = tempfile::tempdir().unwrap();
    for guard in ["G1", "G2"] {
        std::fs::write(state.path().join(format!("{guard}.key")), format!("{KEY}\n")).unwrap();
    }
    state
}

async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let late = Instant::now() + Duration::from_secs(30);
    while !done().await {
        assert!(Instant::now() < late, "never: {what}");
        sleep(Duration::from_millis(100)).await;
    }
}

async fn add(node: &Node, guard: &str) {
    let about = Description {
        name: GuardName::parse("大门").unwrap(),
        location: GuardLocation::parse("北京").unwrap(),
        comment: GuardComment::parse("").unwrap(),
    };
    let code = OpCode::parse(CODE).unwrap();
    let owner = node.owner().await;
    until("linked", async || {
        guards::add(&node.backend, &owner, &id(guard), &code, &about)
            .await
            .is_ok()
    })
    .await;
}

async fn run_bridge(state: &TempDir, sim: &Sim, node: &Node) -> Bridging {
    let bridge = Bridge::open(options(state.path(), sim.address, node.address))
        .await
        .unwrap();
    tokio::spawn(bridge.run())
}

/// A password for the first door, typed until it has reached the bridge.
async fn open_by_password(node: &Node, sim: &Sim) {
    node.password("G1", "N1", "471147").await;
    until("opened", async || {
        sim.swipe(1, 471_147).await;
        sleep(Duration::from_millis(200)).await;
        !sim.opened().is_empty()
    })
    .await;
    settled(sim).await;
}

type Bridging = JoinHandle<Result<(), SimError>>;

/// A bridge whose first door was opened by a password.
async fn at_an_opened_door() -> (Node, Sim, TempDir, Bridging) {
    let node = Node::start().await;
    node.import(&["G1", "G2"]).await;
    let (sim, state) = (Sim::start().await, keys());
    let running = run_bridge(&state, &sim, &node).await;
    add(&node, "G1").await;
    open_by_password(&node, &sim).await;
    (node, sim, state, running)
}

/// How often doors were opened, once nothing opens any more: an event is noted as handled before its door is opened, and several may wait.
async fn settled(sim: &Sim) -> usize {
    let mut opened = sim.opened().len();
    until("nothing opens any more", async || {
        sleep(Duration::from_secs(2)).await;
        std::mem::replace(&mut opened, sim.opened().len()) == opened
    })
    .await;
    opened
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_typed_at_a_controller_opens_by_the_grants_of_that_doors_guard_only() {
    let (node, sim, state, running) = at_an_opened_door().await;
    add(&node, "G2").await;
    assert!(sim.opened().iter().all(|door| *door == 1));
    until("recorded", async || !node.stored("G1").await.is_empty()).await;

    // The same digits at the other door, and other digits at this one.
    let before = sim.opened().len();
    sim.swipe(2, 471_147).await;
    sim.swipe(1, 471_148).await;
    until("refused", async || node.stored("G2").await.len() == 1).await;
    sleep(Duration::from_millis(500)).await;
    assert_eq!(sim.opened().len(), before);
    assert!(!running.is_finished());

    // What was handled is not handled again by the next run, and what comes while nobody is there is not forgotten.
    running.abort();
    let _ended = running.await;
    let (records, events) = (node.stored("G1").await.len(), sim.memory.lock().unwrap().events.len());
    let running = run_bridge(&state, &sim, &node).await;
    sleep(Duration::from_millis(1_500)).await;
    assert_eq!(node.stored("G1").await.len(), records);
    assert_eq!(
        sim.memory.lock().unwrap().events.len(),
        events,
        "nothing opened at the start"
    );
    sim.swipe(1, 471_147).await;
    until("opened again", async || sim.opened().len() > before).await;
    running.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_that_is_away_makes_its_guards_faulty_and_opens_nothing_later() {
    let (node, sim, _state, running) = at_an_opened_door().await;
    sim.memory.lock().unwrap().away = true;
    let before = sim.opened().len();
    sim.swipe(1, 471_147).await;
    until("faulty", async || {
        node.seen("G1").await.status == domain::guard::messages::guards::GuardStatus::Faulty
    })
    .await;
    sleep(Duration::from_secs(6)).await;
    sim.memory.lock().unwrap().away = false;
    until("working", async || {
        node.seen("G1").await.status == domain::guard::messages::guards::GuardStatus::Working
    })
    .await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(sim.opened().len(), before, "the card was shown too long ago");
    running.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_controller_at_the_address_opens_nothing_and_the_operator_is_told_so() {
    let (node, sim, _state, running) = at_an_opened_door().await;
    let operator = Person {
        role: Role::Operator,
        ..node.owner().await
    };
    let fault = async || {
        let found = inventory::list(&node.backend, &operator, "G1", None, 10).await.unwrap();
        found
            .rows
            .into_iter()
            .find(|hit| hit.of.guard_id == id("G1"))
            .unwrap()
            .of
            .fault
    };
    sim.memory.lock().unwrap().stranger = Some(SERIAL + 1);
    let before = sim.opened().len();
    sim.swipe(1, 471_147).await;
    until("named", async || fault().await == Some(Fault::AnotherDevice)).await;
    assert_eq!(sim.opened().len(), before);
    sim.memory.lock().unwrap().stranger = None;
    until("its own again", async || fault().await.is_none()).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(sim.opened().len(), before, "the card was shown too long ago");
    sim.memory.lock().unwrap().away = true;
    until("away", async || fault().await == Some(Fault::Silent)).await;
    running.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_may_be_lost_or_late_and_event_numbers_may_wrap_around() {
    let node = Node::start().await;
    node.import(&["G1", "G2"]).await;
    let (sim, state) = (Sim::start().await, keys());
    {
        let mut memory = sim.memory.lock().unwrap();
        (memory.base, memory.loses_pushes) = (u32::MAX - 5, true);
        memory.events.push((1, 5, 18, stamp()));
    }
    let running = run_bridge(&state, &sim, &node).await;
    add(&node, "G1").await;
    node.password("G1", "N1", "471147").await;
    // Found by asking, which is every five seconds.
    until("opened", async || {
        sim.swipe(1, 471_147).await;
        sleep(Duration::from_millis(400)).await;
        !sim.opened().is_empty()
    })
    .await;
    let newest = || {
        let memory = sim.memory.lock().unwrap();
        memory.number_of(memory.events.len() - 1)
    };
    until("beyond the last number", async || {
        sim.swipe(1, 471_148).await;
        newest() < 1_000
    })
    .await;
    let all_read = async || {
        let handled = || -> Option<u64> {
            let text = std::fs::read(state.path().join(format!("uhppote-{SERIAL}.json"))).ok()?;
            serde_json::from_slice::<serde_json::Value>(&text).ok()?["index"].as_u64()
        };
        until("everything is read", async || handled() == Some(newest().into())).await;
        settled(&sim).await
    };
    let before = all_read().await;
    until("opened beyond it", async || {
        sim.swipe(1, 471_147).await;
        sleep(Duration::from_millis(400)).await;
        sim.opened().len() > before
    })
    .await;
    let before = all_read().await;
    sim.deliver_late().await;
    sleep(Duration::from_millis(500)).await;
    assert_eq!(sim.opened().len(), before, "not again, however late the pushes come");
    // A push that arrives is worth as much as before.
    sim.memory.lock().unwrap().loses_pushes = false;
    sim.swipe(1, 471_147).await;
    until("opened by a push", async || sim.opened().len() == before + 1).await;
    running.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn with_cards_as_the_fallback_the_controller_knows_them_and_what_it_opened_alone_is_recorded() {
    let node = Node::start().await;
    node.import(&["G1", "G2"]).await;
    let (sim, state) = (Sim::start().await, keys());
    sim.memory.lock().unwrap().cards.insert(1, Vec::new());
    let bridge = async |fallback| {
        let mut options = options(state.path(), sim.address, node.address);
        options.fallback = fallback;
        Bridge::open(options).await.unwrap()
    };
    let running = tokio::spawn(bridge(Fallback::Cards).await.run());
    add(&node, "G2").await;
    node.authorise_card("G2", "C1", "10058400").await;
    let cards = || sim.memory.lock().unwrap().cards.clone();
    until("the card is in the controller", async || {
        cards().keys().eq([&10_058_400])
    })
    .await;
    assert_ne!(cards()[&10_058_400][21], 0, "for door 2");
    assert_eq!(cards()[&10_058_400][20], 0, "and no other");

    // Nobody decides, so the controller does.
    running.abort();
    let _ended = running.await;
    sim.memory.lock().unwrap().events.push((2, 10_058_400, 1, stamp()));
    let before = node.stored("G2").await.len();
    let running = tokio::spawn(bridge(Fallback::Cards).await.run());
    until("recorded", async || node.stored("G2").await.len() > before).await;
    assert_eq!(node.record_kinds("G2").await.last().unwrap(), "opened");
    assert_eq!(sim.opened(), [0; 0], "nothing opens for it now");
    running.abort();
    let _ended = running.await;

    // Without a fallback the controller has no cards.
    let running = tokio::spawn(bridge(Fallback::None).await.run());
    until("no card is left", async || cards().is_empty()).await;
    running.abort();
}

#[tokio::test]
async fn options_that_cannot_be_meant_are_refused() {
    let state = keys();
    let (sim, node) = ("127.0.0.1:9".parse().unwrap(), "127.0.0.1:9".parse().unwrap());
    let refused = async |change: &dyn Fn(&mut Options), why: &str| {
        let mut wrong = options(state.path(), sim, node);
        change(&mut wrong);
        let error = Bridge::open(wrong).await.err().map(|error| error.to_string());
        assert!(
            error.as_ref().is_some_and(|error| error.contains(why)),
            "{error:?}: {why}"
        );
    };
    refused(&|o| o.controller = "405419896".to_owned(), "--controller").await;
    refused(&|o| o.controller = "0@127.0.0.1".to_owned(), "--controller").await;
    refused(&|o| o.controller = "1@255.255.255.255".to_owned(), "not of all").await;
    refused(&|o| o.listen = "127.0.0.1:60000".parse().unwrap(), "60000").await;
    refused(&|o| o.zone = "Asia/Beijing".to_owned(), "Asia/Shanghai").await;
    refused(&|o| o.doors = vec!["5=G1".to_owned()], "--door").await;
    refused(&|o| o.doors = vec!["1=G1".to_owned(), "1=G2".to_owned()], "twice").await;
    refused(&|o| o.doors = vec!["1=G1".to_owned(), "2=G1".to_owned()], "twice").await;
    refused(&|o| o.doors = vec!["1=../G1".to_owned()], "file").await;
    refused(&|o| o.doors = vec!["1=G3".to_owned()], "G3.key").await;
    refused(&|o| o.servers = vec!["ftp://locks.example".to_owned()], "ftp").await;
}

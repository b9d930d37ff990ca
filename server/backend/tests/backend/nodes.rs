//! Nodes on one database, and who is sent to which.

use crate::both;
use crate::guard_rig::{hello, id};
use crate::harness::{DAY, World, phone};
use backend::guard::directory::{self, Caller};
use backend::guard::owners::Registrant;
use backend::guard::{link, owners};
use backend::nodes::{self, Beat, NodeInfo, Of};
use backend::{Actor, Backend};
use domain::error::Refusal;
use domain::guard::ids::{OwnerName, OwnerPassword};
use domain::nodes::{Condition, NodeName};
use domain::people::{Person, Role};
use std::collections::{BTreeMap, BTreeSet};

const DEAD_AFTER: i64 = 15_000;

/// A node that is there, under `NAME.example`.
async fn node(w: &World, name: &str, weight: u32) -> Backend {
    let b = w
        .node_with(|config| {
            config.node.name = NodeName::of(name);
            config.node.weight = weight;
            config.advertise = Some(format!("{name}.example:2017"));
        })
        .await;
    nodes::register(&b).await.unwrap();
    nodes::refresh(&w.b);
    b
}

pub fn named(name: &str) -> NodeName {
    NodeName::of(name)
}

fn number(index: usize) -> String {
    format!("138{index:08}")
}

/// This number of owners, as quickly as possible.
async fn many_owners(w: &World, count: usize) {
    let people: Vec<String> = (0..count)
        .map(|index| format!("('{}', '张', 'owner', 'x', 1, 1)", number(index)))
        .collect();
    let owners: Vec<String> = (0..count)
        .map(|index| format!("('{}', '', 1, 0, 0)", number(index)))
        .collect();
    w.sql(&format!(
        "INSERT INTO people (phone, name, role, password_hash, active, added_at) VALUES {}",
        people.join(", ")
    ))
    .await;
    w.sql(&format!(
        "INSERT INTO owners (phone, imei, epoch, ended_epoch, grade) VALUES {}",
        owners.join(", ")
    ))
    .await;
}

/// This number of guards of one owner, connected before there were nodes.
async fn many_guards(w: &World, owner: &Person, count: usize) {
    let (owner, ids): (&str, Vec<String>) = (
        owner.phone.as_str(),
        (0..count).map(|index| format!("M{index:05}")).collect(),
    );
    for ids in ids.chunks(500) {
        let guards: Vec<String> = ids
            .iter()
            .map(|id| format!("('{id}', 'x', 'sim', '{owner}', 1, 'n', 'l', '', 1, 1, 0, 1, 1)"))
            .collect();
        let links: Vec<String> = ids.iter().map(|id| format!("('{owner}', '{id}')")).collect();
        w.sql(&format!(
            "INSERT INTO guards (guard_id, device_key, firmware, owner, owned_since, name, location, comment, version,
                 settings_version, record_seq, connected_at, added_at) VALUES {}",
            guards.join(", ")
        ))
        .await;
        w.sql(&format!(
            "INSERT INTO owner_guards (owner, guard_id) VALUES {}",
            links.join(", ")
        ))
        .await;
    }
}

async fn host_of(b: &Backend, index: usize) -> String {
    let (asked, address) = (phone(&number(index)), number(index));
    let caller = Caller {
        address: &address,
        reached: "reached.example:3000",
    };
    directory::owner_host(b, caller, &asked).await.unwrap()
}

async fn hosts(b: &Backend, count: usize) -> Vec<String> {
    futures::future::join_all((0..count).map(|index| host_of(b, index))).await
}

async fn info(w: &World, name: &str) -> NodeInfo {
    let all = nodes::list(&w.b, &Actor::Cli).await.unwrap();
    all.into_iter().find(|node| node.name == named(name)).unwrap()
}

both! {
    async fn a_node_that_was_added_gets_its_share_when_an_operator_says_so_and_nobody_else_moves(w: &World) {
        const COUNT: usize = 400;
        many_owners(w, COUNT).await;
        let (a, b) = (node(w, "a", 100).await, node(w, "b", 100).await);
        let before = hosts(&a, COUNT).await;
        let _c = node(w, "c", 200).await;
        nodes::refresh(&a);
        nodes::refresh(&b);
        assert_eq!(hosts(&b, COUNT).await, before, "those who have a node keep it");
        let moved = nodes::balance(&a, &Actor::Cli).await.unwrap();
        let after = hosts(&b, COUNT).await;
        let pairs = before.iter().zip(&after);
        let went: Vec<&String> = pairs.filter(|(was, is)| was != is).map(|(_, is)| is).collect();
        assert!(went.iter().all(|host| *host == "c.example"), "{went:?}");
        assert_eq!(went.len() as u64, moved.owners);
        assert!((150..250).contains(&moved.owners), "{} of 400 for half of the weight", moved.owners);
        let again = nodes::balance(&b, &Actor::Cli).await.unwrap();
        assert_eq!((again.owners, again.guards), (0, 0));
        // Those of a node that drains have moved when they next ask; nobody is given to it.
        nodes::drain(&a, &Actor::Cli, &named("c")).await.unwrap();
        nodes::refresh(&b);
        nodes::balance(&b, &Actor::Cli).await.unwrap();
        assert!(!hosts(&b, COUNT).await.contains(&"c.example".to_owned()));
    }

    async fn every_node_answers_the_same_and_shares_are_as_weights(w: &World) {
        const COUNT: usize = 400;
        many_owners(w, COUNT).await;
        let (a, b, c) = (node(w, "a", 100).await, node(w, "b", 100).await, node(w, "c", 200).await);
        let first = hosts(&a, COUNT).await;
        for other in [&b, &c, &w.b] {
            nodes::refresh(other);
            assert_eq!(hosts(other, COUNT).await, first);
        }
        let mut shares: BTreeMap<String, i64> = BTreeMap::new();
        for host in first {
            *shares.entry(host).or_default() += 1;
        }
        // Twenty owners are the largest standard deviation twice over.
        for (host, due) in [("a.example", 100), ("b.example", 100), ("c.example", 200)] {
            assert!((shares[host] - due).abs() < 40, "{shares:?}");
        }
        let list = nodes::list(&w.b, &Actor::Cli).await.unwrap();
        let counted: Vec<u64> = list.iter().map(|node| node.owners).collect();
        assert_eq!(counted, shares.values().map(|count| count.unsigned_abs()).collect::<Vec<_>>());
        for b in [a, b, c] {
            b.close().await;
        }
    }

    async fn only_what_was_at_a_dead_node_moves_and_stays_there(w: &World) {
        const COUNT: usize = 60;
        many_owners(w, COUNT).await;
        let (a, b, c) = (node(w, "a", 100).await, node(w, "b", 100).await, node(w, "c", 100).await);
        let before = hosts(&w.b, COUNT).await;
        assert!(before.contains(&"c.example".to_owned()));
        w.pass(DEAD_AFTER - 1);
        for alive in [&a, &b] {
            assert_eq!(nodes::beat(alive).await.unwrap(), Beat::Written);
        }
        nodes::refresh(&w.b);
        assert_eq!(hosts(&w.b, COUNT).await, before, "it is not dead yet");
        assert_eq!(info(w, "c").await.condition, Condition::Live);
        w.pass(1);
        let after = hosts(&w.b, COUNT).await;
        assert_eq!(info(w, "c").await.condition, Condition::Dead);
        for (was, is) in before.iter().zip(&after) {
            assert_ne!(is, "c.example");
            assert!(was == "c.example" || was == is);
        }
        // It comes back, another one joins: nobody who has a node is moved.
        assert_eq!(nodes::beat(&c).await.unwrap(), Beat::Written);
        let d = node(w, "d", 1_000).await;
        for b in [&w.b, &c] {
            nodes::refresh(b);
            assert_eq!(hosts(b, COUNT).await, after);
        }
        for b in [a, b, c, d] {
            b.close().await;
        }
    }

    async fn when_the_database_was_away_nobody_is_taken_for_dead_at_once(w: &World) {
        const COUNT: usize = 30;
        many_owners(w, COUNT).await;
        let (a, b) = (node(w, "a", 100).await, node(w, "b", 100).await);
        assert_eq!(nodes::beat(&a).await.unwrap(), Beat::Written);
        let before = hosts(&a, COUNT).await;
        // For a while no heartbeat could be written. One node is back a little before the other.
        w.pass(2 * DEAD_AFTER);
        nodes::refresh(&a);
        assert_eq!(hosts(&a, COUNT).await, before);
        assert_eq!(nodes::beat(&a).await.unwrap(), Beat::Written);
        nodes::refresh(&a);
        assert_eq!(hosts(&a, COUNT).await, before);
        // The other one does not come.
        for _ in 0..5 {
            w.pass(DEAD_AFTER / 5);
            assert_eq!(nodes::beat(&a).await.unwrap(), Beat::Written);
        }
        nodes::refresh(&a);
        assert_eq!(hosts(&a, COUNT).await, vec!["a.example"; COUNT]);
        for b in [a, b] {
            b.close().await;
        }
    }

    async fn a_draining_node_gets_nobody_until_that_is_taken_back(w: &World) {
        const COUNT: usize = 40;
        many_owners(w, COUNT).await;
        let (a, b) = (node(w, "a", 100).await, node(w, "b", 100).await);
        let before = hosts(&w.b, COUNT).await;
        let mut told = nodes::draining(&a);
        nodes::drain(&w.b, &Actor::Cli, &named("a")).await.unwrap();
        assert_eq!(hosts(&w.b, COUNT).await, vec!["b.example"; COUNT]);
        assert!(!*told.borrow_and_update(), "it has not looked yet");
        nodes::beat(&a).await.unwrap();
        assert!(*told.borrow_and_update());
        let drained = info(w, "a").await;
        assert_eq!((drained.condition, drained.drained, drained.owners), (Condition::Draining, true, 0));
        // A new start does not take it back.
        nodes::register(&a).await.unwrap();
        assert!(info(w, "a").await.drained);
        // Where all drain, everybody stays.
        nodes::drain(&w.b, &Actor::Cli, &named("b")).await.unwrap();
        assert_eq!(hosts(&w.b, COUNT).await, vec!["b.example"; COUNT]);
        for name in ["a", "b"] {
            nodes::undrain(&w.b, &Actor::Cli, &named(name)).await.unwrap();
        }
        nodes::beat(&a).await.unwrap();
        assert!(!*told.borrow_and_update());
        assert_eq!(hosts(&w.b, COUNT).await, vec!["b.example"; COUNT], "who has a node stays");
        assert!(before.contains(&"a.example".to_owned()));
        let unknown = nodes::drain(&w.b, &Actor::Cli, &named("nobody")).await;
        assert_eq!(unknown, Err(Refusal::Unknown));
        for b in [a, b] {
            b.close().await;
        }
    }

    async fn a_clean_stop_is_seen_at_once_and_ended_by_a_new_start(w: &World) {
        many_owners(w, 20).await;
        let (a, b) = (node(w, "a", 100).await, node(w, "b", 100).await);
        let _assigned = hosts(&w.b, 20).await;
        nodes::stop(&a).await;
        nodes::refresh(&w.b);
        assert_eq!(hosts(&w.b, 20).await, vec!["b.example"; 20]);
        assert_eq!(info(w, "a").await.condition, Condition::Stopped);
        assert_eq!(nodes::beat(&a).await.unwrap(), Beat::Stopped, "a late heartbeat does not bring it back");
        assert_eq!(info(w, "a").await.condition, Condition::Stopped);
        nodes::register(&a).await.unwrap();
        assert_eq!(info(w, "a").await.condition, Condition::Live);
        for b in [a, b] {
            b.close().await;
        }
    }

    async fn of_two_processes_of_one_name_the_newer_one_has_it(w: &World) {
        let old = node(w, "a", 100).await;
        let new = w.another_node().await;
        new.close().await;
        let new = w.b.clone();
        assert_eq!(nodes::beat(&new).await.unwrap(), Beat::Stopped, "a backend alone is no node");
        // The name of a backend that says nothing else.
        let same = w.node_with(|config| config.rng = std::sync::Arc::new(backend::clock::SystemRng)).await;
        nodes::register(&same).await.unwrap();
        assert_eq!(nodes::beat(&same).await.unwrap(), Beat::Written);
        nodes::register(&new).await.unwrap();
        assert_eq!(nodes::beat(&same).await.unwrap(), Beat::Superseded);
        assert_eq!(nodes::beat(&same).await.unwrap(), Beat::Stopped, "and it does not try again");
        assert_eq!(nodes::beat(&new).await.unwrap(), Beat::Written);
        assert_eq!(nodes::beat(&old).await.unwrap(), Beat::Written, "the others do not mind");
        for b in [old, same] {
            b.close().await;
        }
    }

    async fn a_node_that_was_forgotten_while_it_could_not_be_heard_comes_back(w: &World) {
        let a = node(w, "a", 100).await;
        let remove = async || nodes::remove(&w.b, &Actor::Cli, &named("a")).await;
        assert_eq!(remove().await, Err(Refusal::NodeAlive));
        nodes::drain(&w.b, &Actor::Cli, &named("a")).await.unwrap();
        assert_eq!(remove().await, Err(Refusal::NodeAlive));
        w.pass(DEAD_AFTER);
        assert_eq!(remove().await, Ok(()));
        assert_eq!(remove().await, Err(Refusal::Unknown));
        assert_eq!(nodes::live(&w.b).await.unwrap(), []);
        assert_eq!(nodes::beat(&a).await.unwrap(), Beat::Written);
        nodes::refresh(&w.b);
        assert_eq!(nodes::live(&w.b).await.unwrap(), [named("a")]);
        nodes::stop(&a).await;
        assert_eq!(remove().await, Ok(()), "one that stopped need not be waited for");
        a.close().await;
    }

    async fn what_another_node_wrote_in_between_is_the_answer(w: &World) {
        many_owners(w, 30).await;
        let a = node(w, "a", 100).await;
        let given = hosts(&a, 30).await;
        assert_eq!(given, vec!["a.example"; 30]);
        // Now everybody would go elsewhere who is asked about as if they had no node, or one that is gone.
        let b = node(w, "b", 1_000).await;
        let rows = |node: Option<&str>| (0..30).map(|index| (number(index), node.map(str::to_owned))).collect();
        for read_before in [None, Some("gone")] {
            let homes = nodes::settle(&b, Of::Owner, rows(read_before)).await.unwrap();
            let names: BTreeSet<String> = homes.into_iter().map(|home| home.unwrap().name.to_string()).collect();
            assert_eq!(names, BTreeSet::from(["a".to_owned()]));
        }
        assert_eq!(hosts(&a, 30).await, given);
        // Who is nobody gets nothing, and is not written.
        let homes = nodes::settle(&b, Of::Owner, vec![("13899999999".to_owned(), None)]).await.unwrap();
        assert_eq!(homes, [None]);
        for b in [a, b] {
            b.close().await;
        }
    }

    async fn nobody_is_moved_from_a_node_that_came_a_moment_ago(w: &World) {
        many_owners(w, 20).await;
        let a = node(w, "a", 100).await;
        // It knows the nodes from just now.
        nodes::live(&a).await.unwrap();
        let b = node(w, "b", 1).await;
        w.sql("UPDATE owners SET node = 'b'").await;
        assert_eq!(hosts(&a, 20).await, vec!["b.example"; 20]);
        for b in [a, b] {
            b.close().await;
        }
    }

    async fn a_node_that_was_not_heard_of_for_a_month_is_forgotten(w: &World) {
        let (a, b) = (node(w, "a", 100).await, node(w, "b", 100).await);
        w.pass(30 * DAY - 1);
        assert_eq!(nodes::beat(&a).await.unwrap(), Beat::Written);
        w.b.sweep().await.unwrap();
        assert_eq!(nodes::list(&w.b, &Actor::Cli).await.unwrap().len(), 2);
        w.pass(1);
        w.b.sweep().await.unwrap();
        let left = nodes::list(&w.b, &Actor::Cli).await.unwrap();
        assert_eq!(left.into_iter().map(|node| node.name).collect::<Vec<_>>(), [named("a")]);
        for b in [a, b] {
            b.close().await;
        }
    }

    async fn two_nodes_that_are_asked_at_once_answer_the_same_while_others_come(w: &World) {
        const COUNT: usize = 120;
        many_owners(w, COUNT).await;
        let (a, b) = (node(w, "a", 100).await, node(w, "b", 100).await);
        let coming = async {
            let c = node(w, "c", 300).await;
            let d = node(w, "d", 300).await;
            [c, d]
        };
        let (mut of_a, mut of_b, others) = futures::join!(hosts(&a, COUNT), hosts(&b, COUNT), coming);
        assert_eq!(of_a, of_b);
        // And while one goes: those who were not there are not moved, and nobody is at two places.
        let (_stopped, one, other) = futures::join!(nodes::stop(&a), hosts(&b, COUNT), hosts(&others[0], COUNT));
        nodes::refresh(&b);
        let after = hosts(&b, COUNT).await;
        for answers in [one, other] {
            for ((before, during), after) in of_a.iter().zip(&answers).zip(&after) {
                assert!(during == after || (before == "a.example" && during == before));
                assert!(before == "a.example" || before == after);
                assert_ne!(after, "a.example");
            }
        }
        (of_a, of_b) = (hosts(&others[1], COUNT).await, after);
        assert_eq!(of_a, of_b);
        for b in others.into_iter().chain([a, b]) {
            b.close().await;
        }
    }

    async fn two_thousand_guards_have_their_nodes_in_one_answer(w: &World) {
        let owner = w.owner("13800000001").await;
        many_guards(w, &owner, 2_000).await;
        let (a, b) = (node(w, "a", 100).await, node(w, "b", 100).await);
        let of_a = directory::guard_hosts(&a, &owner, "reached").await.unwrap();
        assert_eq!(of_a.len(), 2_000);
        assert!(of_a.is_sorted());
        let of_b = directory::guard_hosts(&b, &owner, "reached").await.unwrap();
        assert_eq!(of_a, of_b);
        // One by one as well, whichever node is asked.
        for (guard, host) in &of_a[..20] {
            for node in [&a, &b] {
                assert_eq!(directory::guard_host(node, &owner, "reached", guard).await.as_ref(), Ok(host));
            }
        }
        // What one of them holds moves as one, too.
        nodes::drain(&w.b, &Actor::Cli, &named("a")).await.unwrap();
        nodes::refresh(&b);
        let all = directory::guard_hosts(&b, &owner, "reached").await.unwrap();
        assert!(all.iter().all(|(_, host)| host == "b.example"));
        assert_eq!(info(w, "b").await.guards, 2_000);
        for b in [a, b] {
            b.close().await;
        }
    }

    async fn a_new_owner_stays_where_sign_1_sent_them(w: &World) {
        let (a, b) = (node(w, "a", 100).await, node(w, "b", 100).await);
        let caller = Caller { address: "192.0.2.7", reached: "reached.example" };
        let mut sent = Vec::new();
        for index in 0..10 {
            let new = phone(&number(index));
            let host = directory::allocate_owner(&a, caller, &new).await.unwrap();
            assert_eq!(directory::allocate_owner(&b, caller, &new).await.unwrap(), host);
            let (name, password) = (OwnerName::parse("张").unwrap(), OwnerPassword::parse("correct horse").unwrap());
            owners::register(&b, "192.0.2.7", Registrant { name: &name, phone: &new, password: &password, imei: None, code: None }).await.unwrap();
            sent.push(host);
        }
        let c = node(w, "c", 1_000).await;
        for b in [&a, &b, &c] {
            nodes::refresh(b);
            assert_eq!(hosts(b, 10).await, sent);
        }
        for b in [a, b, c] {
            b.close().await;
        }
    }

    async fn a_guard_that_is_there_and_has_no_node_gets_one(w: &World) {
        let (a, b) = (node(w, "a", 100).await, node(w, "b", 100).await);
        w.import(&["G1", "G2", "G3", "G4", "G5", "G6"]).await;
        let mut links = Vec::new();
        for guard in ["G1", "G2", "G3", "G4", "G5", "G6"] {
            links.push(link::connected(&a, &hello(guard, None)).await.unwrap());
        }
        nodes::beat(&a).await.unwrap();
        let (at_a, at_b) = (info(w, "a").await, info(w, "b").await);
        assert_eq!((at_a.linked, at_a.guards + at_b.guards), (6, 6));
        let ids: Vec<_> = links.iter().map(|link| link.guard_id().clone()).collect();
        let elsewhere = nodes::elsewhere(&a, &ids).await.unwrap();
        assert_eq!(elsewhere.len() as u64, at_b.guards);
        assert!(elsewhere.iter().all(|(_, host)| host.as_str() == "b.example:2017"));
        // At the end all of them belong elsewhere, but nobody is sent to where nobody is.
        nodes::stop(&a).await;
        assert_eq!(nodes::elsewhere(&a, &ids).await.unwrap().len(), 6);
        nodes::stop(&b).await;
        nodes::refresh(&a);
        assert_eq!(nodes::elsewhere(&b, &[id("G1"), id("G9")]).await.unwrap(), []);
        drop(links);
        for b in [a, b] {
            b.close().await;
        }
    }

    async fn a_node_without_a_host_is_where_the_caller_is(w: &World) {
        many_owners(w, 3).await;
        assert_eq!(host_of(&w.b, 0).await, "reached.example", "no process is a node");
        nodes::register(&w.b).await.unwrap();
        assert_eq!(hosts(&w.b, 3).await, vec!["reached.example"; 3]);
        assert_eq!(info(w, "node").await.owners, 3);
        assert!(info(w, "node").await.here);
        w.pass(DEAD_AFTER);
        assert_eq!(host_of(&w.b, 0).await, "reached.example", "and when it slept for a while");
    }

    async fn nodes_are_an_operators_business(w: &World) {
        let a = node(w, "a", 100).await;
        for (number, role) in [("01000000002", Role::Staff), ("13800000001", Role::Owner)] {
            let who = Actor::from(&w.person(number, role, None).await);
            let refused = Err(Refusal::NotYours);
            assert_eq!(nodes::list(&w.b, &who).await.map(|_| ()), refused);
            assert_eq!(nodes::drain(&w.b, &who, &named("a")).await, refused);
            assert_eq!(nodes::undrain(&w.b, &who, &named("a")).await, refused);
            assert_eq!(nodes::remove(&w.b, &who, &named("a")).await, refused);
            assert_eq!(nodes::balance(&w.b, &who).await.map(|_| ()), refused);
        }
        let operator = Actor::from(&w.operator().await);
        nodes::drain(&w.b, &operator, &named("a")).await.unwrap();
        assert_eq!(nodes::list(&w.b, &operator).await.unwrap().len(), 1);
        a.close().await;
    }
}

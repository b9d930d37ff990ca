//! Nodes: equal processes over one database, and which of them somebody is sent to (SPEC 4.5).
//!
//! An owner or a guard stays where it was sent while that node lives. Who has no node, or one that is gone, goes to the one that weighted
//! rendezvous hashing names: every node finds the same one without asking the others, and when a node goes only what was there moves.

use crate::error::Problem;
use crate::ids::Millis;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// A node says this often that it is there.
pub const HEARTBEAT_MS: i64 = 3_000;

/// A node that did not say so for this long is dead.
pub const DEAD_AFTER_MS: i64 = 15_000;

/// A node whose clock is this far from the database's is named in its log.
pub const CLOCK_WARNED_MS: i64 = 2_000;

/// A node's clock that is further from the database's than this is not reckoned with: it must be put right.
pub const MOST_CLOCK_OFFSET_MS: i64 = 3_600_000;

/// What a node weighs unless it says otherwise.
pub const USUAL_WEIGHT: u32 = 100;

/// Most a node may weigh.
pub const MOST_WEIGHT: u32 = 1_000;

/// What a node is called: 1 to 64 printable ASCII characters without spaces.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct NodeName(String);

impl TryFrom<String> for NodeName {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        Self::parse(&text).ok_or(Problem::Form)
    }
}

impl NodeName {
    /// `None` for what is no name.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// The name made of what a machine or a host is called; `node` where that is nothing.
    pub fn of(text: &str) -> Self {
        let name: String = text.chars().filter(char::is_ascii_graphic).take(64).collect();
        Self::parse(&name).unwrap_or_else(|| Self("node".to_owned()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The host under which others reach a node, with a port where one was given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host(String);

impl Host {
    /// Cuts off scheme and path; `None` where nothing is left.
    pub fn parse(address: &str) -> Option<Self> {
        let rest = address.trim();
        let rest = rest.split_once("://").map_or(rest, |(_, rest)| rest);
        let rest = rest.split('/').next().unwrap_or(rest);
        (!rest.is_empty()).then(|| Self(rest.to_owned()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without port, as messages have it.
    pub fn bare(&self) -> &str {
        match self.port_at() {
            Some(colon) => &self.0[..colon],
            None => &self.0,
        }
    }

    /// As a guard is told it: an address of IPv6 in brackets, so that a port can follow.
    pub fn in_brackets(&self) -> String {
        if self.0.starts_with('[') || self.0.matches(':').count() < 2 {
            self.0.clone()
        } else {
            format!("[{}]", self.0)
        }
    }

    fn port_at(&self) -> Option<usize> {
        let end_of_brackets = self.0.rfind(']').unwrap_or(0);
        // Without brackets several colons are an address of IPv6 and no port.
        self.0
            .rfind(':')
            .filter(|colon| *colon > end_of_brackets && (end_of_brackets > 0 || self.0.matches(':').count() == 1))
    }
}

/// A node, as its row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is called.
    pub name: NodeName,
    /// Where it is reached; `None`: by whatever host a caller used.
    pub host: Option<Host>,
    /// How much of the whole it takes, beside the others'.
    pub weight: u32,
    /// An operator sends everybody elsewhere.
    pub draining: bool,
    /// It ended as it should.
    pub stopped: bool,
    /// When it last said that it is there.
    pub seen_at: Millis,
}

/// How a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// It is there for everybody.
    Live,
    /// It is there, and sends everybody elsewhere.
    Draining,
    /// Nothing was heard of it for too long.
    Dead,
    /// It ended as it should.
    Stopped,
}

impl Condition {
    /// Does somebody answer there?
    pub fn is_alive(self) -> bool {
        matches!(self, Self::Live | Self::Draining)
    }
}

impl Node {
    /// How it is at this time.
    pub fn condition(&self, now: Millis) -> Condition {
        if self.stopped {
            Condition::Stopped
        } else if now.since(self.seen_at) >= DEAD_AFTER_MS {
            Condition::Dead
        } else if self.draining {
            Condition::Draining
        } else {
            Condition::Live
        }
    }
}

/// Where somebody belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// Where they are.
    Here(&'a Node),
    /// Here from now on.
    Moves(&'a Node),
    /// Nobody lives who could take them; this is where they were, where that is known.
    Nowhere(Option<&'a Node>),
}

/// Where `key` (a phone number, a bar code) belongs that was sent to the node of name `at` before.
pub fn place<'a>(nodes: &'a [Node], now: Millis, key: &str, at: Option<&str>) -> Place<'a> {
    let before = at.and_then(|name| nodes.iter().find(|node| node.name.as_str() == name));
    let condition = before.map(|node| node.condition(now));
    if let (Some(node), Some(Condition::Live)) = (before, condition) {
        return Place::Here(node);
    }
    if let Some(node) = choose(nodes, now, key) {
        return Place::Moves(node);
    }
    match (before, condition) {
        // All of them drain: better there than nowhere.
        (Some(node), Some(Condition::Draining)) => Place::Here(node),
        _ => Place::Nowhere(before),
    }
}

/// The live node that rendezvous hashing names for `key`; `None` where none lives. Nodes get shares as they weigh, and of two sets of nodes
/// the choice differs only for what one of them would give to a node the other lacks.
pub fn choose<'a>(nodes: &'a [Node], now: Millis, key: &str) -> Option<&'a Node> {
    nodes
        .iter()
        .filter(|node| node.condition(now) == Condition::Live && node.weight > 0)
        .map(|node| (score(node, key), node))
        // Names break a tie, so that the order of rows never decides.
        .min_by(|(a, one), (b, other)| a.total_cmp(b).then_with(|| one.name.cmp(&other.name)))
        .map(|(_, node)| node)
}

/// When a node with this weight would ring first for this key: of independent exponential clocks the first is each one's with a
/// probability that is its share of the sum of their rates.
fn score(node: &Node, key: &str) -> f64 {
    let mut hash = Sha256::new();
    hash.update((node.name.as_str().len() as u64).to_be_bytes());
    hash.update(node.name.as_str());
    hash.update(key);
    let digest = hash.finalize();
    let head = digest
        .iter()
        .take(8)
        .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    let uniform = ((head >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    -uniform.ln() / f64::from(node.weight)
}

/// A node as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeInfo {
    /// What it is called.
    pub name: NodeName,
    /// Where it is reached; `None`: by whatever host a caller used.
    pub host: Option<Host>,
    /// How much of the whole it takes.
    pub weight: u32,
    /// How it is.
    pub condition: Condition,
    /// An operator sends everybody elsewhere; this stays when the node ends.
    pub drained: bool,
    /// When it started.
    pub started_at: Millis,
    /// When it last said that it is there.
    pub seen_at: Millis,
    /// Owners that are sent there.
    pub owners: u64,
    /// Guards that are sent there.
    pub guards: u64,
    /// Guards that were linked there at its last report.
    pub linked: u64,
    /// It is the one that answers.
    pub here: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Millis = Millis(1_800_000_000_000);

    fn node(name: &str, weight: u32) -> Node {
        Node {
            name: NodeName::parse(name).unwrap(),
            host: None,
            weight,
            draining: false,
            stopped: false,
            seen_at: NOW,
        }
    }

    fn nodes(weights: &[u32]) -> Vec<Node> {
        (0..)
            .zip(weights)
            .map(|(number, weight): (u32, _)| node(&format!("node-{number}.example"), *weight))
            .collect()
    }

    fn keys(count: u32) -> impl Iterator<Item = String> {
        (0..count).map(|number| format!("138{number:08}"))
    }

    fn chosen(nodes: &[Node], key: &str) -> String {
        choose(nodes, NOW, key).unwrap().name.to_string()
    }

    #[test]
    fn scheme_path_and_port_are_cut_off() {
        for (given, bare, told) in [
            ("locker.example", "locker.example", "locker.example"),
            ("locker.example:3000", "locker.example", "locker.example:3000"),
            ("https://locker.example:2017/x", "locker.example", "locker.example:2017"),
            ("192.0.2.7:2017", "192.0.2.7", "192.0.2.7:2017"),
            ("[2001:db8::1]:2017", "[2001:db8::1]", "[2001:db8::1]:2017"),
            ("[2001:db8::1]", "[2001:db8::1]", "[2001:db8::1]"),
            ("2001:db8::1", "2001:db8::1", "[2001:db8::1]"),
        ] {
            let host = Host::parse(given).unwrap();
            assert_eq!((host.bare(), host.in_brackets().as_str()), (bare, told), "{given}");
        }
        assert_eq!((Host::parse(""), Host::parse("http:///x")), (None, None));
    }

    #[test]
    fn a_name_is_short_and_printable() {
        assert_eq!(NodeName::of("북 쪽 north").as_str(), "north");
        assert_eq!(NodeName::of("  ").as_str(), "node");
        assert!(
            NodeName::parse("a b").is_none()
                && NodeName::parse("").is_none()
                && NodeName::parse(&"x".repeat(65)).is_none()
        );
    }

    #[test]
    fn a_node_is_dead_after_fifteen_seconds_and_not_before() {
        let node = node("a", 1);
        assert_eq!(node.condition(NOW.plus(14_999)), Condition::Live);
        assert_eq!(node.condition(NOW.plus(15_000)), Condition::Dead);
        // The caller's clock may be a little behind.
        assert_eq!(node.condition(NOW.plus(-5_000)), Condition::Live);
        let draining = Node {
            draining: true,
            ..node.clone()
        };
        assert_eq!(draining.condition(NOW), Condition::Draining);
        assert_eq!(draining.condition(NOW.plus(15_000)), Condition::Dead);
        assert_eq!(
            Node {
                stopped: true,
                ..draining
            }
            .condition(NOW),
            Condition::Stopped
        );
    }

    #[test]
    fn one_stays_while_the_node_is_there_for_everybody() {
        let mut all = nodes(&[1, 1_000, 1_000]);
        let at = Some("node-0.example");
        let stays = |all: &[Node]| matches!(place(all, NOW, "1", at), Place::Here(node) if node.name == all[0].name);
        assert!(stays(&all));
        all[0].draining = true;
        assert!(matches!(place(&all, NOW, "1", at), Place::Moves(node) if node.name != all[0].name));
        (all[1].stopped, all[2].stopped) = (true, true);
        assert!(stays(&all), "it drains, and there is no other");
        assert!(matches!(place(&all, NOW, "1", None), Place::Nowhere(None)));
        all[0].seen_at = NOW.plus(-DEAD_AFTER_MS);
        assert_eq!(place(&all, NOW, "1", at), Place::Nowhere(Some(&all[0])));
        assert_eq!(place(&all, NOW, "1", Some("gone")), Place::Nowhere(None));
        assert_eq!(place(&[], NOW, "1", at), Place::Nowhere(None));
    }

    /// With 20,000 keys the share of a node strays from its weight's by less than 0.4 % of the whole (one standard deviation); five of them
    /// are allowed.
    #[test]
    fn shares_are_as_weights() {
        const COUNT: u32 = 20_000;
        for weights in [&[100, 100, 100][..], &[100, 200], &[1, 3, 6], &[50; 10], &[1_000, 1]] {
            let all = nodes(weights);
            let whole: u32 = weights.iter().sum();
            let names: Vec<String> = keys(COUNT).map(|key| chosen(&all, &key)).collect();
            for node in &all {
                let got = names.iter().filter(|name| **name == node.name.as_str()).count() as f64 / f64::from(COUNT);
                let due = f64::from(node.weight) / f64::from(whole);
                assert!((got - due).abs() < 0.02, "{weights:?} {}: {got} of {due}", node.name);
            }
        }
    }

    #[test]
    fn the_choice_is_the_same_for_ever() {
        let all = nodes(&[100, 100, 300]);
        let names: Vec<String> = keys(6).map(|key| chosen(&all, &key)).collect();
        // What is written here was chosen once, and rows of real deployments were written by it.
        assert_eq!(names, RECORDED.map(|number| format!("node-{number}.example")));
    }

    const RECORDED: [u32; 6] = [2, 2, 2, 2, 1, 2];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn only_what_was_at_the_node_that_goes_moves(
            weights in prop::collection::vec(1_u32..=MOST_WEIGHT, 2..8), gone in any::<prop::sample::Index>(), how in 0..3,
        ) {
            let all = nodes(&weights);
            let gone = gone.index(all.len());
            let mut left = all.clone();
            match how {
                0 => left[gone].seen_at = NOW.plus(-DEAD_AFTER_MS),
                1 => left[gone].draining = true,
                _ => { left.remove(gone); }
            }
            for key in keys(200) {
                let (before, after) = (chosen(&all, &key), chosen(&left, &key));
                if before == all[gone].name.as_str() {
                    prop_assert_ne!(before, after);
                } else {
                    prop_assert_eq!(before, after);
                }
            }
        }

        #[test]
        fn every_node_finds_the_same_in_whatever_order_it_reads_them(
            weights in prop::collection::vec(1_u32..=MOST_WEIGHT, 1..8), turn in any::<prop::sample::Index>(), key in "\\PC{0,20}",
        ) {
            let all = nodes(&weights);
            let mut turned = all.clone();
            turned.rotate_left(turn.index(all.len()));
            prop_assert_eq!(chosen(&all, &key), chosen(&turned, &key));
            turned.reverse();
            prop_assert_eq!(chosen(&all, &key), chosen(&turned, &key));
        }

        #[test]
        fn more_weight_never_takes_anything_away(
            weights in prop::collection::vec(1_u32..MOST_WEIGHT, 1..8), heavier in any::<prop::sample::Index>(), key in "[0-9]{1,11}",
        ) {
            let all = nodes(&weights);
            let mut more = all.clone();
            let heavier = heavier.index(all.len());
            more[heavier].weight += 1;
            let (before, after) = (chosen(&all, &key), chosen(&more, &key));
            prop_assert!(before == after || after == all[heavier].name.as_str());
        }
    }
}

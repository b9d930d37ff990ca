//! A phone, its storage, a network and a server, none of which is to be relied on.

use domain::ids::Millis;
use domain::outbox::{Answer, Decision, Effect, Input, Key, Kind, NotTaken, Outbox, State, Told, Work};
use std::collections::{BTreeMap, VecDeque};

/// The server keeps results of one-use keys for this long, and of each person the newest of this number.
pub const KEPT_MS: i64 = 24 * 3_600_000;
pub const KEPT_OF_ONE: usize = 100;
/// The one value of a correction.
const VERSION: &str = "version";
pub const START: Millis = Millis(1_772_409_600_000);

/// A request on its way, and what becomes of it.
struct Request {
    key: Key,
    arrives: Millis,
    answer_is_lost: bool,
    /// An answer that came comes to the page that asked, which may have been killed.
    page: u64,
    asks: bool,
    correction: Option<Correction>,
}

/// A correction, and which version of what it corrects the person saw.
struct Correction {
    of: String,
    seen: u64,
}

#[derive(Default)]
pub struct Server {
    /// How often the work of each key was done.
    pub effects: BTreeMap<Key, u32>,
    /// In the order in which they were done.
    pub order: Vec<Key>,
    kept: VecDeque<(Key, Millis)>,
    /// Refuses the next requests for these, until the person decides.
    pub refuses: BTreeMap<Key, u32>,
    /// Cannot decide these yet, for this number of requests.
    pub unheard: BTreeMap<Key, u32>,
    pub fails: u32,
    pub signed_in: bool,
    /// How often each thing was corrected, by anybody.
    pub versions: BTreeMap<String, u64>,
}

impl Server {
    fn version(&self, of: &str) -> u64 {
        self.versions.get(of).copied().unwrap_or_default()
    }

    fn receive(&mut self, key: &Key, correction: Option<&Correction>, now: Millis) -> Answer {
        self.kept.retain(|(_, at)| now.since(*at) < KEPT_MS);
        if self.kept.iter().any(|(kept, _)| kept == key) {
            return Answer::Done;
        }
        if !self.signed_in {
            return Answer::SignedOut;
        }
        if let Some(left) = self.unheard.get_mut(key).filter(|left| **left > 0) {
            *left -= 1;
            return Answer::NotYet {
                reason: "kiosk-not-heard".to_owned(),
            };
        }
        if let Some(left) = self.refuses.get_mut(key).filter(|left| **left > 0) {
            *left -= 1;
            return Answer::Refused {
                reason: "order-status".to_owned(),
                theirs: Some("C".to_owned()),
                values: BTreeMap::new(),
            };
        }
        if let Some(Correction { of, seen }) = correction {
            let version = self.version(of);
            if version != *seen {
                return Answer::Refused {
                    reason: "changed".to_owned(),
                    theirs: None,
                    values: BTreeMap::from([(VERSION.to_owned(), version.to_string())]),
                };
            }
            self.versions.insert(of.clone(), version + 1);
        }
        *self.effects.entry(key.clone()).or_default() += 1;
        self.order.push(key.clone());
        self.kept.push_back((key.clone(), now));
        while self.kept.len() > KEPT_OF_ONE {
            self.kept.pop_front();
        }
        Answer::Done
    }
}

pub struct World {
    pub outbox: Outbox,
    /// What the phone has stored.
    pub stored: String,
    pub now: Millis,
    pub server: Server,
    pub network: bool,
    /// Every entry that was confirmed to the person, oldest first.
    pub promised: Vec<Key>,
    pub discarded: Vec<Key>,
    /// Corrections in whose place the person sent others.
    replaced: BTreeMap<Key, Key>,
    pub asked: u32,
    on_its_way: Vec<Request>,
    page: u64,
    made: u64,
    /// Decides what is lost; consumed bit by bit.
    pub luck: u64,
}

impl World {
    pub fn new() -> Self {
        let outbox = Outbox::default();
        Self {
            stored: outbox.to_text(),
            outbox,
            now: START,
            server: Server {
                signed_in: true,
                ..Server::default()
            },
            network: true,
            promised: Vec::new(),
            discarded: Vec::new(),
            replaced: BTreeMap::new(),
            asked: 0,
            on_its_way: Vec::new(),
            page: 0,
            made: 0,
            luck: 0,
        }
    }

    fn unlucky(&mut self) -> bool {
        let bit = self.luck & 1 == 1;
        self.luck = self.luck.rotate_right(1);
        bit
    }

    pub fn key(&self, number: usize) -> Option<Key> {
        let entries = self.outbox.entries();
        (!entries.is_empty()).then(|| entries[number % entries.len()].key.clone())
    }

    fn fresh_key(&mut self) -> Key {
        self.made += 1;
        Key(format!("key {}", self.made))
    }

    /// A page takes something in. `storage`: whether the phone can store it.
    pub fn adds(&mut self, kind: Kind, about: &str, after: Option<Key>, storage: bool) -> Result<Key, NotTaken> {
        let key = self.fresh_key();
        let body = match kind {
            Kind::Correction => self.server.version(about).to_string(),
            _ => format!("body of {}", self.made),
        };
        let work = Work {
            kind,
            about: about.to_owned(),
            body,
            after,
        };
        let before = self.outbox.clone();
        let effects = self.outbox.add(work, key.clone(), self.now, None)?;
        if !storage {
            // It could not be stored: the step was not taken, and the person is told.
            self.outbox = before;
            return Err(NotTaken::Full);
        }
        self.stored = self.outbox.to_text();
        self.promised.push(key.clone());
        self.act(&effects);
        Ok(key)
    }

    /// One step with a state that is stored before anything is done about it.
    pub fn does(&mut self, input: Input) -> Vec<Effect> {
        let effects = self.outbox.step(input, self.now);
        self.stored = self.outbox.to_text();
        self.act(&effects);
        effects
    }

    fn act(&mut self, effects: &[Effect]) {
        for effect in effects {
            let (key, asks) = match effect {
                Effect::Send(key) => (key.clone(), false),
                Effect::Ask(key) => (key.clone(), true),
                _ => continue,
            };
            self.asked += u32::from(asks);
            let request_is_lost = self.unlucky();
            let answer_is_lost = self.unlucky();
            let late = if self.unlucky() { 90_000 } else { 10 };
            if !self.network || request_is_lost {
                let lost = if asks {
                    Input::Told {
                        key,
                        done: Told::NotAsked,
                    }
                } else {
                    Input::Answered {
                        key,
                        answer: Answer::Lost,
                    }
                };
                self.later(lost);
                continue;
            }
            let entry = self.outbox.entry(&key);
            let correction = entry.filter(|entry| entry.kind == Kind::Correction);
            let correction = correction.map(|entry| Correction {
                of: entry.about.clone(),
                seen: entry.body.parse().unwrap(),
            });
            self.on_its_way.push(Request {
                correction,
                key,
                arrives: self.now.plus(late),
                answer_is_lost,
                page: self.page,
                asks,
            });
        }
    }

    /// A request that fails at once is told in the next step.
    fn later(&mut self, input: Input) {
        let effects = self.outbox.step(input, self.now);
        self.stored = self.outbox.to_text();
        assert!(effects.iter().all(|effect| !matches!(effect, Effect::Confirmed(_))));
        self.act(&effects);
    }

    /// Time passes; what is on its way arrives.
    pub fn waits(&mut self, millis: i64) {
        self.now = self.now.plus(millis);
        let now = self.now;
        let (arrived, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.on_its_way)
            .into_iter()
            .partition(|request| request.arrives <= now);
        self.on_its_way = rest;
        for request in arrived {
            self.arrives(request);
        }
        self.does(Input::Tick);
    }

    fn arrives(&mut self, request: Request) {
        // What arrives late did so when it was due, not when anybody looked.
        let input = if request.asks {
            let done = self.server.effects.contains_key(&request.key);
            Input::Told {
                key: request.key,
                done: if done { Told::Done } else { Told::NotDone },
            }
        } else {
            let answer = if self.server.fails > 0 {
                self.server.fails -= 1;
                Answer::Failed { wait_ms: None }
            } else {
                let correction = request.correction.as_ref();
                self.server.receive(&request.key, correction, request.arrives)
            };
            Input::Answered {
                key: request.key,
                answer,
            }
        };
        if request.page == self.page && !request.answer_is_lost {
            self.does(input);
        }
    }

    /// The browser kills the page, perhaps between storing a step and acting on it, and it is opened again.
    pub fn is_killed_in(&mut self, input: Option<Input>) {
        if let Some(input) = input {
            let _nobody_acts = self.outbox.step(input, self.now);
            self.stored = self.outbox.to_text();
        }
        self.page += 1;
        self.outbox = Outbox::from_text(&self.stored).unwrap();
        self.does(Input::Started);
    }

    pub fn decides(&mut self, key: &Key, decision: Decision) {
        let was_conflict = self.outbox.conflicts().any(|entry| entry.key == *key);
        self.does(Input::Decided {
            key: key.clone(),
            decision: decision.clone(),
        });
        match decision {
            Decision::Discard if was_conflict => self.discarded.push(key.clone()),
            Decision::Instead { key: chosen, .. } if self.outbox.entry(key).is_none() => {
                self.replaced.insert(key.clone(), chosen);
            }
            _ => {}
        }
    }

    /// What the person chooses after they saw the values of the server; where it told none, the same again.
    pub fn chosen(&mut self, key: &Key) -> Decision {
        let entry = self.outbox.entry(key).map(|entry| &entry.state);
        let version = match entry {
            Some(State::Conflict(conflict)) => conflict.values.get(VERSION).cloned(),
            _ => None,
        };
        version.map_or(Decision::Again, |body| Decision::Instead {
            key: self.fresh_key(),
            body,
        })
    }

    /// The key under which it is now.
    pub fn now_under<'k>(&'k self, mut key: &'k Key) -> &'k Key {
        while let Some(chosen) = self.replaced.get(key) {
            key = chosen;
        }
        key
    }

    /// Everything works from now on.
    pub fn all_is_well(&mut self) {
        (self.network, self.luck, self.server.fails, self.server.signed_in) = (true, 0, 0, true);
        self.server.refuses.clear();
        self.server.unheard.clear();
        self.does(Input::Online);
        self.does(Input::SignedIn);
        for _ in 0..2_000 {
            if self.outbox.unsent() == 0 {
                return;
            }
            let conflicts: Vec<Key> = self.outbox.conflicts().map(|entry| entry.key.clone()).collect();
            for key in conflicts {
                let decision = self.chosen(&key);
                self.decides(&key, decision);
            }
            self.waits(61_000);
        }
    }

    /// What must hold in the end.
    pub fn check(&self) {
        for (key, times) in &self.server.effects {
            assert_eq!(*times, 1, "{key:?} was doubled");
        }
        for key in &self.promised {
            let key = self.now_under(key);
            let done = self.server.effects.contains_key(key);
            let kept = self.outbox.entry(key).is_some();
            let discarded = self.discarded.contains(key);
            assert!(done || kept || discarded, "{key:?} was lost");
        }
    }
}

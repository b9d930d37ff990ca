//! All 26 messages as they were recorded, byte for byte: `conversation.txt` says what was said and what was answered.

use crate::harness::World;
use crate::sign_rig::read;
use backend::clock::Rng;
use backend::guard::link::Session;
use domain::guard::grants::{Key, Reason};
use domain::guard::ids::{CardNumb, ServiceNumb};
use domain::guard::link::{Attempt, Happening, Record};
use domain::ids::Millis;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

on_every_engine! { the_recorded_conversation_is_held_again }

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sign/conversation.txt");
/// 2026-03-02 17:00 in Shanghai.
const START: Millis = Millis(1_772_442_000_000);

/// Makes everything that is random the same at every time, in whatever order it is asked for.
struct Seven;

impl Rng for Seven {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// What happens beside the messages.
struct Stage<'a> {
    world: &'a World,
    guards: HashMap<String, (Session, i64)>,
}

impl Stage<'_> {
    async fn act(&mut self, words: &[&str]) {
        match words {
            ["device", guard, "code", code] => self.connect(guard, Some(code)).await,
            ["device", guard] => self.connect(guard, None).await,
            ["minutes", minutes] => self.world.clock.forward_minutes(minutes.parse().unwrap()),
            ["agrees", junior, superior] => {
                self.world.agrees(junior, superior).await;
            }
            ["opened", guard, "password", number] => self.opened(guard, password(), grant(number)).await,
            ["opened", guard, "card", card, number] => self.opened(guard, self::card(card), grant(number)).await,
            ["opened", guard, "default", number] => {
                let key = Key::DefaultPassword {
                    number: number.parse().unwrap(),
                };
                self.opened(guard, password(), key).await;
            }
            ["refused", guard] => {
                let what = Happening::Refused {
                    attempt: password(),
                    reason: Reason::UnknownPassword,
                    service_numb: None,
                };
                self.happened(guard, what).await;
            }
            other => panic!("{other:?}"),
        }
    }

    async fn connect(&mut self, guard: &str, code: Option<&str>) {
        let session = self.world.device(guard, code).await;
        self.guards.insert(guard.to_owned(), (session, 0));
    }

    async fn opened(&mut self, guard: &str, attempt: Attempt, key: Key) {
        self.happened(guard, Happening::Opened { attempt, key }).await;
    }

    async fn happened(&mut self, guard: &str, what: Happening) {
        let (session, seq) = self.guards.get_mut(guard).unwrap();
        *seq += 1;
        let record = Record {
            seq: *seq,
            at: self.world.now(),
            uncertainty_ms: Some(500),
            what,
        };
        assert_eq!(session.store_records(&[record]).await.unwrap(), *seq);
    }
}

fn grant(number: &str) -> Key {
    Key::Grant {
        service_numb: ServiceNumb::parse(number).unwrap(),
    }
}

fn password() -> Attempt {
    Attempt::Password {
        masked: "******".to_owned(),
    }
}

fn card(number: &str) -> Attempt {
    Attempt::Card {
        card_numb: Some(CardNumb::parse(number).unwrap()),
        dn_code: None,
    }
}

async fn the_recorded_conversation_is_held_again(world: World) {
    let world = world
        .apart(START, |config| {
            config.rng = Arc::new(Seven);
            config.advertise = Some("guard.example".to_owned());
        })
        .await;
    let recorded = std::fs::read_to_string(FILE).unwrap();
    let mut stage = Stage {
        world: &world,
        guards: HashMap::new(),
    };
    let (mut held, mut tokens, mut signs) = (String::new(), HashMap::new(), BTreeSet::new());
    for line in recorded.lines().filter(|line| !line.starts_with("< ")) {
        held += &format!("{line}\n");
        if let Some(words) = line.strip_prefix("! ") {
            stage.act(&words.split(' ').collect::<Vec<_>>()).await;
        }
        let Some(said) = line.strip_prefix("> ") else { continue };
        let asked: Value = serde_json::from_str(said).unwrap();
        let whose = asked["ownerPhoneNumber"].as_str().unwrap_or_default().to_owned();
        let mut sent = said.to_owned();
        for (name, token) in &tokens {
            sent = sent.replace(&format!("\"@{name}\""), &format!("\"{token}\""));
        }
        let answer = world.raw(sent).await;
        let reply = read(&answer);
        if let Some(token) = reply["token"].as_str() {
            tokens.insert(whose, token.to_owned());
        }
        signs.extend(asked["sign"].as_u64());
        held += &format!("< {}\n", answer.text());
    }
    assert!((1..=26).all(|sign| signs.contains(&sign)), "{signs:?}");
    if std::env::var_os("LATCHKEY_RECORD").is_some() {
        std::fs::write(FILE, &held).unwrap();
    }
    for (number, (was, is)) in recorded.lines().zip(held.lines()).enumerate() {
        assert_eq!(is, was, "line {}", number + 1);
    }
    assert_eq!(held.lines().count(), recorded.lines().count());
}

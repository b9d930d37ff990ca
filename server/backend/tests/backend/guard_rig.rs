//! Guards for tests: devices of the inventory that are connected, and owners who have them.

use crate::harness::World;
use backend::guard::guards::{self, Description, GuardInfo, ListedGuard};
use backend::guard::link::{self, Session};
use backend::guard::passwords::{self, NewPassword};
use backend::guard::{cards, inventory};
use backend::{Actor, Backend};
use domain::error::Refusal;
use domain::guard::grants::{Addition, Grant, Grants, Key};
use domain::guard::ids::*;
use domain::guard::link::{Attempt, Change, Happening, Hello, Nonce, Record, Status, ToDevice, Version};
use domain::ids::{Millis, Phone};
use domain::people::Person;

pub const HOUR: i64 = 3_600_000;

pub fn id(text: &str) -> GuardId {
    GuardId::parse(text).unwrap()
}

pub fn number(text: &str) -> ServiceNumb {
    ServiceNumb::parse(text).unwrap()
}

pub fn code(text: &str) -> OpCode {
    OpCode::parse(text).unwrap()
}

pub fn digits(text: &str) -> DoorPassword {
    DoorPassword::parse(text).unwrap()
}

/// Somebody's guards. What sign 12 tells of them is the same, whichever way it is read.
pub async fn guards_of(b: &Backend, who: &Person, of: &Phone) -> Result<Vec<GuardInfo>, Refusal> {
    let all = guards::list(b, who, of).await;
    let listed = all.clone().map(|all| all.into_iter().map(ListedGuard::from).collect());
    assert_eq!(guards::listed(b, who, of).await, listed);
    all
}

pub fn about(name: &str) -> Description {
    Description {
        name: GuardName::parse(name).unwrap(),
        location: GuardLocation::parse("北京市海淀区").unwrap(),
        comment: GuardComment::parse("两行\n备注").unwrap(),
    }
}

pub fn hello(guard_id: &str, op_code: Option<&str>) -> Hello {
    Hello {
        guard_id: id(guard_id),
        nonce: Nonce::generate(&mut |bytes: &mut [u8]| bytes.fill(7)),
        proof: String::new(),
        op_code: op_code.map(code),
        firmware: "1.4.2".to_owned(),
        status: Status::Working,
        version: Version::default(),
        last_record: 0,
        sent: Millis(0),
    }
}

/// A device that knows what it was sent, and nothing else.
pub struct TestGuard {
    pub session: Session,
    pub version: Version,
    pub grants: Grants,
    pub seq: i64,
}

impl TestGuard {
    /// Fetches what it lacks, applies it as devices do, and says so. Answers how many frames came.
    pub async fn catch_up(&mut self) -> usize {
        let frames = self.session.changes_since(self.version).await.unwrap();
        let count = frames.len();
        let mut parts = Vec::new();
        for frame in frames {
            let text = frame.to_json();
            match ToDevice::parse(&text).unwrap() {
                ToDevice::Changes(batch) => {
                    assert_eq!((batch.epoch, batch.from), (self.version.epoch, self.version.number));
                    for change in batch.changes {
                        self.apply(change);
                    }
                    self.version.number = batch.to;
                }
                ToDevice::Snapshot(part) => {
                    parts.extend(part.grants);
                    if part.part == part.parts {
                        self.grants = Grants {
                            owned: part.settings.owned,
                            default_passwords: part.settings.default_passwords,
                            grants: std::mem::take(&mut parts),
                        };
                        self.version = part.version;
                    }
                }
                other => panic!("{other:?}"),
            }
        }
        self.session.acknowledged(self.version);
        count
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Put { grant } => {
                let is_same =
                    |had: &Grant| had.service_numb == grant.service_numb && had.kind.series() == grant.kind.series();
                self.grants.grants.retain(|had| !is_same(had));
                self.grants.grants.push(grant);
            }
            Change::Drop { service_numb, kind, .. } => self
                .grants
                .grants
                .retain(|had| had.service_numb != service_numb || kind.is_some_and(|kind| had.kind.series() != kind)),
            Change::Settings { settings, .. } => {
                self.grants.owned = settings.owned;
                self.grants.default_passwords = settings.default_passwords;
            }
        }
    }

    pub fn live(&self, now: Millis) -> usize {
        self.grants.grants.iter().filter(|grant| grant.is_live(now)).count()
    }

    /// The next record: it opened by this authorisation.
    pub fn opened(&mut self, at: Millis, service_numb: &str) -> Record {
        self.seq += 1;
        by_password(self.seq, at, service_numb)
    }
}

pub fn by_password(seq: i64, at: Millis, service_numb: &str) -> Record {
    let key = Key::Grant {
        service_numb: number(service_numb),
    };
    record(seq, at, key)
}

pub fn record(seq: i64, at: Millis, key: Key) -> Record {
    Record {
        seq,
        at,
        uncertainty_ms: Some(500),
        what: Happening::Opened {
            attempt: Attempt::Password {
                masked: "******".to_owned(),
            },
            key,
        },
    }
}

impl World {
    pub async fn import(&self, guard_ids: &[&str]) {
        let mut file = String::from("guardId,deviceKey\n");
        for guard_id in guard_ids {
            file += &format!("{guard_id},device-key-of-{guard_id}\n");
        }
        let report = inventory::import_csv(&self.b, &Actor::Cli, file.as_bytes())
            .await
            .unwrap();
        assert!(report.errors.is_empty(), "{:?}", report.errors);
    }

    pub async fn connect(&self, hello: &Hello) -> TestGuard {
        TestGuard {
            session: link::connected(&self.b, hello).await.unwrap(),
            version: hello.version,
            grants: Grants::default(),
            seq: hello.last_record,
        }
    }

    /// A device of the inventory that is connected and shows a code.
    pub async fn device(&self, guard_id: &str, op_code: &str) -> TestGuard {
        self.import(&[guard_id]).await;
        self.connect(&hello(guard_id, Some(op_code))).await
    }

    /// The same, and `who` has it.
    pub async fn guard_of(&self, who: &Person, guard_id: &str) -> TestGuard {
        let guard = self.device(guard_id, "123456").await;
        self.add_guard(who, guard_id).await;
        guard
    }

    pub async fn add_guard(&self, who: &Person, guard_id: &str) -> GuardInfo {
        guards::add(&self.b, who, &id(guard_id), &code("123456"), &about("大门"))
            .await
            .unwrap()
    }

    pub fn new_password(&self, service_numb: &str, password: &str) -> NewPassword {
        NewPassword {
            service_numb: number(service_numb),
            password: digits(password),
            from: self.now(),
            until: self.now().plus(HOUR),
        }
    }

    pub fn new_card(&self, service_numb: &str, card_numb: &str) -> cards::NewCard {
        cards::NewCard {
            service_numb: number(service_numb),
            name: CardHolder::parse("赵敏").unwrap(),
            card_numb: CardNumb::parse(card_numb).unwrap(),
            dn_code: DnCode::parse("0A1B2C3D4E5F").unwrap(),
            from: self.now(),
            until: self.now().plus(HOUR),
        }
    }

    pub async fn password(&self, who: &Person, guard_id: &str, service_numb: &str, password: &str) -> Addition {
        let new = self.new_password(service_numb, password);
        passwords::add(&self.b, who, &id(guard_id), new).await.unwrap()
    }

    /// Makes `junior` one of `superior`'s, who agreed.
    pub async fn below(&self, superior: &Person, junior: &Person) {
        let (superior, junior) = (&superior.phone, &junior.phone);
        self.sql(&format!(
            "UPDATE owners SET superior = '{superior}', agreed_at = 1 WHERE phone = '{junior}'"
        ))
        .await;
    }
}

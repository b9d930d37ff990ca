//! What happened at the sample guards: they were mounted and added two weeks ago, people got cards and passwords, and doors were opened
//! every day. The devices report as real ones do.

use super::{DAY_MS, HOUR_MS, MINUTE_MS, Time, person};
use crate::core::db::fault;
use crate::guard::cards::{self, NewCard};
use crate::guard::guards::{self, Description};
use crate::guard::link::{self, Session};
use crate::guard::passwords::{self, NewPassword};
use crate::guard::{inventory, juniors, service_numb, superiors};
use crate::identity::Actor;
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::guard::grants::{Key, Reason};
use domain::guard::ids::{
    CardHolder, CardNumb, DnCode, DoorPassword, GuardComment, GuardId, GuardLocation, GuardName, OpCode, ServiceNumb,
};
use domain::guard::link::{Attempt, Happening, Hello, MAX_RECORDS, Nonce, Record, Status, Version};
use domain::guard::times::{Civil, Zone};
use domain::ids::Millis;
use domain::people::Person;
use std::fmt::Write;

/// A guard of the sample data.
pub struct SampleGuard {
    /// Its number.
    pub guard_id: &'static str,
    /// Its verification code.
    pub code: &'static str,
    /// Whose it is.
    pub owner: Option<&'static str>,
    /// Name, place, remark.
    about: [&'static str; 3],
}

/// The guards of the sample data. The last one has no owner, so that it can be added.
pub const GUARDS: [SampleGuard; 5] = [
    SampleGuard {
        guard_id: "G0001",
        code: "000001",
        owner: Some("13800000001"),
        about: ["总部大门", "北京市海淀区中关村大街1号", "夜间22点后请走侧门"],
    },
    SampleGuard {
        guard_id: "G0002",
        code: "000002",
        owner: Some("13800000002"),
        about: ["一号楼单元门", "北京市朝阳区望京街8号院1号楼", ""],
    },
    SampleGuard {
        guard_id: "G0003",
        code: "000003",
        owner: Some("13800000002"),
        about: ["地下车库", "北京市朝阳区望京街8号院地下一层", "卷帘门，开启需十秒"],
    },
    SampleGuard {
        guard_id: "G0004",
        code: "000004",
        owner: Some("13800000003"),
        about: ["仓库后门", "天津市滨海新区第三大街51号", ""],
    },
    SampleGuard {
        guard_id: "G0005",
        code: "000005",
        owner: None,
        about: ["", "", ""],
    },
];

const TOP: &str = "13800000001";
const BELOW: [&str; 2] = ["13800000002", "13800000003"];

/// Who has a card: guard, name, number on the card, chip.
const CARDS: [(&str, &str, &str, &str); 9] = [
    ("G0001", "王建国", "110101196805120017", "8D3F21A07C55"),
    ("G0001", "刘洋", "110108199003074523", "8D3F21A07C56"),
    ("G0001", "陈静", "320106198811230046", ""),
    ("G0002", "李芳", "110105198207316624", "5B07E4419D20"),
    ("G0002", "赵敏", "110105199512082247", "5B07E4419D21"),
    ("G0002", "孙浩", "370202197709151834", ""),
    ("G0003", "李芳", "110105198207316624", "5B07E4419D20"),
    ("G0004", "张伟", "120107198001019012", "C2916F00AB37"),
    ("G0004", "周磊", "120110199207285536", ""),
];

/// Who has a password: guard, digits, from which to which day (0 is today).
const PASSWORDS: [(&str, &str, i64, i64); 6] = [
    ("G0001", "402918", -13, -6),
    ("G0001", "771350", -2, 30),
    ("G0002", "629047", -9, 1),
    ("G0002", "180563", -13, 60),
    ("G0003", "905216", -5, 12),
    ("G0004", "346802", -12, 7),
];

/// The device key of a guard of the sample data.
pub fn device_key(guard_id: &str) -> String {
    format!("demo-key-{guard_id}")
}

/// Lives through it, and leaves the clock at `end`.
pub(super) async fn live(b: &Backend, time: &Time, end: Millis) -> Result<()> {
    time.set(end.plus(-15 * DAY_MS));
    let mut file = String::from("guardId,deviceKey\n");
    for SampleGuard { guard_id, .. } in GUARDS {
        // Writing to a string cannot fail.
        let _written = writeln!(file, "{guard_id},{}", device_key(guard_id));
    }
    let report = inventory::import_csv(b, &Actor::Cli, file.as_bytes()).await?;
    if let Some(error) = report.errors.first() {
        return Err(error.refusal.clone());
    }
    let top = person(b, TOP).await?;
    for junior in BELOW {
        let junior = person(b, junior).await?;
        let added = juniors::add(b, &top, &junior.phone, None).await;
        added.map_err(|refused| fault(format!("a sample junior was refused: {refused:?}")))?;
        superiors::agree(b, &junior, &top.phone).await?;
    }
    for guard in GUARDS {
        Device::mount(b, time, end, guard).await?;
    }
    time.set(end);
    Ok(())
}

/// A guard that lives through the story.
struct Device<'a> {
    b: &'a Backend,
    time: &'a Time,
    end: Millis,
    guard_id: GuardId,
    session: Session,
    holders: Vec<(ServiceNumb, CardNumb, DnCode)>,
    visitors: Vec<(ServiceNumb, Millis, Millis)>,
    records: Vec<Record>,
    seq: i64,
}

fn text<T>(parsed: std::result::Result<T, domain::error::Problem>) -> Result<T> {
    parsed.map_err(|problem| Refusal::field("sample", problem))
}

impl<'a> Device<'a> {
    async fn mount(b: &'a Backend, time: &'a Time, end: Millis, sample: SampleGuard) -> Result<()> {
        time.set(end.plus(-14 * DAY_MS));
        let guard_id = text(GuardId::parse(sample.guard_id))?;
        let op_code = text(OpCode::parse(sample.code))?;
        let hello = Hello {
            guard_id: guard_id.clone(),
            nonce: Nonce::generate(&mut |bytes: &mut [u8]| b.rng().fill(bytes)),
            proof: String::new(),
            op_code: Some(op_code.clone()),
            firmware: "1.4.2".to_owned(),
            status: Status::Working,
            version: Version::default(),
            last_record: 0,
            sent: b.now(),
        };
        let session = link::connected(b, &hello).await?;
        let Some(owner) = sample.owner else { return Ok(()) };
        let owner = person(b, owner).await?;
        let [name, place, remark] = sample.about;
        let about = Description {
            name: text(GuardName::parse(name))?,
            location: text(GuardLocation::parse(place))?,
            comment: text(GuardComment::parse(remark))?,
        };
        guards::add(b, &owner, &guard_id, &op_code, &about).await?;
        let mut device = Device {
            b,
            time,
            end,
            guard_id,
            session,
            holders: Vec::new(),
            visitors: Vec::new(),
            records: Vec::new(),
            seq: 0,
        };
        device.authorise(&owner).await?;
        for day in -13..=0 {
            device.day(day);
            device.report(day).await?;
        }
        device.learn().await
    }

    /// Cards for a year, passwords for some days each.
    async fn authorise(&mut self, owner: &Person) -> Result<()> {
        let guard_id = self.guard_id.clone();
        for (_, name, card_numb, dn_code) in CARDS.iter().filter(|(at, ..)| *at == guard_id.as_str()) {
            self.time.set(self.end.plus(-14 * DAY_MS + HOUR_MS));
            let new = NewCard {
                service_numb: service_numb(self.b, owner)?,
                name: text(CardHolder::parse(name))?,
                card_numb: text(CardNumb::parse(card_numb))?,
                dn_code: text(DnCode::parse(dn_code))?,
                from: self.midnight(-14),
                until: self.midnight(350),
            };
            self.holders
                .push((new.service_numb.clone(), new.card_numb.clone(), new.dn_code.clone()));
            cards::add(self.b, owner, &guard_id, new).await?;
        }
        for (_, digits, from, until) in PASSWORDS.iter().filter(|(at, ..)| *at == guard_id.as_str()) {
            self.time.set(self.midnight(*from).plus(-2 * HOUR_MS));
            let new = NewPassword {
                service_numb: service_numb(self.b, owner)?,
                password: text(DoorPassword::parse(digits))?,
                from: self.midnight(*from),
                until: self.midnight(*until + 1),
            };
            self.visitors.push((new.service_numb.clone(), new.from, new.until));
            passwords::add(self.b, owner, &guard_id, new).await?;
        }
        Ok(())
    }

    /// The beginning of a day in the deployment's zone, 0 being today.
    fn midnight(&self, day: i64) -> Millis {
        let at = self.end.plus(day * DAY_MS);
        let zone = self.b.zone();
        let midnight = zone.to_civil(at).map(|civil| Civil {
            hour: 0,
            minute: 0,
            second: 0,
            ..civil
        });
        midnight.and_then(|civil| zone.to_millis(civil)).unwrap_or(at)
    }

    /// People come in the morning, some at noon, and leave their traces in the evening; now and then somebody is refused.
    fn day(&mut self, day: i64) {
        let start = self.midnight(day);
        let salt = day.rem_euclid(7) * 3 + self.guard_id.as_str().len() as i64 + self.holders.len() as i64;
        let mut moments: Vec<(i64, usize)> = Vec::new();
        for (index, _) in (0i64..).zip(&self.holders) {
            let weekend = day.rem_euclid(7) >= 5 && index > 0;
            if !weekend {
                let minute = (index * 17 + salt * 5) % 70;
                moments.push((7 * 60 + 35 + minute, 0));
                moments.push((17 * 60 + 40 + (minute * 3) % 95, 0));
            }
        }
        for (index, _) in (0i64..).zip(&self.visitors) {
            moments.push((10 * 60 + (salt * 13 + index * 47) % 400, 1));
        }
        if salt % 3 == 0 {
            moments.push((21 * 60 + 15 + salt, 2));
        }
        if salt % 4 == 1 {
            moments.push((6 * 60 + 50, 3));
        }
        moments.sort_unstable();
        for (turn, (minute, kind)) in moments.into_iter().enumerate() {
            let at = start.plus(minute * MINUTE_MS + (minute * 7 % 60) * 1000);
            if at < self.end {
                let what = self.happening(kind, turn, at);
                self.record(at, what);
            }
        }
    }

    fn happening(&self, kind: usize, turn: usize, at: Millis) -> Happening {
        let password = |key: std::result::Result<Key, (Reason, Option<ServiceNumb>)>| {
            let attempt = Attempt::Password {
                masked: "******".to_owned(),
            };
            match key {
                Ok(key) => Happening::Opened { attempt, key },
                Err((reason, service_numb)) => Happening::Refused {
                    attempt,
                    reason,
                    service_numb,
                },
            }
        };
        let of_turn = |count: usize| turn.checked_rem(count).unwrap_or_default();
        match kind {
            0 => match self.holders.get(of_turn(self.holders.len())) {
                Some((number, card_numb, dn_code)) => Happening::Opened {
                    attempt: Attempt::Card {
                        card_numb: Some(card_numb.clone()),
                        dn_code: Some(dn_code.clone()).filter(|code| !code.is_empty()),
                    },
                    key: Key::Grant {
                        service_numb: number.clone(),
                    },
                },
                None => password(Err((Reason::UnknownPassword, None))),
            },
            1 => match self.visitors.get(of_turn(self.visitors.len())) {
                Some((number, from, until)) => password(if at < *from {
                    Err((Reason::NotYetValid, Some(number.clone())))
                } else if at >= *until {
                    Err((Reason::Ended, Some(number.clone())))
                } else {
                    Ok(Key::Grant {
                        service_numb: number.clone(),
                    })
                }),
                None => password(Err((Reason::UnknownPassword, None))),
            },
            2 => password(Err((Reason::UnknownPassword, None))),
            _ => password(Ok(Key::DefaultPassword { number: 1 })),
        }
    }

    fn record(&mut self, at: Millis, what: Happening) {
        self.seq += 1;
        self.records.push(Record {
            seq: self.seq,
            at,
            uncertainty_ms: Some(300),
            what,
        });
    }

    /// The guard has network in the evening: it sends what happened.
    async fn report(&mut self, day: i64) -> Result<()> {
        let evening = self.midnight(day + 1).plus(-MINUTE_MS);
        self.time.set(evening.min(self.end));
        for records in self.records.chunks(MAX_RECORDS) {
            self.session.store_records(records).await?;
        }
        self.records.clear();
        Ok(())
    }

    /// It gets everything it should know, minutes ago, and goes away.
    async fn learn(mut self) -> Result<()> {
        self.time.set(self.end.plus(-4 * MINUTE_MS));
        self.session.changes_since(Version::default()).await?;
        self.session.acknowledged(self.session.desired());
        Ok(())
    }
}

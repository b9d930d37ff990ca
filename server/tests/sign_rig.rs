//! Owners and guards as the field's clients see them.

use crate::harness::{Answer, World};
use backend::Actor;
use backend::guard::inventory;
use backend::guard::link::{self, Session};
use backend::guard::superiors;
use domain::guard::ids::{GuardId, OpCode};
use domain::guard::link::{Hello, Nonce, Status, Version};
use domain::guard::messages::{Reply, Sign};
use domain::guard::times::{LocalMinute, LocalSecond};
use domain::ids::{Millis, Phone};
use serde_json::{Value, json};

/// The owner of the guard.
pub const ZHANG: &str = "13800000001";
/// Zhang's superior.
pub const LI: &str = "13800000002";
/// Zhang's junior.
pub const WANG: &str = "13800000003";
/// Nobody to any of them.
pub const ZHAO: &str = "13800000004";
pub const GUARD: &str = "G0001";
pub const CODE: &str = "000001";
pub const SECRET: &str = "密码 1";

impl World {
    /// Says a message the way the field's clients do, and reads the answer as they do.
    pub async fn say(&self, message: &Value) -> Value {
        read(&self.raw(message.to_string()).await)
    }

    /// The body of a message, sent unchanged.
    pub async fn raw(&self, body: impl Into<Vec<u8>>) -> Answer {
        self.post("/").body("text/json", body).send().await
    }

    /// `result` of a message said with this token.
    pub async fn result(&self, token: &str, message: Value) -> i64 {
        self.say(&with(message, "token", token)).await["result"]
            .as_i64()
            .unwrap()
    }

    /// Registers an owner and answers the token.
    pub async fn register(&self, phone: &str, name: &str) -> String {
        let reply = self.say(&registration(self, phone, name)).await;
        assert_eq!(reply["result"], 0, "{reply}");
        reply["token"].as_str().unwrap().to_owned()
    }

    /// Signs in with a device.
    pub async fn sign_in(&self, phone: &str, imei: &str) -> Value {
        self.say(&sign_in(self, phone, imei)).await
    }

    /// A device of the inventory that is connected and shows a code.
    pub async fn device(&self, guard_id: &str, op_code: Option<&str>) -> Session {
        let quoted = guard_id.replace('"', "\"\"");
        let file = format!("guardId,deviceKey\n\"{quoted}\",device-key-of-a-guard\n");
        let report = inventory::import_csv(&self.backend, &Actor::Cli, file.as_bytes())
            .await
            .unwrap();
        assert!(report.errors.is_empty(), "{:?}", report.errors);
        let hello = Hello {
            guard_id: GuardId::parse(guard_id).unwrap(),
            nonce: Nonce::generate(&mut |bytes: &mut [u8]| bytes.fill(7)),
            proof: String::new(),
            op_code: op_code.map(|code| OpCode::parse(code).unwrap()),
            firmware: "1.4.2".to_owned(),
            status: Status::Working,
            version: Version::default(),
            last_record: 0,
            sent: Millis(0),
        };
        link::connected(&self.backend, &hello).await.unwrap()
    }

    /// Zhang with a guard, Li above and Wang below, Zhao beside them; the tokens in this order.
    pub async fn family(&self) -> ([String; 4], Session) {
        let zhang = self.register(ZHANG, "张三").await;
        let li = self.register(LI, "李四").await;
        let wang = self.register(WANG, "王五").await;
        let zhao = self.register(ZHAO, "赵六").await;
        let guard = self.device(GUARD, Some(CODE)).await;
        assert_eq!(self.result(&zhang, add_guard(self, ZHANG, GUARD)).await, 0);
        assert_eq!(self.result(&zhang, add_junior(ZHANG, WANG, 0)).await, 0);
        assert_eq!(self.result(&li, add_junior(LI, ZHANG, 0)).await, 0);
        self.agrees(WANG, ZHANG).await;
        self.agrees(ZHANG, LI).await;
        ([zhang, li, wang, zhao], guard)
    }

    /// Lets the superior who asks read.
    pub async fn agrees(&self, junior: &str, superior: &str) {
        let superior = Phone(superior.to_owned());
        let junior = self.person(junior).await;
        superiors::agree(&self.backend, &junior, &superior).await.unwrap();
    }

    pub fn second(&self) -> String {
        LocalSecond::from_millis(self.now(), self.backend.zone())
            .unwrap()
            .to_string()
    }

    /// A minute this number of hours from now.
    pub fn minute(&self, hours: i64) -> String {
        let at = self.now().plus(hours * 3_600_000);
        LocalMinute::from_millis(at, self.backend.zone()).unwrap().to_string()
    }
}

/// Reads an answer as field clients do: HTTP 200, JSON, as GBK.
pub fn read(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(answer.body.is_ascii(), "{}", answer.text());
    let (text, _, malformed) = encoding_rs::GBK.decode(&answer.body);
    assert!(!malformed);
    serde_json::from_str(&text).unwrap()
}

/// What every refusal of a message is answered with.
pub fn failure(sign: u64) -> String {
    let sign = Sign::from_number(sign).unwrap();
    String::from_utf8(Reply::failure(sign).to_json()).unwrap()
}

/// With one more field, or another value in it.
pub fn with(mut message: Value, field: &str, value: impl Into<Value>) -> Value {
    message[field] = value.into();
    message
}

pub fn registration(world: &World, phone: &str, name: &str) -> Value {
    json!({
        "sign": 2, "ownerName": name, "ownerPhoneNumber": phone, "ownerPassword": SECRET,
        "timetag": world.second(), "imei": "imei-1",
    })
}

pub fn sign_in(world: &World, phone: &str, imei: &str) -> Value {
    json!({
        "sign": 4, "ownerPhoneNumber": phone, "ownerPassword": SECRET, "imei": imei, "timetag": world.second(),
    })
}

pub fn add_guard(world: &World, phone: &str, guard_id: &str) -> Value {
    json!({
        "sign": 8, "ownerPhoneNumber": phone, "guardName": "大门", "guardId": guard_id, "guardLocation": "北京市海淀区",
        "guardComment": "两行\n备注", "opCode": CODE, "timetag": world.second(),
    })
}

pub fn add_junior(superior: &str, junior: &str, grade: i64) -> Value {
    json!({ "sign": 23, "ownerPhoneNumber": superior, "juniorPhoneNumber": junior, "superiorGrade": grade })
}

pub fn add_card(world: &World, service_numb: &str) -> Value {
    json!({
        "sign": 14, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "serviceNumb": service_numb, "name": "赵敏",
        "cardNumb": "110101199003071234", "dnCode": "0A1B2C", "startTime": world.minute(0), "endTime": world.minute(2),
        "timetag": world.second(),
    })
}

pub fn add_password(world: &World, service_numb: &str, password: &str) -> Value {
    json!({
        "sign": 17, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "password": password, "serviceNumb": service_numb,
        "startTime": world.minute(0), "endTime": world.minute(2), "timetag": world.second(),
    })
}

/// One good message of every sign, said by or to Zhang. Those that add or end something do so with what is there for them.
pub fn all(world: &World) -> Vec<Value> {
    let (time, guard) = (world.second(), GUARD);
    let tea = domain::guard::tea::encode(SECRET);
    vec![
        json!({ "sign": 1, "ownerPhoneNumber": ZHANG, "timetag": time }),
        registration(world, ZHANG, "张三"),
        json!({ "sign": 3, "ownerPhoneNumber": ZHANG }),
        sign_in(world, ZHANG, "imei-1"),
        json!({ "sign": 5, "ownerPhoneNumber": ZHANG, "guardId": guard }),
        json!({ "sign": 6, "ownerPhoneNumber": ZHANG, "guardId": guard }),
        json!({ "sign": 7, "ownerPhoneNumber": ZHANG, "guardId": guard, "opCode": CODE }),
        add_guard(world, ZHANG, "G0002"),
        json!({
            "sign": 9, "ownerPhoneNumber": ZHANG, "guardId": guard, "guardName": "后门", "guardLocation": "北京",
            "guardComment": "", "timetag": time,
        }),
        json!({ "sign": 10, "ownerPhoneNumber": ZHANG, "guardId": "G0002", "timetag": time }),
        json!({ "sign": 11, "ownerPhoneNumber": ZHANG }),
        json!({ "sign": 12, "ownerPhoneNumber": ZHANG }),
        json!({ "sign": 13, "ownerPhoneNumber": ZHANG, "guardId": guard }),
        add_card(world, "card-1"),
        json!({
            "sign": 15, "ownerPhoneNumber": ZHANG, "guardId": guard, "serviceNumb": "card-1",
            "cardNumb": "110101199003071234", "timetag": time,
        }),
        json!({ "sign": 16, "ownerPhoneNumber": ZHANG, "guardId": guard }),
        add_password(world, "password-1", "135790"),
        json!({ "sign": 18, "ownerPhoneNumber": ZHANG, "guardId": guard, "serviceNumb": "password-1", "timetag": time }),
        json!({ "sign": 19, "ownerPhoneNumber": ZHANG, "newPassword": SECRET, "timetag": time }),
        json!({ "sign": 20, "ownerPhoneNumber": ZHANG, "newName": "张三丰", "timetag": time }),
        json!({ "sign": 21, "ownerPhoneNumber": ZHANG }),
        json!({ "sign": 22, "ownerPhoneNumber": ZHANG, "startTime": world.minute(-24), "endTime": world.minute(0) }),
        add_junior(ZHANG, ZHAO, 2),
        json!({ "sign": 24, "ownerPhoneNumber": ZHANG }),
        json!({ "sign": 25, "ownerPhoneNumber": ZHANG, "juniorPhoneNumber": ZHAO }),
        json!({ "sign": 26, "ownerPhoneNumber": ZHANG, "ownerPassword": tea, "timetag": time }),
    ]
}

/// Its number.
pub fn sign_of(message: &Value) -> u64 {
    message["sign"].as_u64().unwrap()
}

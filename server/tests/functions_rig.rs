//! A good call of every server function, a world in which each can be made, and what a call changes there.

mod stock;

use crate::harness::{
    Answer, BUSINESS, MINE, OPERATOR, OTHER_BUSINESS, OTHER_STAFF, OTHERS, OWNER, PASSWORD, STAFF, World,
};
use crate::sign_rig::{CODE, GUARD, LI, SECRET, WANG, ZHANG, ZHAO};
use leptos::server_fn::axum::server_fn_paths;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use stock::{InStock, RENAMING, prepare};

/// A browser of the member of staff in which notifications are on.
const ELSEWHERE: &str = "https://push.example/send/elsewhere";
/// What a browser gives for them (RFC 8291, appendix A).
pub const PUSH_KEY: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
pub const PUSH_SECRET: &str = "BTBZMqHH6r4Tts7J_aSIgg";

/// What people who changed their password have then.
pub const NEW_PASSWORD: &str = "a long enough secret";

/// A call that succeeds, made in its turn: later ones need what earlier ones made.
pub struct Example {
    /// The address of the function.
    pub path: &'static str,
    /// Whose call it is.
    pub phone: &'static str,
    /// Every argument, under its name.
    pub arguments: Value,
}

impl Example {
    fn new(path: &'static str, phone: &'static str, arguments: Value) -> Self {
        Self { path, phone, arguments }
    }

    /// Signs its caller in.
    pub async fn cookie(&self, world: &World) -> String {
        world.cookie_by(self.phone, password(self.phone)).await
    }

    /// Its arguments as the fields of a form.
    pub fn form(&self) -> Vec<(String, String)> {
        fields(&self.arguments)
    }

    /// The call with a one-use key.
    pub fn with_key(&self, key: &str) -> Value {
        let mut arguments = self.arguments.clone();
        arguments["once"] = json!(key);
        arguments
    }

    /// Does it only read, or write what is among [`BESIDES`]? Then there is nothing that a second call could do twice.
    pub fn only_reads(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.starts_with("search-")
            || [
                "clock-code",
                "pass-code",
                "reveal-password",
                "reveal-default-passwords",
                "hide-first-steps",
                "narrow-voucher",
                "ask-deposit",
                "open-offline-key",
                "withdraw-voucher",
            ]
            .contains(&name)
    }
}

/// Owners of the family have a password of their own.
pub fn password(phone: &str) -> &'static str {
    if [ZHANG, LI, WANG, ZHAO].contains(&phone) {
        SECRET
    } else {
        PASSWORD
    }
}

/// The members of an object as the fields of a form.
pub fn fields(arguments: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let members = arguments.as_object().unwrap().iter();
    let fields = members.flat_map(|(name, value)| match value {
        Value::Object(entries) => entries
            .iter()
            .map(|(entry, value)| (format!("{name}.{entry}"), text(value)))
            .collect(),
        value => vec![(name.clone(), text(value))],
    });
    fields.collect()
}

/// Makes the call.
pub async fn call(world: &World, path: &str, cookie: &str, arguments: &Value) -> Answer {
    world.post(path).cookie(cookie).json(arguments).send().await
}

/// Makes what the examples are about, and answers them in the order in which they can be made.
pub async fn examples(world: &World) -> Vec<Example> {
    let in_stock = prepare(world).await;
    let examples: Vec<Example> = lockers(&in_stock)
        .into_iter()
        .chain(operators(&in_stock))
        .chain(owners(world, &in_stock))
        .chain(accounts(in_stock.session))
        .collect();
    let public = public();
    let all = || examples.iter().chain(&public);
    let have: BTreeSet<&str> = all().map(|example| example.path).collect();
    let registered: BTreeSet<&str> = server_fn_paths().map(|(path, _)| path).collect();
    assert_eq!(have, registered, "every server function needs its example here");
    for example in all() {
        let names: BTreeSet<&String> = example.arguments.as_object().unwrap().keys().collect();
        let signatures = signatures();
        let declared: BTreeSet<&String> = signatures[example.path].iter().map(|(name, _)| name).collect();
        assert_eq!(names, declared, "{} needs every argument in its example", example.path);
    }
    examples
}

/// A call of each function that nobody need be signed in for. They look good and are never made: what they do is the matter of other tests.
pub fn public() -> Vec<Example> {
    let of = |path, arguments| Example::new(path, OWNER, arguments);
    let (phone, code) = ("13800000099", "12345678");
    let register = json!({ "name": "王芳", "phone": phone, "code": code, "password": NEW_PASSWORD });
    let set_up = json!({ "code": code, "name": "새 사람", "phone": phone, "password": NEW_PASSWORD });
    vec![
        of("/do/anyone/sign-in", json!({ "phone": OWNER, "password": PASSWORD })),
        of("/do/anyone/sign-out", json!({})),
        of("/do/anyone/choose-language", json!({ "lang": "ko", "back": "/" })),
        of("/do/anyone/ask-registration-code", json!({ "phone": phone })),
        of("/do/anyone/register", register),
        of("/do/anyone/ask-reset-code", json!({ "phone": phone })),
        of(
            "/do/anyone/reset-password",
            json!({ "phone": phone, "code": code, "password": NEW_PASSWORD }),
        ),
        of("/do/anyone/set-up", set_up),
    ]
}

fn lockers(there: &InStock) -> Vec<Example> {
    let search = json!({ "text": "1002003", "customer_no": "1002003", "status": "B", "cursor": null });
    vec![
        Example::new("/do/staff/search-orders", STAFF, search.clone()),
        Example::new("/do/business/search-orders", BUSINESS, search),
        Example::new(
            "/do/business/take-code",
            BUSINESS,
            json!({ "yid": 1234, "things_sq": "1002" }),
        ),
        Example::new(
            "/do/business/make-voucher",
            BUSINESS,
            json!({ "things_sq": "1006", "pick": { "1006": "on" }, "end": "tomorrow", "end_time": null }),
        ),
        Example::new(
            "/do/business/narrow-voucher",
            BUSINESS,
            json!({ "code": there.voucher, "pick": { "1008": "on" }, "name": "김기사", "end_time": null }),
        ),
        Example::new(
            "/do/business/withdraw-voucher",
            BUSINESS,
            json!({ "code": there.voucher }),
        ),
        Example::new(
            "/do/staff/send-sync",
            STAFF,
            json!({ "code": there.late[1], "scanned_at": there.late_at }),
        ),
        Example::new(
            "/do/staff/ask-deposit",
            STAFF,
            json!({ "things_sq": "1009", "code": there.late[0] }),
        ),
        Example::new(
            "/do/staff/send-deposit",
            STAFF,
            json!({ "things_sq": "1009", "code": there.late[0], "scanned_at": there.late_at, "chosen_at": there.late_at }),
        ),
        Example::new("/do/staff/clock-code", STAFF, json!({ "yid": 1234 })),
        Example::new("/do/staff/pass-code", STAFF, json!({ "yid": 1234 })),
        Example::new(
            "/do/staff/read-code",
            STAFF,
            json!({ "code": there.code, "order": "1004" }),
        ),
        Example::new(
            "/do/staff/complete-deposit",
            STAFF,
            json!({ "things_sq": "1003", "scan": there.scan }),
        ),
        Example::new("/do/staff/undo-deposit", STAFF, json!({ "things_sq": "1003" })),
    ]
}

fn operators(there: &InStock) -> Vec<Example> {
    let of = |path, arguments| Example::new(path, OPERATOR, arguments);
    let order = json!({
        "things_sq": "3001", "status": "B",
        "texts": { "customer_no": "300", "customer_name": "홍길동", "address": "서울", "meter_kind": "단상", "business": MINE },
    });
    let other_staff = format!("이름 {OTHER_STAFF}");
    let correct = json!({
        "things_sq": "1005",
        "texts": { "customer_no": "100201005", "customer_name": "홍길순", "address": "부산", "meter_kind": "삼상", "business": OTHERS },
        "was": { "customer_no": "100201005", "customer_name": "홍길동", "business": MINE },
    });
    let person = json!({
        "phone": "01055556666", "name": "새 사람", "role": "business", "business": MINE, "how": "typed",
        "password": NEW_PASSWORD, "reassign": false,
    });
    let kiosk =
        json!({ "yid": 77, "name": "새 키오스크", "address": "서울", "boards": 1, "ports": 4, "secret": "iloveyang" });
    let boards = json!({
        "yid": 1234, "kind": "oto", "via": "browser", "baud": null, "doors": null, "open_ms": 2500, "inverted": true, "byte_order": null,
        "ask_one_door": null, "echo": null, "contacts": null, "acknowledges": null, "adapters": "1-36 /dev/serial/by-id/one, 37-61",
        "wires": "1.1=1.9", "shown_for": "oto",
    });
    let layout = json!({ "yid": 1235, "label": { "1.1": "Z1" }, "size": { "1.1": 2 }, "status": { "1.2": "C" } });
    let ready = json!({ "one": "1005", "pick": { "1005": "on" }, "back": "/operator/orders" });
    let all_ready = json!({
        "q": "1", "business": MINE, "yid": null, "expected": 3, "made": 0, "cursor": null, "brief": false, "back": "/operator/orders",
    });
    vec![
        of("/do/operator/add-order", order),
        of("/do/operator/make-ready", ready),
        of("/do/operator/make-all-ready", all_ready),
        of("/do/operator/correct-order", correct),
        of(
            "/do/operator/cancel-order",
            json!({ "things_sq": "1005", "reason": "두 번 접수됨" }),
        ),
        of(
            "/do/operator/set-order-back",
            json!({ "things_sq": "1005", "from": "X", "why": "잘못 취소함", "back": "/operator/orders" }),
        ),
        of("/do/operator/add-business", json!({ "name": "새 업체", "back": null })),
        of(
            "/do/operator/add-businesses",
            json!({ "pick": { "업체 하나": "true", "업체 둘": "true" }, "back": "/operator/businesses" }),
        ),
        of(
            "/do/operator/run-import",
            json!({ "upload_id": there.uploads[0], "encoding": "utf-8", "again": true, "cursor": null, "brief": true, "back": "/operator/import" }),
        ),
        of("/do/operator/discard-upload", json!({ "upload_id": there.uploads[1] })),
        of(
            "/do/operator/correct-person",
            json!({ "phone": OTHER_STAFF, "name": "김서연", "business": null, "was": { "name": other_staff } }),
        ),
        of("/do/operator/add-person", person),
        of(
            "/do/operator/new-password-for",
            json!({ "phone": OTHER_BUSINESS, "how": "typed", "password": NEW_PASSWORD }),
        ),
        of("/do/operator/disable-person", json!({ "phone": OTHER_BUSINESS })),
        of("/do/operator/enable-person", json!({ "phone": OTHER_BUSINESS })),
        of("/do/operator/add-kiosk", kiosk),
        of("/do/operator/enrolment-code", json!({ "yid": 1235 })),
        of("/do/operator/hide-secret", json!({ "phone": null, "yid": 1235 })),
        of("/do/operator/hide-first-steps", json!({})),
        of(
            "/do/operator/set-pin",
            json!({ "yid": 1234, "pin": "2580", "was": { "pin": i64::MAX.to_string() } }),
        ),
        of(
            "/do/operator/set-overdue",
            json!({ "yid": 1234, "overdue_days": 7, "was": { "overdue_days": "14" } }),
        ),
        of(
            "/do/operator/save-site",
            json!({ "name": "서울전력", "contact": "02-123-4567", "language": "ko", "overdue_days": 30,
                "was": { "name": "", "contact": "", "language": "", "overdue_days": "14" } }),
        ),
        of("/do/operator/remove-logo", json!({})),
        of(
            "/do/operator/edit-kiosk",
            json!({ "yid": 1234, "name": "다른 이름", "address": "부산", "was": { "name": "1234호", "address": "서울" } }),
        ),
        of(
            "/do/operator/rename-business",
            json!({ "name": "업체 둘", "new_name": "업체 셋" }),
        ),
        of(
            "/do/operator/go-on-renaming",
            json!({ "name": RENAMING, "cursor": null, "brief": true, "back": "/operator/businesses" }),
        ),
        of("/do/operator/retire-business", json!({ "name": "업체 하나" })),
        of("/do/operator/restore-business", json!({ "name": "업체 하나" })),
        of("/do/operator/retire-kiosk", json!({ "yid": 77 })),
        of("/do/operator/restore-kiosk", json!({ "yid": 77 })),
        of("/do/operator/save-layout", layout),
        of("/do/operator/set-boards", boards),
        of("/do/operator/drain-node", json!({ "name": "gone" })),
        of("/do/operator/undrain-node", json!({ "name": "gone" })),
        of("/do/operator/remove-node", json!({ "name": "gone" })),
    ]
}

fn owners(world: &World, there: &InStock) -> Vec<Example> {
    let of = |path, arguments| Example::new(path, ZHANG, arguments);
    let about = |guard: &str| json!({ "guard_id": guard, "guard_name": "새 문", "guard_location": "서울", "guard_comment": "두 줄\n메모" });
    let mut added = about("G7");
    added["op_code"] = json!(CODE);
    // Without the name it says nothing of what was seen.
    let mut edited = about(GUARD);
    edited["was"] = json!({ "guard_location": "부산" });
    let (start, end) = ("2099-01-01T10:00", "2099-02-01T10:00");
    let password = json!({ "guard_id": GUARD, "span": "own", "start_time": start, "end_time": end, "digits": "2468", "for_whom": "赵敏" });
    let card = json!({
        "guard_id": GUARD, "name": "赵敏", "card_numb": "110101199003071235", "dn_code": "0A1B2C", "start_time": start,
        "end_time": end,
    });
    let of_card = json!({ "guard_id": GUARD, "service_numb": "card-1" });
    assert!(world.now().0 < 4_000_000_000_000, "2099 is to come");
    vec![
        of("/do/owner/add-guard", added),
        of("/do/owner/edit-guard", edited),
        of("/do/owner/add-password", password),
        of(
            "/do/owner/reveal-password",
            json!({ "guard_id": GUARD, "service_numb": "password-1" }),
        ),
        of("/do/owner/reveal-default-passwords", json!({ "guard_id": GUARD })),
        of(
            "/do/owner/cancel-password",
            json!({ "guard_id": GUARD, "service_numb": "password-1" }),
        ),
        of("/do/owner/add-card", card),
        of("/do/owner/reveal-card", of_card.clone()),
        of(
            "/do/owner/reveal-record",
            json!({ "of": ZHANG, "record": format!("{}.1.{GUARD}", there.record_at) }),
        ),
        of("/do/owner/cancel-card", of_card),
        of("/do/owner/delete-guard", json!({ "guard_id": "G7" })),
        of("/do/owner/add-junior", json!({ "phone": ZHAO })),
        Example::new("/do/owner/agree-superior", ZHAO, json!({ "phone": ZHANG })),
        Example::new("/do/owner/leave-superior", ZHAO, json!({ "phone": ZHANG })),
        of("/do/owner/cancel-junior", json!({ "phone": WANG })),
        of("/do/owner/rename", json!({ "name": "张三丰" })),
        Example::new("/do/owner/sign-out-others", LI, json!({})),
    ]
}

fn accounts(session: String) -> Vec<Example> {
    let passwords = json!({
        "current_password": PASSWORD, "new_password": NEW_PASSWORD, "repeat_password": NEW_PASSWORD,
    });
    let here = "https://push.example/send/here";
    let turned_on = json!({ "address": here, "key": PUSH_KEY, "secret": PUSH_SECRET });
    vec![
        Example::new("/do/account/open-offline-key", STAFF, json!({ "sealed": "" })),
        Example::new("/do/account/keep-push", STAFF, turned_on),
        Example::new("/do/account/renew-push", STAFF, json!({ "address": ELSEWHERE })),
        Example::new("/do/account/end-push", STAFF, json!({ "address": here })),
        Example::new("/do/account/end-all-push", STAFF, json!({})),
        Example::new("/do/account/end-session", OTHER_STAFF, json!({ "session": session })),
        Example::new("/do/account/change-password", BUSINESS, passwords),
    ]
}

/// Every function's arguments in their order with their types, read from the source: nothing in the program lists them.
pub fn signatures() -> BTreeMap<String, Vec<(String, String)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/islands/src/functions");
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for declared in source.split("#[server(prefix = \"").skip(1) {
            let (prefix, rest) = declared.split_once('"').unwrap();
            let (_, rest) = rest.split_once("endpoint = \"").unwrap();
            let (endpoint, rest) = rest.split_once('"').unwrap();
            let (_, rest) = rest.split_once("async fn ").unwrap();
            let (head, _) = rest.split_once("->").unwrap();
            let (_, arguments) = head.split_once('(').unwrap();
            let arguments = arguments.trim_end().strip_suffix(')').unwrap();
            found.insert(format!("{prefix}/{endpoint}"), arguments_of(arguments));
        }
    }
    found
}

/// `name: Type` of a list of arguments; a comma inside angle brackets separates none.
fn arguments_of(list: &str) -> Vec<(String, String)> {
    let lines = list.lines().map(|line| line.split("//").next().unwrap_or_default());
    let plain: String = lines.filter(|line| !line.trim_start().starts_with('#')).collect();
    let mut depth = 0;
    let separates = |c: char| {
        depth += match c {
            '<' => 1,
            '>' => -1,
            _ => 0,
        };
        c == ',' && depth == 0
    };
    let arguments = plain.split(separates).filter_map(|argument| argument.split_once(':'));
    arguments
        .map(|(name, kind)| (name.trim().to_owned(), kind.trim().to_owned()))
        .collect()
}

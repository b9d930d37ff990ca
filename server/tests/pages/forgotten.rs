//! A forgotten password, from the page to the code that comes by the webhook and back to the page.

use crate::harness::{Answer, OWNER, STAFF, World};
use crate::sign_rig::{SECRET, ZHANG, sign_in, with};
use backend::notify::{self, Delivered, WebhookNotifier};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

on_every_engine! {
    a_code_from_the_webhook_sets_a_new_password_and_ends_what_the_old_one_began,
    only_the_newest_code_counts_once_and_for_ten_minutes,
    five_wrong_codes_end_a_code,
    a_webhook_that_is_down_gets_the_code_later,
    the_page_does_not_say_who_is_an_owner,
}

const HOOK_SECRET: &str = "what the webhook knows";
const NEW: &str = "new password 新";

/// A service that passes codes on to people: answers with these statuses, one after the other, and hands over what it is sent.
fn receiver(statuses: &'static [u16]) -> (String, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/codes", listener.local_addr().unwrap());
    let (sender, received) = channel();
    std::thread::spawn(move || {
        for status in statuses {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut request, mut some) = (String::new(), [0; 4096]);
            while !request.ends_with('}') {
                let read = stream.read(&mut some).unwrap();
                request += std::str::from_utf8(&some[..read]).unwrap();
            }
            write!(
                stream,
                "HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            )
            .unwrap();
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            sender.send((head.to_lowercase(), body.to_owned())).unwrap();
        }
    });
    (url, received)
}

/// A world whose codes leave by a webhook.
struct Town {
    world: World,
    received: Receiver<(String, String)>,
}

impl Town {
    async fn near(world: &World, statuses: &'static [u16]) -> Self {
        let (url, received) = receiver(statuses);
        let webhook = WebhookNotifier::new(&url, &HOOK_SECRET.parse().unwrap()).unwrap();
        let world = world
            .apart(world.now(), |config| config.notifier = Some(Arc::new(webhook)))
            .await;
        world.register(ZHANG, "张三").await;
        Self { world, received }
    }

    /// The message that has just arrived, if its signature is true.
    async fn message(&self) -> Value {
        let delivered = notify::deliver_due(&self.world.backend).await.unwrap();
        assert_eq!(delivered.sent, 1, "{delivered:?}");
        let (head, body) = self.received.recv_timeout(Duration::from_secs(10)).unwrap();
        let mac = Hmac::<Sha256>::new_from_slice(HOOK_SECRET.as_bytes()).unwrap();
        let digest = mac.chain_update(&body).finalize().into_bytes();
        let digits = digest.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        });
        assert!(
            head.contains(&format!("x-latchkey-signature: sha256={digits}")),
            "{head}"
        );
        let message: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (&message["phone"], &message["kind"]),
            (&json!(ZHANG), &json!("reset-code"))
        );
        message
    }

    async fn code(&self) -> String {
        self.message().await["code"].as_str().unwrap().to_owned()
    }

    async fn ask(&self, phone: &str) -> Answer {
        let fields = [("do", "/do/anyone/ask-reset-code"), ("phone", phone)];
        self.world.post("/forgotten").form(&fields).send().await
    }

    async fn reset(&self, code: &str, password: &str) -> Answer {
        let fields = [
            ("do", "/do/anyone/reset-password"),
            ("phone", ZHANG),
            ("code", code),
            ("password", password),
        ];
        self.world.post("/forgotten").form(&fields).send().await
    }

    async fn signs_in(&self, password: &str) -> bool {
        let message = with(sign_in(&self.world, ZHANG, "imei-1"), "ownerPassword", password);
        self.world.say(&message).await["result"] == 0
    }
}

/// The page again, which says that the code is wrong and keeps the number.
fn is_wrong(answer: &Answer) -> bool {
    let page = answer.text();
    answer.status == 422 && page.contains("aria-invalid=\"true\"") && page.contains("data-testid=\"reset-form\"")
}

fn is_done(answer: &Answer) -> bool {
    (answer.status, answer.header("location")) == (303, "/sign-in?notice=password-reset")
}

/// Another one than this.
fn other(code: &str) -> String {
    let last = code.as_bytes()[7];
    format!("{}{}", &code[..7], if last == b'0' { '1' } else { '0' })
}

async fn a_code_from_the_webhook_sets_a_new_password_and_ends_what_the_old_one_began(world: World) {
    let town = Town::near(&world, &[200]).await;
    let token = town.world.sign_in(ZHANG, "imei-1").await["token"].clone();
    let cookie = town.world.cookie_by(ZHANG, SECRET).await;
    let page = town.world.get("/forgotten").send().await;
    assert!(page.status == 200 && page.text().contains("data-testid=\"ask-code-form\""));

    let sent = town.ask(ZHANG).await;
    assert!(sent.text().contains("data-testid=\"code-sent\""), "{}", sent.text());
    let code = town.code().await;
    assert!(!sent.text().contains(&code));
    assert!(is_wrong(&town.reset(&other(&code), NEW).await));
    // A password that is too short costs no code.
    assert_eq!(town.reset(&code, "short").await.status, 422);
    let mine = json!({ "sign": 12, "ownerPhoneNumber": ZHANG, "token": token });
    assert_eq!(town.world.say(&mine).await["result"], 0);

    assert!(is_done(
        &town.reset(&format!(" {} {}", &code[..4], &code[4..]), NEW).await
    ));
    assert_eq!(town.world.say(&mine).await["result"], 1);
    let page = town.world.get("/owner").cookie(&cookie).send().await;
    assert_eq!((page.status, page.header("location")), (303, "/sign-in?next=%2Fowner"));
    assert!(!town.signs_in(SECRET).await && town.signs_in(NEW).await);
}

async fn only_the_newest_code_counts_once_and_for_ten_minutes(world: World) {
    let town = Town::near(&world, &[200, 200, 200]).await;
    town.ask(ZHANG).await;
    let first = town.code().await;
    town.ask(ZHANG).await;
    let second = town.code().await;
    assert!(is_wrong(&town.reset(&first, NEW).await));
    assert!(is_done(&town.reset(&second, NEW).await));
    assert!(is_wrong(&town.reset(&second, "yet another one").await));

    town.ask(ZHANG).await;
    let late = town.message().await;
    town.world.clock.forward_minutes(10);
    assert_eq!(late["expires"], json!(town.world.now().to_iso()));
    assert!(is_wrong(
        &town.reset(late["code"].as_str().unwrap(), "yet another one").await
    ));
    assert!(town.signs_in(NEW).await);
}

async fn five_wrong_codes_end_a_code(world: World) {
    let town = Town::near(&world, &[200]).await;
    town.ask(ZHANG).await;
    let code = town.code().await;
    for _ in 0..5 {
        assert!(is_wrong(&town.reset(&other(&code), NEW).await));
    }
    assert!(is_wrong(&town.reset(&code, NEW).await));
    assert!(town.signs_in(SECRET).await);
}

async fn a_webhook_that_is_down_gets_the_code_later(world: World) {
    let town = Town::near(&world, &[503, 200]).await;
    town.ask(ZHANG).await;
    let failed = Delivered {
        failed: 1,
        ..Delivered::default()
    };
    assert_eq!(notify::deliver_due(&town.world.backend).await.unwrap(), failed);
    let (_, first) = town.received.recv_timeout(Duration::from_secs(10)).unwrap();
    town.world.clock.forward_minutes(1);
    let message = town.message().await;
    assert_eq!(serde_json::from_str::<Value>(&first).unwrap(), message);
    assert!(is_done(&town.reset(message["code"].as_str().unwrap(), NEW).await));
}

async fn the_page_does_not_say_who_is_an_owner(world: World) {
    let town = Town::near(&world, &[]).await;
    let known = town.ask(OWNER).await;
    for phone in ["13899999999", STAFF] {
        let unknown = town.ask(phone).await;
        assert_eq!(unknown.status, known.status);
        let same = |answer: &Answer, phone: &str| {
            let page = answer.text();
            let (_, card) = page.split_once("data-testid=\"code-sent\"").unwrap();
            let card = card.split("</div>").next().unwrap();
            // Numbers are grouped by their country.
            card.replace(phone, "")
                .replace(|c: char| c.is_ascii_digit() || matches!(c, '-' | ' '), "")
        };
        assert_eq!(same(&unknown, phone), same(&known, OWNER));
    }
}

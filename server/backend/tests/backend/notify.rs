//! The outbox, and the webhook against a real server.

use crate::both;
use crate::harness::{MINUTE, World, phone};
use backend::Backend;
use backend::guard::owners;
use backend::notify::{self, BadWebhook, Content, Delivered, Message, NotSent, Notifier, Secret, WebhookNotifier};
use domain::ids::{Millis, Phone};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

const ZHANG: &str = "13800000001";

/// Keeps what it is given, unless it is out of order.
#[derive(Default)]
pub struct Recorder {
    taken: Mutex<Vec<Message>>,
    broken: AtomicBool,
}

impl Recorder {
    pub fn taken(&self) -> Vec<Message> {
        self.taken.lock().unwrap().clone()
    }
}

#[async_trait::async_trait]
impl Notifier for Recorder {
    async fn send(&self, message: &Message) -> Result<(), NotSent> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(NotSent("out of order".to_owned()));
        }
        self.taken.lock().unwrap().push(message.clone());
        Ok(())
    }
}

/// Every code sent so far.
pub async fn codes(b: &Backend, recorder: &Recorder) -> Vec<String> {
    notify::deliver_due(b).await.unwrap();
    let taken = recorder.taken.lock().unwrap();
    taken
        .iter()
        .filter_map(|message| match &message.content {
            Content::ResetCode { code, .. } | Content::RegistrationCode { code, .. } => Some(code.clone()),
            _ => None,
        })
        .collect()
}

both! {
    async fn what_is_not_taken_is_offered_again_later_and_dropped_when_it_is_worth_nothing(w: &World) {
        w.owner(ZHANG).await;
        let recorder = Arc::new(Recorder::default());
        recorder.broken.store(true, Ordering::SeqCst);
        let b = w.node_with(|config| config.notifier = Some(recorder.clone())).await;
        owners::request_reset_code(&b, "10.0.0.1", &phone(ZHANG)).await.unwrap();
        let failed = Delivered { failed: 1, ..Delivered::default() };
        for pause in [2_000, 4_000, 8_000] {
            assert_eq!(notify::deliver_due(&b).await.unwrap(), failed);
            w.pass(pause - 1);
            assert_eq!(notify::deliver_due(&b).await.unwrap(), Delivered::default());
            w.pass(1);
        }
        recorder.broken.store(false, Ordering::SeqCst);
        assert_eq!(codes(&b, &recorder).await.len(), 1);
        assert!(w.sql("SELECT 1 FROM notifications").await.is_empty());

        owners::request_reset_code(&b, "10.0.0.1", &phone(ZHANG)).await.unwrap();
        w.pass(10 * MINUTE);
        assert_eq!(notify::deliver_due(&b).await.unwrap(), Delivered { dropped: 1, ..Delivered::default() });
        assert!(w.sql("SELECT 1 FROM notifications").await.is_empty());
        b.close().await;
    }

    async fn of_two_nodes_one_sends_a_message(w: &World) {
        w.owner(ZHANG).await;
        let recorder = Arc::new(Recorder::default());
        let one = w.node_with(|config| config.notifier = Some(recorder.clone())).await;
        let two = w.node_with(|config| config.notifier = Some(recorder.clone())).await;
        owners::request_reset_code(&one, "10.0.0.1", &phone(ZHANG)).await.unwrap();
        let (by_one, by_two) = tokio::join!(notify::deliver_due(&one), notify::deliver_due(&two));
        assert_eq!(by_one.unwrap().sent + by_two.unwrap().sent, 1);
        assert_eq!(recorder.taken.lock().unwrap().len(), 1);
        one.close().await;
        two.close().await;
    }

    async fn nothing_readable_waits_in_the_outbox_and_nothing_at_all_without_a_notifier(w: &World) {
        w.owner(ZHANG).await;
        owners::request_reset_code(&w.b, "10.0.0.1", &phone(ZHANG)).await.unwrap();
        assert!(w.sql("SELECT 1 FROM notifications").await.is_empty());
        assert!(!w.b.can_notify());
        let recorder = Arc::new(Recorder::default());
        recorder.broken.store(true, Ordering::SeqCst);
        let b = w.node_with(|config| config.notifier = Some(recorder.clone())).await;
        owners::request_reset_code(&b, "10.0.0.1", &phone(ZHANG)).await.unwrap();
        use sqlx::Row;
        let body: String = w.sql("SELECT body FROM notifications").await[0].get(0);
        assert!(!body.contains("code") && !body.contains('{'));
        b.close().await;
    }
}

fn message() -> Message {
    Message {
        id: "m1".to_owned(),
        phone: Phone(ZHANG.to_owned()),
        made_at: Millis(1_772_442_000_000),
        content: Content::ResetCode {
            code: "12345678".to_owned(),
            expires: Millis(1_772_442_600_000),
        },
    }
}

/// A web server that answers one request after the other with these statuses, and hands over what it was sent.
fn receiver(statuses: &'static [&'static str]) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook?from=latchkey", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let mut requests = Vec::new();
        for status in statuses {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut request, mut some) = (Vec::new(), [0; 1024]);
            let complete = |request: &[u8]| {
                let text = String::from_utf8_lossy(request).into_owned();
                let (head, body) = text.split_once("\r\n\r\n")?;
                let length = head.lines().find_map(|line| {
                    let (name, value) = line.split_once(": ")?;
                    name.eq_ignore_ascii_case("content-length")
                        .then(|| value.parse::<usize>().unwrap())
                })?;
                (body.len() >= length).then_some(text)
            };
            let text = loop {
                if let Some(text) = complete(&request) {
                    break text;
                }
                let read = stream.read(&mut some).unwrap();
                assert_ne!(read, 0, "the request ended early");
                request.extend_from_slice(&some[..read]);
            };
            requests.push(text);
            write!(
                stream,
                "HTTP/1.1 {status}\r\nLocation: /elsewhere\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
            )
            .unwrap();
        }
        requests
    });
    (url, thread)
}

fn secret() -> Secret {
    "s3cret".parse().unwrap()
}

#[tokio::test]
async fn a_webhook_is_signed_and_only_a_success_counts() {
    let (url, thread) = receiver(&["204 No Content", "500 Oh No", "302 Found"]);
    let webhook = WebhookNotifier::new(&url, &secret()).unwrap();
    assert_eq!(webhook.send(&message()).await, Ok(()));
    for _ in 0..2 {
        assert!(webhook.send(&message()).await.is_err());
    }
    let requests = thread.join().unwrap();
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /hook?from=latchkey HTTP/1.1\r\n"), "{head}");
    assert_eq!(
        body,
        r#"{"id":"m1","phone":"13800000001","madeAt":"2026-03-02T09:00:00.000Z","kind":"reset-code","code":"12345678","expires":"2026-03-02T09:10:00.000Z"}"#
    );
    let signature = head
        .lines()
        .find(|line| line.to_lowercase().starts_with("x-latchkey-signature: "));
    // openssl dgst -sha256 -hmac s3cret
    assert_eq!(
        signature.unwrap().split_once(": ").unwrap().1,
        "sha256=d56f21a24671c2cea0eb2ee6cefa848b1e2bf0c495566c059c29326c0bf6836b"
    );
}

#[tokio::test]
async fn what_was_meant_for_one_address_goes_to_no_other() {
    let (url, thread) = receiver(&["302 Found", "200 OK"]);
    let webhook = WebhookNotifier::new(&url, &secret()).unwrap();
    assert!(webhook.send(&message()).await.is_err());
    // The second request is this one.
    assert_eq!(webhook.send(&message()).await, Ok(()));
    for request in thread.join().unwrap() {
        assert!(
            request.starts_with("POST /hook?from=latchkey HTTP/1.1\r\n"),
            "{request}"
        );
    }
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_a_failure_without_the_code_in_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let failure = WebhookNotifier::new(&url, &secret())
        .unwrap()
        .send(&message())
        .await
        .unwrap_err();
    assert!(!failure.to_string().contains("12345678"));
}

#[test]
fn an_invalid_webhook_address_is_refused_at_the_start() {
    for url in ["", "x", "ftp://a/", "http://", "file:///etc/passwd", "https:///x"] {
        assert_eq!(WebhookNotifier::new(url, &secret()).err(), Some(BadWebhook), "{url}");
    }
    assert!(WebhookNotifier::new("https://hooks.example/x", &secret()).is_ok());
    assert_eq!(format!("{:?}", secret()), "Secret");
}

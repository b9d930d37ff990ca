//! A push service of the test's own, and browsers that it reaches: they decrypt what they are sent, as RFC 8291 says.

use aes_gcm::aead::Aead;
use aes_gcm::{Aes128Gcm, KeyInit};
use backend::push::Subscription;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use domain::push::{PushKey, PushSecret};
use hkdf::Hkdf;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::{PublicKey, SecretKey};
use sha2::Sha256;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

/// A message that arrived.
#[derive(Clone)]
pub struct Posted {
    pub path: String,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Posted {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// What the sender's token says, which is signed by the key that browsers subscribed with.
    pub fn claims(&self, public_key: &str) -> serde_json::Value {
        let header = self.header("authorization").unwrap();
        let (token, key) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(key, public_key);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let key = VerifyingKey::from_sec1_bytes(&B64.decode(key).unwrap()).unwrap();
        let signature = Signature::from_slice(&B64.decode(signature).unwrap()).unwrap();
        key.verify(signed.as_bytes(), &signature).unwrap();
        let (_, claims) = signed.split_once('.').unwrap();
        serde_json::from_slice(&B64.decode(claims).unwrap()).unwrap()
    }
}

/// Status and headers of an answer.
type Answer = (u16, Vec<(String, String)>);

#[derive(Default)]
struct Shared {
    posted: Mutex<Vec<Posted>>,
    /// `None`: 201.
    answer: Mutex<Option<Answer>>,
    stopped: AtomicBool,
}

pub struct PushService {
    pub origin: String,
    address: SocketAddr,
    shared: Arc<Shared>,
    browsers: AtomicU8,
}

impl PushService {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::<Shared>::default();
        let serving = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if serving.stopped.load(Ordering::SeqCst) {
                    return;
                }
                serve(&serving, stream.unwrap());
            }
        });
        Self {
            origin: format!("http://{address}"),
            address,
            shared,
            browsers: AtomicU8::new(1),
        }
    }

    /// From now on it answers so.
    pub fn answer(&self, status: u16, headers: &[(&str, &str)]) {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        *self.shared.answer.lock().unwrap() = Some((status, headers.collect()));
    }

    /// From now on nobody answers.
    pub fn stop(&self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // It waits for a connection.
        let _woken = TcpStream::connect(self.address);
    }

    pub fn posted(&self) -> Vec<Posted> {
        self.shared.posted.lock().unwrap().clone()
    }

    /// One more browser that it reaches.
    pub fn browser(&self) -> Browser {
        let number = self.browsers.fetch_add(1, Ordering::SeqCst);
        Browser {
            key: SecretKey::from_slice(&[number; 32]).unwrap(),
            secret: [number; 16],
            path: format!("/send/{number}"),
            origin: self.origin.clone(),
        }
    }
}

impl Drop for PushService {
    fn drop(&mut self) {
        self.stop();
    }
}

fn serve(shared: &Shared, mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 || line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap();
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    shared.posted.lock().unwrap().push(Posted { path, headers, body });
    let (status, more) = shared.answer.lock().unwrap().clone().unwrap_or((201, Vec::new()));
    let more: String = more
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    write!(
        stream,
        "HTTP/1.1 {status} X\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
}

pub struct Browser {
    key: SecretKey,
    secret: [u8; 16],
    pub path: String,
    origin: String,
}

impl Browser {
    pub fn subscription(&self) -> Subscription {
        let key = self.key.public_key().to_sec1_bytes();
        Subscription {
            address: format!("{}{}", self.origin, self.path).try_into().unwrap(),
            key: PushKey(key[..].try_into().unwrap()),
            secret: PushSecret(self.secret),
        }
    }

    /// What it was sent; `None`: it is for another browser.
    pub fn read(&self, body: &[u8]) -> Option<String> {
        let (salt, rest) = body.split_at(16);
        let (record, rest) = rest.split_at(4);
        assert!(
            u32::from_be_bytes(record.try_into().unwrap()) as usize >= body.len(),
            "one record"
        );
        let (length, rest) = rest.split_first().unwrap();
        let (sender, sealed) = rest.split_at(usize::from(*length));
        let shared = self.key.diffie_hellman(&PublicKey::from_sec1_bytes(sender).unwrap());
        let own = self.key.public_key().to_sec1_bytes();
        let info = [b"WebPush: info\0", &own[..], sender].concat();
        let derive = |salt: &[u8], material: &[u8], info: &[u8], length: usize| {
            let mut derived = vec![0; length];
            Hkdf::<Sha256>::new(Some(salt), material)
                .expand(info, &mut derived)
                .unwrap();
            derived
        };
        let material = derive(&self.secret, shared.raw_secret_bytes(), &info, 32);
        let key = derive(salt, &material, b"Content-Encoding: aes128gcm\0", 16);
        let nonce: [u8; 12] = derive(salt, &material, b"Content-Encoding: nonce\0", 12)
            .try_into()
            .unwrap();
        let text = Aes128Gcm::new_from_slice(&key)
            .unwrap()
            .decrypt(&nonce.into(), sealed)
            .ok()?;
        let end = text.iter().rposition(|byte| *byte != 0).unwrap();
        assert_eq!(text[end], 2, "the last record");
        Some(String::from_utf8(text[..end].to_vec()).unwrap())
    }
}

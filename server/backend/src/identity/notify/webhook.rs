//! Messages to a web address of the deployment's own, which passes them on as text messages or whatever it likes.

use super::{Message, NotSent, Notifier};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use std::fmt::Write as _;
use std::str::FromStr;
use std::time::Duration;
use ureq::Agent;
use zeroize::Zeroizing;

/// The receiver has so long to answer.
const WITHIN: Duration = Duration::from_secs(10);
const SIGNATURE: &str = "X-Latchkey-Signature";
const ID: &str = "X-Latchkey-Id";

/// What webhooks are signed with. Prints nothing.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl FromStr for Secret {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            Err("a secret is not empty")
        } else {
            Ok(Self(Zeroizing::new(text.to_owned())))
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// The address cannot be one of a webhook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address of a webhook begins with http:// or https:// and names a host")]
pub struct BadWebhook;

/// Posts each message as JSON, signed: `X-Latchkey-Signature: sha256=` and HMAC-SHA256 of the body in hexadecimal. Whatever is answered
/// with a status of 200 to 299 counts as taken.
pub struct WebhookNotifier {
    url: String,
    mac: Hmac<Sha256>,
    agent: Agent,
}

impl WebhookNotifier {
    /// To this address.
    pub fn new(url: &str, secret: &Secret) -> Result<Self, BadWebhook> {
        let uri: ureq::http::Uri = url.parse().map_err(|_| BadWebhook)?;
        let named = uri.host().is_some_and(|host| !host.is_empty());
        if !matches!(uri.scheme_str(), Some("http" | "https")) || !named {
            return Err(BadWebhook);
        }
        let config = Agent::config_builder()
            .timeout_global(Some(WITHIN))
            // What was meant for one address goes to no other.
            .max_redirects(0)
            .http_status_as_error(false)
            .user_agent(concat!("latchkey/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self {
            url: url.to_owned(),
            mac: Hmac::new_from_slice(secret.0.as_bytes()).map_err(|_| BadWebhook)?,
            agent: config.into(),
        })
    }

    fn signature(&self, body: &[u8]) -> String {
        let mac = self.mac.clone().chain_update(body).finalize().into_bytes();
        mac.iter().fold("sha256=".to_owned(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

#[async_trait::async_trait]
impl Notifier for WebhookNotifier {
    async fn send(&self, message: &Message) -> Result<(), NotSent> {
        let body = serde_json::to_vec(message).map_err(|error| NotSent(error.to_string()))?;
        let request = self
            .agent
            .post(&self.url)
            .header("Content-Type", "application/json")
            .header(ID, &message.id)
            .header(SIGNATURE, self.signature(&body));
        // The client waits in its thread; the async ones have others to serve.
        let answer = tokio::task::spawn_blocking(move || request.send(&body[..]).map(|answer| answer.status()))
            .await
            .map_err(|error| NotSent(error.to_string()))?;
        match answer {
            Ok(status) if status.is_success() => Ok(()),
            Ok(status) => Err(NotSent(format!("the webhook answered {status}"))),
            Err(error) => Err(NotSent(format!("the webhook was not reached: {error}"))),
        }
    }
}

//! Telling people something outside of Latchkey: the one-time codes of a new password and of registering, and who asks to be above them or is.
//!
//! What is to be told goes into the table `notifications` in the transaction that gives rise to it, so that none is lost and none is
//! sent of what did not happen. A task hands it to the [`Notifier`], again and again with longer and longer pauses, until that took it.
//! It may arrive twice; the receiver knows it by its id.

mod log;
mod webhook;

pub use super::queue::Delivered;
pub use log::LogNotifier;
pub use webhook::{BadWebhook, Secret, WebhookNotifier};

use super::queue::{self, Answer, Due, Entry, Queue, Table};
use crate::core::db::scope::after_commit;
use crate::core::db::{Tx, fault, read_sound, row, sql};
use crate::core::keys::random_text;
use crate::{Backend, Result};
use domain::ids::{Millis, Phone};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Other nodes, and rows whose pause is over, are looked for this often.
const LOOK_EVERY: Duration = Duration::from_secs(2);
const QUEUE: Queue = Queue {
    table: Table::Notifications,
    first_pause_ms: 2_000,
    longest_pause_ms: 5 * 60_000,
};
const ROWS_AT_ONCE: i64 = 64;
const ID_BYTES: usize = 16;
/// As stored, for a notice that has no purpose once it was answered.
const SUPERIOR_ASKS: &str = "superior-asks";
/// Where owners see who is above them.
pub const SUPERIORS_PAGE: &str = "/owner/juniors";

/// Something to tell somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Its own name; the same again is the same message again.
    pub id: String,
    /// Whom to tell.
    pub phone: Phone,
    /// When it was made.
    #[serde(serialize_with = "iso")]
    pub made_at: Millis,
    /// What to tell.
    #[serde(flatten)]
    pub content: Content,
}

/// What to tell. The words are the receiver's: it knows the reader's language.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Content {
    /// The one-time code that allows a new password.
    ResetCode {
        /// Eight digits.
        code: String,
        /// Useless from here on.
        #[serde(serialize_with = "iso")]
        expires: Millis,
    },
    /// The one-time code that shows that a number being registered is theirs.
    RegistrationCode {
        /// Eight digits.
        code: String,
        /// Useless from here on.
        #[serde(serialize_with = "iso")]
        expires: Millis,
    },
    /// Somebody added them as a junior: they are to agree or refuse.
    SuperiorAsks {
        /// Who asks.
        superior: Phone,
        /// Where to do so.
        page: &'static str,
        /// Not worth reading from here on.
        #[serde(serialize_with = "iso")]
        expires: Millis,
    },
    /// Their superior has a superior now, who reads what is theirs as well.
    SuperiorReads {
        /// Who reads.
        superior: Phone,
        /// Where to see who is above, and to leave.
        page: &'static str,
        /// Not worth reading from here on.
        #[serde(serialize_with = "iso")]
        expires: Millis,
    },
}

impl Content {
    /// As stored.
    fn kind(&self) -> &'static str {
        match self {
            Self::ResetCode { .. } => "reset-code",
            Self::RegistrationCode { .. } => "registration-code",
            Self::SuperiorAsks { .. } => SUPERIOR_ASKS,
            Self::SuperiorReads { .. } => "superior-reads",
        }
    }

    /// Not worth sending from here on.
    fn expires(&self) -> Millis {
        match self {
            Self::ResetCode { expires, .. }
            | Self::RegistrationCode { expires, .. }
            | Self::SuperiorAsks { expires, .. }
            | Self::SuperiorReads { expires, .. } => *expires,
        }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

fn iso<S: Serializer>(at: &Millis, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_iso())
}

/// Why a message was not taken, in a few words without anything of its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotSent(pub String);

/// Takes messages to people.
#[async_trait::async_trait]
pub trait Notifier: Send + Sync {
    /// Takes one, or says why not; then it is offered again later.
    async fn send(&self, message: &Message) -> std::result::Result<(), NotSent>;
}

/// How the outbox reaches its task.
pub(crate) struct Outbox {
    notifier: Option<Arc<dyn Notifier>>,
    wake: Arc<Notify>,
}

impl Outbox {
    pub(crate) fn new(notifier: Option<Arc<dyn Notifier>>) -> Self {
        Self {
            notifier,
            wake: Arc::default(),
        }
    }

    pub(crate) fn has_notifier(&self) -> bool {
        self.notifier.is_some()
    }
}

/// Hands over whatever the outbox has from now on, until the backend is closed.
pub fn start(b: &Backend) {
    if b.can_notify() {
        queue::start("notify", b, b.outbox().wake.clone(), LOOK_EVERY, |b| deliver_due(b));
    }
}

/// As stored under seal; the rest stands in the row.
#[derive(Serialize, Deserialize)]
struct Stored {
    made_at: i64,
    content: StoredContent,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StoredContent {
    ResetCode { code: String, expires: i64 },
    RegistrationCode { code: String, expires: i64 },
    SuperiorAsks { superior: String, expires: i64 },
    SuperiorReads { superior: String, expires: i64 },
}

impl From<&Content> for StoredContent {
    fn from(content: &Content) -> Self {
        match content.clone() {
            Content::ResetCode { code, expires } => Self::ResetCode {
                code,
                expires: expires.0,
            },
            Content::RegistrationCode { code, expires } => Self::RegistrationCode {
                code,
                expires: expires.0,
            },
            Content::SuperiorAsks { superior, expires, .. } => Self::SuperiorAsks {
                superior: superior.0,
                expires: expires.0,
            },
            Content::SuperiorReads { superior, expires, .. } => Self::SuperiorReads {
                superior: superior.0,
                expires: expires.0,
            },
        }
    }
}

impl From<StoredContent> for Content {
    fn from(stored: StoredContent) -> Self {
        match stored {
            StoredContent::ResetCode { code, expires } => Self::ResetCode {
                code,
                expires: Millis(expires),
            },
            StoredContent::RegistrationCode { code, expires } => Self::RegistrationCode {
                code,
                expires: Millis(expires),
            },
            StoredContent::SuperiorAsks { superior, expires } => Self::SuperiorAsks {
                superior: Phone(superior),
                page: SUPERIORS_PAGE,
                expires: Millis(expires),
            },
            StoredContent::SuperiorReads { superior, expires } => Self::SuperiorReads {
                superior: Phone(superior),
                page: SUPERIORS_PAGE,
                expires: Millis(expires),
            },
        }
    }
}

/// Puts a message into the outbox, with what gives rise to it. One that is not `wanted`, because there is nobody to tell, takes the same
/// work and stores nothing.
pub(crate) async fn enqueue_within(
    b: &Backend,
    tx: &mut Tx,
    phone: &Phone,
    content: &Content,
    wanted: bool,
) -> Result<()> {
    let id = random_text::<ID_BYTES>(b.rng());
    let stored = Stored {
        made_at: b.now().0,
        content: content.into(),
    };
    let body = serde_json::to_vec(&stored).map_err(fault)?;
    let body = b.keys().seal(b.rng(), &seal_context(phone.as_str(), &id), &body)?;
    if !wanted {
        tx.execute(sql!(
            "DELETE FROM notifications WHERE phone = $1 AND id = $2",
            phone.as_str(),
            id
        ))
        .await?;
        return Ok(());
    }
    tx.execute(sql!(
        "INSERT INTO notifications (phone, id, kind, body, tries, next_at) VALUES ($1, $2, $3, $4, 0, $5)",
        phone.as_str(),
        id,
        content.kind(),
        body,
        b.now().0
    ))
    .await?;
    Ok(())
}

/// Drops what still asks `phone` about a superior: it was answered, or asks no more.
pub(crate) async fn answered_within(tx: &mut Tx, phone: &Phone) -> Result<()> {
    tx.execute(sql!(
        "DELETE FROM notifications WHERE phone = $1 AND kind = $2",
        phone.as_str(),
        SUPERIOR_ASKS
    ))
    .await?;
    Ok(())
}

/// Says that the outbox has something new, once that is committed.
pub(crate) fn wake(b: &Backend) {
    let wake = b.outbox().wake.clone();
    after_commit(move || wake.notify_one());
}

pub(crate) fn seal_context(phone: &str, id: &str) -> String {
    format!("notification {phone}/{id}")
}

/// Offers every message whose time has come; what [`start`] does again and again.
#[crate::boxed]
pub async fn deliver_due(b: &Backend) -> Result<Delivered> {
    let Some(notifier) = b.outbox().notifier.as_deref() else {
        return Ok(Delivered::default());
    };
    let rows: Vec<Row> = read_sound!(b, ["body"], |[body]| {
        let query = sql!(
            "SELECT {body} AS body, phone, id, tries, next_at FROM notifications WHERE next_at <= $1 ORDER BY next_at LIMIT $2"
            { body: sealed(body) },
            b.now().0,
            ROWS_AT_ONCE
        );
        b.db().read().try_all(query).await
    })?;
    QUEUE.deliver(b, notifier, rows).await
}

row! {
    struct Row {
        body: String,
        .. entry: Entry,
    }
}

impl Due for Row {
    type Taker = dyn Notifier;

    fn entry(&self) -> &Entry {
        &self.entry
    }

    async fn offer(&self, b: &Backend, notifier: &Self::Taker) -> Result<Answer> {
        let Some(message) = self.message(b) else {
            // Nobody will ever read it, and it would be offered for ever.
            b.damage().note("notifications", &self.entry.id);
            return Ok(Answer::Never);
        };
        if message.content.expires() <= b.now() {
            tracing::warn!(
                id = self.entry.id,
                tries = self.entry.tries,
                "a message was dropped: it is too late for it"
            );
            return Ok(Answer::Never);
        }
        if let Err(error) = notifier.send(&message).await {
            tracing::warn!(id = self.entry.id, tries = self.entry.tries + 1, %error, "a message was not taken");
            return Ok(Answer::NotNow { pause_ms: 0 });
        }
        Ok(Answer::Taken)
    }
}

impl Row {
    /// `None`: it cannot be read.
    fn message(&self, b: &Backend) -> Option<Message> {
        let body = b
            .keys()
            .try_open(&seal_context(&self.entry.phone, &self.entry.id), &self.body)?;
        let stored: Stored = serde_json::from_slice(&body).ok()?;
        Some(Message {
            id: self.entry.id.clone(),
            phone: Phone(self.entry.phone.clone()),
            made_at: Millis(stored.made_at),
            content: stored.content.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_prints_no_code() {
        let content = Content::ResetCode {
            code: "12345678".to_owned(),
            expires: Millis(0),
        };
        let message = Message {
            id: "x".to_owned(),
            phone: Phone("13800000001".to_owned()),
            made_at: Millis(0),
            content,
        };
        assert!(!format!("{message:?}").contains("12345678"));
        assert_eq!(
            serde_json::to_string(&message).unwrap(),
            r#"{"id":"x","phone":"13800000001","madeAt":"1970-01-01T00:00:00.000Z","kind":"reset-code","code":"12345678","expires":"1970-01-01T00:00:00.000Z"}"#
        );
    }

    #[test]
    fn a_notice_about_a_superior_names_their_number_and_the_page() {
        let content = Content::SuperiorAsks {
            superior: Phone("13800000002".to_owned()),
            page: SUPERIORS_PAGE,
            expires: Millis(0),
        };
        let stored = serde_json::to_string(&StoredContent::from(&content)).unwrap();
        assert_eq!(
            Content::from(serde_json::from_str::<StoredContent>(&stored).unwrap()),
            content
        );
        assert_eq!(
            serde_json::to_string(&content).unwrap(),
            r#"{"kind":"superior-asks","superior":"13800000002","page":"/owner/juniors","expires":"1970-01-01T00:00:00.000Z"}"#
        );
    }
}

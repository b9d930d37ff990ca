//! What is due is spread over the browsers of those whom it concerns, and handed to their push services.

use super::encryption::{self, FILLED_TO, SALT_BYTES};
use super::service::{Posted, Said, may_be_sent_to};
use super::subscriptions::{Subscription, context, forget_within};
use super::{BUSINESS_PAGE, ROWS_AT_ONCE, Ready, STAFF_PAGE, vapid};
use crate::core::db::{fault, row, sql};
use crate::core::keys::sha256;
use crate::identity::queue::{Answer, Delivered, Due, Entry, Queue, Table};
use crate::{Backend, Result};
use domain::ids::Millis;
use domain::people::Role;
use domain::push::Kind;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

const QUEUE: Queue = Queue {
    table: Table::PushSends,
    first_pause_ms: 5_000,
    longest_pause_ms: 10 * 60_000,
};
/// A service that took a message in none of these tries, over about an hour, will not.
const TRIES_MOST: i64 = 12;
const EVENTS_AT_ONCE: i64 = 64;
const SENDS_AT_ONCE: i64 = 64;
/// Browsers that are told of one event.
const BROWSERS_MOST: i64 = 1_000;
/// A topic has at most this number of characters.
const TOPIC_CHARS: usize = 32;

/// Spreads and sends everything whose time has come; what [`super::start`] does again and again.
#[crate::boxed]
pub async fn deliver_due(b: &Backend) -> Result<Delivered> {
    let Some(ready) = b.push().ready() else {
        return Ok(Delivered::default());
    };
    spread_due(b).await?;
    let due: Vec<Send> = b
        .db()
        .all(sql!(
            "SELECT m.subscription, m.kind, m.path, m.ends, s.content, m.phone, m.id, m.tries, m.next_at
             FROM push_sends m JOIN push_subscriptions s ON s.phone = m.phone AND s.id = m.subscription
             WHERE m.next_at <= $1 ORDER BY m.next_at LIMIT $2",
            b.now().0,
            SENDS_AT_ONCE
        ))
        .await?;
    let all = QUEUE.deliver(b, ready, due).await?;
    if all != Delivered::default() {
        let Delivered { sent, failed, dropped } = all;
        tracing::info!(sent, failed, dropped, "notifications were handed to push services");
    }
    Ok(all)
}

row! {
    struct Event {
        things_sq: String,
        kind: String,
        business: String,
        next_at: i64,
        ends: i64,
    }
}

row! {
    struct Browser {
        phone: String,
        id: String,
        role: String,
    }
}

async fn spread_due(b: &Backend) -> Result<()> {
    let due: Vec<Event> = b
        .db()
        .all(sql!(
            "SELECT things_sq, kind, business, next_at, ends FROM push_events WHERE next_at <= $1 ORDER BY next_at LIMIT $2",
            b.now().0,
            EVENTS_AT_ONCE
        ))
        .await?;
    for event in due {
        event.spread(b).await?;
    }
    Ok(())
}

impl Event {
    /// Once, whichever node takes the event away.
    async fn spread(&self, b: &Backend) -> Result<()> {
        let browsers = match Kind::parse(&self.kind) {
            Some(kind) if self.ends > b.now().0 => self.browsers(b, kind).await?,
            _ => Vec::new(),
        };
        let mut tx = b.db().begin().await?;
        let is_ours = tx
            .execute(sql!(
                "DELETE FROM push_events WHERE things_sq = $1 AND kind = $2 AND next_at = $3",
                &self.things_sq,
                &self.kind,
                self.next_at
            ))
            .await?;
        if is_ours == 0 {
            return tx.rollback().await;
        }
        for browsers in browsers.chunks(ROWS_AT_ONCE) {
            // One that waits already is about several orders now, and leads to where all of them are.
            let mut query = sql!(
                "INSERT INTO push_sends (phone, id, subscription, kind, path, tries, next_at, ends) VALUES {rows}
                 ON CONFLICT (phone, id) DO UPDATE SET path = '{page}' WHERE push_sends.path <> excluded.path"
                { rows: rows(browsers.len(), 8), page: text(BUSINESS_PAGE) }
            )
            .prepared_if(browsers.len() == 1);
            for browser in browsers {
                query = query
                    .bind(&browser.phone)
                    .bind(format!("{}/{}", browser.id, self.kind))
                    .bind(&browser.id)
                    .bind(&self.kind)
                    .bind(self.path(&browser.role))
                    .bind(0)
                    .bind(b.now().0)
                    .bind(self.ends);
            }
            tx.execute(query).await?;
        }
        tx.commit().await
    }

    /// The browsers of those whom it concerns: the business, and for what is overdue staff as well.
    async fn browsers(&self, b: &Backend, kind: Kind) -> Result<Vec<Browser>> {
        let staff = if kind == Kind::Overdue {
            Role::Staff.as_str()
        } else {
            ""
        };
        b.db()
            .all(sql!(
                "SELECT s.phone, s.id, p.role FROM push_subscriptions s JOIN people p ON p.phone = s.phone
                 WHERE s.ends > $1 AND p.active = 1 AND ((p.role = $2 AND p.business = $3) OR p.role = $4) ORDER BY s.phone, s.id LIMIT $5",
                b.now().0,
                Role::Business.as_str(),
                &self.business,
                staff,
                BROWSERS_MOST
            ))
            .await
    }

    fn path(&self, role: &str) -> String {
        if role == Role::Staff.as_str() {
            STAFF_PAGE.to_owned()
        } else {
            format!(
                "{BUSINESS_PAGE}/{}",
                utf8_percent_encode(&self.things_sq, NON_ALPHANUMERIC)
            )
        }
    }
}

row! {
    struct Send {
        subscription: String,
        kind: String,
        path: String,
        ends: i64,
        content: String,
        .. entry: Entry,
    }
}

impl Due for Send {
    type Taker = Ready;

    fn entry(&self) -> &Entry {
        &self.entry
    }

    async fn offer(&self, b: &Backend, ready: &Ready) -> Result<Answer> {
        if self.ends <= b.now().0 || self.entry.tries >= TRIES_MOST {
            tracing::warn!(
                kind = self.kind,
                tries = self.entry.tries,
                "a notification was dropped: it is too late for it"
            );
            return Ok(Answer::Never);
        }
        let Some(posted) = self.posted(b, ready)? else {
            // Nobody will ever read it.
            b.damage().note("push_subscriptions", &self.subscription);
            return self.forget_browser(b).await;
        };
        match ready.service.post(posted).await {
            Said::Taken => {
                tracing::debug!(kind = self.kind, "a push service took a notification");
                Ok(Answer::Taken)
            }
            Said::Gone => {
                tracing::info!("a browser is no longer known to its push service and is forgotten");
                self.forget_browser(b).await
            }
            Said::Refused(status) => {
                tracing::warn!(kind = self.kind, status, "a push service refused a notification");
                Ok(Answer::Never)
            }
            Said::Later(why, pause) => {
                tracing::warn!(
                    kind = self.kind,
                    tries = self.entry.tries + 1,
                    why,
                    "a push service did not take a notification"
                );
                let pause_ms = pause.unwrap_or_default();
                Ok(Answer::NotNow { pause_ms })
            }
        }
    }
}

impl Send {
    /// `None`: the subscription cannot be read, or leads to where nothing may be sent (any more).
    fn posted(&self, b: &Backend, ready: &Ready) -> Result<Option<Posted>> {
        let content = b
            .keys()
            .try_open(&context(&self.entry.phone, &self.subscription), &self.content);
        let subscription: Option<Subscription> = content.and_then(|content| serde_json::from_slice(&content).ok());
        let Some(subscription) = subscription.filter(|one| may_be_sent_to(&one.address, ready.loopback)) else {
            return Ok(None);
        };
        let Some(key) = encryption::point(&subscription.key) else {
            return Ok(None);
        };
        // No name, no number, no word of a person: what it is about, and which page shows it.
        let plain = serde_json::json!({ "kind": self.kind, "path": self.path }).to_string();
        let mut salt = [0; SALT_BYTES];
        b.rng().fill(&mut salt);
        let own = vapid::fresh(b.rng());
        let body = encryption::encrypt(&key, &subscription.secret, &own, &salt, plain.as_bytes(), FILLED_TO);
        let mut topic = sha256(&plain);
        topic.truncate(TOPIC_CHARS);
        Ok(Some(Posted {
            authorization: ready.vapid.authorization(subscription.address.origin(), b.now())?,
            address: subscription.address,
            seconds: Millis(self.ends).since(b.now()) / 1_000,
            topic,
            body: body.ok_or_else(|| fault("a notification could not be encrypted"))?,
        }))
    }

    async fn forget_browser(&self, b: &Backend) -> Result<Answer> {
        let mut tx = b.db().begin().await?;
        forget_within(&mut tx, &self.entry.phone, &self.subscription).await?;
        tx.commit().await?;
        Ok(Answer::Never)
    }
}

//! What may open a guard now or will: passwords and cards together, as cards with a bar of the time that is left.

use super::parts::length;
use super::span;
use crate::ui::empty::Empty;
use domain::error::Refusal;
use domain::guard::cards::Card;
use domain::guard::guards::GuardInfo;
use domain::guard::ids::{CardHolder, GuardId, ServiceNumb};
use domain::guard::passwords::Password;
use domain::guard::unreadable::Unreadable;
use domain::ids::Millis;
use islands::addresses::at;
use islands::context;
use islands::functions::{cards, passwords};
use islands::i18n::{Locale, td_string};
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// What opens.
#[derive(Clone)]
pub enum What {
    /// A password, whose digits no list shows.
    Password {
        /// For whom it is; for the owner alone.
        for_whom: Option<CardHolder>,
    },
    /// Somebody's card.
    Card {
        /// Whose.
        holder: CardHolder,
        /// Its number, most of it hidden.
        masked: String,
    },
    /// What is stored of it cannot be read, so it opens nothing; it can be cancelled.
    Unreadable(Kind),
}

/// The two kinds of authorisations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By password.
    Password,
    /// By card.
    Card,
}

impl What {
    fn kind(&self) -> Kind {
        match self {
            Self::Password { .. } => Kind::Password,
            Self::Card { .. } => Kind::Card,
            Self::Unreadable(kind) => *kind,
        }
    }
}

/// One authorisation that has not ended.
#[derive(Clone)]
pub struct Standing {
    /// Its number.
    pub service_numb: ServiceNumb,
    /// What opens.
    pub what: What,
    /// Valid from here on.
    pub from: Millis,
    /// Valid before this.
    pub until: Millis,
    /// The guard has said that it knows it.
    pub delivered: bool,
}

impl From<(Password, i64)> for Standing {
    fn from((password, acked): (Password, i64)) -> Self {
        Self {
            service_numb: password.service_numb,
            what: What::Password {
                for_whom: password.for_whom,
            },
            from: password.from,
            until: password.until,
            delivered: password.version <= acked,
        }
    }
}

impl From<(Card, i64)> for Standing {
    fn from((card, acked): (Card, i64)) -> Self {
        Self {
            service_numb: card.service_numb,
            what: What::Card {
                holder: card.name,
                masked: card.card_numb.masked(),
            },
            from: card.from,
            until: card.until,
            delivered: card.version <= acked,
        }
    }
}

impl From<(Unreadable, Kind)> for Standing {
    fn from((row, kind): (Unreadable, Kind)) -> Self {
        Self {
            service_numb: row.service_numb,
            what: What::Unreadable(kind),
            from: row.from,
            until: row.until,
            delivered: false,
        }
    }
}

/// The password of a number, if it opens now or will, also where it cannot be read.
pub async fn password(guard: &GuardInfo, number: &ServiceNumb) -> Result<Option<Standing>, Refusal> {
    let listed = passwords::list(guard).await?;
    let found = listed.passwords.into_iter().find(|one| one.service_numb == *number);
    let damaged = listed.unreadable.into_iter().find(|row| row.service_numb == *number);
    let standing = found.map(|one| Standing::from((one, guard.acked)));
    Ok(standing.or(damaged.map(|row| Standing::from((row, Kind::Password)))))
}

/// Everything that opens a guard now or will, about to end first.
pub async fn load(guard: &GuardInfo) -> Result<Vec<Standing>, Refusal> {
    let acked = guard.acked;
    let listed = passwords::list(guard).await?;
    let (cards, unreadable) = cards::list(guard).await?;
    let mut all: Vec<Standing> = listed.passwords.into_iter().map(|one| (one, acked).into()).collect();
    all.extend(cards.into_iter().map(|one| Standing::from((one, acked))));
    let damaged = [(listed.unreadable, Kind::Password), (unreadable, Kind::Card)];
    for (rows, kind) in damaged {
        all.extend(rows.into_iter().map(|row| Standing::from((row, kind))));
    }
    all.sort_by_key(|standing| standing.until);
    Ok(all)
}

/// All of them, or how to begin.
#[component]
pub fn StandingList(
    /// Of which guard.
    guard_id: GuardId,
    /// Which.
    all: Vec<Standing>,
    /// Of the reader's own guard: they may add some.
    own: bool,
) -> impl IntoView {
    let locale = context::locale();
    if all.is_empty() {
        let text = if own {
            td_string!(locale, owner_guard.nobody_may_open)
        } else {
            td_string!(locale, owner_guard.nobody_may_open_here)
        };
        return view! { <Empty text icon="key"/> }.into_any();
    }
    let cards: Vec<_> = all.into_iter().map(|standing| card(&guard_id, standing, own)).collect();
    view! { <ul class="flex flex-col gap-4" data-testid="grants">{cards}</ul> }.into_any()
}

fn card(guard_id: &GuardId, standing: Standing, own: bool) -> AnyView {
    let locale = context::locale();
    let icon = match &standing.what {
        What::Password { .. } => "key",
        What::Card { .. } => "badge",
        What::Unreadable(_) => "warning",
    };
    let number = &standing.service_numb;
    let (kind, href) = match standing.what.kind() {
        Kind::Password => ("passwords", at::owner_password(guard_id, number)),
        Kind::Card => ("cards", at::owner_card(guard_id, number)),
    };
    let title = match &standing.what {
        What::Password { .. } if !own => td_string!(locale, owner_grant.a_password).into_any(),
        What::Password { for_whom: Some(name) } => {
            let name = name.to_string();
            view! { <span class="sr-only">{td_string!(locale, owner_grant.password)} " "</span> {name} }.into_any()
        }
        What::Password { for_whom: None } => td_string!(locale, owner_grant.password).into_any(),
        What::Card { holder, masked } => {
            let holder = holder.to_string();
            let masked = masked.clone();
            view! { {holder} " " <span class="font-mono text-sm font-normal">{masked}</span> }.into_any()
        }
        What::Unreadable(_) => unreadable(&standing).into_any(),
    };
    let readable = !matches!(&standing.what, What::Unreadable(_));
    // Passwords are for the owner alone.
    let is_open = own || standing.what.kind() == Kind::Card;
    let title = if is_open {
        view! { <a href=href class="row-link flex-wrap gap-x-2 text-lg break-all">{title}</a> }.into_any()
    } else {
        view! { <span class="text-lg">{title}</span> }.into_any()
    };
    view! {
        <li class="card-plain flex flex-col gap-2" data-testid="grant" data-kind=kind>
            <h3 class="flex items-center gap-2"><Icon name=icon class="size-5 shrink-0"/> {title}</h3>
            <TimeLeft from=standing.from until=standing.until/>
            {readable.then(|| view! { <Delivered delivered=standing.delivered/> })}
        </li>
    }
    .into_any()
}

/// Names one that cannot be read.
pub fn unreadable(standing: &Standing) -> String {
    let number = standing.service_numb.as_str();
    td_string!(context::locale(), owner_grant.unreadable, number = number).to_string()
}

/// The bar of the time that is left, and the same in words.
#[component]
pub fn TimeLeft(
    /// Valid from here on.
    from: Millis,
    /// Valid before this.
    until: Millis,
) -> impl IntoView {
    let (locale, now) = (context::locale(), context::now());
    let (left, soon) = (share_left(from, until, now), ends_soon(from, until, now));
    let class = if soon { "time-bar time-bar-soon" } else { "time-bar" };
    view! {
        <span class=class aria-hidden="true"><span style=format!("width:{left}%")></span></span>
        <p class="flex flex-wrap justify-between gap-x-4 text-sm">
            <span class="flex flex-wrap items-center gap-x-2 font-medium">
                {in_words(locale, from, until, now)}
                {soon.then(|| view! { <span class="badge badge-warning whitespace-nowrap" data-testid="ends-soon">{td_string!(locale, owner_grant.ends_soon)}</span> })}
            </span>
            <span class="tabular-nums opacity-75">{unbroken(&span::in_words(locale, from, until))}</span>
        </p>
    }
    .into_any()
}

/// A line may end after the dash and nowhere else.
fn unbroken(span: &str) -> String {
    let ends: Vec<String> = span.split(" – ").map(|end| end.replace(' ', "\u{a0}")).collect();
    ends.join("\u{a0}– ")
}

/// What has a fifth of its time left is about to end, but nothing that has more left than this.
const SOON_MS: i64 = 3 * 24 * 60 * 60 * 1000;

fn ends_soon(from: Millis, until: Millis, now: Millis) -> bool {
    until.since(now) < (until.since(from) / 5).min(SOON_MS)
}

/// How much of the time is left, in whole percent.
fn share_left(from: Millis, until: Millis, now: Millis) -> i64 {
    let whole = i128::from(until.since(from).max(1));
    let left = i128::from(until.since(now)).clamp(0, whole) * 100 / whole;
    i64::try_from(left).unwrap_or(0)
}

fn in_words(locale: Locale, from: Millis, until: Millis, now: Millis) -> String {
    if now < from {
        let time = length(locale, from.since(now));
        td_string!(locale, owner_grant.begins_in, time = time).to_string()
    } else {
        let time = length(locale, until.since(now));
        td_string!(locale, owner_grant.ends_in, time = time).to_string()
    }
}

/// Does the guard have it?
#[component]
pub fn Delivered(
    /// It said so.
    delivered: bool,
) -> impl IntoView {
    let locale = context::locale();
    if delivered {
        view! { <p class="flex items-center gap-2 text-sm" data-testid="delivered"><Icon name="check" class="text-success size-5 shrink-0"/> {td_string!(locale, owner_grant.delivered)}</p> }
            .into_any()
    } else {
        view! { <p class="flex items-center gap-2 text-sm" data-testid="waiting"><Icon name="clock" class="size-5 shrink-0"/> {td_string!(locale, owner_grant.waiting)}</p> }
            .into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_runs_from_full_to_empty() {
        let left = |now| share_left(Millis(1_000), Millis(2_000), Millis(now));
        assert_eq!((left(0), left(1_000), left(1_500), left(3_000)), (100, 100, 50, 0));
        assert_eq!(share_left(Millis(i64::MIN), Millis(i64::MAX), Millis(0)), 100);
    }

    #[test]
    fn a_span_breaks_at_its_dash_only() {
        assert_eq!(
            unbroken("1 May, 10:00 – 2 May, 09:00"),
            "1\u{a0}May,\u{a0}10:00\u{a0}– 2\u{a0}May,\u{a0}09:00"
        );
    }

    #[test]
    fn the_last_fifth_is_about_to_end_and_of_a_long_time_the_last_days() {
        const HOUR: i64 = 3_600_000;
        let soon = |whole: i64, left: i64| ends_soon(Millis(0), Millis(whole), Millis(whole - left));
        assert!(!soon(HOUR, HOUR) && !soon(HOUR, HOUR / 5) && soon(HOUR, HOUR / 5 - 1));
        assert!(!soon(365 * 24 * HOUR, 3 * 24 * HOUR) && soon(365 * 24 * HOUR, 2 * 24 * HOUR));
    }
}

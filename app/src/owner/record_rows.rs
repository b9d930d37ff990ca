//! Records as lines of who, how, when, and why not.

use super::parts::guard_address;
use crate::context::{self, RequestContext};
use crate::form::done;
use crate::i18n::{Locale, td_string};
use crate::ui::date::{DoorTime, number};
use crate::ui::empty::Empty;
use crate::ui::icon::Icon;
use backend::guard::guards::GuardInfo;
use backend::guard::records::{self, By, Filter, Record, What};
use domain::error::Refusal;
use domain::guard::grants::Reason;
use domain::guard::ids::{CardNumb, GuardId};
use domain::ids::{Millis, Phone};
use domain::people::Role;
use leptos::prelude::*;

/// A clock that may be wrong by more than this is said to be.
const CERTAIN_MS: i64 = 2_000;

/// A record as a line shows it.
#[derive(Clone)]
pub struct Line {
    record: Record,
    /// How the guard is called now; its bar code where it is nobody's any more.
    guard_name: String,
}

impl Line {
    /// With the name of its guard, found among these.
    pub fn of(record: Record, guards: &[GuardInfo]) -> Self {
        let guard = guards.iter().find(|guard| guard.id == record.guard_id);
        let guard_name = guard.map_or_else(|| record.guard_id.to_string(), |guard| guard.name.to_string());
        Self { record, guard_name }
    }

    /// The record itself.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// How its guard is called.
    pub fn guard_name(&self) -> &str {
        &self.guard_name
    }
}

/// The whole number of the card of one record, on its one way to the screen.
#[derive(Clone)]
pub struct RevealedRow {
    /// At which guard.
    pub guard_id: GuardId,
    /// When.
    pub at: Millis,
    /// The record's number.
    pub seq: i64,
    /// The card's number.
    pub card_numb: CardNumb,
}

/// The newest records of one guard.
pub async fn latest(
    request: &RequestContext,
    of: &Phone,
    guard_id: &GuardId,
    limit: u32,
) -> Result<Vec<Line>, Refusal> {
    let filter = Filter {
        guard: Some(guard_id.clone()),
        limit,
        ..Filter::default()
    };
    lines(request, of, &filter).await
}

/// Who opened a guard last.
pub async fn last_opened(request: &RequestContext, of: &Phone, guard_id: &GuardId) -> Result<Option<Line>, Refusal> {
    let filter = Filter {
        guard: Some(guard_id.clone()),
        opened: Some(true),
        limit: 1,
        ..Filter::default()
    };
    Ok(lines(request, of, &filter).await?.pop())
}

async fn lines(request: &RequestContext, of: &Phone, filter: &Filter) -> Result<Vec<Line>, Refusal> {
    let who = request.require(Role::Owner)?;
    let page = records::page(&request.backend, who, of, filter).await?;
    Ok(page.rows.into_iter().map(|record| Line::of(record, &[])).collect())
}

/// Who it was, as far as it is known.
pub fn who(locale: Locale, by: &By) -> String {
    match by {
        By::Card { name: Some(name), .. } => name.to_string(),
        By::Card {
            card_numb: Some(card), ..
        } => card.masked(),
        By::Card { .. } => td_string!(locale, owner_records.unreadable_card).to_owned(),
        By::Password {
            default_password: Some(which),
            ..
        } => td_string!(locale, owner_records.default_password, which = *which).to_string(),
        By::Password {
            password: Some(password),
            ..
        } => password.as_str().to_owned(),
        By::Password { masked, .. } => masked.clone(),
    }
}

/// By card or by password.
pub fn how(locale: Locale, by: &By) -> &'static str {
    match by {
        By::Card { .. } => td_string!(locale, owner_records.by_card),
        By::Password { .. } => td_string!(locale, owner_records.by_password),
    }
}

/// Why a guard stayed shut.
pub fn why(locale: Locale, reason: Reason) -> &'static str {
    match reason {
        Reason::NotYetValid => td_string!(locale, owner_records.not_yet_valid),
        Reason::Ended => td_string!(locale, owner_records.ended),
        Reason::Cancelled => td_string!(locale, owner_records.cancelled),
        Reason::ClockUnknown => td_string!(locale, owner_records.clock_unknown),
        Reason::NoLongerAuthorised => td_string!(locale, owner_records.no_longer_authorised),
        Reason::UnknownCard => td_string!(locale, owner_records.unknown_card),
        Reason::UnknownPassword => td_string!(locale, owner_records.unknown_password),
        Reason::TooManyTries => td_string!(locale, owner_records.too_many_tries),
    }
}

/// By how much the time may be wrong; nothing where it is right to the second or two.
pub fn doubt(locale: Locale, uncertainty_ms: Option<i64>) -> Option<String> {
    match uncertainty_ms {
        None => Some(td_string!(locale, owner_records.no_clock).to_owned()),
        Some(ms) if ms <= CERTAIN_MS => None,
        Some(ms) => Some(td_string!(locale, owner_records.uncertain, seconds = number(ms / 1000)).to_string()),
    }
}

/// Records, newest first, or that there are none.
#[component]
pub fn Lines(
    /// Which.
    lines: Vec<Line>,
    /// Say which guard it was.
    guards: bool,
    /// A form to ask for a card's whole number.
    #[prop(optional)]
    reveal: bool,
) -> impl IntoView {
    let locale = context::locale();
    if lines.is_empty() {
        return view! { <Empty text=td_string!(locale, owner_records.none_yet) icon="list"/> }.into_any();
    }
    let revealed = reveal.then(done::<RevealedRow>).flatten();
    let rows: Vec<_> = lines
        .into_iter()
        .map(|line| row(line, guards, reveal, revealed.as_ref()))
        .collect();
    view! { <ol class="record-rows" data-testid="records">{rows}</ol> }.into_any()
}

fn row(line: Line, guards: bool, reveal: bool, revealed: Option<&RevealedRow>) -> AnyView {
    let locale = context::locale();
    let record = &line.record;
    let (state, icon, title, detail) = match &record.what {
        What::Opened(by) => ("opened", "door-open", who(locale, by), how(locale, by).to_owned()),
        What::Refused(by, reason) => {
            let detail = format!("{} · {}", how(locale, by), why(locale, *reason));
            ("refused", "ban", who(locale, by), detail)
        }
        What::Lost { from } => {
            let count = number(record.seq.saturating_sub(*from).saturating_add(1));
            let detail = td_string!(locale, owner_records.lost_detail).to_owned();
            (
                "lost",
                "warning",
                td_string!(locale, owner_records.lost, count = count).to_string(),
                detail,
            )
        }
    };
    let word = match &record.what {
        What::Opened(_) => td_string!(locale, owner_records.opened),
        What::Refused(..) => td_string!(locale, owner_records.refused),
        What::Lost { .. } => td_string!(locale, owner_records.gap),
    };
    let guard = guards.then(|| {
        let href = guard_address(&record.guard_id, "");
        view! { <p class="text-sm"><a href=href class="link link-hover">{line.guard_name.clone()}</a></p> }
    });
    let doubt = doubt(locale, record.uncertainty_ms)
        .map(|text| view! { <span class="text-sm whitespace-nowrap opacity-75" data-testid="uncertain">{text}</span> });
    let number = reveal.then(|| card_number(record, revealed)).flatten();
    // The number has a line of its own here.
    let title = match record.by() {
        Some(by @ By::Card { name: None, .. }) if number.is_some() => how(locale, by).to_owned(),
        _ => title,
    };
    view! {
        <li class="record-row" data-state=state data-testid="record">
            <Icon name=icon class="record-icon"/>
            <div class="record-body">
                <div class="min-w-0">
                    <p class="font-medium break-words">{title}</p>
                    <p class="text-sm"><span class="record-word">{word}</span> " · " {detail}</p>
                    {guard}
                    {number}
                </div>
                <p class="record-time"><DoorTime at=record.at seconds=true/> {doubt}</p>
            </div>
        </li>
    }
    .into_any()
}

/// The card's number: most of it hidden, with a way to ask for the whole.
fn card_number(record: &Record, revealed: Option<&RevealedRow>) -> Option<AnyView> {
    let locale = context::locale();
    let Some(By::Card {
        card_numb: Some(card), ..
    }) = record.by()
    else {
        return None;
    };
    let here = revealed.filter(|row| row.guard_id == record.guard_id && row.at == record.at && row.seq == record.seq);
    if let Some(row) = here {
        let whole = row.card_numb.as_str().to_owned();
        return Some(
            view! { <p class="font-mono text-sm select-all" data-testid="card-number">{whole}</p> }.into_any(),
        );
    }
    let (guard_id, at, seq) = (record.guard_id.to_string(), record.at.0, record.seq);
    Some(
        view! {
            <form method="post" class="flex flex-wrap items-center gap-x-3">
                <input type="hidden" name="guardId" value=guard_id/>
                <input type="hidden" name="at" value=at/>
                <input type="hidden" name="seq" value=seq/>
                <span class="font-mono text-sm" data-testid="card-number">{card.masked()}</span>
                <button class="link min-h-12 text-sm" data-testid="reveal">{td_string!(locale, owner_grant.reveal)}</button>
            </form>
        }
        .into_any(),
    )
}

/// Who opened a guard last, in one line.
#[component]
pub fn LastOpened(
    /// The record, if there is one.
    line: Option<Line>,
) -> impl IntoView {
    let locale = context::locale();
    let Some((by, at)) = line.as_ref().and_then(|line| Some((line.record.by()?, line.record.at))) else {
        return view! { <p class="text-sm opacity-75">{td_string!(locale, owner.never_opened)}</p> }.into_any();
    };
    let text = format!("{} · {}", who(locale, by), how(locale, by));
    view! {
        <p class="flex flex-wrap items-center gap-x-2 text-sm" data-testid="last-opened">
            <Icon name="door-open" class="size-5 shrink-0"/>
            <span>{td_string!(locale, owner.last_opened)}</span>
            <span class="font-medium">{text}</span>
            <DoorTime at/>
        </p>
    }
    .into_any()
}

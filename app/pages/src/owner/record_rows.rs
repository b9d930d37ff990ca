//! Records as lines of who, how, when, and why not.

use crate::entry::{self, ActForm};
use crate::ui::empty::Empty;
use domain::error::Refusal;
use domain::guard::grants::Reason;
use domain::guard::guards::GuardInfo;
use domain::guard::ids::GuardId;
use domain::guard::link::DoorState;
use domain::guard::records::{By, Filter, Record, What};
use domain::ids::{Millis, Phone};
use islands::addresses::at;
use islands::context;
use islands::date::{DoorTime, clock_time, day_of, door_zone, heading, number as number_text};
use islands::functions::records::{self, RevealRecord, RevealedRow};
use islands::html;
use islands::i18n::{Locale, td_string};
use islands::ui::html::Html;
use islands::ui::icon::{Icon, svg};
use jiff::tz::TimeZone;
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

/// The newest records of one guard.
pub async fn latest(of: &Phone, guard_id: &GuardId, limit: u32) -> Result<Vec<Line>, Refusal> {
    let filter = Filter {
        guard: Some(guard_id.clone()),
        limit,
        ..Filter::default()
    };
    lines(of, &filter).await
}

/// Who opened a guard last.
pub async fn last_opened(of: &Phone, guard_id: &GuardId) -> Result<Option<Line>, Refusal> {
    let filter = Filter {
        guard: Some(guard_id.clone()),
        opened: Some(true),
        limit: 1,
        ..Filter::default()
    };
    Ok(lines(of, &filter).await?.pop())
}

async fn lines(of: &Phone, filter: &Filter) -> Result<Vec<Line>, Refusal> {
    let page = records::page(of, filter).await?;
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
            for_whom: Some(name), ..
        } => name.to_string(),
        // Digits stand on no page and in no file.
        By::Password { masked, .. } => masked.clone(),
    }
}

/// The same of a record, of which that may be damaged.
pub fn who_of(locale: Locale, record: &Record) -> Option<String> {
    let by = record.by()?;
    Some(if record.damaged {
        td_string!(locale, owner_records.unreadable).to_owned()
    } else {
        who(locale, by)
    })
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

/// What the door did.
pub fn door(locale: Locale, state: DoorState) -> &'static str {
    match state {
        DoorState::Opened => td_string!(locale, owner_records.door_opened),
        DoorState::Closed => td_string!(locale, owner_records.door_closed),
        DoorState::Forced => td_string!(locale, owner_records.door_forced),
        DoorState::Held => td_string!(locale, owner_records.door_held),
        DoorState::Button => td_string!(locale, owner_records.door_button),
        DoorState::NotOpened => td_string!(locale, owner_records.door_not_opened),
    }
}

fn door_detail(locale: Locale, state: DoorState) -> &'static str {
    match state {
        DoorState::Opened | DoorState::Closed => td_string!(locale, owner_records.by_its_contact),
        DoorState::Forced => td_string!(locale, owner_records.forced_detail),
        DoorState::Held => td_string!(locale, owner_records.held_detail),
        DoorState::Button => td_string!(locale, owner_records.button_detail),
        DoorState::NotOpened => td_string!(locale, owner_records.not_opened_detail),
    }
}

/// For styles and tests.
fn door_word(state: DoorState) -> &'static str {
    match state {
        DoorState::Opened => "door-opened",
        DoorState::Closed => "door-closed",
        DoorState::Forced => "forced",
        DoorState::Held => "held",
        DoorState::Button => "button",
        DoorState::NotOpened => "not-opened",
    }
}

fn door_icon(state: DoorState) -> &'static str {
    match state {
        DoorState::Opened | DoorState::Closed | DoorState::Button => "door-open",
        DoorState::Forced | DoorState::Held | DoorState::NotOpened => "warning",
    }
}

/// By how much the time may be wrong; nothing where it is right to the second or two.
pub fn doubt(locale: Locale, uncertainty_ms: Option<i64>) -> Option<String> {
    match uncertainty_ms {
        None => Some(td_string!(locale, owner_records.no_clock).to_owned()),
        Some(ms) if ms <= CERTAIN_MS => None,
        Some(ms) => Some(td_string!(locale, owner_records.uncertain, seconds = number_text(ms / 1000)).to_string()),
    }
}

/// Records, newest first, or that there are none.
#[component]
pub fn Lines(
    /// Which.
    lines: Vec<Line>,
    /// Say which guard it was.
    guards: bool,
    /// A form to ask for a card's whole number: one around all of them, with a button in each line.
    #[prop(optional)]
    reveal: bool,
) -> impl IntoView {
    let locale = context::locale();
    if lines.is_empty() {
        return view! { <Empty text=td_string!(locale, owner_records.none_yet) icon="list"/> }.into_any();
    }
    let rows = Rows {
        locale,
        zone: door_zone(),
        guards,
        reveal,
        revealed: reveal.then(entry::done::<RevealRecord>).flatten(),
    };
    let days: Html = by_day(lines, &rows.zone)
        .into_iter()
        .map(|(at, lines)| {
            html!(
                r#"<h3 class="record-day" data-testid="record-day">{day}</h3><ol class="record-rows">{rows}</ol>"#,
                day = heading(locale, at, context::now(), &rows.zone),
                rows = lines.iter().map(|line| rows.row(line)).collect::<Html>()
            )
        })
        .collect();
    if reveal {
        let hidden = vec![("of", context::request().query("of").to_owned())];
        let of = entry::of::<RevealRecord>();
        return view! { <ActForm of hidden testid="records">{days}</ActForm> }.into_any();
    }
    view! { <div data-testid="records">{days}</div> }.into_any()
}

/// The lines of each day at the door, each with a moment of that day.
fn by_day(lines: Vec<Line>, zone: &TimeZone) -> Vec<(Millis, Vec<Line>)> {
    let mut days: Vec<(Millis, Vec<Line>)> = Vec::new();
    let mut last = None;
    for line in lines {
        let (at, day) = (line.record.at, day_of(line.record.at, zone));
        match days.last_mut() {
            Some((_, lines)) if last == day => lines.push(line),
            _ => days.push((at, vec![line])),
        }
        last = day;
    }
    days
}

/// How the rows of a list are shown. They are put together as text: there are fifty of them.
struct Rows {
    locale: Locale,
    zone: TimeZone,
    /// They say which guard it was.
    guards: bool,
    /// They have a button for a card's whole number.
    reveal: bool,
    revealed: Option<RevealedRow>,
}

impl Rows {
    fn row(&self, line: &Line) -> Html {
        let (locale, record) = (self.locale, &line.record);
        let (state, icon, word) = match &record.what {
            What::Opened(_) => ("opened", "door-open", td_string!(locale, owner_records.opened)),
            What::Refused(..) => ("refused", "ban", td_string!(locale, owner_records.refused)),
            What::Door(state) => (door_word(*state), door_icon(*state), door(locale, *state)),
            What::Lost { .. } => ("lost", "warning", td_string!(locale, owner_records.gap)),
        };
        let guard = self.guards.then(|| {
            html!(
                r#" · <a href="{href}" class="link link-hover">{name}</a>"#,
                href = at::owner_guard(&record.guard_id),
                name = line.guard_name()
            )
        });
        let doubt = doubt(locale, record.uncertainty_ms).map(|text| {
            html!(
                r#"<span class="text-sm whitespace-nowrap opacity-75" data-testid="uncertain">{text}</span>"#,
                text = text
            )
        });
        let revealed = self.revealed.as_ref().filter(|row| row.record == record.id());
        html!(
            r#"<li class="record-row" data-state="{state}" data-testid="record">{icon}<div class="record-body">"#
            r#"<p class="record-head"><span class="record-who">{title}</span><span class="record-time">{time}{doubt}</span></p>"#
            r#"<p class="text-sm"><span class="record-word">{word}</span>{detail}{guard}</p></div>{ask}</li>"#,
            state = state,
            icon = svg(icon, "record-icon"),
            title = title(locale, record, revealed),
            time = clock_time(locale, record.at, &self.zone),
            doubt = doubt,
            word = word,
            detail = detail(locale, record),
            guard = guard,
            ask = self.reveal.then(|| ask(locale, record, revealed.is_some()))
        )
    }
}

/// Who it was, and by what where that is all there is.
fn title(locale: Locale, record: &Record, revealed: Option<&RevealedRow>) -> Html {
    let name = |text: &str| html!(r#"<span class="font-medium">{text}</span>"#, text = text);
    if record.damaged {
        return html!(
            r#"<span class="font-medium" data-testid="unreadable">{text}</span>"#,
            text = td_string!(locale, owner_records.unreadable)
        );
    }
    let Some(by) = record.by() else {
        let What::Lost { from } = record.what else {
            return name(td_string!(locale, owner_records.the_door));
        };
        let count = number_text(record.seq.saturating_sub(from).saturating_add(1));
        return Html::text(&td_string!(locale, owner_records.lost, count = count).to_string());
    };
    match by {
        By::Card {
            name: of_card,
            card_numb: Some(card),
            ..
        } => {
            let shown = revealed.map_or_else(|| short(&card.masked()), |row| row.card_numb.as_str().to_owned());
            html!(
                r#"{name} <span class="font-mono text-sm break-all select-all" data-testid="card-number">{number}</span>"#,
                name = name(of_card.as_ref().map_or_else(|| how(locale, by), |name| name.as_str())),
                number = shown
            )
        }
        By::Card { .. }
        | By::Password {
            default_password: Some(_),
            ..
        }
        | By::Password { for_whom: Some(_), .. } => name(&who(locale, by)),
        By::Password { .. } => html!(
            r#"{name} <span class="font-mono">{digits}</span>"#,
            name = name(how(locale, by)),
            digits = who(locale, by)
        ),
    }
}

/// Four stars for however many: so a row has room for a name and a time beside it.
fn short(masked: &str) -> String {
    const MOST: usize = 4;
    let mut stars = 0;
    masked
        .chars()
        .filter(|c| {
            stars = if *c == '*' { stars + 1 } else { 0 };
            stars <= MOST
        })
        .collect()
}

/// What the title does not say: by what, and why not.
fn detail(locale: Locale, record: &Record) -> String {
    let card = match record.by() {
        Some(by @ (By::Card { name: Some(_), .. } | By::Password { for_whom: Some(_), .. })) => Some(how(locale, by)),
        Some(by) if record.damaged => Some(how(locale, by)),
        _ => None,
    };
    let reason = match record.what {
        What::Opened(_) => None,
        What::Refused(_, reason) => Some(why(locale, reason)),
        What::Door(state) => Some(door_detail(locale, state)),
        What::Lost { .. } => Some(td_string!(locale, owner_records.lost_detail)),
    };
    let parts = [card, reason].into_iter().flatten();
    parts.map(|part| format!(" · {part}")).collect()
}

/// A button that shows the whole number of the card, or that it was shown.
fn ask(locale: Locale, record: &Record, shown: bool) -> Html {
    let Some(By::Card { card_numb: Some(_), .. }) = record.by() else {
        // So wide that the times stand below each other.
        return Html::literal(r#"<span class="-mr-2 hidden w-11 shrink-0 sm:block"></span>"#);
    };
    if shown {
        return html!(
            r#"<a href="{href}" class="btn btn-ghost -my-1 -mr-2 px-3" title="{text}" aria-label="{text}" data-testid="who-looked">{icon}</a>"#,
            href = at::owner_card_views(),
            text = td_string!(locale, owner_grant.who_looked),
            icon = svg("list", "size-5 shrink-0")
        );
    }
    html!(
        r#"<button name="record" value="{record}" class="btn btn-ghost -my-1 -mr-2 shrink-0 px-3" title="{text}" aria-label="{text}" data-testid="reveal">{icon}</button>"#,
        record = record.id().to_string(),
        text = td_string!(locale, owner_grant.reveal),
        icon = svg("eye", "size-5 shrink-0")
    )
}

/// Who opened a guard last, in one line.
#[component]
pub fn LastOpened(
    /// The record, if there is one.
    line: Option<Line>,
) -> impl IntoView {
    let locale = context::locale();
    let last = line.as_ref().and_then(|line| {
        let by = line.record.by()?;
        Some((who_of(locale, &line.record)?, by, line.record.at))
    });
    let Some((name, by, at)) = last else {
        return view! { <p class="text-sm opacity-75">{td_string!(locale, owner.never_opened)}</p> }.into_any();
    };
    let text = format!("{name} · {}", how(locale, by));
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::guard::ids::{CardHolder, CardNumb};

    const NASTY: &str = r#"<i>"A" & 'B'</i>"#;
    const ESCAPED: &str = "&lt;i&gt;&quot;A&quot; &amp; 'B'&lt;/i&gt;";
    const NUMBER: &str = "110101199001011234";
    const DAY_MS: i64 = 24 * 3_600_000;

    fn line(at: Millis) -> Line {
        let by = By::Card {
            name: CardHolder::parse(NASTY).ok(),
            card_numb: CardNumb::parse(NUMBER).ok(),
            dn_code: None,
            service_numb: None,
        };
        let record = Record {
            guard_id: GuardId::parse("G0001").unwrap(),
            seq: 7,
            at,
            uncertainty_ms: Some(60_000),
            received_at: at,
            what: What::Opened(by),
            damaged: false,
        };
        let guard_name = NASTY.to_owned();
        Line { record, guard_name }
    }

    fn rows(guards: bool, reveal: bool) -> Rows {
        Rows {
            locale: Locale::en,
            zone: TimeZone::UTC,
            guards,
            reveal,
            revealed: None,
        }
    }

    #[test]
    fn what_people_wrote_is_escaped_in_a_row() {
        let row = rows(true, true).row(&line(Millis(0)));
        let row = row.as_str();
        assert!(!row.contains("<i>"), "{row}");
        let names = [
            format!(r#"font-medium">{ESCAPED}</span>"#),
            format!(r#"link-hover">{ESCAPED}</a>"#),
        ];
        assert!(names.iter().all(|name| row.contains(name)), "{row}");
    }

    #[test]
    fn a_row_shows_its_guard_and_the_button_where_they_are_asked_for() {
        let row = rows(true, true).row(&line(Millis(0)));
        assert!(row.as_str().contains("/owner/guards/G0001") && row.as_str().contains(r#"value="0.7.G0001""#));
        let row = rows(false, false).row(&line(Millis(0)));
        assert!(!row.as_str().contains("/owner/guards") && !row.as_str().contains("<button"));
        assert!(row.as_str().contains(r#"data-testid="uncertain""#));
    }

    #[test]
    fn a_number_that_was_asked_for_is_shown_in_its_row_alone() {
        let (this, other) = (line(Millis(0)), line(Millis(1)));
        let shown = Rows {
            revealed: Some(RevealedRow {
                record: this.record.id(),
                card_numb: CardNumb::parse(NUMBER).unwrap(),
            }),
            ..rows(true, true)
        };
        let (this, other) = (shown.row(&this), shown.row(&other));
        assert!(this.as_str().contains(NUMBER) && this.as_str().contains("who-looked"));
        assert!(!other.as_str().contains(NUMBER) && other.as_str().contains("reveal"));
    }

    #[test]
    fn rows_of_a_day_stand_together() {
        let lines = [2 * DAY_MS + 1, 2 * DAY_MS, 2 * DAY_MS - 1, i64::MAX].map(|at| line(Millis(at)));
        let days = by_day(lines.into(), &TimeZone::UTC);
        let days: Vec<_> = days.iter().map(|(at, lines)| (at.0, lines.len())).collect();
        assert_eq!(days, [(2 * DAY_MS + 1, 2), (2 * DAY_MS - 1, 1), (i64::MAX, 1)]);
    }

    #[test]
    fn a_masked_number_is_as_short_as_it_can_be() {
        assert_eq!(short("110***********1234"), "110****1234");
        assert_eq!((short("***"), short("1*2**3")), ("***".to_owned(), "1*2**3".to_owned()));
    }
}

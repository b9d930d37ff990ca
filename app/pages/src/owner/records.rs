//! `/owner/records`: who opened which door when, and who was refused; everything asked for stands in the address.

use super::chart::Charts;
use super::parts::LivePage;
use super::record_rows::{Line, Lines};
use crate::entry;
use crate::error::loaded;
use crate::ui::empty::Empty;
use crate::ui::pager::{CURSOR, NoSuchPage, Numbered, Pager, page_number};
use crate::ui::parts::{Filter as Choice, Up};
use domain::guard::guards::GuardInfo;
use domain::guard::ids::GuardId;
use domain::guard::juniors::Tree;
use domain::guard::records::{Filter, Openings, Way};
use domain::ids::{Millis, Phone};
use domain::locker::orders::Count;
use domain::people::Person;
use islands::addresses::{RECORDS_CSV, at};
use islands::context::{self, RequestContext};
use islands::date;
use islands::functions::records::{self, RevealRecord};
use islands::functions::{guards, juniors};
use islands::i18n::{Locale, td_string};
use islands::links;
use islands::ui::icon::Icon;
use islands::ui::typing::Typing;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use leptos::prelude::*;

const ROWS: u32 = 50;
/// Days in the chart where the address names none.
const CHART_DAYS: i64 = 30;
/// Most days in a chart.
const MOST_CHART_DAYS: i64 = 366;
const DAY_MS: i64 = 24 * 3_600_000;

const OF: &str = "of";
const GUARD: &str = "guard";
const PERSON: &str = "person";
const WAY: &str = "way";
const RESULT: &str = "result";
const FROM: &str = "from";
const UNTIL: &str = "until";

/// What the address asks for.
#[derive(Clone)]
pub struct Asked {
    /// Whose guards.
    pub of: Phone,
    /// Which of their records.
    pub filter: Filter,
}

impl Asked {
    /// From the address; what cannot be read asks for nothing.
    pub fn of(request: &RequestContext, who: &Person, zone: &TimeZone) -> Self {
        let cursor = request.query(CURSOR);
        let filter = Filter {
            guard: GuardId::parse(request.query(GUARD)).ok(),
            person: request
                .query(PERSON)
                .trim()
                .chars()
                .take(64)
                .filter(|c| !c.is_control())
                .collect(),
            way: match request.query(WAY) {
                "card" => Some(Way::Card),
                "password" => Some(Way::Password),
                _ => None,
            },
            opened: match request.query(RESULT) {
                "opened" => Some(true),
                "refused" => Some(false),
                _ => None,
            },
            from: moment(request.query(FROM), zone, Ok),
            until: moment(request.query(UNTIL), zone, Date::tomorrow),
            cursor: (!cursor.is_empty()).then(|| cursor.to_owned()),
            limit: ROWS,
        };
        let of = Phone::parse(request.query(OF)).unwrap_or_else(|| who.phone.clone());
        Self { of, filter }
    }

    /// The time the chart is about: what the address names, as far as it can be drawn.
    fn charted(&self, now: Millis) -> Option<Filter> {
        if self.filter.opened == Some(false) || !self.filter.person.is_empty() {
            return None;
        }
        let until = self.filter.until.unwrap_or(now).max(Millis(0));
        let first = until.plus(-MOST_CHART_DAYS * DAY_MS);
        let from = match (self.filter.from, self.filter.until) {
            (Some(from), _) if from < until => from.max(first),
            _ => until.plus(-CHART_DAYS * DAY_MS),
        };
        Some(Filter {
            from: Some(from),
            until: Some(until),
            ..self.filter.clone()
        })
    }
}

/// The moment an address names, by its minute or by a day: `of_day` says on which day a whole day begins or ends.
fn moment(text: &str, zone: &TimeZone, of_day: impl Fn(Date) -> Result<Date, jiff::Error>) -> Option<Millis> {
    let at = if text.contains('T') {
        text.parse::<DateTime>().ok()?.to_zoned(zone.clone())
    } else {
        // Also where a change of the clock leaves midnight out.
        of_day(text.parse().ok()?).ok()?.to_zoned(zone.clone())
    };
    Some(Millis(at.ok()?.timestamp().as_millisecond()))
}

struct Loaded {
    asked: Asked,
    guards: Vec<GuardInfo>,
    below: Vec<(Phone, String)>,
    lines: Vec<Line>,
    next: Option<String>,
    /// How many there are and which page this is; nothing where a name is looked for, or further on than is counted.
    counted: Option<(Count, u64)>,
    /// Nothing where the list is not about openings, or about a name, which nobody can count by.
    openings: Option<Openings>,
}

/// The page.
#[component]
pub fn Records() -> impl IntoView {
    let request = context::request();
    let zone = date::door_zone();
    loaded(
        async move {
            let asked = Asked::of(&request, request.person()?, &zone);
            let guards = guards::list(&asked.of).await?;
            let (page, counted) = if asked.filter.person.is_empty() && asked.filter.cursor.is_none() {
                let number = page_number(&request);
                let (page, count) = records::numbered(&asked.of, &asked.filter, number).await?;
                (page, Some((count, number)))
            } else {
                (records::page(&asked.of, &asked.filter).await?, None)
            };
            let openings = match asked.charted(context::now()) {
                Some(charted) => Some(records::openings(&asked.of, &charted).await?),
                None => None,
            };
            let (tree, _) = juniors::tree().await?;
            let mut below = Vec::new();
            flatten(&tree, &mut below);
            let lines = page.rows.into_iter().map(|record| Line::of(record, &guards)).collect();
            Ok(Loaded {
                asked,
                guards,
                below,
                lines,
                next: page.next,
                counted,
                openings,
            })
        },
        show,
    )
}

fn flatten(tree: &Tree, into: &mut Vec<(Phone, String)>) {
    into.push((tree.owner.phone.clone(), tree.owner.name.clone()));
    for junior in tree.juniors.iter().filter(|junior| junior.owner.reads) {
        flatten(junior, into);
    }
}

fn show(loaded: Loaded) -> AnyView {
    let locale = context::locale();
    let Loaded {
        asked,
        guards,
        below,
        lines,
        next,
        counted,
        openings,
    } = loaded;
    let empty = lines.is_empty()
        && asked.filter
            != Filter {
                limit: ROWS,
                ..Filter::default()
            };
    let export = (!lines.is_empty()).then(export_link);
    // A number that was asked for stays until the page is left.
    let live = entry::done::<RevealRecord>().is_none().then_some("");
    // Of somebody below: the first is the reader.
    let of = below.iter().skip(1).find(|(phone, _)| *phone == asked.of);
    let title = match of {
        Some((_, name)) => td_string!(locale, owner_records.records_of, name = name.as_str()).to_string(),
        None => td_string!(locale, owner_records.records).to_owned(),
    };
    let up = of.map(|(phone, name)| {
        let text = td_string!(locale, owner_juniors.guards_of, name = name.as_str()).to_string();
        view! { <Up href=at::owner_junior(phone) text/> }
    });
    let count = counted.map(|(count, page)| view! { <Numbered count page rows=ROWS/> });
    let rows = match counted {
        Some((count, page)) if lines.is_empty() && page > 1 => view! { <NoSuchPage count rows=ROWS/> }.into_any(),
        _ if empty => none_found(),
        _ => view! { <Lines lines guards=true reveal=true/> }.into_any(),
    };
    view! {
        <LivePage title wide=true>
            {up}
            <Typing/>
            {filters(&asked, &guards, &below)}
            <div id="results" class="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
                <div class="flex min-w-0 flex-col gap-4">
                    <div id="record-count" data-live="" class="list-line">{count}</div>
                    <div id="records" data-live=live>{rows}</div>
                    <Pager next/>
                </div>
                <div class="flex min-w-0 flex-col gap-4">
                    <div id="openings" data-live="" class="flex flex-col gap-4">{openings.map(|openings| view! { <Charts openings/> })} {export}</div>
                </div>
            </div>
        </LivePage>
    }
    .into_any()
}

fn none_found() -> AnyView {
    let locale = context::locale();
    view! {
        <Empty text=td_string!(locale, owner_records.none_found)>
            <a href=at::owner_records() class="btn btn-outline btn-lg" data-testid="show-all">{td_string!(locale, owner_records.show_all)}</a>
        </Empty>
    }
    .into_any()
}

/// The same question as a file.
fn export_link() -> AnyView {
    let request = context::request();
    let locale = request.locale;
    let href = with_changed(&request, RECORDS_CSV, &[(CURSOR, "")]);
    view! {
        <a href=href class="btn btn-outline self-start" download="" data-testid="export"><Icon name="download" class="size-5 shrink-0"/> {td_string!(locale, owner_records.export)}</a>
    }
    .into_any()
}

/// An address with the page's own question, some of it changed.
fn with_changed(request: &RequestContext, path: &str, changed: &[(&str, &str)]) -> String {
    let kept = [OF, GUARD, PERSON, WAY, RESULT, FROM, UNTIL].map(|name| {
        let new = changed.iter().find(|(changed, _)| *changed == name);
        (name, new.map_or_else(|| request.query(name), |(_, value)| *value))
    });
    links::with_query(path, &kept)
}

fn filters(asked: &Asked, guards: &[GuardInfo], below: &[(Phone, String)]) -> AnyView {
    let request = context::request();
    let locale = request.locale;
    let any = |text: &str| (String::new(), text.to_owned());
    let guard_choices = std::iter::once(any(td_string!(locale, owner_records.any_guard)))
        .chain(
            guards
                .iter()
                .map(|guard| (guard.id.to_string(), guard.name.to_string())),
        )
        .collect();
    let (person, from, until) = (
        asked.filter.person.clone(),
        request.query(FROM).to_owned(),
        request.query(UNTIL).to_owned(),
    );
    view! {
        <search class="flex flex-col gap-4">
            <nav aria-label=td_string!(locale, owner_records.quick) class="flex flex-col gap-2">
                <ul class="chips chips-line">{period_chips(locale, &request)}</ul>
                <ul class="chips chips-line">{result_chips(locale, &request)}</ul>
            </nav>
            <details class="fold" open=fields_used(&request)>
                <summary class="min-h-12 cursor-pointer content-center font-medium" data-testid="more-filters">{td_string!(locale, owner_records.more_filters)}</summary>
                <form method="get" class="flex flex-wrap items-end gap-4 pt-2" data-search="" data-testid="filters">
                    {whose(below)}
                    <Choice name=GUARD label=td_string!(locale, owner_records.guard) options=guard_choices/>
                    <label class="flex min-w-full flex-1 flex-col gap-1 text-sm sm:min-w-40">
                        {td_string!(locale, owner_records.person)}
                        <input type="search" name=PERSON value=person maxlength="64" autocomplete="off" class="input w-full"/>
                    </label>
                    <label class="flex min-w-32 flex-1 flex-col gap-1 text-sm">
                        {td_string!(locale, owner_records.from_day)}
                        <input type="date" name=FROM value=from class="input w-full"/>
                    </label>
                    <label class="flex min-w-32 flex-1 flex-col gap-1 text-sm">
                        {td_string!(locale, owner_records.until_day)}
                        <input type="date" name=UNTIL value=until class="input w-full"/>
                    </label>
                    <input type="hidden" name=WAY value=request.query(WAY).to_owned()/>
                    <input type="hidden" name=RESULT value=request.query(RESULT).to_owned()/>
                    <button class="btn btn-primary w-full sm:w-auto" data-testid="filter"><Icon name="search" class="size-5 shrink-0"/> {td_string!(locale, owner_records.show)}</button>
                </form>
            </details>
        </search>
    }
    .into_any()
}

/// Whose records, for those who have somebody below them.
fn whose(below: &[(Phone, String)]) -> Option<AnyView> {
    let locale = context::locale();
    let own = (String::new(), td_string!(locale, owner_records.my_own).to_owned());
    let others = below
        .iter()
        .skip(1)
        .map(|(phone, name)| (phone.to_string(), name.clone()));
    let choices: Vec<_> = std::iter::once(own).chain(others).collect();
    (choices.len() > 1)
        .then(|| view! { <Choice name=OF label=td_string!(locale, owner_records.whose) options=choices/> }.into_any())
}

/// Do the fields say something that no chip shows?
fn fields_used(request: &RequestContext) -> bool {
    let (from, until) = (request.query(FROM), request.query(UNTIL));
    let by_chip = periods().iter().any(|period| period.0 == from && period.1 == until);
    !by_chip || [GUARD, PERSON].iter().any(|name| !request.query(name).is_empty())
}

fn chip(href: String, here: bool, text: &'static str, testid: &'static str) -> AnyView {
    let class = if here { "chip chip-here" } else { "chip" };
    view! { <li><a class=class href=href aria-current=here.then_some("true") data-testid=testid>{text}</a></li> }
        .into_any()
}

/// The day it is at the doors.
fn today() -> Date {
    let zone = date::door_zone();
    Timestamp::from_millisecond(context::now().0)
        .map(|now| now.to_zoned(zone).date())
        .unwrap_or_default()
}

/// From when until when last night was, as in addresses: from six in the evening until eight in the morning, also while it lasts.
pub fn last_night() -> (String, String) {
    let today = today();
    let before = today.yesterday().unwrap_or(today);
    (format!("{before}T18:00"), format!("{today}T08:00"))
}

/// From when until when each chip is, in their order; the first means any time.
fn periods() -> [(String, String); 6] {
    let today = today();
    let back = |days: i64| today.checked_sub(days.days()).unwrap_or(today).to_string();
    let now = today.to_string();
    [
        (String::new(), String::new()),
        (now.clone(), now.clone()),
        last_night(),
        (back(1), back(1)),
        (back(6), now.clone()),
        (back(29), now),
    ]
}

fn period_chips(locale: Locale, request: &RequestContext) -> Vec<AnyView> {
    let words = [
        (td_string!(locale, owner_records.any_time), "period-any"),
        (td_string!(locale, owner_records.today), "period-today"),
        (td_string!(locale, owner_records.last_night), "period-night"),
        (td_string!(locale, owner_records.yesterday), "period-yesterday"),
        (td_string!(locale, owner_records.week), "period-week"),
        (td_string!(locale, owner_records.thirty_days), "period-month"),
    ];
    let chips = periods().into_iter().zip(words).map(|((from, until), (text, testid))| {
        let here = request.query(FROM) == from && request.query(UNTIL) == until;
        let href = with_changed(request, &at::owner_records(), &[(FROM, &from), (UNTIL, &until)]);
        chip(href, here, text, testid)
    });
    chips.collect()
}

/// By which way, and with which end.
fn result_chips(locale: Locale, request: &RequestContext) -> Vec<AnyView> {
    let all = [
        ("", "", td_string!(locale, owner_records.all), "show-any"),
        ("", "opened", td_string!(locale, owner_records.opened), "show-opened"),
        ("card", "opened", td_string!(locale, owner_records.by_card), "show-card"),
        (
            "password",
            "opened",
            td_string!(locale, owner_records.by_password),
            "show-password",
        ),
        ("", "refused", td_string!(locale, owner_records.refused), "show-refused"),
    ];
    all.into_iter()
        .map(|(way, result, text, testid)| {
            let here = request.query(WAY) == way && request.query(RESULT) == result;
            let href = with_changed(request, &at::owner_records(), &[(WAY, way), (RESULT, result)]);
            chip(href, here, text, testid)
        })
        .collect()
}

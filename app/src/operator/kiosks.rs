//! `/operator/kiosks`: every kiosk, and how it is.

use super::parts::{FileLink, Filter, ROWS, SearchBar};
use crate::context::{self, RequestContext};
use crate::error::loaded;
use crate::functions::kiosks;
use crate::i18n::td_string;
use crate::links;
use crate::pages::{KIOSKS_CSV, at};
use crate::ui::date::{Time, number};
use crate::ui::empty::Empty;
use crate::ui::found::{TEXT, marked, matched, only};
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use crate::ui::pager::{CURSOR, Pager};
use domain::ids::Millis;
use domain::locker::kiosks::Kiosk;
use domain::search::{Hit, Hits, Needle, Part};
use leptos::prelude::*;

/// A kiosk nobody heard of for so long needs a visit.
const SILENT_AFTER_MS: i64 = 7 * 24 * 3_600_000;

/// What an operator should do something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Concern {
    /// Its secret was given, and may be known to others.
    Weak,
    /// No device ever enrolled as it.
    NeverEnrolled,
    /// Enrolled, but not heard of for a week.
    Silent,
}

impl Concern {
    /// As in addresses.
    const ALL: [(&str, Self); 3] = [
        ("weak", Self::Weak),
        ("never", Self::NeverEnrolled),
        ("silent", Self::Silent),
    ];

    pub(super) fn holds(self, kiosk: &Kiosk, now: Millis) -> bool {
        let heard = kiosk.heard_at.max(kiosk.enrolled_at);
        match self {
            Self::Weak => kiosk.legacy,
            Self::NeverEnrolled => kiosk.enrolled_at.is_none(),
            Self::Silent => kiosk.enrolled_at.is_some() && heard.is_some_and(|at| now.since(at) > SILENT_AFTER_MS),
        }
    }
}

/// The list.
#[component]
pub fn Kiosks() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let hits = matching(kiosks::list().await?, &request);
            if let Some(kiosk) = only(&hits) {
                links::redirect(&at::operator_kiosk(&kiosk.yid));
            }
            Ok(hits)
        },
        show,
    )
}

/// Those the address asks for, on whichever page. Kiosks are few, so they are sifted here.
pub(crate) fn sifted(all: Vec<Kiosk>, request: &RequestContext, now: Millis) -> Vec<Hit<Kiosk>> {
    let wanted = Needle::parse(request.query(TEXT));
    let concern = Concern::ALL.iter().find(|(name, _)| *name == request.query("state"));
    all.into_iter()
        .filter(|kiosk| concern.is_none_or(|(_, concern)| concern.holds(kiosk, now)))
        .filter_map(|kiosk| {
            let yid = kiosk.yid.to_string();
            let texts = [
                (Part::Number, yid.as_str()),
                (Part::Name, kiosk.name.as_str()),
                (Part::Address, kiosk.address.as_str()),
            ];
            let found = wanted.find(&texts)?;
            Some(Hit { of: kiosk, found })
        })
        .collect()
}

/// The page of them that the address asks for.
fn matching(all: Vec<Kiosk>, request: &RequestContext) -> Hits<Kiosk> {
    let after: i64 = request.query(CURSOR).parse().unwrap_or(i64::MIN);
    let mut rows = sifted(all, request, context::now());
    rows.retain(|hit| hit.of.yid.0 > after);
    let more = rows.len() > ROWS as usize;
    rows.truncate(ROWS as usize);
    let next = rows
        .last()
        .filter(|_| more)
        .map(|hit: &Hit<Kiosk>| hit.of.yid.to_string());
    Hits {
        rows,
        next,
        incomplete: false,
    }
}

fn show(page: Hits<Kiosk>) -> AnyView {
    let locale = context::locale();
    let choices = [
        ("", td_string!(locale, operator.any_state)),
        ("weak", td_string!(locale, operator.weak)),
        ("never", td_string!(locale, operator.never_enrolled)),
        ("silent", td_string!(locale, operator.silent)),
    ];
    let list = if page.rows.is_empty() {
        view! { <Empty text=td_string!(locale, operator.no_kiosks) icon="cabinet"/> }.into_any()
    } else {
        table(page.rows)
    };
    let add = view! {
        <a href=at::operator_new_kiosk() class="btn btn-primary" data-testid="add-kiosk">
            <Icon name="plus" class="size-5 shrink-0"/> {td_string!(locale, operator.add_kiosk)}
        </a>
    };
    view! {
        <Layout title=td_string!(locale, common.kiosks) wide=true actions=add.into_any()>
            <SearchBar name=TEXT label=td_string!(locale, operator.search_kiosks) opens=true>
                <Filter name="state" label=td_string!(locale, operator.state)
                    options=choices.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec()/>
            </SearchBar>
            <div id="results" class="flex flex-col gap-2">
                <FileLink path=KIOSKS_CSV/>
                {list}
                <Pager next=page.next/>
            </div>
        </Layout>
    }
    .into_any()
}

fn table(kiosks: Vec<Hit<Kiosk>>) -> AnyView {
    let locale = context::locale();
    let (yid, name) = (td_string!(locale, operator.yid), td_string!(locale, operator.kiosk));
    let (heard, state) = (
        td_string!(locale, operator.last_heard),
        td_string!(locale, operator.state),
    );
    let (doors, address) = (td_string!(locale, operator.doors), td_string!(locale, operator.address));
    let rows: Vec<_> = kiosks
        .into_iter()
        .map(|Hit { of: kiosk, found }| {
            let href = at::operator_kiosk(&kiosk.yid);
            let number = kiosk.yid.to_string();
            view! {
                <tr data-testid="kiosk-row">
                    <td class="lead"><a href=href class="row-go" data-hit="">{marked(&kiosk.name, Part::Name, &found)}</a> {matched(&found)}</td>
                    <td class="tabular-nums" data-label=yid>{marked(&number, Part::Number, &found)}</td>
                    <td class="long">{marked(&kiosk.address, Part::Address, &found)}</td>
                    <td class="mark">{badges(&kiosk)}</td>
                    <td data-label=heard>{heard_text(&kiosk)}</td>
                    <td>{counts_text(&kiosk)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <div class="work-frame">
            <table class="work">
                <thead><tr><th scope="col">{name}</th><th scope="col" class="w-28">{yid}</th><th scope="col">{address}</th><th scope="col">{state}</th><th scope="col">{heard}</th><th scope="col">{doors}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// In words what is the matter with a kiosk, or that all is well.
pub(super) fn badges(kiosk: &Kiosk) -> AnyView {
    let locale = context::locale();
    let now = context::now();
    let texts = [
        (Concern::Weak, td_string!(locale, operator.weak)),
        (Concern::NeverEnrolled, td_string!(locale, operator.never_enrolled)),
        (Concern::Silent, td_string!(locale, operator.silent)),
    ];
    let mut badges: Vec<AnyView> = texts
        .into_iter()
        .filter(|(concern, _)| concern.holds(kiosk, now))
        .map(|(_, text)| {
            view! { <span class="badge badge-warning gap-1 whitespace-nowrap"><Icon name="warning" class="size-4 shrink-0"/> {text}</span> }.into_any()
        })
        .collect();
    if kiosk.counts.out_of_order > 0 {
        let count = number(kiosk.counts.out_of_order);
        let text = td_string!(locale, operator.doors_out_of_order, count = count).to_string();
        badges.push(view! { <span class="badge badge-outline whitespace-nowrap">{text}</span> }.into_any());
    }
    if badges.is_empty() {
        return view! { <span class="flex items-center gap-1"><Icon name="check" class="size-4 shrink-0"/> {td_string!(locale, operator.in_order)}</span> }
            .into_any();
    }
    view! { <span class="flex flex-wrap gap-1">{badges}</span> }.into_any()
}

/// When a kiosk was last heard of.
pub(super) fn heard_text(kiosk: &Kiosk) -> AnyView {
    match kiosk.heard_at {
        Some(at) => view! { <Time at=at/> }.into_any(),
        None => td_string!(context::locale(), operator.never).into_any(),
    }
}

fn counts_text(kiosk: &Kiosk) -> String {
    let counts = kiosk.counts;
    let (free, stored) = (number(counts.free), number(counts.stored));
    let total = number(counts.total);
    td_string!(
        context::locale(),
        operator.door_counts,
        free = free,
        stored = stored,
        total = total
    )
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::Yid;

    fn kiosk(enrolled: Option<i64>, heard: Option<i64>) -> Kiosk {
        Kiosk {
            yid: Yid(1),
            name: String::new(),
            address: String::new(),
            legacy: false,
            enrolled_at: enrolled.map(Millis),
            heard_at: heard.map(Millis),
            clock_offset_ms: 0,
            acked_seq: 0,
            counts: domain::locker::kiosks::Counts::default(),
        }
    }

    #[test]
    fn a_kiosk_is_silent_a_week_after_it_was_heard_of() {
        let now = Millis(SILENT_AFTER_MS + 10);
        assert!(Concern::Silent.holds(&kiosk(Some(1), Some(9)), now));
        assert!(!Concern::Silent.holds(&kiosk(Some(1), Some(10)), now));
        assert!(
            !Concern::Silent.holds(&kiosk(Some(10), None), now),
            "fresh from its enrolment"
        );
    }

    #[test]
    fn one_that_never_enrolled_is_not_silent_as_well() {
        let never = kiosk(None, None);
        assert!(Concern::NeverEnrolled.holds(&never, Millis(1)) && !Concern::Silent.holds(&never, Millis(i64::MAX)));
    }
}

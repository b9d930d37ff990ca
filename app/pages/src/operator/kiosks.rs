//! `/operator/kiosks`: every kiosk, and how it is.

use super::parts::{FileLink, Filter, NoRows, ROWS, SearchBar};
use crate::error::loaded;
use crate::ui::found::{TEXT, marked, matched, only};
use crate::ui::layout::Layout;
use crate::ui::pager::page_number;
use domain::ids::Millis;
use domain::locker::kiosks::Kiosk;
use domain::locker::orders::Count;
use domain::search::{Hit, Hits, Needle, Part};
use islands::addresses::{KIOSKS_CSV, at};
use islands::context::{self, RequestContext};
use islands::date::{Time, number};
use islands::functions::kiosks;
use islands::i18n::td_string;
use islands::links;
use islands::ui::icon::Icon;
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
    /// Retired; there is nothing to do.
    Retired,
}

impl Concern {
    /// As in addresses.
    const ALL: [(&str, Self); 4] = [
        ("retired", Self::Retired),
        ("weak", Self::Weak),
        ("never", Self::NeverEnrolled),
        ("silent", Self::Silent),
    ];

    pub(super) fn holds(self, kiosk: &Kiosk, now: Millis) -> bool {
        if self != Self::Retired && kiosk.retired_at.is_some() {
            return false;
        }
        let heard = kiosk.heard_at.max(kiosk.enrolled_at);
        match self {
            Self::Retired => kiosk.retired_at.is_some(),
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
            let (hits, count) = matching(kiosks::list().await?, &request);
            if let Some(kiosk) = only(&hits) {
                links::redirect(&at::operator_kiosk(&kiosk.yid));
            }
            Ok((hits, count))
        },
        |(page, count)| show(page, count),
    )
}

/// Those the address asks for, on whichever page. Kiosks are few, so they are sifted here.
pub(crate) fn sifted(all: Vec<Kiosk>, request: &RequestContext, now: Millis) -> Vec<Hit<Kiosk>> {
    let wanted = Needle::parse(request.query(TEXT));
    let concern = Concern::ALL.iter().find(|(name, _)| *name == request.query("state"));
    all.into_iter()
        .filter(|kiosk| match concern {
            Some((_, concern)) => concern.holds(kiosk, now),
            // Found by searching, in no list of those in use.
            None => kiosk.retired_at.is_none() || !request.query(TEXT).trim().is_empty(),
        })
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

/// The page of them that the address asks for, and how many there are.
fn matching(all: Vec<Kiosk>, request: &RequestContext) -> (Hits<Kiosk>, Count) {
    let rows = sifted(all, request, context::now());
    let count = Count {
        rows: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        more: false,
    };
    let before = page_number(request).saturating_sub(1).saturating_mul(u64::from(ROWS));
    let before = usize::try_from(before).unwrap_or(usize::MAX);
    let hits = Hits {
        rows: rows.into_iter().skip(before).take(ROWS as usize).collect(),
        next: None,
        incomplete: false,
    };
    (hits, count)
}

fn show(page: Hits<Kiosk>, count: Count) -> AnyView {
    let locale = context::locale();
    let choices = [
        ("", td_string!(locale, operator.any_state)),
        ("weak", td_string!(locale, operator.weak)),
        ("never", td_string!(locale, operator.never_enrolled)),
        ("silent", td_string!(locale, operator.silent)),
        ("retired", td_string!(locale, operator.retired)),
    ];
    let list = if page.rows.is_empty() {
        let first = (at::operator_new_kiosk(), "plus", td_string!(locale, operator.add_kiosk));
        view! { <NoRows none_found=td_string!(locale, operator.no_kiosks) none_yet=td_string!(locale, operator.no_kiosks_yet) icon="cabinet" count=Some(count) first=Some(first)/> }.into_any()
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
                <FileLink path=KIOSKS_CSV count=Some(count)/>
                {list}
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
                    <td class="lead"><a href=href class="row-go" data-hit="">{marked(&kiosk.name, Part::Name, &found)}</a> {matched(locale, &found)}</td>
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
    if kiosk.retired_at.is_some() {
        return view! { <span class="badge badge-outline whitespace-nowrap">{td_string!(locale, operator.retired)}</span> }.into_any();
    }
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
            retired_at: None,
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

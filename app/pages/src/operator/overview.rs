//! `/operator`: what needs the operator, and the ways to everything else.

use super::first_steps::first_steps;
use super::kiosk_log::kind_word;
use super::kiosks::Concern;
use super::parts::{LiveWork, Section};
use super::today::{chart, latest, today};
use crate::error::loaded;
use crate::owner::door_word;
use crate::ui::found::TEXT;
use crate::ui::layout::Layout;
use domain::locker::history::Evidence;
use domain::locker::kiosks::Kiosk;
use domain::locker::orders::OrderStatus;
use domain::locker::overdue::Overdue;
use domain::locker::overview::{FirstSteps, GuardAlarm, KioskAlarm, Quarter};
use domain::nodes::{Condition, NodeInfo};
use domain::normalise::Collisions;
use islands::addresses::at;
use islands::context;
use islands::date::{Time, number};
use islands::functions::{deployment, inventory, kiosks, nodes, orders, overview};
use islands::i18n::td_string;
use islands::links::with_query;
use islands::ui::icon::Icon;
use islands::ui::status::StatusBadge;
use leptos::prelude::*;

/// Most overdue deposits that are listed here.
const LISTED: u32 = 10;
/// What happened last.
const LATEST: u32 = 10;
/// Most alarms of doors of kiosks, and of guards.
const ALARMS: u32 = 5;
/// Kiosks whose filling is shown here: the fullest.
const KIOSKS_SHOWN: usize = 8;
/// A kiosk with this share of its compartments taken, in hundredths, needs somebody to empty it.
const FULL_FROM: u32 = 90;

struct Overview {
    kiosks: Vec<Kiosk>,
    orders: Vec<(OrderStatus, u32)>,
    overdue: Vec<Overdue>,
    nodes: Vec<NodeInfo>,
    /// Rows that cannot be read.
    damaged: Vec<String>,
    /// Texts of earlier versions that look the same as others.
    alike: Collisions,
    steps: FirstSteps,
    today: Vec<Quarter>,
    latest: Vec<Evidence>,
    kiosk_alarms: Vec<KioskAlarm>,
    guard_alarms: Vec<GuardAlarm>,
    /// Guards that report a fault.
    faulty: u32,
}

/// The operator's first page.
#[component]
pub fn OverviewPage() -> impl IntoView {
    loaded(
        async move {
            let (begins, ends) = today();
            Ok(Overview {
                steps: overview::first_steps().await?,
                today: overview::quarters(begins, ends).await?,
                latest: overview::latest(LATEST).await?,
                faulty: inventory::faulty().await?,
                kiosk_alarms: overview::door_alarms(ALARMS).await?,
                guard_alarms: inventory::door_alarms(ALARMS).await?,
                kiosks: in_use(kiosks::list().await?),
                orders: orders::counts().await?,
                overdue: orders::overdue(LISTED).await?,
                nodes: nodes::list().await?,
                damaged: deployment::damaged_rows()?,
                alike: deployment::alike_texts().await?,
            })
        },
        show,
    )
}

fn in_use(mut kiosks: Vec<Kiosk>) -> Vec<Kiosk> {
    kiosks.retain(|kiosk| kiosk.retired_at.is_none());
    kiosks
}

fn show(overview: Overview) -> AnyView {
    let locale = context::locale();
    view! {
        <Layout title=td_string!(locale, operator.overview) wide=true actions=ways()>
            <LiveWork/>
            <div id="overview" data-live="" class="flex flex-col gap-4">
                {clock_behind()}
                {(!overview.damaged.is_empty()).then(|| damaged(&overview.damaged))}
                {(overview.alike.count > 0).then(|| alike(&overview.alike))}
                {legacy_window()}
                {first_steps(overview.steps, &overview.kiosks)}
                <div class="two">
                    <div>
                        {needs_you(&overview)}
                        {(!overview.overdue.is_empty()).then(|| overdue_list(overview.overdue))}
                        {latest(overview.latest)}
                    </div>
                    <div>
                        <Section title=td_string!(locale, operator.orders_by_status) testid="orders-by-status">{statuses(&overview.orders)}</Section>
                        {chart(&overview.today)}
                        {filling(overview.kiosks)}
                    </div>
                </div>
            </div>
        </Layout>
    }
    .into_any()
}

/// The three things an operator does most.
fn ways() -> AnyView {
    let locale = context::locale();
    let ways = [
        (
            at::operator_new_person(),
            "plus",
            td_string!(locale, operator.add_person),
            "btn",
        ),
        (
            at::operator_new_kiosk(),
            "plus",
            td_string!(locale, operator.add_kiosk),
            "btn",
        ),
        (
            at::operator_import(),
            "upload",
            td_string!(locale, operator.import_orders),
            "btn btn-primary",
        ),
    ]
    .map(|(href, icon, text, class)| {
        view! { <a href=href class=class><Icon name=icon class="size-5 shrink-0"/> {text}</a> }
    });
    ways.into_iter().collect_view().into_any()
}

/// Guards are given no time, because this machine's clock is behind what the database knows.
fn clock_behind() -> Option<AnyView> {
    let locale = context::locale();
    let minutes = deployment::clock_behind_minutes()?;
    Some(
        view! {
            <div role="alert" class="alert alert-error items-start" data-testid="clock-behind">
                <Icon name="warning"/>
                <p>{td_string!(locale, operator.server_clock_behind, minutes = minutes)}</p>
            </div>
        }
        .into_any(),
    )
}

/// Table and key of the first of these rows.
fn some_rows(rows: &[String]) -> AnyView {
    const NAMED: usize = 10;
    let named: Vec<_> = rows
        .iter()
        .take(NAMED)
        .map(|row| view! { <li class="font-mono text-sm break-all">{row.clone()}</li> })
        .collect();
    view! { <ul class="list-disc pl-5">{named}</ul> }.into_any()
}

/// Texts that were stored before texts were normalised, and would be the same as others in the one form.
fn alike(left: &Collisions) -> AnyView {
    let locale = context::locale();
    view! {
        <div role="note" class="alert alert-warning items-start" data-testid="alike-rows">
            <Icon name="warning"/>
            <div>
                <p>{td_string!(locale, operator.alike_rows, count = left.count)}</p>
                {some_rows(&left.named)}
            </div>
        </div>
    }
    .into_any()
}

/// Rows of the database that cannot be read, by table and key.
fn damaged(rows: &[String]) -> AnyView {
    let locale = context::locale();
    let count = rows.len();
    view! {
        <div role="alert" class="alert alert-error items-start" data-testid="damaged-rows">
            <Icon name="warning"/>
            <div>
                <p>{td_string!(locale, operator.damaged_rows, count = count)}</p>
                {some_rows(rows)}
            </div>
        </div>
    }
    .into_any()
}

/// The deployment lets old clients speak without a token, which is weak.
fn legacy_window() -> Option<AnyView> {
    let locale = context::locale();
    let minutes = deployment::legacy_minutes()?;
    Some(
        view! {
            <div role="note" class="alert alert-warning items-start" data-testid="legacy-window">
                <Icon name="warning"/>
                <p>{td_string!(locale, operator.legacy_window, minutes = minutes)}</p>
            </div>
        }
        .into_any(),
    )
}

/// How many things need somebody, what that is, where they stand, and the name for tests.
type Needed = (usize, &'static str, String, &'static str);

/// What may need somebody; the count may be zero.
fn needed(overview: &Overview) -> [Needed; 9] {
    let (locale, now) = (context::locale(), context::now());
    let having = |concern: Concern| overview.kiosks.iter().filter(|kiosk| concern.holds(kiosk, now)).count();
    let in_status = |wanted| {
        let found = overview.orders.iter().find(|(status, _)| *status == wanted);
        found.map_or(0, |(_, count)| *count as usize)
    };
    let in_state = |state| with_query(&at::operator_kiosks(), &[("state", state)]);
    [
        (
            having(Concern::Weak),
            td_string!(locale, operator.needs_weak),
            in_state("weak"),
            "needs-weak",
        ),
        (
            having(Concern::NeverEnrolled),
            td_string!(locale, operator.needs_enrolment),
            in_state("never"),
            "needs-enrolment",
        ),
        (
            having(Concern::Silent),
            td_string!(locale, operator.needs_visit),
            in_state("silent"),
            "needs-visit",
        ),
        (
            overview
                .kiosks
                .iter()
                .map(|kiosk| kiosk.counts.out_of_order as usize)
                .sum(),
            td_string!(locale, operator.needs_repair),
            at::operator_kiosks(),
            "needs-repair",
        ),
        (
            overview.kiosks.iter().filter(|kiosk| taken(kiosk) >= FULL_FROM).count(),
            td_string!(locale, operator.needs_emptying),
            at::operator_kiosks(),
            "needs-emptying",
        ),
        (
            unlinked(&overview.nodes),
            td_string!(locale, operator.needs_guards),
            at::operator_guards(),
            "needs-guards",
        ),
        (
            overview.faulty as usize,
            td_string!(locale, operator.needs_guard_repair),
            at::operator_guards(),
            "needs-guard-repair",
        ),
        (
            overview
                .nodes
                .iter()
                .filter(|node| node.condition == Condition::Dead)
                .count(),
            td_string!(locale, operator.needs_nodes),
            at::operator_nodes(),
            "needs-nodes",
        ),
        (
            in_status(OrderStatus::Received),
            td_string!(locale, operator.needs_ready),
            with_query(&at::operator_orders(), &[("status", OrderStatus::Received.letter())]),
            "needs-ready",
        ),
    ]
}

fn needed_item((count, text, href, testid): Needed) -> AnyView {
    view! {
        <li>
            <a href=href class="hover:bg-base-200 flex min-h-12 items-center gap-2 rounded px-2 py-1" data-testid=testid>
                <span class="badge badge-warning badge-lg min-w-10 tabular-nums">{number(i64::try_from(count).unwrap_or(i64::MAX))}</span>
                <span class="flex-1">{text}</span>
                <Icon name="arrow-right" class="size-5 shrink-0 opacity-60"/>
            </a>
        </li>
    }
    .into_any()
}

fn needs_you(overview: &Overview) -> AnyView {
    let locale = context::locale();
    let needed = needed(overview).into_iter().filter(|(count, ..)| *count > 0);
    let items: Vec<_> = door_alarms(overview)
        .into_iter()
        .chain(needed.map(needed_item))
        .collect();
    let content = if items.is_empty() {
        view! { <p class="flex items-center gap-2"><Icon name="check"/> {td_string!(locale, operator.nothing_needs_you)}</p> }.into_any()
    } else {
        view! { <ul class="flex flex-col">{items}</ul> }.into_any()
    };
    view! { <Section title=td_string!(locale, operator.needs_you) testid="needs-you">{content}</Section> }.into_any()
}

/// What doors did lately that somebody has to look into, each with the way to where more of it stands.
fn door_alarms(overview: &Overview) -> Vec<AnyView> {
    let locale = context::locale();
    let kiosks = overview.kiosk_alarms.iter().map(|alarm| {
        let (yid, label) = &alarm.place;
        let place = td_string!(locale, operator.place_text, yid = yid.0, label = label.as_str()).to_string();
        let href = at::operator_kiosk(yid);
        (href, place, kind_word(locale, alarm.what), alarm.at)
    });
    let guards = overview.guard_alarms.iter().map(|alarm| {
        let id = alarm.place.to_string();
        let href = with_query(&at::operator_guards(), &[(TEXT, &id)]);
        (href, id, door_word(locale, alarm.what), alarm.at)
    });
    kiosks
        .chain(guards)
        .map(|(href, place, what, at)| {
            view! {
                <li>
                    <a href=href class="hover:bg-base-200 flex min-h-12 items-center gap-4 rounded px-2 py-1" data-testid="needs-door">
                        <span class="badge badge-warning badge-lg min-w-10"><Icon name="door-open" class="size-5 shrink-0"/></span>
                        <span class="min-w-0 flex-1">{place} " · " <b>{what}</b> " · " <Time at/></span>
                        <Icon name="arrow-right" class="size-5 shrink-0 opacity-60"/>
                    </a>
                </li>
            }
            .into_any()
        })
        .collect()
}

/// Guards that somebody owns and that no node is connected with.
fn unlinked(nodes: &[NodeInfo]) -> usize {
    let sum = |of: fn(&NodeInfo) -> u64| nodes.iter().map(of).sum::<u64>();
    usize::try_from(sum(|node| node.guards).saturating_sub(sum(|node| node.linked))).unwrap_or(usize::MAX)
}

/// The share of a kiosk's compartments that something is in, in hundredths.
fn taken(kiosk: &Kiosk) -> u32 {
    let counts = kiosk.counts;
    (100 * counts.total.saturating_sub(counts.free))
        .checked_div(counts.total)
        .unwrap_or(0)
}

/// How full the kiosks are, the fullest first.
fn filling(mut kiosks: Vec<Kiosk>) -> Option<AnyView> {
    let locale = context::locale();
    kiosks.sort_by_key(|kiosk| std::cmp::Reverse(taken(kiosk)));
    let rows: Vec<_> = kiosks
        .into_iter()
        .filter(|kiosk| kiosk.counts.total > 0)
        .take(KIOSKS_SHOWN)
        .map(|kiosk| {
            let (free, total) = (number(kiosk.counts.free), number(kiosk.counts.total));
            let text = td_string!(locale, operator.free_of, free = free, total = total).to_string();
            let share = taken(&kiosk);
            let class = if share >= FULL_FROM { "fill fill-full" } else { "fill" };
            let width = format!("width:{share}%");
            view! {
                <li>
                    <a href=at::operator_kiosk(&kiosk.yid) class="hover:bg-base-200 block rounded px-2 py-2" data-testid="kiosk-fill">
                        <span class="flex items-baseline justify-between gap-4"><span class="truncate font-medium">{kiosk.name}</span> <span class="text-sm whitespace-nowrap tabular-nums opacity-75">{text}</span></span>
                        <span class=class aria-hidden="true"><span style=width></span></span>
                    </a>
                </li>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! {
            <Section title=td_string!(locale, operator.filling) testid="filling"><ul class="flex flex-col gap-1">{rows}</ul></Section>
        }
        .into_any()
    })
}

fn statuses(counts: &[(OrderStatus, u32)]) -> AnyView {
    let tiles: Vec<_> = OrderStatus::ALL
        .into_iter()
        .map(|status| {
            let count = counts.iter().find(|(other, _)| *other == status).map_or(0, |(_, count)| *count);
            let href = with_query(&at::operator_orders(), &[("status", status.letter())]);
            view! {
                <a href=href class="hover:bg-base-200 border-base-300 flex flex-col gap-1 rounded border p-4" data-testid=format!("count-{}", status.letter())>
                    <span class="text-3xl font-bold tabular-nums">{number(count)}</span>
                    <StatusBadge status/>
                </a>
            }
        })
        .collect();
    view! { <div class="grid grid-cols-2 gap-4 sm:grid-cols-4">{tiles}</div> }.into_any()
}

fn overdue_list(rows: Vec<Overdue>) -> AnyView {
    let locale = context::locale();
    let (number_label, place) = (
        td_string!(locale, operator.customer_no),
        td_string!(locale, operator.place),
    );
    let since = td_string!(locale, operator.stored_since);
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let href = at::operator_order(&row.things_sq);
            let text = td_string!(locale, operator.place_text, yid = row.yid.0, label = row.label).to_string();
            view! {
                <tr data-testid="overdue-row">
                    <td class="lead"><a href=href class="row-go tabular-nums">{row.customer_no.0}</a></td>
                    <td>{text}</td>
                    <td data-label=since><Time at=row.stored_at full=true/></td>
                </tr>
            }
        })
        .collect();
    view! {
        <Section title=td_string!(locale, operator.overdue_deposits) testid="overdue-deposits">
            <p>{td_string!(locale, operator.overdue_deposits_hint)}</p>
            <div class="work-frame">
                <table class="work">
                    <thead><tr><th scope="col">{number_label}</th><th scope="col">{place}</th><th scope="col">{since}</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </Section>
    }
    .into_any()
}

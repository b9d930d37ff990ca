//! `/operator/guards`: the devices of the inventory.

use super::parts::{FileLink, NoRows, ROWS, SearchBar, numbered_page};
use crate::error::loaded;
use crate::ui::found::{TEXT, marked, matched, only, unfinished};
use crate::ui::layout::Layout;
use crate::ui::pager::{CURSOR, Pager};
use domain::guard::inventory::Device;
use domain::guard::link::Fault;
use domain::guard::messages::guards::GuardStatus;
use domain::locker::orders::Count;
use domain::search::{Hit, Hits, Part};
use islands::addresses::{GUARDS_CSV, at};
use islands::context;
use islands::date::{Time, phone};
use islands::functions::inventory;
use islands::i18n::{Locale, td_string};
use islands::links;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// The list.
#[component]
pub fn Guards() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            if let Some(page) = numbered_page(&request) {
                let place = inventory::page(page, ROWS).await?;
                let hits = match place.after {
                    Some(after) => inventory::list("", Some(&after), ROWS).await?,
                    None => Hits::default(),
                };
                return Ok((Hits { next: None, ..hits }, Some(place.count)));
            }
            let hits = inventory::list(request.query(TEXT), request.query_if_any(CURSOR), ROWS).await?;
            // A guard has no page here; its owner has.
            if let Some(owner) = only(&hits).and_then(|guard| guard.owner.as_ref()) {
                links::redirect(&at::operator_person(owner));
            }
            Ok((hits, None))
        },
        |(page, count)| show(page, count),
    )
}

fn show(page: Hits<Device>, count: Option<Count>) -> AnyView {
    let locale = context::locale();
    let unfinished = unfinished(&page, ROWS as usize);
    let list = if page.rows.is_empty() && unfinished.is_some() {
        ().into_any()
    } else if page.rows.is_empty() {
        let first = (
            at::operator_import_guards(),
            "upload",
            td_string!(locale, operator_guards.import),
        );
        view! { <NoRows none_found=td_string!(locale, operator_guards.none) none_yet=td_string!(locale, operator_guards.none_yet) icon="key" count first=Some(first)/> }.into_any()
    } else {
        table(page.rows)
    };
    let import = view! {
        <a href=at::operator_import_guards() class="btn btn-primary" data-testid="import-guards">
            <Icon name="upload" class="size-5 shrink-0"/> {td_string!(locale, operator_guards.import)}
        </a>
    };
    view! {
        <Layout title=td_string!(locale, operator_guards.guards) wide=true actions=import.into_any()>
            <SearchBar name=TEXT label=td_string!(locale, operator_guards.search) max=64 opens=true/>
            <div id="results" class="flex flex-col gap-2">
                {unfinished}
                <FileLink path=GUARDS_CSV count/>
                {list}
                <Pager next=page.next/>
            </div>
        </Layout>
    }
    .into_any()
}

fn table(devices: Vec<Hit<Device>>) -> AnyView {
    let locale = context::locale();
    let (id, owner) = (
        td_string!(locale, operator_guards.guard_id),
        td_string!(locale, operator_guards.owner),
    );
    let (state, seen) = (
        td_string!(locale, operator.state),
        td_string!(locale, operator.last_heard),
    );
    let (firmware, added) = (
        td_string!(locale, operator_guards.firmware),
        td_string!(locale, operator_guards.added),
    );
    let rows: Vec<_> = devices
        .into_iter()
        .map(|Hit { of: device, found }| {
            let of = device.owner.map(|owner| {
                let href = at::operator_person(&owner);
                view! { <a href=href class="row-go whitespace-nowrap tabular-nums" data-hit="">{phone(&owner)}</a> }
            });
            let nobody = of.is_none().then(|| td_string!(locale, operator_guards.nobody));
            let heard = device.seen_at.map(|at| view! { <Time at=at/> });
            let never = heard.is_none().then(|| td_string!(locale, operator.never));
            view! {
                <tr data-testid="guard-row">
                    <td class="lead"><span class="font-mono break-all">{marked(device.guard_id.as_str(), Part::Number, &found)}</span> {matched(locale, &found)}</td>
                    <td class="mark">{badge(locale, device.status)} {device.fault.map(|fault| view! { <p class="text-sm" data-testid="guard-fault">{fault_text(locale, fault)}</p> })}</td>
                    <td data-label=owner>{of}{nobody}</td>
                    <td data-label=seen>{heard}{never}</td>
                    <td>{device.firmware}</td>
                    <td data-label=added><Time at=device.added_at/></td>
                </tr>
            }
        })
        .collect();
    view! {
        <div class="work-frame">
            <table class="work">
                <thead><tr><th scope="col">{id}</th><th scope="col">{state}</th><th scope="col">{owner}</th><th scope="col">{seen}</th><th scope="col">{firmware}</th><th scope="col">{added}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// How a guard is, in a word.
pub(crate) fn guard_state(locale: Locale, status: GuardStatus) -> &'static str {
    match status {
        GuardStatus::Working => td_string!(locale, operator_guards.working),
        GuardStatus::Faulty => td_string!(locale, operator_guards.faulty),
        GuardStatus::NotConnected => td_string!(locale, operator_guards.not_connected),
    }
}

/// Why a guard is faulty.
fn fault_text(locale: Locale, fault: Fault) -> &'static str {
    match fault {
        Fault::Silent => td_string!(locale, operator_guards.fault_silent),
        Fault::AnotherDevice => td_string!(locale, operator_guards.fault_another),
        Fault::NotSecure => td_string!(locale, operator_guards.fault_not_secure),
        Fault::WrongKey => td_string!(locale, operator_guards.fault_wrong_key),
        Fault::NoOutput => td_string!(locale, operator_guards.fault_no_output),
        Fault::Tampered => td_string!(locale, operator_guards.fault_tampered),
        Fault::Power => td_string!(locale, operator_guards.fault_power),
        Fault::Other => td_string!(locale, operator_guards.fault_other),
    }
}

fn badge(locale: Locale, status: GuardStatus) -> AnyView {
    let text = guard_state(locale, status);
    match status {
        GuardStatus::Working => {
            view! { <span class="flex items-center gap-1"><Icon name="check" class="size-4 shrink-0"/> {text}</span> }
                .into_any()
        }
        GuardStatus::Faulty => {
            view! { <span class="badge badge-warning gap-1 whitespace-nowrap"><Icon name="warning" class="size-4 shrink-0"/> {text}</span> }.into_any()
        }
        GuardStatus::NotConnected => {
            view! { <span class="badge badge-outline whitespace-nowrap">{text}</span> }.into_any()
        }
    }
}

//! `/operator/guards`: the devices of the inventory, and more of them from a CSV file.

use super::orders_import::{IMPORT, read_file, told, upload_form};
use super::parts::{ROWS, SearchBar, Section, Up};
use crate::context::{self, RequestContext};
use crate::error::loaded;
use crate::form::{Again, Fields, done};
use crate::i18n::{Locale, td_string};
use crate::ui::date::{Time, phone};
use crate::ui::empty::Empty;
use crate::ui::found::{TEXT, marked, matched, unfinished};
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use crate::ui::pager::{CURSOR, Pager};
use axum::extract::Multipart;
use axum::extract::multipart::MultipartRejection;
use axum::response::Response;
use backend::guard::inventory::{self, Device};
use domain::error::Refusal;
use domain::guard::messages::guards::GuardStatus;
use domain::locker::orders::ImportReport;
use domain::people::Role;
use domain::search::{Hit, Hits, Part};
use leptos::prelude::*;

/// The import's address; larger bodies than elsewhere are read there.
pub const GUARDS_IMPORT_PATH: &str = "/operator/guards/import";

/// The list.
#[component]
pub fn Guards() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let who = request.require(Role::Operator)?;
            let cursor = Some(request.query(CURSOR)).filter(|cursor| !cursor.is_empty());
            inventory::list(&request.backend, who, request.query(TEXT), cursor, ROWS).await
        },
        show,
    )
}

fn show(page: Hits<Device>) -> AnyView {
    let locale = context::locale();
    let unfinished = unfinished(&page, ROWS as usize);
    let list = if page.rows.is_empty() && unfinished.is_some() {
        ().into_any()
    } else if page.rows.is_empty() {
        view! { <Empty text=td_string!(locale, operator_guards.none) icon="key"/> }.into_any()
    } else {
        table(page.rows)
    };
    view! {
        <Layout title=td_string!(locale, operator_guards.guards) wide=true>
            <a href=GUARDS_IMPORT_PATH class="btn btn-primary self-start" data-testid="import-guards">
                <Icon name="upload" class="size-5 shrink-0"/> {td_string!(locale, operator_guards.import)}
            </a>
            <SearchBar name=TEXT label=td_string!(locale, operator_guards.search) max=64/>
            {unfinished}
            {list}
            <Pager next=page.next/>
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
                let href = format!("/operator/people/{owner}");
                view! { <a href=href class="row-link whitespace-nowrap tabular-nums">{phone(&owner)}</a> }
            });
            let nobody = of.is_none().then(|| td_string!(locale, operator_guards.nobody));
            let heard = device.seen_at.map(|at| view! { <Time at=at/> });
            let never = heard.is_none().then(|| td_string!(locale, operator.never));
            view! {
                <tr data-testid="guard-row">
                    <td data-label=id><span class="font-mono break-all">{marked(device.guard_id.as_str(), Part::Number, &found)}</span> {matched(&found)}</td>
                    <td data-label=state>{badge(locale, device.status)}</td>
                    <td data-label=owner>{of}{nobody}</td>
                    <td data-label=seen>{heard}{never}</td>
                    <td data-label=firmware>{device.firmware}</td>
                    <td data-label=added><Time at=device.added_at/></td>
                </tr>
            }
        })
        .collect();
    view! {
        <div class="table-frame">
            <table class="table rows">
                <thead><tr><th>{id}</th><th>{state}</th><th>{owner}</th><th>{seen}</th><th>{firmware}</th><th>{added}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn badge(locale: Locale, status: GuardStatus) -> AnyView {
    match status {
        GuardStatus::Working => {
            let text = td_string!(locale, operator_guards.working);
            view! { <span class="flex items-center gap-1"><Icon name="check" class="size-4 shrink-0"/> {text}</span> }
                .into_any()
        }
        GuardStatus::Faulty => {
            let text = td_string!(locale, operator_guards.faulty);
            view! { <span class="badge badge-warning gap-1 whitespace-nowrap"><Icon name="warning" class="size-4 shrink-0"/> {text}</span> }.into_any()
        }
        GuardStatus::NotConnected => {
            let text = td_string!(locale, operator_guards.not_connected);
            view! { <span class="badge badge-outline whitespace-nowrap">{text}</span> }.into_any()
        }
    }
}

/// `/operator/guards/import`
#[component]
pub fn ImportGuardsPage() -> impl IntoView {
    let request = context::request();
    loaded(async move { request.require(Role::Operator).map(|_| ()) }, |()| {
        show_import()
    })
}

fn show_import() -> AnyView {
    let locale = context::locale();
    let report = done::<ImportReport>();
    let wide = report.is_some();
    let to_list = td_string!(locale, operator_guards.to_list);
    let columns: Vec<_> = [
        ("guardId", td_string!(locale, operator_guards.column_guard_id)),
        ("deviceKey", td_string!(locale, operator_guards.column_device_key)),
    ]
    .into_iter()
    .map(|(name, meaning)| view! { <div><dt><code>{name}</code></dt><dd>{meaning}</dd></div> })
    .collect();
    view! {
        <Layout title=td_string!(locale, operator_guards.import) wide=wide>
            <Up href="/operator/guards" text=td_string!(locale, operator_guards.guards)/>
            {report.map(|report| told(&report, "/operator/guards", to_list))}
            {upload_form(locale)}
            <Section title=td_string!(locale, operator.file_format) testid="file-format">
                <p>{td_string!(locale, operator_guards.format_hint)}</p>
                <dl class="facts">{columns}</dl>
            </Section>
        </Layout>
    }
    .into_any()
}

/// `POST /operator/guards/import`
pub async fn import_guards(
    context: RequestContext,
    page: Again,
    multipart: Result<Multipart, MultipartRejection>,
) -> Response {
    match try_import(&context, multipart).await {
        Ok(report) => page.show_done(context, report).await,
        Err(refusal) => page.show(context, IMPORT, Fields::default(), refusal).await,
    }
}

async fn try_import(
    context: &RequestContext,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<ImportReport, Refusal> {
    let who = context.require(Role::Operator)?;
    let file = read_file(multipart).await?;
    inventory::import_csv(&context.backend, &who.into(), &file).await
}

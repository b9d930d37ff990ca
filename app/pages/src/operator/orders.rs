//! `/operator/orders`: search, and from received to ready many at once.

use super::parts::{Filter, NoRows, ROWS, SearchBar};
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::orders::{self as layout, Around, table};
use crate::ui::found::{TEXT, only};
use crate::ui::layout::Layout;
use crate::ui::pager::{CURSOR, SORT, changed_to, page_number};
use crate::ui::table::sort_asked;
use domain::ids::{BusinessName, Yid};
use domain::locker::orders::{Count, Order, OrderSearch, OrderStatus, OrderTable, ReadySoFar};
use islands::addresses::{OPERATOR_ORDERS_CSV, at};
use islands::context::{self, RequestContext};
use islands::date::number;
use islands::functions::businesses;
use islands::functions::orders::{self, Listed, MakeAllReady, MakeReady};
use islands::i18n::td_string;
use islands::links::{self, with_query};
use islands::ui::bulk::{self, Bulk};
use islands::ui::icon::Icon;
use islands::ui::status::word;
use islands::ui::wasm::page_acts;
use leptos::prelude::*;

/// What the address may say besides the page.
const FILTERS: [&str; 5] = [TEXT, "status", "business", "yid", SORT];

/// What the page shows.
struct Shown {
    listed: Listed,
    businesses: Vec<BusinessName>,
    /// The received orders of the list; nothing where they are not counted, or none are meant.
    received: Option<Count>,
}

/// What the address asks for, without its text and page.
fn filters(request: &RequestContext) -> OrderTable {
    OrderTable {
        status: OrderStatus::parse(request.query("status")),
        yid: request.query("yid").parse().ok().map(Yid),
        business: BusinessName::parse(request.query("business")),
        sort: sort_asked(request.query(SORT)).0,
        page: page_number(request),
        limit: ROWS,
    }
}

/// The list.
#[component]
pub fn Orders() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let asked = filters(&request);
            let (text, cursor) = (request.query(TEXT).trim(), request.query_if_any(CURSOR));
            let is_table = text.is_empty() && cursor.is_none();
            let listed = if is_table {
                orders::table(&asked).await?
            } else {
                let asked = OrderSearch {
                    text: text.to_owned(),
                    status: asked.status,
                    yid: asked.yid,
                    business: asked.business.clone(),
                    cursor: cursor.map(str::to_owned),
                    limit: ROWS,
                };
                orders::find(&asked).await?.into()
            };
            if let Some(order) = only(&listed.hits) {
                links::redirect(&at::operator_order(&order.things_sq));
            }
            let received = match (listed.counted, asked.status) {
                (Some(counted), Some(OrderStatus::Received)) => Some(counted.count),
                (Some(_), None) => {
                    let status = Some(OrderStatus::Received);
                    Some(orders::count(&OrderTable { status, ..asked }).await?)
                }
                _ => None,
            };
            let businesses = businesses::all_names().await?;
            Ok(Shown {
                listed,
                businesses,
                received,
            })
        },
        show,
    )
}

fn show(shown: Shown) -> AnyView {
    // Rows that come while somebody types have forms as well.
    page_acts();
    let request = context::request();
    let locale = request.locale;
    let statuses = std::iter::once((String::new(), td_string!(locale, operator.any_status).to_owned()))
        .chain(OrderStatus::EVERY.map(|status| (status.letter().to_owned(), word(locale, status).to_owned())))
        .collect();
    let names = std::iter::once((String::new(), td_string!(locale, operator.any_business).to_owned()))
        .chain(shown.businesses.iter().map(|name| (name.0.clone(), name.0.clone())))
        .collect();
    let yid = request.query("yid").to_owned();
    let sort = request.query(SORT).to_owned();
    let actions = view! {
        <a href=at::operator_new_order() class="btn" data-testid="add-order">
            <Icon name="plus" class="size-5 shrink-0"/> {td_string!(locale, operator.add_order)}
        </a>
        <a href=at::operator_import() class="btn btn-primary" data-testid="import-orders">
            <Icon name="upload" class="size-5 shrink-0"/> {td_string!(locale, operator.import_orders)}
        </a>
    };
    view! {
        <Layout title=td_string!(locale, common.orders) wide=true actions=actions.into_any()>
            <SearchBar name=TEXT label=td_string!(locale, operator.search_orders) opens=true>
                <Filter name="status" label=td_string!(locale, operator.status) options=statuses/>
                <Filter name="business" label=td_string!(locale, operator.business) options=names/>
                {(!yid.is_empty()).then(|| view! { <input type="hidden" name="yid" value=yid/> })}
                {(!sort.is_empty()).then(|| view! { <input type="hidden" name=SORT value=sort/> })}
            </SearchBar>
            <Bulk
                progress=td_string!(locale, operator.ready_progress, made = bulk::MADE).to_string()
                progress_of=td_string!(locale, operator.ready_progress_of, made = bulk::MADE, count = bulk::ALL).to_string()
                cancel=td_string!(locale, operator.ready_cancel).to_owned()
                failed=td_string!(locale, common.act_offline).to_owned()
                go_on=td_string!(locale, operator.ready_go_on).to_owned()
            />
            {entry::done::<MakeAllReady>().and_then(|so_far| paused(&request, &so_far))}
            {results(&request, shown)}
        </Layout>
    }
    .into_any()
}

fn results(request: &RequestContext, shown: Shown) -> AnyView {
    let locale = request.locale;
    let Shown { listed, received, .. } = shown;
    let (sort, unknown) = sort_asked(request.query(SORT));
    let around = Around {
        heading: None,
        sort,
        unknown: unknown.then(|| request.query(SORT).to_owned()),
        page: page_number(request),
        csv: changed_to(OPERATOR_ORDERS_CSV),
        first: make_all_ready(request, received),
    };
    let nothing = || {
        let first = (
            at::operator_import(),
            "upload",
            td_string!(locale, operator.import_orders),
        );
        view! { <NoRows none_found=td_string!(locale, operator.no_orders) none_yet=td_string!(locale, operator.no_orders_yet) icon="inbox" first=Some(first)/> }.into_any()
    };
    layout::results(listed, around, nothing, rows_form)
}

/// The rows, in one form: those received can be chosen and made ready together, or one by one.
fn rows_form(listed: Listed) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<MakeReady>(), entry::entry::<MakeReady>());
    let received = |order: &Order| order.status == OrderStatus::Received;
    let some = listed.hits.rows.iter().any(|hit| received(&hit.of));
    let none_chosen = entry
        .problem("pick")
        .map(|text| view! { <p id="pick-problem" role="alert" class="alert alert-error alert-soft" data-testid="refusal">{text}</p> });
    let bar = some.then(|| {
        view! {
            <div class="bulk-bar" data-testid="ready-actions">
                <button class="btn btn-primary bulk-chosen" data-testid="ready-chosen">{td_string!(locale, operator.ready_chosen)}</button>
            </div>
        }
    });
    let leads_to = |order: &Order| at::operator_order(&order.things_sq);
    view! {
        <ActForm of hidden=vec![("back", this_list(context::request().path.as_ref()))] class="bulk flex flex-col gap-2">
            {none_chosen}
            {table(listed, leads_to, Some(&entry))}
            {bar}
        </ActForm>
    }
    .into_any()
}

/// All received orders of the list, on whichever pages they are: asked for, then done with how far it is.
fn make_all_ready(request: &RequestContext, received: Option<Count>) -> Option<AnyView> {
    let locale = request.locale;
    let searching = !request.query(TEXT).trim().is_empty();
    let status = OrderStatus::parse(request.query("status"));
    let may_be = status.is_none_or(|status| status == OrderStatus::Received);
    let (open, yes, expected) = match received {
        Some(count) if count.rows == 0 => return None,
        Some(Count { rows, more: false }) => {
            let count = number(rows);
            let open = td_string!(locale, operator.ready_all, count = count.clone()).to_string();
            (
                open,
                td_string!(locale, operator.ready_all_yes, count = count).to_string(),
                Some(rows),
            )
        }
        Some(_) => any_number(locale),
        None if searching && may_be => any_number(locale),
        None => return None,
    };
    let mut arguments = filter_arguments(request);
    if let Some(expected) = expected {
        arguments.push(("expected", expected.to_string()));
    }
    Some(
        view! {
            <details class="bulk-all" data-testid="ready-all">
                <summary class="btn">{open}</summary>
                {all_form(arguments, yes, td_string!(locale, operator.ready_all_hint))}
            </details>
        }
        .into_any(),
    )
}

/// How many there are is not counted.
fn any_number(locale: islands::i18n::Locale) -> (String, String, Option<u32>) {
    let open = td_string!(locale, operator.ready_all_matching).to_owned();
    (
        open,
        td_string!(locale, operator.ready_all_matching_yes).to_owned(),
        None,
    )
}

fn filter_arguments(request: &RequestContext) -> Vec<(&'static str, String)> {
    let of = |name: &'static str| (name, request.query(name).trim().to_owned());
    let back = ("back", this_list(&request.path));
    [of(TEXT), of("business"), of("yid"), back]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

fn all_form(arguments: Vec<(&'static str, String)>, yes: String, hint: &'static str) -> AnyView {
    let of = entry::of::<MakeAllReady>();
    let problem = entry::on_top(of)
        .map(|refused| view! { <p role="alert" class="text-error" data-testid="refusal">{refused.words}</p> });
    view! {
        <form method="post" class="flex flex-col gap-4" data-bulk="" data-testid="ready-all-form">
            {entry::hidden(of, arguments)}
            {problem}
            <p>{hint}</p>
            <button class="btn btn-primary self-start" data-testid="ready-all-yes">{yes}</button>
        </form>
    }
    .into_any()
}

/// Without a script: how far it is, and the button that goes on.
fn paused(request: &RequestContext, so_far: &ReadySoFar) -> Option<AnyView> {
    let locale = request.locale;
    let next = so_far.next.clone()?;
    let mut arguments = filter_arguments(request);
    arguments.push(("made", so_far.made.to_string()));
    arguments.push(("cursor", next));
    let hint = td_string!(locale, operator.ready_paused, made = number(so_far.made)).to_string();
    let yes = td_string!(locale, operator.ready_go_on).to_owned();
    Some(
        view! {
            <section class="needs-you" role="status" data-testid="ready-paused">
                <p class="w-full font-medium">{hint}</p>
                {all_form(arguments, yes, td_string!(locale, operator.ready_all_hint))}
            </section>
        }
        .into_any(),
    )
}

/// The list that is shown, filters included; not the same page of it, because rows may have left it.
fn this_list(path: &str) -> String {
    let request = context::request();
    with_query(path, &FILTERS.map(|name| (name, request.query(name))))
}

//! `/operator/import/{upload_id}`: a file that was sent for importing. What is in it and what would become of each row; importing it, with how far
//! that is; and what is still wrong, put together by reason, with the mending.

use super::orders_import::{shown_name, standing};
use super::parts::{Section, Up};
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::ui::csv;
use crate::ui::layout::Layout;
use axum::response::Response;
use domain::error::{Problem, Refusal};
use domain::ids::ThingsSq;
use domain::imports::{Group, GroupValue, ImportKind, Upload, UploadId, grouped};
use domain::locker::orders::{ImportReport, OrderStatus, RowError};
use islands::addresses::{REFUSED_CSV, at, named};
use islands::context::{self, RequestContext};
use islands::date::{Time, number};
use islands::functions::businesses::{AddBusiness, AddBusinesses};
use islands::functions::imports::{self, DiscardUpload, Looked, RunImport};
use islands::i18n::{Locale, td_string};
use islands::links::{self, with_query};
use islands::ui::bulk::{self, Bulk};
use islands::ui::icon::Icon;
use islands::ui::wasm::Preload;
use islands::words::{problem_text, refusal_text};
use leptos::prelude::*;
use std::collections::HashMap;

/// The query parameter with what a file is read as.
const ENCODING: &str = "encoding";
/// What it may be read as, and what people call that.
const ENCODINGS: [(&str, &str); 4] = [
    ("utf-8", "UTF-8"),
    ("euc-kr", "EUC-KR (한국어)"),
    ("gbk", "GBK (中文)"),
    ("utf-16", "UTF-16"),
];
/// Most rows that are imported by one form without a script, and the values of a reason that are shown at first.
const VALUES_SHOWN: usize = 10;

/// The page.
#[component]
pub fn UploadPage() -> impl IntoView {
    let (named, request) = (named::operator_upload(), context::request());
    loaded(
        async move {
            let (id,) = named?;
            imports::look(&id, request.query_if_any(ENCODING)).await
        },
        show,
    )
}

fn show(looked: Looked) -> AnyView {
    let locale = context::locale();
    let Looked { upload, report } = looked;
    let (up, up_text) = match upload.kind {
        ImportKind::Orders => (at::operator_import(), td_string!(locale, operator.import_orders)),
        ImportKind::Guards => (at::operator_import_guards(), td_string!(locale, operator_guards.import)),
    };
    let title = shown_name(locale, &upload);
    let content = match &report {
        Some(report) => view! {
            {outcome(locale, &upload, report)}
            {preview(locale, &upload, report)}
            {refusals(locale, &upload, &report.errors)}
        }
        .into_any(),
        None => undecided(locale),
    };
    view! {
        <Layout title wide=true>
            <Up href=up text=up_text/>
            <Preload/>
            <Bulk
                progress=td_string!(locale, operator.import_progress, done = bulk::MADE).to_string()
                progress_of=td_string!(locale, operator.import_progress_of, done = bulk::MADE, rows = bulk::ALL).to_string()
                cancel=td_string!(locale, operator.ready_cancel).to_owned()
                failed=td_string!(locale, common.act_offline).to_owned()
                go_on=td_string!(locale, operator.ready_go_on).to_owned()
            />
            {content}
            {discard(locale, &upload)}
        </Layout>
    }
    .into_any()
}

/// What was imported, or what would be, and the button that does it.
fn outcome(locale: Locale, upload: &Upload, report: &ImportReport) -> AnyView {
    let left = report.added + report.updated;
    let (title, hint) = if upload.is_finished() {
        let (added, updated) = (number(upload.added), number(upload.updated));
        let text = td_string!(locale, operator.import_done_of, added = added, updated = updated).to_string();
        (td_string!(locale, operator.imported), text)
    } else if upload.is_unfinished() {
        let text = td_string!(locale, operator.import_stopped_hint).to_owned();
        (
            td_string!(locale, operator.import_stopped),
            format!("{} {text}", standing(locale, upload)),
        )
    } else {
        (
            td_string!(locale, operator.import_look),
            td_string!(locale, operator.import_look_hint).to_owned(),
        )
    };
    let added_label = if upload.is_finished() {
        td_string!(locale, operator.rows_could_be_added)
    } else {
        td_string!(locale, operator.rows_would_be_added)
    };
    let refused = u32::try_from(report.errors.len()).unwrap_or(u32::MAX);
    let tile = |label: &'static str, count: u32, testid: &'static str| {
        view! { <div class="card-plain flex flex-col"><span class="text-3xl font-bold tabular-nums" data-testid=testid>{number(count)}</span><span>{label}</span></div> }
    };
    let begun = upload.begun_at.map(|at| view! { <p class="text-sm opacity-75">{td_string!(locale, operator.import_begun_at)} " " <Time at=at full=true/></p> });
    let (href, way_on) = way_on(locale, upload);
    let class = if left == 0 {
        "btn btn-primary self-start"
    } else {
        "btn self-start"
    };
    let on = (upload.is_finished() || left == 0)
        .then(|| view! { <a href=href class=class data-testid="way-on">{way_on}</a> });
    let moved_on = (report.updated > 0).then(|| {
        tile(
            td_string!(locale, operator.rows_would_be_ready),
            report.updated,
            "rows-updated",
        )
    });
    view! {
        <section class="flex flex-col gap-4" role="status" data-testid="import-report">
            <h2 class="text-lg font-semibold">{title}</h2>
            <p data-testid="import-says">{hint}</p>
            {begun}
            <div class="grid grid-cols-2 gap-4 sm:grid-cols-4">
                {tile(added_label, report.added, "rows-added")}
                {moved_on}
                {tile(td_string!(locale, operator.rows_unchanged), report.unchanged, "rows-unchanged")}
                {tile(td_string!(locale, operator.rows_refused), refused, "rows-refused")}
            </div>
            {run_form(locale, upload, report)}
            {on}
        </section>
    }
    .into_any()
}

/// Where to go once everything is imported.
fn way_on(locale: Locale, upload: &Upload) -> (String, &'static str) {
    match upload.kind {
        ImportKind::Orders => {
            let received = with_query(&at::operator_orders(), &[("status", OrderStatus::Received.letter())]);
            (received, td_string!(locale, operator.to_received))
        }
        ImportKind::Guards => (at::operator_guards(), td_string!(locale, operator_guards.to_list)),
    }
}

/// The button that imports. It has no one-use key: rows that are there already stay as they are, and each step is a transaction of its own.
fn run_form(locale: Locale, upload: &Upload, report: &ImportReport) -> Option<AnyView> {
    let (left, rows) = (
        report.added + report.updated,
        report
            .rows
            .saturating_sub(u32::try_from(report.errors.len()).unwrap_or(u32::MAX)),
    );
    let goes_on =
        upload.is_unfinished() && upload.encoding.as_deref() == chosen(&context::request(), upload).as_deref();
    if left == 0 && !goes_on {
        return None;
    }
    let of = entry::of::<RunImport>();
    let refused = entry::on_top(of)
        .map(|refused| view! { <p role="alert" class="text-error" data-testid="refusal">{refused.words}</p> });
    let (text, expected) = if goes_on {
        (td_string!(locale, operator.import_go_on).to_owned(), upload.rows)
    } else {
        (
            td_string!(locale, operator.import_rows, count = number(left)).to_string(),
            rows,
        )
    };
    let hidden = |name: &'static str, value: String| view! { <input type="hidden" name=name value=value/> };
    let encoding = chosen(&context::request(), upload).map(|encoding| hidden(ENCODING, encoding));
    let from_start = (!goes_on).then(|| hidden("again", "true".to_owned()));
    let begins_at = (goes_on).then(|| upload.done.to_string());
    Some(
        view! {
            <form method="post" class="flex flex-col gap-4" data-bulk="plain" data-bulk-of=expected.to_string() data-bulk-from=begins_at data-testid="run-form">
                {hidden(islands::fields::DO, of.address().to_owned())}
                {hidden("upload_id", upload.id.to_string())}
                {encoding}
                {from_start}
                {hidden("back", links::here())}
                {refused}
                <button class="btn btn-primary btn-lg self-start" data-testid="run-import"><Icon name="upload"/> {text}</button>
            </form>
        }
        .into_any(),
    )
}

/// The encoding that the operator chose for the file, if any.
fn chosen(request: &RequestContext, upload: &Upload) -> Option<String> {
    request
        .query_if_any(ENCODING)
        .map(str::to_owned)
        .or_else(|| upload.encoding.clone())
}

/// The first rows as they were read, and the choice of another encoding.
fn preview(locale: Locale, upload: &Upload, report: &ImportReport) -> AnyView {
    let heads: Vec<_> = report
        .columns
        .iter()
        .map(|name| view! { <th scope="col">{name.clone()}</th> })
        .collect();
    let line = td_string!(locale, operator.line);
    let rows: Vec<_> = report
        .sample
        .iter()
        .map(|row| {
            let cells: Vec<_> = row
                .cells
                .iter()
                .zip(&report.columns)
                .map(|(cell, name)| view! { <td data-label=name.clone() class="wrap-anywhere" dir="auto">{cell.clone()}</td> })
                .collect();
            view! { <tr data-testid="sample-row"><td data-label=line class="tabular-nums">{number(i64::try_from(row.line).unwrap_or(i64::MAX))}</td>{cells}</tr> }
        })
        .collect();
    let read_as = td_string!(locale, operator.read_as, encoding = report.encoding.as_str()).to_string();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <div class="table-frame">
                <table class="table rows" data-testid="sample">
                    <thead><tr><th scope="col">{line}</th>{heads}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    let chosen = chosen(&context::request(), upload).unwrap_or_default();
    view! {
        <Section title=td_string!(locale, operator.first_rows) testid="preview">
            <div class="flex flex-wrap items-end justify-between gap-4">
                <p><b data-testid="encoding">{read_as}</b> " " {td_string!(locale, operator.read_as_hint)}</p>
                {encoding_form(locale, &chosen)}
            </div>
            {table}
        </Section>
    }
    .into_any()
}

fn encoding_form(locale: Locale, chosen: &str) -> AnyView {
    let options: Vec<_> = std::iter::once(("", td_string!(locale, operator.encoding_found)))
        .chain(ENCODINGS)
        .map(|(value, text)| view! { <option value=value selected=value == chosen>{text}</option> })
        .collect();
    view! {
        <form method="get" class="flex items-end gap-2" data-testid="encoding-form">
            <select name=ENCODING class="select filter" aria-label=td_string!(locale, operator.encoding)>{options}</select>
            <button class="btn">{td_string!(locale, operator.read_again)}</button>
        </form>
    }
    .into_any()
}

/// Korean or Chinese: a person has to choose.
fn undecided(locale: Locale) -> AnyView {
    view! {
        <Section title=td_string!(locale, operator.encoding) testid="preview">
            <p role="alert" class="alert alert-warning" data-testid="encoding-asked">{problem_text(locale, &Problem::Encoding)}</p>
            {encoding_form(locale, "")}
        </Section>
    }
    .into_any()
}

/// Refused rows by reason, each with what stood in the file and what helps.
fn refusals(locale: Locale, upload: &Upload, errors: &[RowError]) -> Option<AnyView> {
    if errors.is_empty() {
        return None;
    }
    let file = with_query(
        REFUSED_CSV,
        &[
            ("upload", upload.id.as_str()),
            (ENCODING, &chosen(&context::request(), upload).unwrap_or_default()),
        ],
    );
    let groups: Vec<_> = grouped(errors)
        .into_iter()
        .map(|of| group(locale, upload, of))
        .collect();
    Some(
        view! {
            <section class="flex flex-col gap-4" aria-labelledby="refused" data-testid="refusals">
                <div class="flex flex-wrap items-center justify-between gap-2">
                    <h2 id="refused" class="text-lg font-semibold">{td_string!(locale, operator.refused_rows)}</h2>
                    <a href=file download="" class="btn" data-testid="refused-file"><Icon name="download" class="size-5 shrink-0"/> {td_string!(locale, operator.refused_file)}</a>
                </div>
                <p>{td_string!(locale, operator.refused_rows_hint)}</p>
                {groups}
            </section>
        }
        .into_any(),
    )
}

fn group(locale: Locale, upload: &Upload, group: Group) -> AnyView {
    let count = number(i64::try_from(group.count).unwrap_or(i64::MAX));
    let title = why(locale, &group.refusal);
    let lines = lines_text(locale, &group.lines, group.count);
    let is_business =
        matches!(&group.refusal, Refusal::Field { field, problem: Problem::Unknown } if field == "business");
    let is_order = matches!(&group.refusal, Refusal::Field { field, problem: Problem::Taken } if field == "thingsSq");
    let all = (is_business && group.values.len() > 1).then(|| add_all(locale, &group.values));
    let more = group.different.saturating_sub(group.values.len().min(VALUES_SHOWN));
    let more = (more > 0).then(|| {
        let count = number(i64::try_from(more).unwrap_or(i64::MAX));
        view! { <p class="text-sm opacity-75">{td_string!(locale, operator.more_values, count = count).to_string()}</p> }
    });
    let here = here(upload);
    let values: Vec<_> = group
        .values
        .iter()
        .take(VALUES_SHOWN)
        .filter(|value| !value.text.is_empty())
        .map(|value| shown_value(locale, value, is_business.then_some(here.as_str()), is_order))
        .collect();
    let values =
        (!values.is_empty()).then(|| view! { <ul class="flex flex-col divide-y divide-base-300">{values}</ul> });
    view! {
        <section class="card-plain flex flex-col gap-2" data-testid="refusal-group">
            <h3 class="flex items-baseline gap-4 font-medium"><span class="badge badge-warning badge-lg tabular-nums">{count}</span> {title}</h3>
            <p class="text-sm opacity-75">{lines}</p>
            {values}
            {more}
            {all}
        </section>
    }
    .into_any()
}

/// This page, without what was only there for a notice.
fn here(upload: &Upload) -> String {
    let request = context::request();
    with_query(&at::operator_upload(&upload.id), &[(ENCODING, request.query(ENCODING))])
}

/// What stood in the file, how often, and what helps.
fn shown_value(locale: Locale, value: &GroupValue, add_back_to: Option<&str>, is_order: bool) -> AnyView {
    let lines = lines_text(locale, &value.lines, value.count);
    let text = value.text.clone();
    let order = is_order.then(|| ThingsSq::parse(&text)).flatten();
    let shown = match order {
        Some(order) => {
            let href = at::operator_order(&order);
            view! { <a href=href class="link wrap-anywhere" dir="auto">{text.clone()}</a> }.into_any()
        }
        None => view! { <b class="wrap-anywhere" dir="auto">{text.clone()}</b> }.into_any(),
    };
    let mending = add_back_to.map(|back| {
        let (of, hidden) = (entry::of::<AddBusiness>(), vec![("name", text), ("back", back.to_owned())]);
        view! { <ActForm of hidden><button class="btn btn-primary btn-sm min-h-11" data-testid="add-this-business"><Icon name="plus" class="size-4 shrink-0"/> {td_string!(locale, operator.add_this_business)}</button></ActForm> }
    });
    view! {
        <li class="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-1 py-1" data-testid="refused-value">
            <span class="min-w-0 flex-1">{shown} <span class="block text-sm opacity-75">{lines}</span></span>
            {mending}
        </li>
    }
    .into_any()
}

fn add_all(locale: Locale, values: &[GroupValue]) -> AnyView {
    let of = entry::of::<AddBusinesses>();
    let count = number(i64::try_from(values.len()).unwrap_or(i64::MAX));
    let names: Vec<_> = values
        .iter()
        .map(|value| view! { <input type="hidden" name=format!("pick.{}", value.text) value="true"/> })
        .collect();
    let hidden = vec![("back", links::here())];
    view! {
        <ActForm of hidden class="pt-2">
            {names}
            <button class="btn" data-testid="add-all-businesses">{td_string!(locale, operator.add_all_businesses, count = count).to_string()}</button>
        </ActForm>
    }
    .into_any()
}

/// `Lines 3, 4, 7 and 120 more`
fn lines_text(locale: Locale, lines: &[u64], count: usize) -> String {
    let named: Vec<String> = lines.iter().map(u64::to_string).collect();
    let named = named.join(", ");
    let more = count.saturating_sub(lines.len());
    if more == 0 {
        td_string!(locale, operator.lines_named, lines = named).to_string()
    } else {
        let more = number(i64::try_from(more).unwrap_or(i64::MAX));
        td_string!(locale, operator.lines_named_more, lines = named, more = more).to_string()
    }
}

/// Why a row was refused.
fn why(locale: Locale, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Field { field, problem } => format!("{field}: {}", row_problem(locale, field, problem)),
        Refusal::Malformed { .. } => td_string!(locale, operator.row_cells).to_owned(),
        other => refusal_text(locale, other),
    }
}

/// What is wrong with a cell, where an import knows better than the general words.
fn row_problem(locale: Locale, field: &str, problem: &Problem) -> String {
    match (field, problem) {
        ("business", Problem::Unknown) => td_string!(locale, operator.row_business_unknown).to_owned(),
        ("thingsSq", Problem::Taken) => td_string!(locale, operator.row_taken).to_owned(),
        ("guardId", Problem::Taken) => td_string!(locale, operator_guards.row_taken).to_owned(),
        ("deviceKey", Problem::Form) => td_string!(locale, operator_guards.row_key).to_owned(),
        ("status", _) => td_string!(locale, operator.row_status).to_owned(),
        _ => problem_text(locale, problem),
    }
}

fn discard(locale: Locale, upload: &Upload) -> AnyView {
    let (of, hidden) = (entry::of::<DiscardUpload>(), vec![("upload_id", upload.id.to_string())]);
    view! {
        <div class="flex flex-wrap items-center gap-2">
            <ActForm of hidden><button class="btn btn-ghost" data-testid="discard">{td_string!(locale, operator.discard_upload)}</button></ActForm>
            <p class="text-sm opacity-75">{td_string!(locale, operator.discard_hint)}</p>
        </div>
    }
    .into_any()
}

/// `GET /operator/import/refused.csv`: the refused rows of a file as they stand in it, with their lines and why. It can be mended and sent again.
pub async fn refused_csv(context: RequestContext) -> Response {
    let file = refused_file(&context).await;
    csv::answer(&context, "refused", file)
}

async fn refused_file(context: &RequestContext) -> Result<Vec<u8>, Refusal> {
    let id = UploadId::try_from(context.query("upload").to_owned()).map_err(|_| Refusal::Unknown)?;
    let (lines, errors) = imports::refused_rows(context, &id, context.query_if_any(ENCODING)).await?;
    let reasons: HashMap<u64, String> = errors
        .iter()
        .map(|error| (error.line, why(context.locale, &error.refusal)))
        .collect();
    csv::refused_rows(lines.header, lines.rows, |line| {
        reasons.get(&line).cloned().unwrap_or_default()
    })
}

//! `/operator/import`: many orders from a CSV file, with a report row by row.

use super::parts::{Section, Up};
use crate::act::Page;
use crate::context::{self, RequestContext};
use crate::entry;
use crate::error::{RefusedCard, loaded, problem_text, refusal_text};
use crate::functions::orders;
use crate::i18n::{Locale, td_string};
use crate::links;
use crate::pages::{TEMPLATE, at};
use crate::refused::Refused;
use crate::ui::date::number;
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use crate::upload::{self, FILE};
use axum::extract::Multipart;
use axum::extract::multipart::MultipartRejection;
use axum::response::{IntoResponse, Response};
use domain::error::{Problem, Refusal};
use domain::locker::orders::{ImportReport, OrderStatus, RowError};
use domain::people::Role;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use leptos::prelude::*;

/// Names the form.
pub(super) const IMPORT: &str = "import";
/// Most refused rows that are listed; their number is always told.
const LISTED: usize = 500;
const COLUMNS: [&str; 7] = [
    "thingsSq",
    "customerNo",
    "customerName",
    "address",
    "meterKind",
    "business",
    "status",
];

/// The page.
#[component]
pub fn ImportPage() -> impl IntoView {
    let request = context::request();
    loaded(async move { request.require(Role::Operator).map(|_| ()) }, |()| show())
}

fn show() -> AnyView {
    let locale = context::locale();
    let report = entry::made::<ImportReport>(entry::of_file(IMPORT));
    let wide = report.is_some();
    let received = links::with_query(&at::operator_orders(), &[("status", OrderStatus::Received.letter())]);
    let to_received = td_string!(locale, operator.to_received);
    view! {
        <Layout title=td_string!(locale, operator.import_orders) wide=wide>
            <Up href=at::operator_orders() text=td_string!(locale, common.orders)/>
            {report.map(|report| told(&report, received, to_received))}
            {upload_form(locale)}
            {format_help(locale)}
        </Layout>
    }
    .into_any()
}

/// The file to be imported, with what was wrong with the last one.
pub(super) fn upload_form(locale: Locale) -> AnyView {
    // Whatever is wrong with the file is told on top: there is one field, and nothing of it can be kept.
    let refused = entry::on_top(entry::of_file(IMPORT)).map(|refused| view! { <RefusedCard refused/> });
    view! {
        <form method="post" enctype="multipart/form-data" class="flex flex-col gap-4" data-testid="import-form">
            {refused}
            <label for=FILE class="font-medium">{td_string!(locale, operator.csv_file)}</label>
            <p id="file-hint" class="-mt-3 text-sm opacity-75">{td_string!(locale, operator.csv_hint)}</p>
            <input id=FILE name=FILE type="file" accept=".csv,.txt,text/csv" required=true aria-describedby="file-hint" class="drop-file"/>
            <button class="btn btn-primary btn-lg"><Icon name="upload"/> {td_string!(locale, operator.import)}</button>
        </form>
    }
    .into_any()
}

/// Why a file was not imported.
pub(super) fn not_imported(locale: Locale, refusal: &Refusal) -> Refused {
    let refused = Refused::of(locale, refusal);
    match file_problem(locale, refusal) {
        Some(words) => refused.in_words(&words),
        None => refused,
    }
}

/// What is wrong with a file as a whole, where the refusal's own words would not say it.
fn file_problem(locale: Locale, refusal: &Refusal) -> Option<String> {
    Some(match refusal {
        Refusal::Malformed { .. } => td_string!(locale, operator.file_unreadable).to_owned(),
        Refusal::Field { field, problem } if field == FILE => match problem {
            Problem::Required => td_string!(locale, operator.file_missing).to_owned(),
            Problem::TooLong { max } => td_string!(locale, operator.file_too_many_rows, max = number(*max)).to_string(),
            other => problem_text(locale, other),
        },
        Refusal::Field { field, problem } => {
            let name = field.as_str();
            match problem {
                Problem::Required => td_string!(locale, operator.column_missing, name = name).to_string(),
                Problem::Unknown => td_string!(locale, operator.column_unknown, name = name).to_string(),
                Problem::Taken => td_string!(locale, operator.column_twice, name = name).to_string(),
                other => format!("{name}: {}", problem_text(locale, other)),
            }
        }
        _ => return None,
    })
}

fn format_help(locale: Locale) -> AnyView {
    let columns: Vec<_> = COLUMNS
        .into_iter()
        .zip([
            td_string!(locale, operator.column_things_sq),
            td_string!(locale, operator.column_customer_no),
            td_string!(locale, operator.column_customer_name),
            td_string!(locale, operator.column_address),
            td_string!(locale, operator.column_meter_kind),
            td_string!(locale, operator.column_business),
            td_string!(locale, operator.column_status),
        ])
        .map(|(name, meaning)| {
            view! { <div><dt><code>{name}</code></dt><dd>{meaning}</dd></div> }
        })
        .collect();
    view! {
        <Section title=td_string!(locale, operator.file_format) testid="file-format">
            <p>{td_string!(locale, operator.file_format_hint)}</p>
            <dl class="facts">{columns}</dl>
            <a href=TEMPLATE class="btn self-start" data-testid="template">{td_string!(locale, operator.template)}</a>
        </Section>
    }
    .into_any()
}

/// What came of it, and the way on.
pub(super) fn told(report: &ImportReport, href: String, way_on: &'static str) -> AnyView {
    let locale = context::locale();
    let refused = report.errors.len();
    let count = |label: &'static str, value: String, testid: &'static str| {
        view! {
            <div class="card-plain flex flex-col"><span class="text-3xl font-bold tabular-nums" data-testid=testid>{value}</span><span>{label}</span></div>
        }
    };
    let refused_text = number(i64::try_from(refused).unwrap_or(i64::MAX));
    let listed: Vec<_> = report
        .errors
        .iter()
        .take(LISTED)
        .map(|error| row(locale, error))
        .collect();
    let cut = (refused > LISTED).then(|| {
        let text = td_string!(locale, operator.rows_cut, count = LISTED).to_string();
        view! { <p>{text}</p> }
    });
    let (line, why) = (td_string!(locale, operator.line), td_string!(locale, operator.why));
    let errors = (refused > 0).then(|| {
        view! {
            <p>{td_string!(locale, operator.rows_refused_hint)}</p>
            <div class="table-frame">
                <table class="table rows" data-testid="row-errors">
                    <thead><tr><th>{line}</th><th>{why}</th></tr></thead>
                    <tbody>{listed}</tbody>
                </table>
            </div>
            {cut}
        }
    });
    view! {
        <section class="flex flex-col gap-4" role="status" data-testid="import-report">
            <h2 class="text-lg font-semibold">{td_string!(locale, operator.imported)}</h2>
            <div class="grid grid-cols-1 gap-3 sm:grid-cols-3">
                {count(td_string!(locale, operator.rows_added), number(report.added), "rows-added")}
                {count(td_string!(locale, operator.rows_unchanged), number(report.unchanged), "rows-unchanged")}
                {count(td_string!(locale, operator.rows_refused), refused_text, "rows-refused")}
            </div>
            <p>{td_string!(locale, operator.read_as, encoding = report.encoding.as_str()).to_string()}</p>
            {errors}
            <a href=href class="btn btn-primary self-start">{way_on}</a>
        </section>
    }
    .into_any()
}

fn row(locale: Locale, error: &RowError) -> AnyView {
    let why = match &error.refusal {
        Refusal::Field { field, problem } => format!("{field}: {}", row_problem(locale, field, problem)),
        Refusal::Malformed { .. } => td_string!(locale, operator.row_cells).to_owned(),
        other => refusal_text(locale, other),
    };
    let (line_label, why_label) = (td_string!(locale, operator.line), td_string!(locale, operator.why));
    view! {
        <tr data-testid="row-error">
            <td data-label=line_label class="tabular-nums">{error.line}</td>
            <td data-label=why_label>{why}</td>
        </tr>
    }
    .into_any()
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

/// `POST /operator/import`
pub async fn import_orders(
    context: RequestContext,
    page: Page,
    multipart: Result<Multipart, MultipartRejection>,
) -> Response {
    match try_import(&context, multipart).await {
        Ok(report) => page.show(IMPORT, &report).await,
        Err(refusal) => page.refuse(IMPORT, not_imported(context.locale, &refusal)).await,
    }
}

async fn try_import(
    context: &RequestContext,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<ImportReport, Refusal> {
    context.require(Role::Operator)?;
    let file = upload::file(multipart, orders::IMPORT_BYTES_MAX).await?;
    orders::import_file(context, &file).await
}

/// `GET /operator/import/template.csv`: the header and one row, with the mark by which spreadsheets know UTF-8.
pub async fn template(context: RequestContext) -> Response {
    let locale = context.locale;
    let example = [
        "20261121-001",
        "0123456789",
        td_string!(locale, operator.example_customer),
        td_string!(locale, operator.example_address),
        td_string!(locale, operator.example_meter),
        td_string!(locale, operator.example_business),
        "A",
    ];
    let text = format!("\u{feff}{}\r\n{}\r\n", COLUMNS.join(","), example.join(","));
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"orders.csv\""),
    ];
    (headers, text).into_response()
}

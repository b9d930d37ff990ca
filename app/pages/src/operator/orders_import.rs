//! `/operator/import`: many orders from a CSV file. It is sent here, looked at on a page of its own (`upload.rs`), and imported from there.

use super::parts::{Section, Up};
use crate::entry;
use crate::error::loaded;
use crate::orders::{example, in_file};
use crate::ui::layout::Layout;
use crate::upload::{self, FILE};
use axum::extract::Multipart;
use axum::extract::multipart::MultipartRejection;
use axum::response::{IntoResponse, Response};
use domain::error::{Problem, Refusal};
use domain::imports::{ImportKind, Upload, UploadId};
use domain::locker::orders::OrderText;
use domain::people::Role;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use islands::act::Page;
use islands::addresses::{TEMPLATE, at};
use islands::context::{self, RequestContext};
use islands::date::{Time, number};
use islands::functions::imports::{self, BYTES_MAX};
use islands::i18n::{Locale, td_string};
use islands::refused::Refused;
use islands::ui::card::RefusedCard;
use islands::ui::icon::Icon;
use islands::words::problem_text;
use leptos::prelude::*;

/// Names the form.
pub(super) const IMPORT: &str = "import";
/// The columns of a file that are no text of an order.
const KEY: &str = "thingsSq";
const STATUS: &str = "status";
/// The page.
#[component]
pub fn ImportPage() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            request.require(Role::Operator)?;
            imports::kept(ImportKind::Orders).await
        },
        show,
    )
}

fn show(kept: Vec<Upload>) -> AnyView {
    let locale = context::locale();
    view! {
        <Layout title=td_string!(locale, operator.import_orders)>
            <Up href=at::operator_orders() text=td_string!(locale, common.orders)/>
            {upload_form(locale)}
            {files(locale, kept)}
            {format_help(locale)}
        </Layout>
    }
    .into_any()
}

/// The file to be imported, with what was wrong with the last one. `page.js` sends it with a bar where there is a script.
pub(super) fn upload_form(locale: Locale) -> AnyView {
    // Whatever is wrong with the file is told on top: there is one field, and nothing of it can be kept.
    let refused = entry::on_top(entry::of_file(IMPORT)).map(|refused| view! { <RefusedCard refused/> });
    view! {
        <form method="post" enctype="multipart/form-data" class="flex flex-col gap-4" data-upload="" data-testid="import-form">
            {refused}
            <label for=FILE class="font-medium">{td_string!(locale, operator.csv_file)}</label>
            <p id="file-hint" class="-mt-3 text-sm opacity-75">{td_string!(locale, operator.csv_hint)}</p>
            <input id=FILE name=FILE type="file" accept=".csv,.txt,text/csv" required=true aria-describedby="file-hint" class="drop-file"/>
            <p hidden=true role="alert" class="alert alert-error alert-soft" data-upload-refused="" data-offline=td_string!(locale, operator.upload_offline) data-testid="upload-refused"></p>
            <div hidden=true role="status" class="flex flex-col gap-2" data-upload-bar="" data-testid="upload-bar">
                <progress class="progress progress-primary w-full" max="100" value="0" aria-label=td_string!(locale, operator.upload_sending)></progress>
                <p data-sending=td_string!(locale, operator.upload_sending) data-checking=td_string!(locale, operator.upload_checking)></p>
            </div>
            <button class="btn btn-primary btn-lg"><Icon name="upload"/> {td_string!(locale, operator.look_at_file)}</button>
            <p class="text-sm opacity-75">{td_string!(locale, operator.look_first)}</p>
        </form>
    }
    .into_any()
}

/// Files that were sent before, with how far each is.
pub(super) fn files(locale: Locale, kept: Vec<Upload>) -> Option<AnyView> {
    let rows: Vec<_> = kept
        .into_iter()
        .map(|upload| {
            let state = standing(locale, &upload);
            let class = if upload.is_unfinished() { "font-medium" } else { "opacity-75" };
            let name = shown_name(locale, &upload);
            view! {
                <li>
                    <a href=at::operator_upload(&upload.id) class="hover:bg-base-200 flex min-h-12 flex-wrap items-center gap-x-4 rounded px-2 py-1" data-testid="upload">
                        <span class="min-w-0 flex-1 truncate font-medium">{name}</span>
                        <span class=class>{state}</span>
                        <Time at=upload.made_at/>
                    </a>
                </li>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! { <Section title=td_string!(locale, operator.sent_files) testid="uploads"><ul class="flex flex-col">{rows}</ul></Section> }.into_any()
    })
}

/// What a file was called, or that it had no name.
pub(super) fn shown_name(locale: Locale, upload: &Upload) -> String {
    if upload.name.is_empty() {
        td_string!(locale, operator.csv_file).to_owned()
    } else {
        upload.name.clone()
    }
}

/// How far importing a file has come, in words.
pub(super) fn standing(locale: Locale, upload: &Upload) -> String {
    let (done, rows) = (number(upload.done), number(upload.rows));
    if upload.is_unfinished() {
        td_string!(locale, operator.import_stopped_at, done = done, rows = rows).to_string()
    } else if upload.is_finished() {
        td_string!(locale, operator.import_done).to_owned()
    } else {
        td_string!(locale, operator.import_not_begun).to_owned()
    }
}

/// Why a file was not taken.
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
    let texts = OrderText::ALL.map(|text| (text.wire(), in_file(locale, text)));
    let columns: Vec<_> = std::iter::once((KEY, td_string!(locale, operator.column_things_sq)))
        .chain(texts)
        .chain([(STATUS, td_string!(locale, operator.column_status))])
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

/// `POST /operator/import`
pub async fn import_orders(
    context: RequestContext,
    page: Page,
    multipart: Result<Multipart, MultipartRejection>,
) -> Response {
    taken(ImportKind::Orders, context, page, multipart).await
}

/// Keeps a file that was sent to a page, and leads to the page that shows what is in it.
pub(super) async fn taken(
    kind: ImportKind,
    context: RequestContext,
    page: Page,
    multipart: Result<Multipart, MultipartRejection>,
) -> Response {
    match try_keep(kind, &context, multipart).await {
        Ok(id) => page.leads_to(&at::operator_upload(&id)),
        Err(refusal) => page.refuse(IMPORT, not_imported(context.locale, &refusal)).await,
    }
}

async fn try_keep(
    kind: ImportKind,
    context: &RequestContext,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<UploadId, Refusal> {
    context.require(Role::Operator)?;
    let file = upload::file(multipart, BYTES_MAX).await?;
    imports::keep(context, kind, &file.name, &file.content).await
}

/// `GET /operator/import/template.csv`: the header and one row, with the mark by which spreadsheets know UTF-8.
pub async fn template(context: RequestContext) -> Response {
    let locale = context.locale;
    let row = |key: &'static str, text: fn(Locale, OrderText) -> &'static str, status: &'static str| {
        let texts = OrderText::ALL.map(|of| text(locale, of));
        let cells: Vec<&str> = std::iter::once(key).chain(texts).chain([status]).collect();
        cells.join(",")
    };
    let header = row(KEY, |_, text| text.wire(), STATUS);
    let text = format!("\u{feff}{header}\r\n{}\r\n", row("20261121-001", example, "A"));
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"orders.csv\""),
    ];
    (headers, text).into_response()
}

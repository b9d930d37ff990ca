//! `/operator/guards/import`: more devices for the inventory, from a CSV file.

use super::orders_import::{IMPORT, not_imported, told, upload_form};
use super::parts::{Section, Up};
use crate::act::Page;
use crate::context::{self, RequestContext};
use crate::entry;
use crate::error::loaded;
use crate::functions::{inventory, orders};
use crate::i18n::td_string;
use crate::pages::at;
use crate::ui::layout::Layout;
use crate::upload;
use axum::extract::Multipart;
use axum::extract::multipart::MultipartRejection;
use axum::response::Response;
use domain::error::Refusal;
use domain::locker::orders::ImportReport;
use domain::people::Role;
use leptos::prelude::*;

/// The page.
#[component]
pub fn ImportGuardsPage() -> impl IntoView {
    let request = context::request();
    loaded(async move { request.require(Role::Operator).map(|_| ()) }, |()| show())
}

fn show() -> AnyView {
    let locale = context::locale();
    let report = entry::made::<ImportReport>(entry::of_file(IMPORT));
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
            <Up href=at::operator_guards() text=td_string!(locale, operator_guards.guards)/>
            {report.map(|report| told(&report, at::operator_guards(), to_list))}
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
    inventory::import_file(context, &file).await
}

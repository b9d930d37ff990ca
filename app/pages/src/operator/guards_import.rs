//! `/operator/guards/import`: more devices for the inventory, from a CSV file.

use super::orders_import::{files, taken, upload_form};
use super::parts::{Section, Up};
use crate::error::loaded;
use crate::ui::layout::Layout;
use axum::extract::Multipart;
use axum::extract::multipart::MultipartRejection;
use axum::response::Response;
use domain::imports::{ImportKind, Upload};
use domain::people::Role;
use islands::act::Page;
use islands::addresses::at;
use islands::context::{self, RequestContext};
use islands::functions::imports;
use islands::i18n::td_string;
use leptos::prelude::*;

/// The page.
#[component]
pub fn ImportGuardsPage() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            request.require(Role::Operator)?;
            imports::kept(ImportKind::Guards).await
        },
        show,
    )
}

fn show(kept: Vec<Upload>) -> AnyView {
    let locale = context::locale();
    let columns: Vec<_> = [
        ("guardId", td_string!(locale, operator_guards.column_guard_id)),
        ("deviceKey", td_string!(locale, operator_guards.column_device_key)),
    ]
    .into_iter()
    .map(|(name, meaning)| view! { <div><dt><code>{name}</code></dt><dd>{meaning}</dd></div> })
    .collect();
    view! {
        <Layout title=td_string!(locale, operator_guards.import)>
            <Up href=at::operator_guards() text=td_string!(locale, operator_guards.guards)/>
            {upload_form(locale)}
            {files(locale, kept)}
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
    taken(ImportKind::Guards, context, page, multipart).await
}

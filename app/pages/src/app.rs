//! The HTML around every page, and what is no page and no server function: files that come and go.

use crate::error::ErrorPage;
use crate::offline::{COUNT, TIME};
use crate::views::view_at;
use crate::{lists_csv, operator, owner};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use domain::error::Refusal;
use domain::people::{Person, Role};
use islands::addresses::{
    BUSINESS_ORDERS_CSV, BUSINESSES_CSV, FILE_PAGES, GUARDS_CSV, KIOSKS_CSV, LOGO, OPERATOR_ORDERS_CSV, PEOPLE_CSV,
    RECORDS_CSV, REFUSED_CSV, STAFF_ORDERS_CSV, TEMPLATE, at,
};
use islands::context::RequestContext;
use islands::functions::guards;
use islands::i18n;
use islands::i18n::td_string;
use islands::ui::head;
use islands::ui::wasm::WasmFile;
use leptos::config::LeptosOptions;
use leptos::prelude::*;
use std::sync::Arc;

/// The document. Each role has a wasm file of its own, and so has the kiosk, whose works without network; `page.js` loads it only where
/// something on the page moves.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let request = use_context::<RequestContext>();
    let locale = request.as_ref().map_or(i18n::Locale::en, |r| r.locale);
    let is_kiosk = request
        .as_ref()
        .is_some_and(|r| r.path.trim_end_matches('/') == at::kiosk());
    let pkg = options.site_pkg_dir.clone();
    let mark = request.as_ref().and_then(guards::seen);
    let path = request.as_ref().map(|request| request.path.clone()).unwrap_or_default();
    let person = request.and_then(|request| request.person);
    let role = person.as_ref().map(|person| person.role);
    let installable =
        !is_kiosk && (person.is_some() || [at::offline(), at::offline_scan()].contains(&path.to_string()));
    let file = if is_kiosk {
        WasmFile::of_kiosk(&pkg)
    } else {
        WasmFile::of(role, &path, &pkg)
    };
    let wasm = file.name();
    provide_context(file);
    if let Some(mark) = mark {
        provide_context(owner::Seen(mark));
    }
    if let Some(shared) = Owner::current_shared_context() {
        // Only islands come to life in the browser: nothing outside them is prepared for it.
        shared.set_is_hydrating(false);
    }
    view! {
        <!DOCTYPE html>
        // A browser's translation takes the texts out of the kiosk's hands: its clock and counts would stand still.
        <html lang=i18n::code(locale) translate=is_kiosk.then_some("no")>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/icon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=format!("/{pkg}/latchkey.css")/>
                {is_kiosk.then(|| view! {
                    <script type="module" src=format!("/{pkg}/kiosk-voice.js")></script>
                    <link rel="manifest" href="/kiosk.webmanifest"/>
                    <meta name="google" content="notranslate"/>
                })}
                <script type="module" src=format!("/{pkg}/page.js") data-wasm=wasm></script>
                {installable.then(|| view! { <Installable locale role person path=path.clone() pkg=pkg.clone()/> })}
                {head::PLACE}
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// What a phone needs to install a role's pages, and to show something where it has no network. `person`: who is signed in.
#[component]
fn Installable(
    locale: i18n::Locale,
    role: Option<Role>,
    person: Option<Arc<Person>>,
    path: Arc<str>,
    pkg: Arc<str>,
) -> impl IntoView {
    let manifest = match role {
        Some(Role::Staff) => Some("/staff.webmanifest"),
        Some(Role::Business) => Some("/business.webmanifest"),
        Some(Role::Owner) => Some("/owner.webmanifest"),
        // At a desk.
        Some(Role::Operator) | None => None,
    };
    // As of when what the page shows is known.
    let keep = islands::addresses::is_kept(&path).then(|| islands::context::now().0.to_string());
    let phone = person.map(|person| person.phone.0.clone());
    view! {
        {manifest.map(|href| view! {
            <link rel="manifest" href=href/>
            <meta name="theme-color" content="#0f5c5c"/>
            // For iOS, which takes no icon from a manifest.
            <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
        })}
        <script
            type="module" src=format!("/{pkg}/offline.js") data-person=phone data-role=role.map(Role::as_str) data-keep-page=keep
            data-restored=td_string!(locale, common.draft_restored)
            data-since=td_string!(locale, common.offline_since, time = TIME).to_string()
            data-unsent=td_string!(locale, common.unsent, count = COUNT).to_string()
            data-sign-out=td_string!(locale, common.sign_out_unsent, count = COUNT).to_string()
            data-later=td_string!(locale, common.later_put)
        ></script>
    }
}

/// The page that was asked for.
#[component]
pub fn App() -> impl IntoView {
    if let Some(refusal) = with_context(|request: &RequestContext| request.refused.clone()).flatten() {
        return view! { <ErrorPage refusal/> }.into_any();
    }
    match with_context(|request: &RequestContext| view_at(&request.path)).flatten() {
        Some(view) => view(),
        None => view! { <ErrorPage refusal=Refusal::Unknown/> }.into_any(),
    }
}

/// The pages whose forms call server functions.
pub fn calls_functions(path: &str) -> bool {
    // `POST /` belongs to the messages of guards, and files are sent to the others.
    path != at::start() && !FILE_PAGES.contains(&path)
}

/// Files that are sent to pages or fetched from them. Listed here and nowhere else.
pub fn files() -> Router {
    Router::new()
        .route(RECORDS_CSV, get(owner::export_records))
        .route(STAFF_ORDERS_CSV, get(lists_csv::orders))
        .route(BUSINESS_ORDERS_CSV, get(lists_csv::orders))
        .route(OPERATOR_ORDERS_CSV, get(lists_csv::orders))
        .route(PEOPLE_CSV, get(lists_csv::people))
        .route(BUSINESSES_CSV, get(lists_csv::businesses))
        .route(KIOSKS_CSV, get(lists_csv::kiosks))
        .route(GUARDS_CSV, get(lists_csv::guards))
        .route(TEMPLATE, get(operator::template))
        .route(REFUSED_CSV, get(operator::refused_csv))
        .route(LOGO, get(operator::logo))
        .merge(
            // Counts the bytes itself, so that a file that is too large gets its answer on the page.
            Router::new()
                .route(FILE_PAGES[0], post(operator::import_orders))
                .route(FILE_PAGES[1], post(operator::import_guards))
                .route(FILE_PAGES[2], post(operator::set_logo))
                .layer(DefaultBodyLimit::disable()),
        )
}

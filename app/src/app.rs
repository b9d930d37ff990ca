//! The HTML around every page, and what is no page and no server function: files that come and go.

use crate::context::RequestContext;
use crate::error::ErrorPage;
use crate::functions::guards;
use crate::pages::{
    AllPages, BUSINESS_ORDERS_CSV, BUSINESSES_CSV, FILE_PAGES, GUARDS_CSV, KIOSKS_CSV, OPERATOR_ORDERS_CSV, PEOPLE_CSV,
    RECORDS_CSV, STAFF_ORDERS_CSV, TEMPLATE, at,
};
use crate::ui::wasm::WasmFile;
use crate::{i18n, lists_csv, operator, owner};
use axum::Router as AxumRouter;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::components::Router;

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
    let role = request.and_then(|request| request.person).map(|person| person.role);
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
                    <link rel="manifest" href="/kiosk.webmanifest"/>
                    <meta name="google" content="notranslate"/>
                })}
                <script type="module" src=format!("/{pkg}/page.js") data-wasm=wasm></script>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// The page that was asked for.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    if let Some(refusal) = with_context(|request: &RequestContext| request.refused.clone()).flatten() {
        return view! { <ErrorPage refusal/> }.into_any();
    }
    view! {
        <Router>
            <AllPages/>
        </Router>
    }
    .into_any()
}

/// The pages whose forms call server functions.
pub fn calls_functions(path: &str) -> bool {
    // `POST /` belongs to the messages of guards, and files are sent to the others.
    path != at::start() && !FILE_PAGES.contains(&path)
}

/// Files that are sent to pages or fetched from them. Listed here and nowhere else.
pub fn files() -> AxumRouter {
    AxumRouter::new()
        .route(RECORDS_CSV, get(owner::export_records))
        .route(STAFF_ORDERS_CSV, get(lists_csv::orders))
        .route(BUSINESS_ORDERS_CSV, get(lists_csv::orders))
        .route(OPERATOR_ORDERS_CSV, get(lists_csv::orders))
        .route(PEOPLE_CSV, get(lists_csv::people))
        .route(BUSINESSES_CSV, get(lists_csv::businesses))
        .route(KIOSKS_CSV, get(lists_csv::kiosks))
        .route(GUARDS_CSV, get(lists_csv::guards))
        .route(TEMPLATE, get(operator::template))
        .merge(
            // Counts the bytes itself, so that a file that is too large gets its answer on the page.
            AxumRouter::new()
                .route(FILE_PAGES[0], post(operator::import_orders))
                .route(FILE_PAGES[1], post(operator::import_guards))
                .layer(DefaultBodyLimit::disable()),
        )
}

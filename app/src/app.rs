//! The HTML around every page, and the actions that are not server functions yet.

use crate::context::RequestContext;
use crate::error::ErrorPage;
use crate::pages::AllPages;
use crate::ui::wasm::WasmFile;
use crate::{auth, i18n, operator, owner};
use axum::Router as AxumRouter;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use domain::people::Role;
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
        .is_some_and(|r| r.path.trim_end_matches('/') == "/kiosk");
    let pkg = options.site_pkg_dir.clone();
    let mark = request.as_ref().and_then(|request| {
        let owner = request.person.as_ref().filter(|person| person.role == Role::Owner)?;
        Some(request.backend.hub().mark(&owner.phone).to_string())
    });
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
    if let Some(refusal) = use_context::<RequestContext>().and_then(|request| request.refused) {
        return view! { <ErrorPage refusal/> }.into_any();
    }
    view! {
        <Router>
            <AllPages/>
        </Router>
    }
    .into_any()
}

/// The pages whose forms call server functions; the others still have handlers of their own, in [`actions`].
pub fn calls_functions(path: &str) -> bool {
    // `POST /` belongs to the messages of guards.
    let own = ["/", "/sign-in", "/register", "/forgotten", "/set-up"].contains(&path);
    // Files are sent to these.
    let files = [operator::IMPORT_PATH, operator::GUARDS_IMPORT_PATH].contains(&path);
    !own && !files
}

/// Every action: what a form of a page does. Listed here and nowhere else.
pub fn actions() -> AxumRouter {
    AxumRouter::new()
        .route("/sign-in", post(auth::sign_in))
        .route("/sign-out", post(auth::sign_out))
        .route("/language", post(auth::choose_language))
        .route("/register", post(auth::register))
        .route("/forgotten", post(auth::forgotten))
        .route("/set-up", post(auth::set_up))
        .route("/owner/records.csv", get(owner::export_records))
        .route("/operator/import/template.csv", get(operator::template))
        .merge(
            // Counts the bytes itself, so that a file that is too large gets its answer on the page.
            AxumRouter::new()
                .route(operator::IMPORT_PATH, post(operator::import_orders))
                .route(operator::GUARDS_IMPORT_PATH, post(operator::import_guards))
                .layer(DefaultBodyLimit::disable()),
        )
}

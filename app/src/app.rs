//! The HTML around every page, and every route once.

use crate::context::RequestContext;
use crate::error::ErrorPage;
use crate::ui::wasm::WasmFile;
use crate::{auth, business, home, i18n, operator, owner, staff};
use axum::Router as AxumRouter;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use domain::error::Refusal;
use domain::people::Role;
use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

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

/// Every page. Listed here and nowhere else.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    if let Some(refusal) = use_context::<RequestContext>().and_then(|request| request.refused) {
        return view! { <ErrorPage refusal/> }.into_any();
    }
    view! {
        <Router>
            <Routes fallback=|| view! { <ErrorPage refusal=Refusal::Unknown/> }>
                <Route path=path!("/") view=home::Home ssr=SsrMode::Async/>
                <Route path=path!("/sign-in") view=auth::SignIn ssr=SsrMode::Async/>
                <Route path=path!("/account") view=auth::Account ssr=SsrMode::Async/>
                <Route path=path!("/register") view=auth::Register ssr=SsrMode::Async/>
                <Route path=path!("/forgotten") view=auth::Forgotten ssr=SsrMode::Async/>
                <Route path=path!("/set-up") view=auth::SetUp ssr=SsrMode::Async/>
                <Route path=path!("/staff") view=staff::Home ssr=SsrMode::Async/>
                <Route path=path!("/staff/scan") view=staff::Scan ssr=SsrMode::Async/>
                <Route path=path!("/staff/orders") view=staff::Orders ssr=SsrMode::Async/>
                <Route path=path!("/staff/orders/:things_sq") view=staff::Order ssr=SsrMode::Async/>
                <Route path=path!("/staff/orders/:things_sq/done") view=staff::Done ssr=SsrMode::Async/>
                <Route path=path!("/staff/kiosks") view=staff::Kiosks ssr=SsrMode::Async/>
                <Route path=path!("/staff/kiosks/:yid") view=staff::Kiosk ssr=SsrMode::Async/>
                <Route path=path!("/staff/sync") view=staff::Sync ssr=SsrMode::Async/>
                <Route path=path!("/staff/clock") view=staff::Clock ssr=SsrMode::Async/>
                <Route path=path!("/staff/clock/:yid") view=staff::ClockCode ssr=SsrMode::Async/>
                <Route path=path!("/staff/pass") view=staff::Pass ssr=SsrMode::Async/>
                <Route path=path!("/staff/pass/:yid") view=staff::PassCode ssr=SsrMode::Async/>
                <Route path=path!("/business") view=business::Home ssr=SsrMode::Async/>
                <Route path=path!("/business/orders") view=business::Orders ssr=SsrMode::Async/>
                <Route path=path!("/business/orders/:things_sq") view=business::Order ssr=SsrMode::Async/>
                <Route path=path!("/business/orders/:things_sq/find") view=business::Find ssr=SsrMode::Async/>
                <Route path=path!("/business/history") view=business::History ssr=SsrMode::Async/>
                <Route path=path!("/kiosk") view=crate::kiosk::KioskPage ssr=SsrMode::Async/>
                <Route path=path!("/owner") view=owner::Guards ssr=SsrMode::Async/>
                <Route path=path!("/owner/add-guard") view=owner::AddGuardPage ssr=SsrMode::Async/>
                <Route path=path!("/owner/guards/:guard_id") view=owner::GuardPage ssr=SsrMode::Async/>
                <Route path=path!("/owner/guards/:guard_id/edit") view=owner::EditGuardPage ssr=SsrMode::Async/>
                <Route path=path!("/owner/guards/:guard_id/delete") view=owner::DeleteGuardPage ssr=SsrMode::Async/>
                <Route path=path!("/owner/guards/:guard_id/new-password") view=owner::NewPasswordPage ssr=SsrMode::Async/>
                <Route path=path!("/owner/guards/:guard_id/passwords/:service_numb") view=owner::PasswordPage ssr=SsrMode::Async/>
                <Route path=path!("/owner/guards/:guard_id/new-card") view=owner::NewCardPage ssr=SsrMode::Async/>
                <Route path=path!("/owner/guards/:guard_id/cards/:service_numb") view=owner::CardPage ssr=SsrMode::Async/>
                <Route path=path!("/owner/records") view=owner::Records ssr=SsrMode::Async/>
                <Route path=path!("/owner/card-views") view=owner::CardViews ssr=SsrMode::Async/>
                <Route path=path!("/owner/juniors") view=owner::Juniors ssr=SsrMode::Async/>
                <Route path=path!("/owner/juniors/:phone") view=owner::JuniorPage ssr=SsrMode::Async/>
                <Route path=path!("/operator") view=operator::OverviewPage ssr=SsrMode::Async/>
                <Route path=path!("/operator/people") view=operator::People ssr=SsrMode::Async/>
                <Route path=path!("/operator/people/new") view=operator::NewPersonPage ssr=SsrMode::Async/>
                <Route path=path!("/operator/people/:phone") view=operator::PersonPage ssr=SsrMode::Async/>
                <Route path=path!("/operator/businesses") view=operator::Businesses ssr=SsrMode::Async/>
                <Route path=path!("/operator/kiosks") view=operator::Kiosks ssr=SsrMode::Async/>
                <Route path=path!("/operator/kiosks/new") view=operator::NewKioskPage ssr=SsrMode::Async/>
                <Route path=path!("/operator/kiosks/:yid") view=operator::KioskPage ssr=SsrMode::Async/>
                <Route path=path!("/operator/kiosks/:yid/log") view=operator::KioskLog ssr=SsrMode::Async/>
                <Route path=path!("/operator/kiosks/:yid/layout") view=operator::KioskLayout ssr=SsrMode::Async/>
                <Route path=path!("/operator/guards") view=operator::Guards ssr=SsrMode::Async/>
                <Route path=path!("/operator/guards/import") view=operator::ImportGuardsPage ssr=SsrMode::Async/>
                <Route path=path!("/operator/nodes") view=operator::Nodes ssr=SsrMode::Async/>
                <Route path=path!("/operator/orders") view=operator::Orders ssr=SsrMode::Async/>
                <Route path=path!("/operator/new-order") view=operator::NewOrderPage ssr=SsrMode::Async/>
                <Route path=path!("/operator/import") view=operator::ImportPage ssr=SsrMode::Async/>
                <Route path=path!("/operator/orders/:things_sq") view=operator::OrderPage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
    .into_any()
}

/// The pages whose forms call server functions.
pub fn calls_functions(path: &str) -> bool {
    [
        "/owner/add-guard",
        "/owner/guards/{guard_id}/edit",
        "/staff/orders/{things_sq}/done",
    ]
    .contains(&path)
}

/// Every action: what a form of a page does. Listed here and nowhere else.
pub fn actions() -> AxumRouter {
    AxumRouter::new()
        .route("/sign-in", post(auth::sign_in))
        .route("/sign-out", post(auth::sign_out))
        .route("/language", post(auth::choose_language))
        .route("/account", post(auth::change_account))
        .route("/register", post(auth::register))
        .route("/forgotten", post(auth::forgotten))
        .route("/set-up", post(auth::set_up))
        .route("/staff/scan", post(staff::scan))
        .route("/staff/orders/{things_sq}", post(staff::complete))
        .route("/owner/guards/{guard_id}/delete", post(owner::delete_guard))
        .route("/owner/guards/{guard_id}/new-password", post(owner::add_password))
        .route(
            "/owner/guards/{guard_id}/passwords/{service_numb}",
            post(owner::change_password),
        )
        .route("/owner/guards/{guard_id}/new-card", post(owner::add_card))
        .route(
            "/owner/guards/{guard_id}/cards/{service_numb}",
            post(owner::change_card),
        )
        .route("/owner/records", post(owner::reveal))
        .route("/owner/records.csv", get(owner::export_records))
        .route("/owner/juniors", post(owner::change_juniors))
        .route("/operator/people/new", post(operator::add_person))
        .route("/operator/people/{phone}", post(operator::change_person))
        .route("/operator/businesses", post(operator::add_business))
        .route("/operator/kiosks/new", post(operator::add_kiosk))
        .route("/operator/kiosks/{yid}", post(operator::change_kiosk))
        .route("/operator/kiosks/{yid}/layout", post(operator::save_layout))
        .route("/operator/nodes", post(operator::change_node))
        .route("/operator/orders", post(operator::make_ready))
        .route("/operator/new-order", post(operator::add_order))
        .route("/operator/import/template.csv", get(operator::template))
        .route("/operator/orders/{things_sq}", post(operator::make_one_ready))
        .merge(
            // Counts the bytes itself, so that a file that is too large gets its answer on the page.
            AxumRouter::new()
                .route(operator::IMPORT_PATH, post(operator::import_orders))
                .route(operator::GUARDS_IMPORT_PATH, post(operator::import_guards))
                .layer(DefaultBodyLimit::disable()),
        )
}

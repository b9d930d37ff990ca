//! Refusals and faults as pages show them.

use crate::entry;
use crate::ui::layout::Layout;
use domain::error::Refusal;
use futures::FutureExt as _;
use islands::addresses::at;
use islands::context;
use islands::i18n::td_string;
use islands::links;
use islands::refused::Refused;
use islands::ui::card::RefusedCard;
use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A refusal as a card on top of what it concerns, read out at once by screen readers.
#[component]
pub fn RefusalCard(
    /// Why.
    refusal: Refusal,
) -> impl IntoView {
    view! { <RefusedCard refused=Refused::of(context::locale(), &refusal)/> }
}

/// A whole page for a refusal, with the way home.
#[component]
pub fn ErrorPage(
    /// Why.
    #[prop(into)]
    refusal: Refused,
) -> impl IntoView {
    let request = context::request();
    let (locale, request_id) = (request.locale, request.request_id.to_string());
    if let Some(answered) = &request.answered {
        // The page that would show it is not there.
        entry::unshown(answered);
    }
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response
            .set_status(http::StatusCode::from_u16(refusal.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR));
    }
    // A form that was sent after the session ended, from a page without JavaScript.
    let signed_out = refusal.status == Refusal::NotSignedIn.status() && request.kept.is_some();
    let once_more = signed_out || refusal.status == Refusal::Unavailable.status();
    let home = if once_more {
        "btn btn-lg"
    } else {
        "btn btn-primary btn-lg"
    };
    let title = if refusal.status == Refusal::Unknown.status() {
        td_string!(locale, errors.title_not_found)
    } else {
        td_string!(locale, errors.title)
    };
    view! {
        <Layout title=title>
            <RefusedCard refused=refusal/>
            {once_more.then(|| view! { <OnceMore signed_out/> })}
            <a href="/" class=home>{td_string!(locale, errors.go_home)}</a>
            <p class="text-sm opacity-70">{td_string!(locale, errors.request_id)} " " <code>{request_id}</code></p>
        </Layout>
    }
}

/// The same request again, with what was typed.
#[component]
fn OnceMore(
    /// Nobody is signed in any more: that comes first, and the request was not looked at.
    signed_out: bool,
) -> impl IntoView {
    let locale = context::locale();
    let request = context::request();
    let again = td_string!(locale, errors.try_again);
    // Not where the page is rendered, but where the request went.
    let mut query: Vec<(&str, &str)> = request.query.iter().map(|(name, value)| (&**name, &**value)).collect();
    query.sort_unstable();
    // Two slashes would lead to somebody else's site.
    let path: &str = if request.path.starts_with("//") {
        "/"
    } else {
        &request.path
    };
    let address = links::with_query(path, &query);
    let Some(kept) = request.kept else {
        return view! { <a href=address class="btn btn-primary btn-lg" data-testid="once-more">{again}</a> }.into_any();
    };
    let fields: Vec<_> = kept
        .fields()
        .sent_again()
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect();
    view! {
        <form method="post" action=address class="flex flex-col gap-4">
            {if signed_out {
                let sign_in = links::with_query(&at::sign_in(), &[("next", path)]);
                view! {
                    <p>{td_string!(locale, errors.kept_signed_out)}</p>
                    <a href=sign_in target="_blank" class="btn btn-outline btn-lg" data-testid="sign-in-beside">{td_string!(locale, common.act_sign_in)}</a>
                }
                .into_any()
            } else {
                view! { <p>{td_string!(locale, errors.kept)}</p> }.into_any()
            }}
            {fields}
            <button class="btn btn-primary btn-lg" data-testid="once-more">{again}</button>
        </form>
    }
    .into_any()
}

/// Shows what a use case of the backend brings; see [`read`].
pub fn loaded<T, V>(
    load: impl Future<Output = Result<T, Refusal>> + Send + 'static,
    show: impl FnOnce(T) -> V + Send + 'static,
) -> impl IntoView
where
    T: Send + 'static,
    V: IntoView + 'static,
{
    read(async move { Ok(load.await?) }, show)
}

/// Shows what the server functions in `load` bring, or a page that says why it could not be had. Somebody who is not signed in is asked to, and
/// comes back.
pub fn read<T, V>(
    load: impl Future<Output = Result<T, Refused>> + Send + 'static,
    show: impl FnOnce(T) -> V + Send + 'static,
) -> impl IntoView
where
    T: Send + 'static,
    V: IntoView + 'static,
{
    let mut content = Box::pin(async move {
        match load.await {
            Ok(value) => drawn(|| show(value).into_any()),
            Err(refused) if refused.status == Refusal::NotSignedIn.status() => {
                links::redirect(&links::with_query(&at::sign_in(), &[("next", &links::here())]));
                ().into_any()
            }
            Err(refusal) => view! { <ErrorPage refusal/> }.into_any(),
        }
    });
    // What SQLite holds is there at once. Only where something must be waited for, the renderer takes its way, with a task for each such part.
    if let Some(view) = content.as_mut().now_or_never() {
        return view;
    }
    if let Some(Waiting(waits)) = use_context() {
        waits.store(true, Ordering::Relaxed);
    }
    let content = Suspend::new(content);
    view! { <Suspense>{content}</Suspense> }.into_any()
}

/// Whether something on the page being drawn waits for more.
#[derive(Clone)]
struct Waiting(Arc<AtomicBool>);

/// What this shows, as HTML at once where nothing in it waits for more. The renderer's way for what may wait puts together many small texts, which
/// for a page of rows takes as long as everything else.
fn drawn(show: impl FnOnce() -> AnyView) -> AnyView {
    let owner = Owner::new();
    let drawn = owner.with(|| {
        let waits = Arc::new(AtomicBool::new(false));
        provide_context(Waiting(waits.clone()));
        let view = show();
        if waits.load(Ordering::Relaxed) {
            return view;
        }
        let html = view.to_html();
        if waits.load(Ordering::Relaxed) {
            // Pages are put together before they are drawn, so this is a mistake in the program: better seen than a page with a hole.
            leptos::logging::error!("a part of a page began to wait while it was drawn");
            return view! { <ErrorPage refusal=Refusal::Internal/> }.into_any();
        }
        InertElement::new(html).into_any()
    });
    // What still waits is drawn with it.
    on_cleanup(move || drop(owner));
    drawn
}

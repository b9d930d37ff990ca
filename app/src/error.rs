//! Refusals and faults as people read them.

use crate::context;
use crate::entry;
use crate::i18n::{Locale, td_string};
use crate::links;
use crate::pages::at;
use crate::refused::Refused;
use crate::ui::layout::Layout;
use crate::ui::status;
use domain::error::{Problem, Refusal};
use domain::locker::orders::OrderStatus;
use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What happened and what to do, in the reader's language.
pub fn refusal_text(locale: Locale, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Malformed { .. } => td_string!(locale, errors.malformed).to_string(),
        Refusal::NotSignedIn => td_string!(locale, errors.not_signed_in).to_string(),
        Refusal::WrongSignIn => td_string!(locale, errors.wrong_sign_in).to_string(),
        Refusal::NotYours => td_string!(locale, errors.not_yours).to_string(),
        Refusal::OtherSite => td_string!(locale, errors.other_site).to_string(),
        Refusal::WrongHost => td_string!(locale, errors.wrong_host).to_string(),
        Refusal::TooSlow => td_string!(locale, errors.too_slow).to_string(),
        Refusal::Unknown => td_string!(locale, errors.unknown).to_string(),
        Refusal::CodeDamaged => td_string!(locale, errors.code_damaged).to_string(),
        Refusal::CodeForeign => td_string!(locale, errors.code_foreign).to_string(),
        Refusal::CodeExpired => td_string!(locale, errors.code_expired).to_string(),
        Refusal::CodeFromFuture => td_string!(locale, errors.code_from_future).to_string(),
        Refusal::CodeUsed => td_string!(locale, errors.code_used).to_string(),
        Refusal::CodeKind => td_string!(locale, errors.code_kind).to_string(),
        Refusal::SyncOutdated => td_string!(locale, errors.sync_outdated).to_string(),
        Refusal::NotScanned => td_string!(locale, errors.not_scanned).to_string(),
        Refusal::RowsNotScanned => td_string!(locale, errors.rows_not_scanned).to_string(),
        Refusal::OrderStatus { status } => {
            let word = OrderStatus::parse(status).map_or(status.as_str(), |status| status::word(locale, status));
            td_string!(locale, errors.order_status, status = word).to_string()
        }
        Refusal::CompartmentTaken => td_string!(locale, errors.compartment_taken).to_string(),
        Refusal::Exists => td_string!(locale, errors.exists).to_string(),
        Refusal::KeyReused => td_string!(locale, errors.key_reused).to_string(),
        Refusal::PageOutdated => td_string!(locale, errors.page_outdated).to_string(),
        Refusal::NodeAlive => td_string!(locale, errors.node_alive).to_string(),
        Refusal::KioskUnreadable => td_string!(locale, errors.kiosk_unreadable).to_string(),
        Refusal::EnrolmentCode => td_string!(locale, errors.enrolment_code).to_string(),
        Refusal::Field { problem, .. } => problem_text(locale, problem),
        Refusal::TooLarge { max_bytes } => {
            td_string!(locale, errors.too_large, size = size_text(*max_bytes)).to_string()
        }
        Refusal::TooMany { seconds } => td_string!(locale, errors.too_many, seconds = *seconds).to_string(),
        Refusal::Unavailable => td_string!(locale, errors.unavailable).to_string(),
        Refusal::Internal => td_string!(locale, errors.internal).to_string(),
    }
}

/// Whole mebibytes as such, everything else in kibibytes; people know both by their decimal names.
fn size_text(bytes: u64) -> String {
    const KB: u64 = 1024;
    const MB: u64 = KB * 1024;
    if bytes >= MB && bytes.is_multiple_of(MB) {
        format!("{} MB", bytes / MB)
    } else {
        format!("{} KB", bytes / KB)
    }
}

/// What is wrong with a field, in the reader's language.
pub fn problem_text(locale: Locale, problem: &Problem) -> String {
    match problem {
        Problem::Required => td_string!(locale, errors.required).to_string(),
        Problem::TooLong { max } => td_string!(locale, errors.too_long, max = *max).to_string(),
        Problem::TooShort { min } => td_string!(locale, errors.too_short, min = *min).to_string(),
        Problem::Form => td_string!(locale, errors.form).to_string(),
        Problem::Range { min, max } => td_string!(locale, errors.range, min = *min, max = *max).to_string(),
        Problem::Unknown => td_string!(locale, errors.field_unknown).to_string(),
        Problem::Taken => td_string!(locale, errors.taken).to_string(),
        Problem::Guessable => td_string!(locale, errors.guessable).to_string(),
        Problem::WrongPassword => td_string!(locale, errors.wrong_password).to_string(),
        Problem::Differs => td_string!(locale, errors.differs).to_string(),
        Problem::Contradicts => td_string!(locale, errors.contradicts).to_string(),
        Problem::Spreadsheet => td_string!(locale, errors.spreadsheet).to_string(),
        Problem::Quotes => td_string!(locale, errors.quotes).to_string(),
        Problem::Encoding => td_string!(locale, errors.encoding).to_string(),
    }
}

/// A refusal as a card on top of what it concerns, read out at once by screen readers.
#[component]
pub fn RefusalCard(
    /// Why.
    refusal: Refusal,
) -> impl IntoView {
    view! { <RefusedCard refused=Refused::of(context::locale(), &refusal)/> }
}

/// The same in the words of a function; where there are several lines, the first one is a heading.
#[component]
pub fn RefusedCard(
    /// Why.
    refused: Refused,
) -> impl IntoView {
    let (first, more) = match refused.words.split_once('\n') {
        Some((first, more)) => (first.to_owned(), Some(more.to_owned())),
        None => (refused.words, None),
    };
    view! {
        <div role="alert" class="alert alert-error alert-soft items-start" data-testid="refusal">
            <crate::ui::icon::Icon name="warning"/>
            {match more {
                None => view! { <p>{first}</p> }.into_any(),
                Some(more) => view! {
                    <div class="flex flex-col gap-1">
                        <p class="font-semibold">{first}</p>
                        <p>{more}</p>
                    </div>
                }
                .into_any(),
            }}
        </div>
    }
    .into_any()
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
    let once_more = refusal.status == Refusal::Unavailable.status();
    let home = if once_more {
        "btn btn-lg"
    } else {
        "btn btn-primary btn-lg"
    };
    view! {
        <Layout title=td_string!(locale, errors.title).to_string()>
            <RefusedCard refused=refusal/>
            {once_more.then(|| view! { <OnceMore/> })}
            <a href="/" class=home>{td_string!(locale, errors.go_home)}</a>
            <p class="text-sm opacity-70">{td_string!(locale, errors.request_id)} " " <code>{request_id}</code></p>
        </Layout>
    }
}

/// The same request again, with what was typed.
#[component]
fn OnceMore() -> impl IntoView {
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
        .sent_again()
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect();
    view! {
        <form method="post" action=address class="flex flex-col gap-5">
            <p>{td_string!(locale, errors.kept)}</p>
            {fields}
            <button class="btn btn-primary btn-lg" data-testid="once-more">{again}</button>
        </form>
    }
    .into_any()
}

/// A page for a refusal as bare text, for when pages cannot be rendered.
pub fn bare_page(locale: Locale, refusal: &Refusal, request_id: &str) -> String {
    let language = crate::i18n::code(locale);
    let title = td_string!(locale, errors.title);
    let home = td_string!(locale, errors.go_home);
    let number = td_string!(locale, errors.request_id);
    let text = refusal_text(locale, refusal);
    format!(
        "<!DOCTYPE html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title></head>\
         <body><main><h1>{title}</h1><p>{text}</p><p><a href=\"/\">{home}</a></p>\
         <p>{number} <code>{request_id}</code></p></main></body></html>"
    )
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
    if let Some(Waiting(waits)) = use_context() {
        waits.store(true, Ordering::Relaxed);
    }
    let content = Suspend::new(async move {
        match load.await {
            Ok(value) => drawn(|| show(value).into_any()),
            Err(refused) if refused.status == Refusal::NotSignedIn.status() => {
                links::redirect(&links::with_query(&at::sign_in(), &[("next", &links::here())]));
                ().into_any()
            }
            Err(refusal) => view! { <ErrorPage refusal/> }.into_any(),
        }
    });
    view! { <Suspense>{content}</Suspense> }.into_any()
}

/// Whether something on the page being drawn waits for more.
#[derive(Clone)]
struct Waiting(Arc<AtomicBool>);

/// What this shows, as HTML at once where nothing in it waits for more. The renderer's way for what may wait puts together many small texts, which
/// for a page of rows takes as long as everything else.
fn drawn(show: impl FnOnce() -> AnyView) -> AnyView {
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
}

//! The frame of every page but the kiosk: header, way around, language, sign-out.

use crate::entry;
use domain::people::Role;
use islands::addresses::{self, at};
use islands::context;
use islands::functions::language::ChooseLanguage;
use islands::i18n::{LANGUAGES, td_string};
use islands::ui::card::RefusedCard;
use islands::ui::head;
use islands::ui::icon::Icon;
use islands::ui::wasm::Acts;
use leptos::prelude::*;

/// A page: heading, content, and around them what every page has.
#[component]
pub fn Layout(
    /// Heading and window title.
    #[prop(into)]
    title: String,
    /// Wide enough for tables.
    #[prop(optional)]
    wide: bool,
    /// What can be done here: links beside the heading.
    #[prop(optional)]
    actions: Option<AnyView>,
    /// The page itself.
    children: Children,
) -> impl IntoView {
    let request = context::request();
    let locale = request.locale;
    let role = request.person.as_ref().map(|person| person.role);
    let main = if wide { "main main-wide" } else { "main" };
    let site = request.settings.clone();
    let name = if site.name.is_empty() {
        td_string!(locale, common.product).to_owned()
    } else {
        site.name.clone()
    };
    let sign = if site.logo.is_empty() {
        view! { <Icon name="key"/> }.into_any()
    } else {
        // The name stands beside it.
        view! { <img src=site.logo.clone() alt="" class="logo"/> }.into_any()
    };
    head::set_title(format!("{title} · {name}"));
    // First, so that the page's forms have shown what concerns them.
    let content = children();
    let refused = request.answered.as_deref().and_then(entry::unshown);
    view! {
        <a href="#content" class="skip-link">{td_string!(locale, common.skip_to_content)}</a>
        <header class="border-base-300 bg-base-100 border-b">
            {request.demo.then(|| view! {
                <p class="bg-warning text-warning-content px-4 py-1 text-center text-sm" data-testid="demo">{td_string!(locale, common.demo)}</p>
            })}
            <div class="top">
                <a href="/" class="text-primary flex min-h-12 min-w-0 items-center gap-2 text-lg font-semibold">
                    {sign} <span class="top-name">{name}</span>
                </a>
                {request.person.as_ref().map(|person| view! { <Ways role=person.role/> })}
                <div class="top-own">
                    {(role == Some(Role::Operator)).then(|| view! {
                        <a href=at::operator_find() class="btn btn-ghost min-h-12" aria-label=td_string!(locale, common.find) aria-keyshortcuts="Control+K" data-find="" data-testid="find"><Icon name="search"/></a>
                    })}
                    <LanguageSwitch/>
                    {request.person.as_ref().map(|person| view! {
                        <a href=at::account() class="btn btn-ghost min-h-12" data-testid="account">
                            <Icon name="user"/> <span class="max-w-24 truncate sm:max-w-32">{person.name.clone()}</span>
                        </a>
                    })}
                </div>
            </div>
        </header>
        <main id="content" class=main>
            <div class="title-row">
                <h1 class="text-2xl font-bold text-balance">{title}</h1>
                {actions.map(|actions| view! { <div class="title-actions">{actions}</div> })}
            </div>
            <crate::ui::notice::Notice/>
            {refused.map(|refused| view! { <RefusedCard refused/> })}
            {content}
        </main>
        // Last: it is there where one of the forms above asked for it.
        <Acts/>
    }
    .into_any()
}

/// Where this role may go.
#[component]
fn Ways(role: Role) -> impl IntoView {
    let locale = context::locale();
    let path = context::request().path;
    let ways: Vec<(&str, &str)> = addresses::menu(role)
        .filter_map(|page| Some((page.path, page.menu?(locale))))
        .collect();
    let leads_to = |href: &str| *path == *href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
    // Of `/owner` and `/owner/records` both lead to a record; the longer one says where one is.
    let nearest = ways
        .iter()
        .map(|(href, _)| *href)
        .filter(|href| leads_to(href))
        .max_by_key(|href| href.len());
    let items: Vec<_> = ways
        .into_iter()
        .map(|(href, text)| {
            let class = if nearest == Some(href) { "way way-here" } else { "way" };
            let current = (nearest == Some(href)).then_some(if *path == *href { "page" } else { "true" });
            view! { <li><a href=href class=class aria-current=current>{text}</a></li> }
        })
        .collect();
    view! {
        <nav class="ways" aria-label=td_string!(locale, common.ways)>
            <ul class="flex gap-1">{items}</ul>
        </nav>
    }
}

/// Changes the language and stays on the page; a plain form, so it works everywhere.
#[component]
fn LanguageSwitch() -> impl IntoView {
    let request = context::request();
    let back = islands::links::here();
    let options: Vec<_> = LANGUAGES
        .iter()
        .map(|(locale, code, name)| {
            let chosen = *locale == request.locale;
            view! {
                <li>
                    <button name="lang" value=*code lang=*code class="min-h-12" aria-current=chosen.then_some("true")>{*name}</button>
                </li>
            }
        })
        .collect();
    view! {
        <button type="button" popovertarget="languages" class="btn btn-ghost min-h-12" aria-label=td_string!(request.locale, common.language) data-testid="language">
            <Icon name="globe"/>
        </button>
        <form method="post" action={entry::of::<ChooseLanguage>().address()} popover="auto" id="languages" class="languages">
            <input type="hidden" name="back" value=back/>
            <ul class="menu w-40 p-2">{options}</ul>
        </form>
    }
}

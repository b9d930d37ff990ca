//! `/owner/card-views`: who looked at the whole numbers of cards, and when; of all one's guards or of one of them.

use super::parts::LivePage;
use crate::error::loaded;
use crate::ui::empty::Empty;
use crate::ui::pager::{CURSOR, Pager};
use crate::ui::parts::{Filter, Up};
use domain::guard::cards::CardView;
use domain::guard::guards::GuardInfo;
use domain::guard::ids::GuardId;
use domain::ids::Phone;
use domain::locker::orders::Page;
use islands::addresses::at;
use islands::context;
use islands::date::{DoorTime, phone};
use islands::functions::{cards, guards};
use islands::i18n::td_string;
use islands::links;
use islands::ui::icon::Icon;
use islands::ui::typing::Typing;
use leptos::prelude::*;

const GUARD: &str = "guard";
const ROWS: u32 = 50;

struct Loaded {
    page: Page<CardView>,
    guards: Vec<GuardInfo>,
    chosen: Option<GuardId>,
    reader: Phone,
}

/// The page.
#[component]
pub fn CardViews() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let reader = request.person()?.phone.clone();
            let chosen = GuardId::parse(request.query(GUARD)).ok();
            let page = cards::views(chosen.as_ref(), request.query_if_any(CURSOR), ROWS).await?;
            let guards = guards::list(&reader).await?;
            Ok(Loaded {
                page,
                guards,
                chosen,
                reader,
            })
        },
        show,
    )
}

fn show(loaded: Loaded) -> AnyView {
    let locale = context::locale();
    let Loaded {
        page,
        guards,
        chosen,
        reader,
    } = loaded;
    let known = chosen.and_then(|id| guards.iter().find(|guard| guard.id == id));
    let (up, up_text) = match known {
        Some(guard) => (at::owner_guard(&guard.id), guard.name.to_string()),
        None => (at::owner(), td_string!(locale, owner.home).to_owned()),
    };
    let list = if page.rows.is_empty() {
        view! { <Empty text=td_string!(locale, owner_grant.nobody_looked) icon="eye"/> }.into_any()
    } else {
        let rows: Vec<_> = page.rows.iter().map(|view| row(view, &guards, &reader)).collect();
        view! { <ol class="record-rows" data-testid="card-views">{rows}</ol> }.into_any()
    };
    view! {
        <LivePage title=td_string!(locale, owner_grant.who_looked)>
            <Up href=up text=up_text/>
            <p>{td_string!(locale, owner_grant.who_looked_hint)}</p>
            {(guards.len() > 1).then(|| choice(&guards))}
            <Typing/>
            <div id="results" class="flex flex-col gap-4">
                <div id="card-views" data-live="">{list}</div>
                <Pager next=page.next/>
            </div>
        </LivePage>
    }
    .into_any()
}

fn choice(guards: &[GuardInfo]) -> AnyView {
    let locale = context::locale();
    let any = (String::new(), td_string!(locale, owner_records.any_guard).to_owned());
    let named = guards
        .iter()
        .map(|guard| (guard.id.to_string(), guard.name.to_string()));
    let choices = std::iter::once(any).chain(named).collect();
    view! {
        <form method="get" class="flex flex-wrap items-end gap-2" role="search" data-search="">
            <Filter name=GUARD label=td_string!(locale, owner_records.guard) options=choices/>
            <button class="btn btn-outline" data-testid="filter">{td_string!(locale, owner_records.show)}</button>
        </form>
    }
    .into_any()
}

fn row(view: &CardView, guards: &[GuardInfo], reader: &Phone) -> AnyView {
    let locale = context::locale();
    let who = if view.who == *reader {
        td_string!(locale, owner_grant.you).to_owned()
    } else if view.who_name.is_empty() {
        phone(&view.who)
    } else {
        format!("{} ({})", view.who_name, phone(&view.who))
    };
    let card = match &view.holder {
        Some(name) => td_string!(locale, owner_grant.card_of, name = name.as_str()).to_string(),
        None => td_string!(locale, owner_grant.card_of_nobody).to_owned(),
    };
    let door = match guards.iter().find(|guard| guard.id.as_str() == view.guard_id) {
        Some(guard) => {
            let (href, name) = (at::owner_guard(&guard.id), guard.name.to_string());
            view! { <a href=href class="link link-hover">{name}</a> }.into_any()
        }
        None => view.guard_id.clone().into_any(),
    };
    view! {
        <li class="record-row" data-testid="card-view">
            <Icon name="eye" class="record-icon"/>
            <div class="record-body">
                <p class="record-head"><span class="font-medium">{who}</span> <span class="record-time"><DoorTime at=view.at seconds=true/></span></p>
                <p class="text-sm">{card} " · " {door}</p>
            </div>
        </li>
    }
    .into_any()
}

/// The way to this page from where cards are.
#[component]
pub fn WhoLooked(
    /// Only at this guard.
    #[prop(optional, into)]
    guard: Option<GuardId>,
) -> impl IntoView {
    let locale = context::locale();
    let guard = guard.map_or(String::new(), |guard| guard.to_string());
    let href = links::with_query(&at::owner_card_views(), &[(GUARD, guard.as_str())]);
    view! {
        <a href=href class="link inline-flex min-h-12 items-center gap-2 self-start" data-testid="who-looked">
            <Icon name="eye" class="size-5 shrink-0"/> {td_string!(locale, owner_grant.who_looked)}
        </a>
    }
    .into_any()
}

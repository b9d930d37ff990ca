//! `/owner`: one's guards, and how each of them is.

use super::parts::{LivePage, OnTheWay, Status};
use super::record_rows::{self, LastOpened, Line};
use super::superiors;
use crate::error::loaded;
use crate::ui::empty::Empty;
use crate::ui::found::{OPEN, TEXT, by_form, marked, matched};
use crate::ui::pager::{CURSOR, Pager};
use domain::error::Refusal;
use domain::guard::guards::GuardInfo;
use domain::guard::superiors::Superior;
use domain::ids::Phone;
use domain::locker::orders::Page;
use domain::search::{Found, Needle, Part};
use islands::addresses::at;
use islands::context::{self, RequestContext};
use islands::functions::{guards, juniors};
use islands::i18n::td_string;
use islands::links;
use islands::ui::icon::Icon;
use islands::ui::typing::Typing;
use leptos::prelude::*;

/// Guards on one page.
const ROWS: usize = 20;

/// A guard, who opened it last, and what a search found in it.
pub type Shown = (GuardInfo, Option<Line>, Vec<Found>);

/// The page.
#[component]
pub fn Guards() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let above = juniors::above().await?;
            let (page, total) = load(&request, &request.person()?.phone).await?;
            if let ([(guard, ..)], None, true) = (page.rows.as_slice(), &page.next, by_form(&request)) {
                links::redirect(&at::owner_guard(&guard.id));
            }
            Ok((above, page, total))
        },
        show,
    )
}

/// What there is to show of somebody's guards, and whether there are any at all.
pub async fn load(request: &RequestContext, of: &Phone) -> Result<(Page<Shown>, usize), Refusal> {
    let all = guards::list(of).await?;
    let total = all.len();
    let wanted = Needle::parse(request.query(TEXT));
    let begin: usize = request.query(CURSOR).parse().unwrap_or(0);
    let matching = all.into_iter().filter_map(|guard| {
        let texts = [
            (Part::Name, guard.name.as_str()),
            (Part::Address, guard.location.as_str()),
            (Part::Number, guard.id.as_str()),
            (Part::Comment, guard.comment.as_str()),
        ];
        let found = wanted.find(&texts)?;
        Some((guard, found))
    });
    let mut hits: Vec<(GuardInfo, Vec<Found>)> = matching.skip(begin).take(ROWS + 1).collect();
    let more = hits.len() > ROWS;
    hits.truncate(ROWS);
    let mut rows = Vec::with_capacity(hits.len());
    for (guard, found) in hits {
        let last = record_rows::last_opened(of, &guard.id).await?;
        rows.push((guard, last, found));
    }
    let next = more.then(|| (begin + ROWS).to_string());
    Ok((Page { rows, next }, total))
}

fn show((above, page, total): (Vec<Superior>, Page<Shown>, usize)) -> AnyView {
    let locale = context::locale();
    view! {
        <LivePage title=td_string!(locale, owner.home) wide=true>
            <div id="asked" data-live="">{superiors::hint(&above)}</div>
            {if total == 0 {
                view! {
                    <div id="guards" data-live="">
                        <Empty text=td_string!(locale, owner.no_guards) icon="door">
                            <a href=at::owner_add_guard() class="btn btn-primary btn-lg" data-testid="add-guard"><Icon name="plus"/> {td_string!(locale, owner.add_guard)}</a>
                        </Empty>
                    </div>
                }
                .into_any()
            } else {
                view! {
                    <a href=at::owner_add_guard() class="btn btn-outline self-start" data-testid="add-guard"><Icon name="plus"/> {td_string!(locale, owner.add_guard)}</a>
                    {(total > ROWS).then(search)}
                    <div id="results" class="flex flex-col gap-4"><GuardList page own=true/></div>
                }
                .into_any()
            }}
        </LivePage>
    }
    .into_any()
}

fn search() -> AnyView {
    let request = context::request();
    let locale = request.locale;
    let value = request.query(TEXT).to_owned();
    view! {
        <Typing/>
        <form method="get" action=at::owner() role="search" data-search="" class="flex flex-wrap items-end gap-2">
            <label class="flex min-w-48 flex-1 flex-col gap-1 text-sm">
                {td_string!(locale, owner.search)}
                <input type="search" name=TEXT value=value maxlength="64" class="input w-full"/>
                <input type="hidden" name=OPEN value="1"/>
            </label>
            <button class="btn btn-primary"><Icon name="search" class="size-5 shrink-0"/> {td_string!(locale, owner.search_button)}</button>
        </form>
    }
    .into_any()
}

/// Guards as cards.
#[component]
pub fn GuardList(
    /// Which.
    page: Page<Shown>,
    /// The reader's own: they may give passwords.
    own: bool,
) -> impl IntoView {
    let locale = context::locale();
    if page.rows.is_empty() {
        return view! { <div id="guards" data-live=""><Empty text=td_string!(locale, owner.none_found) icon="door"/></div> }.into_any();
    }
    let cards: Vec<_> = page
        .rows
        .into_iter()
        .map(|(guard, last, found)| card(guard, last, &found, own))
        .collect();
    view! {
        <div id="guards" data-live=""><ul class="grid gap-4 md:grid-cols-2" data-testid="guards">{cards}</ul></div>
        <Pager next=page.next/>
    }
    .into_any()
}

fn card(guard: GuardInfo, last: Option<Line>, found: &[Found], own: bool) -> AnyView {
    let locale = context::locale();
    let href = at::owner_guard(&guard.id);
    let give = own.then(|| at::owner_new_password(&guard.id));
    let name = guard.name.to_string();
    view! {
        <li class="card-plain flex flex-col gap-4" data-testid="guard" data-guard=guard.id.to_string()>
            <div class="flex flex-col gap-1">
                <h2><a href=href class="row-link text-lg" data-hit="">{marked(&name, Part::Name, found)}</a></h2>
                {matched(locale, found)}
                {(!guard.location.as_str().is_empty()).then(|| view! { <p class="flex items-center gap-2 text-sm opacity-75"><Icon name="pin" class="size-4 shrink-0"/> {marked(guard.location.as_str(), Part::Address, found)}</p> })}
            </div>
            <Status guard=guard.clone()/>
            <OnTheWay guard=guard.clone()/>
            <LastOpened line=last/>
            {give.map(|href| view! {
                <a href=href class="btn btn-primary mt-auto" data-testid="give-password" aria-label=td_string!(locale, owner.give_password_for, name = name.as_str()).to_string()>
                    <Icon name="key" class="size-5 shrink-0"/> {td_string!(locale, owner.give_password)}
                </a>
            })}
        </li>
    }
    .into_any()
}

//! `/owner/guards/{guard_id}`: one guard, who may open it, and who did. For those above its owner to read only.

use super::card_views::WhoLooked;
use super::parts::{LivePage, OnTheWay, Status};
use super::record_rows::{self, Line, Lines};
use super::records::last_night;
use super::standing::{self, Standing, StandingList, What};
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::ui::parts::{Fact, Up};
use domain::guard::guards::GuardInfo;
use islands::addresses::{at, named};
use islands::context;
use islands::date::{DoorTime, phone};
use islands::functions::passwords::RevealDefaultPasswords;
use islands::functions::{guards, people};
use islands::i18n::td_string;
use islands::links;
use islands::ui::glyph::{self, Glyph};
use islands::ui::icon::Icon;
use islands::ui::sheet::Sheet;
use leptos::prelude::*;

/// Records beside the guard; there is a page for all of them.
const RECORDS_HERE: u32 = 10;

struct Loaded {
    guard: GuardInfo,
    /// How its owner is called, where that is not the reader.
    of: Option<String>,
    standing: Vec<Standing>,
    lines: Vec<Line>,
}

/// The page.
#[component]
pub fn GuardPage() -> impl IntoView {
    let request = context::request();
    let named = named::owner_guard();
    loaded(
        async move {
            let (guard_id,) = named?;
            let guard = guards::get(&guard_id).await?;
            let standing = standing::load(&guard).await?;
            let lines = record_rows::latest(&guard.owner, &guard.id, RECORDS_HERE).await?;
            let of = if guard.owner == request.person()?.phone {
                None
            } else {
                let owner = people::get(&guard.owner).await?;
                Some(owner.map_or_else(|| phone(&guard.owner), |owner| owner.name))
            };
            Ok(Loaded {
                guard,
                of,
                standing,
                lines,
            })
        },
        show,
    )
}

fn show(loaded: Loaded) -> AnyView {
    let locale = context::locale();
    let Loaded {
        guard,
        of,
        standing,
        lines,
    } = loaded;
    let own = of.is_none();
    let (up, up_text) = match of {
        None => (at::owner(), td_string!(locale, owner.home).to_owned()),
        Some(name) => {
            let text = td_string!(locale, owner_juniors.guards_of, name = name.as_str()).to_string();
            (at::owner_junior(&guard.owner), text)
        }
    };
    let cards = own && standing.iter().any(|one| matches!(one.what, What::Card { .. }));
    let mut all = vec![("guard", guard.id.as_str())];
    if !own {
        all.push(("of", guard.owner.as_str()));
    }
    let (from, until) = last_night();
    let night = [all.as_slice(), &[("from", &from), ("until", &until)]].concat();
    let night = links::with_query(&at::owner_records(), &night);
    let all = links::with_query(&at::owner_records(), &all);
    let guard_id = guard.id.clone();
    let below = format!("{}/", at::owner_guard(&guard.id));
    view! {
        <LivePage title=guard.name.to_string() wide=true>
            <Up href=up text=up_text/>
            {(!own).then(|| view! { <p class="alert alert-soft" data-testid="read-only"><Icon name="users"/> {td_string!(locale, owner_juniors.read_only)}</p> })}
            <div class="guard-page grid items-start gap-4">
                <div class="flex min-w-0 flex-col gap-4">
                    {header(&guard)}
                    {own.then(|| actions(&guard))}
                </div>
                <section class="guard-records flex min-w-0 flex-col gap-4" aria-labelledby="happened">
                    <h2 id="happened" class="text-lg font-semibold">{td_string!(locale, owner_guard.records)}</h2>
                    <div class="flex flex-wrap gap-2">
                        <a href=night class="btn btn-outline" data-testid="last-night"><Icon name="clock" class="size-5 shrink-0"/> {td_string!(locale, owner_records.last_night)}</a>
                        <a href=all class="btn btn-outline" data-testid="all-records"><Icon name="list" class="size-5 shrink-0"/> {td_string!(locale, owner_guard.all_records)}</a>
                    </div>
                    <div id="records" data-live=""><Lines lines guards=false/></div>
                </section>
                <div class="guard-rest flex min-w-0 flex-col gap-4">
                    <section class="flex flex-col gap-4" aria-labelledby="may-open">
                        <h2 id="may-open" class="text-lg font-semibold">{td_string!(locale, owner_guard.may_open)}</h2>
                        <div id="standing" data-live=""><StandingList guard_id all=standing own/></div>
                    </section>
                    {cards.then(|| view! { <WhoLooked guard=guard.id.clone()/> })}
                    {own.then(|| default_passwords(&guard))}
                    {own.then(|| changes(&guard))}
                </div>
            </div>
            {own.then(|| view! {
                <Sheet below over=at::owner_guard(&guard.id) close=td_string!(locale, common.sheet_close).to_owned()><Glyph paths=glyph::CLOSE/></Sheet>
            })}
        </LivePage>
    }
    .into_any()
}

fn header(guard: &GuardInfo) -> AnyView {
    let locale = context::locale();
    let seen = match guard.seen_at {
        Some(at) => view! { <DoorTime at/> }.into_any(),
        None => td_string!(locale, owner_guard.never).into_any(),
    };
    let knows = match guard.acked_at {
        Some(at) => view! { <DoorTime at/> }.into_any(),
        None => td_string!(locale, owner_guard.never).into_any(),
    };
    let place = guard.location.to_string();
    let comment = guard.comment.to_string();
    let id = guard.id.to_string();
    view! {
        <section id="header" data-live="" class="card-plain flex flex-col gap-4" data-testid="guard-header">
            <Status guard=guard.clone()/>
            <OnTheWay guard=guard.clone()/>
            <dl class="facts">
                {(!place.is_empty()).then(|| view! { <Fact label=td_string!(locale, owner_guard.location)>{place}</Fact> })}
                <Fact label=td_string!(locale, owner_guard.seen)>{seen}</Fact>
                <Fact label=td_string!(locale, owner_guard.acknowledged)>{knows}</Fact>
                <Fact label=td_string!(locale, owner_guard.id)><span class="font-mono break-all">{id}</span></Fact>
                {(!comment.is_empty()).then(|| view! { <Fact label=td_string!(locale, owner_guard.comment)><span class="whitespace-pre-line">{comment}</span></Fact> })}
            </dl>
        </section>
    }
    .into_any()
}

fn actions(guard: &GuardInfo) -> AnyView {
    let locale = context::locale();
    view! {
        <div class="flex flex-wrap gap-2">
            <a href=at::owner_new_password(&guard.id) data-sheet="" class="btn btn-primary btn-lg flex-1 whitespace-nowrap" data-testid="new-password"><Icon name="key"/> {td_string!(locale, owner_grant.new_password)}</a>
            <a href=at::owner_new_card(&guard.id) class="btn btn-outline btn-lg flex-1 whitespace-nowrap" data-testid="new-card"><Icon name="badge"/> {td_string!(locale, owner_grant.new_card)}</a>
        </div>
    }
    .into_any()
}

/// They stand in the answer to the form that asks for them, and on no page.
fn default_passwords(guard: &GuardInfo) -> AnyView {
    let locale = context::locale();
    if guard.default_passwords.iter().all(Option::is_none) {
        return ().into_any();
    }
    let shown = entry::done::<RevealDefaultPasswords>();
    let open = shown.is_some();
    let content = match shown {
        Some(all) => {
            let rows: Vec<_> = all
                .into_iter()
                .map(|password| view! { <li class="font-mono text-2xl font-bold tracking-wider select-all" data-testid="default-password">{password.as_str().to_owned()}</li> })
                .collect();
            view! { <ul class="flex flex-wrap gap-6">{rows}</ul> }.into_any()
        }
        None => {
            let of = entry::of::<RevealDefaultPasswords>();
            let hidden = vec![("guard_id", guard.id.to_string())];
            view! {
                <ActForm of hidden>
                    <button class="btn btn-outline" data-testid="reveal-default-passwords"><Icon name="eye" class="size-5 shrink-0"/> {td_string!(locale, owner_grant.reveal_password)}</button>
                </ActForm>
            }
            .into_any()
        }
    };
    view! {
        <details id="default-passwords" class="fold" open=open>
            <summary class="min-h-12 cursor-pointer content-center font-medium" data-testid="default-passwords">{td_string!(locale, owner_guard.default_passwords)}</summary>
            <p class="pb-4 text-sm">{td_string!(locale, owner_guard.default_passwords_hint)}</p>
            {content}
        </details>
    }
    .into_any()
}

fn changes(guard: &GuardInfo) -> AnyView {
    let locale = context::locale();
    view! {
        <div class="flex flex-wrap gap-2">
            <a href=at::owner_guard_edit(&guard.id) class="btn btn-outline" data-testid="edit-guard">{td_string!(locale, owner_guard.edit)}</a>
            <a href=at::owner_guard_delete(&guard.id) class="btn btn-outline" data-testid="delete-guard">{td_string!(locale, owner_guard.delete)}</a>
        </div>
    }
    .into_any()
}

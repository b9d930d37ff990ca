//! `/owner/guards/{guard_id}/cards/{service_numb}`: one authorised card. Its whole number is shown on request, and that they
//! asked is kept.

use super::card_views::WhoLooked;
use super::parts::{LivePage, cancel};
use super::standing::{self, Delivered, Kind, Standing, TimeLeft, What};
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::ui::empty::Empty;
use crate::ui::parts::{Fact, Up};
use domain::guard::guards::GuardInfo;
use domain::guard::ids::ServiceNumb;
use islands::addresses::{at, named};
use islands::context;
use islands::functions::cards::{self, CancelCard, RevealCard};
use islands::functions::guards;
use islands::i18n::td_string;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// What a form about the card says of it.
type Hidden = Vec<(&'static str, String)>;

struct Loaded {
    guard: GuardInfo,
    own: bool,
    number: ServiceNumb,
    standing: Option<Standing>,
    dn_code: String,
}

/// The page.
#[component]
pub fn CardPage() -> impl IntoView {
    let request = context::request();
    let named = named::owner_card();
    loaded(
        async move {
            let (guard_id, number) = named?;
            let guard = guards::get(&guard_id).await?;
            let (cards, unreadable) = cards::list(&guard).await?;
            let damaged = unreadable.into_iter().find(|row| row.service_numb == number);
            let found = cards.into_iter().find(|one| one.service_numb == number);
            let dn_code = found.as_ref().map_or(String::new(), |card| card.dn_code.to_string());
            let standing = found.map(|one| Standing::from((one, guard.acked)));
            let standing = standing.or(damaged.map(|row| Standing::from((row, Kind::Card))));
            let own = guard.owner == request.person()?.phone;
            Ok(Loaded {
                guard,
                own,
                number,
                standing,
                dn_code,
            })
        },
        show,
    )
}

fn show(loaded: Loaded) -> AnyView {
    let locale = context::locale();
    let Loaded {
        guard,
        own,
        number,
        standing,
        dn_code,
    } = loaded;
    let hidden = vec![("guard_id", guard.id.to_string()), ("service_numb", number.to_string())];
    let content = match standing {
        Some(Standing { what: What::Card { holder, masked }, from, until, delivered, .. }) => view! {
            <section class="card-plain flex flex-col gap-4">
                <dl class="facts">
                    <Fact label=td_string!(locale, owner_grant.holder)><span class="text-lg font-semibold">{holder.to_string()}</span></Fact>
                    <Fact label=td_string!(locale, owner_grant.card_number)>{number_shown(masked)}</Fact>
                    {(!dn_code.is_empty()).then(|| view! { <Fact label=td_string!(locale, owner_grant.dn_code)><span class="font-mono break-all">{dn_code}</span></Fact> })}
                </dl>
                {ask(hidden.clone())}
                <div id="state" data-live="" class="flex flex-col gap-2">
                    <TimeLeft from until/>
                    <Delivered delivered/>
                </div>
            </section>
            {own.then(|| view! { <WhoLooked guard=guard.id.clone()/> })}
            {own.then(|| cancel(entry::of::<CancelCard>(), hidden, td_string!(locale, owner_grant.cancel_card)))}
        }
        .into_any(),
        Some(standing) if matches!(standing.what, What::Unreadable(_)) => view! {
            <p role="alert" class="alert alert-warning" data-testid="unreadable"><Icon name="warning"/> {standing::unreadable(&standing)}</p>
            {own.then(|| cancel(entry::of::<CancelCard>(), hidden, td_string!(locale, owner_grant.cancel_card)))}
        }
        .into_any(),
        _ => {
            let again = own.then(|| view! { <a href=at::owner_new_card(&guard.id) class="btn btn-primary btn-lg"><Icon name="badge"/> {td_string!(locale, owner_grant.new_card)}</a> });
            view! { <div id="state" data-live=""><Empty text=td_string!(locale, owner_grant.card_over) icon="badge">{again}</Empty></div> }.into_any()
        }
    };
    view! {
        <LivePage title=td_string!(locale, owner_grant.card)>
            <Up href=at::owner_guard(&guard.id) text=guard.name.to_string()/>
            {content}
        </LivePage>
    }
    .into_any()
}

fn number_shown(masked: String) -> AnyView {
    match entry::done::<RevealCard>() {
        Some(whole) => view! { <span class="font-mono break-all select-all" data-testid="card-number">{whole.as_str().to_owned()}</span> }.into_any(),
        None => view! { <span class="font-mono break-all" data-testid="card-number">{masked}</span> }.into_any(),
    }
}

/// A way to see the whole number, or that it was seen.
fn ask(hidden: Hidden) -> AnyView {
    let (locale, of) = (context::locale(), entry::of::<RevealCard>());
    if entry::done::<RevealCard>().is_some() {
        return view! { <p role="status" class="flex items-center gap-2 text-sm"><Icon name="eye" class="size-5 shrink-0"/> {td_string!(locale, owner_grant.revealed)}</p> }.into_any();
    }
    view! {
        <ActForm of hidden class="flex flex-wrap items-center gap-x-4 gap-y-1">
            <button class="btn btn-outline whitespace-nowrap" data-testid="reveal"><Icon name="eye" class="size-5 shrink-0"/> {td_string!(locale, owner_grant.reveal)}</button>
            <p class="text-sm opacity-75">{td_string!(locale, owner_grant.reveal_hint)}</p>
        </ActForm>
    }
    .into_any()
}

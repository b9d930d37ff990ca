//! `/owner/juniors/{phone}`: the guards of an owner below, to read only.

use super::guards::{GuardList, Shown, load};
use super::parts::LivePage;
use crate::error::loaded;
use crate::ui::empty::Empty;
use crate::ui::parts::Up;
use domain::error::Refusal;
use domain::locker::orders::Page;
use domain::people::Person;
use islands::addresses::{at, named};
use islands::context;
use islands::date::PhoneLink;
use islands::functions::people;
use islands::i18n::td_string;
use islands::links;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// The page.
#[component]
pub fn JuniorPage() -> impl IntoView {
    let request = context::request();
    let named = named::owner_junior();
    loaded(
        async move {
            let (phone,) = named?;
            // Refuses everybody who is not above; only then the name is looked up.
            let (page, total) = load(&request, &phone).await?;
            let junior = people::get(&phone).await?.ok_or(Refusal::Unknown)?;
            Ok((junior, page, total))
        },
        show,
    )
}

fn show((junior, page, total): (Person, Page<Shown>, usize)) -> AnyView {
    let locale = context::locale();
    let records = links::with_query(&at::owner_records(), &[("of", junior.phone.as_str())]);
    let title = td_string!(locale, owner_juniors.guards_of, name = junior.name.as_str()).to_string();
    view! {
        <LivePage title wide=true>
            <Up href=at::owner_juniors() text=td_string!(locale, owner_juniors.juniors)/>
            <p class="flex flex-wrap items-center gap-x-4"><PhoneLink number=junior.phone/></p>
            <p class="alert alert-soft" data-testid="read-only"><Icon name="users"/> {td_string!(locale, owner_juniors.read_only)}</p>
            <a href=records class="btn btn-outline self-start"><Icon name="list" class="size-5 shrink-0"/> {td_string!(locale, owner_records.records)}</a>
            {if total == 0 {
                view! { <div id="guards" data-live=""><Empty text=td_string!(locale, owner_juniors.no_guards) icon="door"/></div> }.into_any()
            } else {
                view! { <GuardList page own=false/> }.into_any()
            }}
        </LivePage>
    }
    .into_any()
}

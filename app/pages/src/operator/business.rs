//! `/operator/businesses/{name}`: one business, what was changed of it, and retiring it.

use super::changes::history;
use super::parts::{Fact, Section, Up};
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use domain::businesses::Business;
use domain::changes::{About, Changed};
use domain::ids::BusinessName;
use islands::addresses::{at, named};
use islands::context;
use islands::date::{Time, number};
use islands::fields::DO;
use islands::functions::businesses::{self, GoOnRenaming, RenameBusiness, RestoreBusiness, RetireBusiness};
use islands::functions::changes;
use islands::i18n::td_string;
use islands::links::with_query;
use islands::ui::bulk::{self, Bulk};
use islands::ui::card::RefusedCard;
use islands::ui::wasm::Preload;
use leptos::prelude::*;

/// The page.
#[component]
pub fn BusinessPage() -> impl IntoView {
    let named = named::operator_business();
    loaded(
        async move {
            let (name,) = named?;
            let business = businesses::get(&name).await?;
            let becomes = businesses::becomes(&name).await?;
            let changes = changes::list(&About::Business(name)).await?;
            Ok((business, becomes, changes))
        },
        |(business, becomes, changes)| show(business, becomes, changes),
    )
}

fn show(business: Business, becomes: Option<BusinessName>, changes: Vec<Changed>) -> AnyView {
    let locale = context::locale();
    let name = business.name.as_str();
    let people = with_query(&at::operator_people(), &[("q", name)]);
    let orders = with_query(&at::operator_orders(), &[("business", name)]);
    let forms = match &becomes {
        Some(new) => go_on_form(&business, new),
        None => view! { {rename_form(&business)} {retire_form(&business)} }.into_any(),
    };
    view! {
        <Layout title=business.name.0.clone() wide=true>
            <Up href=at::operator_businesses() text=td_string!(locale, common.businesses)/>
            <div class="two">
                <div>
                    <dl class="facts card-plain">
                        <Fact label=td_string!(locale, common.people)><a href=people class="link">{number(business.people)}</a></Fact>
                        <Fact label=td_string!(locale, common.orders)><a href=orders class="link">{number(business.orders)}</a></Fact>
                        {business.retired_at.map(|at| view! { <Fact label=td_string!(locale, operator.retired)><Time at=at full=true/></Fact> })}
                    </dl>
                    {forms}
                </div>
                <div>{history(changes)}</div>
            </div>
        </Layout>
    }
    .into_any()
}

fn rename_form(business: &Business) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<RenameBusiness>(), entry::entry::<RenameBusiness>());
    let hidden = vec![("name", business.name.0.clone())];
    let (open, name) = (entry.is_refused(), business.name.0.clone());
    view! {
        <details class="fold" open=open data-testid="rename">
            <summary>{td_string!(locale, operator.rename_business)}</summary>
            <ActForm of hidden class="flex flex-col gap-4">
                <Field entry name="new_name" label=td_string!(locale, operator.business_name) hint=td_string!(locale, operator.rename_business_hint) autocomplete="off" value=name/>
                <button class="btn btn-primary self-start" data-testid="rename-save">{td_string!(locale, operator.save)}</button>
            </ActForm>
        </details>
    }
    .into_any()
}

/// Its people have the new name already; its orders get it in steps. The form has no one-use key: a step that is done is not done again.
fn go_on_form(business: &Business, new: &BusinessName) -> AnyView {
    let locale = context::locale();
    let of = entry::of::<GoOnRenaming>();
    let text = td_string!(
        locale,
        operator.renaming,
        name = new.as_str(),
        count = number(business.orders)
    )
    .to_string();
    view! {
        <Preload/>
        <Bulk
            progress=td_string!(locale, operator.renaming_progress, made = bulk::MADE).to_string()
            progress_of=td_string!(locale, operator.renaming_progress_of, made = bulk::MADE, count = bulk::ALL).to_string()
            cancel=td_string!(locale, operator.ready_cancel).to_owned()
            failed=td_string!(locale, common.act_offline).to_owned()
            go_on=td_string!(locale, operator.ready_go_on).to_owned()
        />
        <form method="post" class="needs-you" data-bulk="plain" data-bulk-of=business.orders.to_string() data-testid="renaming">
            <input type="hidden" name=DO value=of.address()/>
            <input type="hidden" name="name" value=business.name.0.clone()/>
            <input type="hidden" name="back" value=at::operator_business(new)/>
            <p class="w-full">{text}</p>
            <button class="btn btn-primary" data-testid="go-on-renaming">{td_string!(locale, operator.ready_go_on)}</button>
        </form>
    }
    .into_any()
}

fn retire_form(business: &Business) -> AnyView {
    let locale = context::locale();
    let hidden = vec![("name", business.name.0.clone())];
    let refused =
        entry::on_top(entry::of::<RetireBusiness>()).or_else(|| entry::on_top(entry::of::<RestoreBusiness>()));
    let refused = refused.map(|refused| view! { <RefusedCard refused/> });
    if business.retired_at.is_some() {
        let of = entry::of::<RestoreBusiness>();
        return view! {
            <Section title=td_string!(locale, operator.retired) testid="retired">
                {refused}
                <p>{td_string!(locale, operator.business_retired_hint)}</p>
                <ActForm of hidden><button class="btn btn-primary" data-testid="restore">{td_string!(locale, operator.restore)}</button></ActForm>
            </Section>
        }
        .into_any();
    }
    let of = entry::of::<RetireBusiness>();
    view! {
        <details class="fold" data-testid="retire">
            <summary>{td_string!(locale, operator.retire_business)}</summary>
            {refused}
            <ActForm of hidden class="flex flex-col gap-4">
                <p class="text-sm">{td_string!(locale, operator.retire_business_hint)}</p>
                <button class="btn btn-error self-start" data-testid="retire-yes">{td_string!(locale, operator.retire_yes)}</button>
            </ActForm>
        </details>
    }
    .into_any()
}

//! Who is above an owner: a request with *Agree* and *Refuse*, or who reads and a button to leave.

use super::juniors::PHONE;
use crate::entry::{self, ActForm};
use domain::guard::superiors::Superior;
use islands::addresses::at;
use islands::context;
use islands::date::phone;
use islands::functions::juniors::{AgreeSuperior, LeaveSuperior};
use islands::i18n::{Locale, td_string};
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// The card on the page of juniors; nothing where nobody is above.
pub(super) fn card(locale: Locale, superiors: Vec<Superior>) -> Option<AnyView> {
    let mut superiors = superiors.into_iter();
    let direct = superiors.next()?;
    let others: Vec<Superior> = superiors.collect();
    Some(if direct.reads {
        above(locale, direct, others)
    } else {
        request(locale, direct, others)
    })
}

/// Somebody asks to be above.
fn request(locale: Locale, direct: Superior, others: Vec<Superior>) -> AnyView {
    let (agree, leave) = (entry::of::<AgreeSuperior>(), entry::of::<LeaveSuperior>());
    let [number, agreed, named] = std::array::from_fn(|_| direct.phone.to_string());
    view! {
        <section class="needs-you flex-col items-start gap-4" aria-labelledby="superior-asks" data-testid="superior-asks" data-phone=named>
            <h2 id="superior-asks" class="text-lg font-semibold">{td_string!(locale, owner_juniors.asks)}</h2>
            {person(direct)}
            {others_too(td_string!(locale, owner_juniors.would_read_too), others)}
            <p>{td_string!(locale, owner_juniors.asks_for)}</p>
            <div class="flex flex-wrap gap-4">
                <ActForm of=agree hidden=vec![(PHONE, agreed)]>
                    <button class="btn btn-primary" data-testid="superior-agree">{td_string!(locale, owner_juniors.agree)}</button>
                </ActForm>
                <ActForm of=leave hidden=vec![(PHONE, number)]>
                    <button class="btn btn-outline" data-testid="superior-refuse">{td_string!(locale, owner_juniors.refuse)}</button>
                </ActForm>
            </div>
        </section>
    }
    .into_any()
}

/// Somebody is above.
fn above(locale: Locale, direct: Superior, others: Vec<Superior>) -> AnyView {
    let of = entry::of::<LeaveSuperior>();
    let (number, named) = (direct.phone.to_string(), direct.phone.to_string());
    view! {
        <section class="card-plain flex flex-col gap-4" aria-labelledby="superior" data-testid="superior" data-phone=named>
            <h2 id="superior" class="text-lg font-semibold">{td_string!(locale, owner_juniors.superior)}</h2>
            {person(direct)}
            {others_too(td_string!(locale, owner_juniors.read_too), others)}
            <p>{td_string!(locale, owner_juniors.superior_reads)}</p>
            <ActForm of hidden=vec![(PHONE, number)]>
                <button class="btn btn-outline" data-testid="superior-leave">{td_string!(locale, owner_juniors.leave)}</button>
            </ActForm>
        </section>
    }
    .into_any()
}

fn person(superior: Superior) -> AnyView {
    view! {
        <p class="flex flex-wrap gap-x-4">
            <span class="font-medium">{superior.name}</span>
            <span class="tabular-nums">{phone(&superior.phone)}</span>
        </p>
    }
    .into_any()
}

fn others_too(text: &'static str, others: Vec<Superior>) -> Option<AnyView> {
    if others.is_empty() {
        return None;
    }
    let others: Vec<_> = others.into_iter().map(person).collect();
    Some(view! { <div data-testid="superiors-above"><p>{text}</p>{others}</div> }.into_any())
}

/// On the list of one's guards: somebody asks. Nothing where nobody does.
pub(super) fn hint(superiors: &[Superior]) -> Option<AnyView> {
    let locale = context::locale();
    let direct = superiors.first().filter(|direct| !direct.reads)?;
    let text = td_string!(locale, owner_juniors.asks_hint, name = direct.name.as_str()).to_string();
    Some(
        view! {
            <div class="needs-you" data-testid="superior-hint">
                <Icon name="users"/>
                <p class="flex-1">{text}</p>
                <a href=at::owner_juniors() class="btn btn-neutral">{td_string!(locale, owner_juniors.asks_look)}</a>
            </div>
        }
        .into_any(),
    )
}

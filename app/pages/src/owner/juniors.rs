//! `/owner/juniors`: the owners below as a tree, and those above, to whom a junior agrees and whom they leave.

use super::parts::{LivePage, grade_word};
use super::superiors as above;
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::ui::empty::Empty;
use crate::ui::field::Field;
use domain::guard::juniors::{Junior, Tree};
use domain::guard::superiors::{Consent, Superior};
use islands::addresses::at;
use islands::context;
use islands::date::phone;
use islands::functions::juniors::{self, AddJunior, CancelJunior};
use islands::i18n::{Locale, td_string};
use leptos::prelude::*;

pub(super) const PHONE: &str = "phone";

/// The page.
#[component]
pub fn Juniors() -> impl IntoView {
    loaded(
        async move {
            let (tree, more) = juniors::tree().await?;
            let above = juniors::above().await?;
            Ok((above, tree, more))
        },
        show,
    )
}

fn show((superiors, tree, more): (Vec<Superior>, Tree, bool)) -> AnyView {
    let locale = context::locale();
    let grade = tree.owner.grade;
    let list = if tree.juniors.is_empty() {
        view! { <Empty text=td_string!(locale, owner_juniors.none) icon="users"/> }.into_any()
    } else {
        branch(locale, tree.juniors, true)
    };
    view! {
        <LivePage title=td_string!(locale, owner_juniors.juniors)>
            <div id="superiors" data-live="">{above::card(locale, superiors)}</div>
            <div id="tree" data-live="" class="flex flex-col gap-4" data-testid="tree">
                <p data-testid="my-grade">{td_string!(locale, owner_juniors.my_grade, grade = grade_word(locale, grade)).to_string()}</p>
                {list}
                {more.then(|| view! { <p>{td_string!(locale, owner_juniors.more)}</p> })}
            </div>
            {add_form()}
        </LivePage>
    }
    .into_any()
}

fn branch(locale: Locale, juniors: Vec<Tree>, direct: bool) -> AnyView {
    let items: Vec<_> = juniors
        .into_iter()
        .map(|tree| {
            let below = (!tree.juniors.is_empty()).then(|| branch(locale, tree.juniors, false));
            view! { <li>{person(locale, tree.owner, direct)} {below}</li> }
        })
        .collect();
    let class = if direct { "flex flex-col gap-4" } else { "tree-below" };
    view! { <ul class=class>{items}</ul> }.into_any()
}

fn person(locale: Locale, junior: Junior, direct: bool) -> AnyView {
    let number = junior.phone.to_string();
    let id = format!("end-{number}");
    let question = td_string!(locale, owner_juniors.cancel_question, name = junior.name.as_str()).to_string();
    let of = entry::of::<CancelJunior>();
    let cancel = direct.then(|| {
        view! {
            <details id=id>
                <summary class="min-h-12 cursor-pointer content-center text-sm" data-testid="cancel-ask">{td_string!(locale, owner_juniors.cancel)}</summary>
                <ActForm of hidden=vec![(PHONE, number)] class="flex flex-col gap-2">
                    <p>{question}</p>
                    <button class="btn btn-error self-start" data-testid="cancel-yes">{td_string!(locale, owner_juniors.cancel_yes)}</button>
                </ActForm>
            </details>
        }
    });
    // Before they agreed there is nothing to look at.
    let (name, state) = if junior.reads {
        let href = at::owner_junior(&junior.phone);
        let name = view! { <a href=href class="row-link text-lg">{junior.name}</a> }.into_any();
        (
            name,
            view! { <span>{grade_word(locale, junior.grade)}</span> }.into_any(),
        )
    } else {
        let name = view! { <p class="text-lg">{junior.name}</p> }.into_any();
        let asked = td_string!(locale, owner_juniors.not_yet_agreed);
        (
            name,
            view! { <span data-testid="not-yet-agreed">{asked}</span> }.into_any(),
        )
    };
    view! {
        <div class="card-plain flex flex-col gap-1" data-testid="junior" data-phone=junior.phone.to_string()>
            {name}
            <p class="flex flex-wrap gap-x-4 text-sm">
                <span class="tabular-nums">{phone(&junior.phone)}</span>
                {state}
            </p>
            {cancel}
        </div>
    }
    .into_any()
}

fn add_form() -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<AddJunior>(), entry::entry::<AddJunior>());
    let asked = (juniors::consent() == Consent::Agree).then(|| {
        view! { <li>{td_string!(locale, owner_juniors.must_agree)}</li> }
    });
    view! {
        <section class="card-plain flex flex-col gap-4" aria-labelledby="add-junior">
            <h2 id="add-junior" class="text-lg font-semibold">{td_string!(locale, owner_juniors.add)}</h2>
            <ul class="flex list-disc flex-col gap-1 pl-5">
                <li>{td_string!(locale, owner_juniors.will_see)}</li>
                <li>{td_string!(locale, owner_juniors.will_not)}</li>
                <li>{td_string!(locale, owner_juniors.must_be_registered)}</li>
                {asked}
            </ul>
            <ActForm of class="flex flex-col gap-4" testid="add-junior-form">
                <Field entry=entry.clone() name=PHONE label=td_string!(locale, owner_juniors.phone) kind="tel" inputmode="tel" autocomplete="off"/>
                <button class="btn btn-primary btn-lg" data-testid="add-junior">{td_string!(locale, owner_juniors.add)}</button>
            </ActForm>
        </section>
    }
    .into_any()
}

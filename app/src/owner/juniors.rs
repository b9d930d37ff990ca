//! `/owner/juniors`: the owners below as a tree, and those above, to whom a junior agrees and whom they leave.

use super::parts::{JUNIORS, LivePage, Refused, grade_word, junior_address};
use super::superiors::{self as above, AGREE, LEAVE};
use crate::context;
use crate::error::loaded;
use crate::form::{Entry, Form};
use crate::i18n::{Locale, td_string};
use crate::ui::date::phone;
use crate::ui::empty::Empty;
use crate::ui::field::Field;
use crate::ui::notice::with_notice;
use axum::response::Response;
use backend::guard::juniors::{self, Junior, NotAdded, Tree};
use backend::guard::superiors::{self, Consent, Superior};
use domain::error::{Problem, Refusal};
use domain::guard::grades::{Grade, JuniorRefusal};
use domain::ids::Phone;
use domain::people::Role;
use leptos::prelude::*;

const ADD: &str = "add";
const CANCEL: &str = "cancel";
pub(super) const PHONE: &str = "phone";

/// The page.
#[component]
pub fn Juniors() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let who = request.require(Role::Owner)?;
            let (tree, more) = juniors::tree(&request.backend, who).await?;
            let above = superiors::above(&request.backend, who).await?;
            Ok((above, tree, more))
        },
        show,
    )
}

fn show((superiors, tree, more): (Vec<Superior>, Tree, bool)) -> AnyView {
    let locale = context::locale();
    let refused = [CANCEL, AGREE, LEAVE]
        .into_iter()
        .find_map(|form| Entry::of(form).refusal_beside(&[]));
    let grade = tree.owner.grade;
    let list = if tree.juniors.is_empty() {
        view! { <Empty text=td_string!(locale, owner_juniors.none) icon="users"/> }.into_any()
    } else {
        branch(locale, tree.juniors, true)
    };
    view! {
        <LivePage title=td_string!(locale, owner_juniors.juniors)>
            {refused.map(|refusal| {
                let explained = matches!(&refusal, Refusal::Field { field, .. } if field == "superior");
                let explained = explained.then(|| td_string!(locale, owner_juniors.not_above).to_owned());
                view! { <Refused refusal explained/> }
            })}
            <div id="superiors" data-live="">{above::card(locale, superiors)}</div>
            <div id="tree" data-live="" class="flex flex-col gap-5" data-testid="tree">
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
    let class = if direct { "flex flex-col gap-3" } else { "tree-below" };
    view! { <ul class=class>{items}</ul> }.into_any()
}

fn person(locale: Locale, junior: Junior, direct: bool) -> AnyView {
    let number = junior.phone.to_string();
    let id = format!("end-{number}");
    let question = td_string!(locale, owner_juniors.cancel_question, name = junior.name.as_str()).to_string();
    let cancel = direct.then(|| {
        view! {
            <details id=id>
                <summary class="min-h-12 cursor-pointer content-center text-sm" data-testid="cancel-ask">{td_string!(locale, owner_juniors.cancel)}</summary>
                <form method="post" class="flex flex-col gap-2">
                    <input type="hidden" name="do" value=CANCEL/>
                    <input type="hidden" name=PHONE value=number/>
                    <p>{question}</p>
                    <button class="btn btn-error self-start" data-testid="cancel-yes">{td_string!(locale, owner_juniors.cancel_yes)}</button>
                </form>
            </details>
        }
    });
    // Before they agreed there is nothing to look at.
    let (name, state) = if junior.reads {
        let href = junior_address(&junior.phone);
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
            <p class="flex flex-wrap gap-x-3 text-sm">
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
    let entry = Entry::of(ADD);
    let asked = (context::request().backend.consent() == Consent::Agree).then(|| {
        view! { <li>{td_string!(locale, owner_juniors.must_agree)}</li> }
    });
    let explained = match entry.refusal() {
        Some(Refusal::Field { field, problem }) if field == PHONE => explain(locale, problem),
        _ => None,
    };
    view! {
        <section class="card-plain flex flex-col gap-4" aria-labelledby="add-junior">
            <h2 id="add-junior" class="text-lg font-semibold">{td_string!(locale, owner_juniors.add)}</h2>
            <ul class="flex list-disc flex-col gap-1 pl-5">
                <li>{td_string!(locale, owner_juniors.will_see)}</li>
                <li>{td_string!(locale, owner_juniors.will_not)}</li>
                <li>{td_string!(locale, owner_juniors.must_be_registered)}</li>
                {asked}
            </ul>
            {entry.refusal_beside(&[PHONE]).map(|refusal| view! { <Refused refusal explained=None/> })}
            <form method="post" class="flex flex-col gap-4" data-testid="add-junior-form">
                <input type="hidden" name="do" value=ADD/>
                <Field entry name=PHONE label=td_string!(locale, owner_juniors.phone) kind="tel" inputmode="tel" autocomplete="off" explained/>
                <button class="btn btn-primary btn-lg" data-testid="add-junior">{td_string!(locale, owner_juniors.add)}</button>
            </form>
        </section>
    }
    .into_any()
}

/// The results of adding, in words. The action makes each of them a problem of the field.
fn explain(locale: Locale, problem: &Problem) -> Option<String> {
    let text = match problem {
        Problem::Form => td_string!(locale, owner_account.phone_form),
        Problem::Unknown => td_string!(locale, owner_juniors.not_registered),
        Problem::Range { .. } => td_string!(locale, owner_juniors.top_grade),
        Problem::Taken => td_string!(locale, owner_juniors.already_junior),
        Problem::Contradicts => td_string!(locale, owner_juniors.impossible),
        _ => return None,
    };
    Some(text.to_owned())
}

/// `POST /owner/juniors`: adds one or ends the link to one; agrees to a superior or leaves them.
pub async fn change(form: Form) -> Response {
    let (name, outcome) = match form.fields.get("do") {
        ADD => (ADD, try_add(&form).await),
        CANCEL => (CANCEL, try_cancel(&form).await),
        AGREE => (AGREE, try_agree(&form).await),
        LEAVE => (LEAVE, try_leave(&form).await),
        _ => (ADD, Err(Refusal::malformed("do: add, cancel, agree or leave"))),
    };
    form.answer(name, outcome).await
}

fn typed_phone(form: &Form) -> Result<Phone, Refusal> {
    let text = form.fields.get(PHONE);
    let problem = if text.is_empty() {
        Problem::Required
    } else {
        Problem::Form
    };
    Phone::parse(text).ok_or_else(|| Refusal::field(PHONE, problem))
}

async fn try_add(form: &Form) -> Result<String, Refusal> {
    let who = form.context.require(Role::Owner)?;
    let junior = typed_phone(form)?;
    match juniors::add(&form.context.backend, who, &junior, None).await {
        Ok(()) => Ok(with_notice(
            JUNIORS,
            match form.context.backend.consent() {
                Consent::Agree => "junior-asked",
                Consent::AskNothing => "junior-added",
            },
        )),
        Err(NotAdded::Refused(refusal)) => Err(refusal),
        Err(NotAdded::Junior(why)) => Err(Refusal::field(PHONE, problem(why))),
    }
}

fn problem(why: JuniorRefusal) -> Problem {
    match why {
        JuniorRefusal::NotRegistered => Problem::Unknown,
        JuniorRefusal::TopGrade => Problem::Range {
            min: 0,
            max: Grade::Middle.number(),
        },
        JuniorRefusal::AlreadyJunior => Problem::Taken,
        JuniorRefusal::Impossible => Problem::Contradicts,
    }
}

async fn try_cancel(form: &Form) -> Result<String, Refusal> {
    let who = form.context.require(Role::Owner)?;
    juniors::cancel(&form.context.backend, who, &typed_phone(form)?).await?;
    Ok(with_notice(JUNIORS, "junior-cancelled"))
}

async fn try_agree(form: &Form) -> Result<String, Refusal> {
    let who = form.context.require(Role::Owner)?;
    superiors::agree(&form.context.backend, who, &typed_phone(form)?).await?;
    Ok(with_notice(JUNIORS, "superior-agreed"))
}

async fn try_leave(form: &Form) -> Result<String, Refusal> {
    let who = form.context.require(Role::Owner)?;
    superiors::leave(&form.context.backend, who, &typed_phone(form)?).await?;
    Ok(with_notice(JUNIORS, "superior-left"))
}

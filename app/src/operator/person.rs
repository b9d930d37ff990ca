//! `/operator/people/new` and `/operator/people/{phone}`: one person.

use super::parts::{Fact, Section, Select, ShownOnce, Up, part_of_address, role_word};
use super::people::state_badge;
use crate::context::{self, RequestContext};
use crate::error::{RefusalCard, loaded};
use crate::form::{Entry, Fields, Form, OnceKey, done};
use crate::i18n::td_string;
use crate::ui::date::{PhoneLink, Time};
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use crate::ui::notice::with_notice;
use axum::extract::Path;
use axum::response::Response;
use backend::people::{NewPerson, Reassigned};
use backend::{Backend, businesses, password, people};
use domain::error::{Problem, Refusal};
use domain::ids::{BusinessName, Phone};
use domain::people::{Person, Role};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

const ADD: &str = "add";
const PASSWORD: &str = "password";
const STATE: &str = "state";
/// The field that says: take the number from the owner who registered it.
const REASSIGN: &str = "reassign";
/// Value of the field `how`: the server makes the password.
const GENERATED: &str = "generated";
const TYPED: &str = "typed";

/// A password the server made, on its one way to the screen.
#[derive(Clone, Serialize, Deserialize)]
struct FreshPassword {
    person: Person,
    password: String,
}

/// The page with the form for a new person.
#[component]
pub fn NewPersonPage() -> impl IntoView {
    let request = context::request();
    let taken = taken_number(&Entry::of(ADD));
    loaded(
        async move {
            let who = request.require(Role::Operator)?;
            let holder = match taken {
                Some(phone) => people::get(&request.backend, &phone).await?,
                None => None,
            };
            let owner = holder.filter(|holder| holder.role == Role::Owner);
            Ok((businesses::all_names(&request.backend, who).await?, owner))
        },
        |(businesses, owner)| show_new(businesses, owner),
    )
}

/// The number that was typed, where it was refused because somebody has it.
fn taken_number(entry: &Entry) -> Option<Phone> {
    match entry.refusal()? {
        Refusal::Field {
            field,
            problem: Problem::Taken,
        } if field == "phone" => Phone::parse(&entry.value("phone")),
        _ => None,
    }
}

/// `owner` registered the number that was typed.
fn show_new(businesses: Vec<BusinessName>, owner: Option<Person>) -> AnyView {
    let locale = context::locale();
    view! {
        <Layout title=td_string!(locale, operator.add_person)>
            <Up href="/operator/people" text=td_string!(locale, common.people)/>
            {match done::<FreshPassword>() {
                Some(fresh) => shown(fresh, true),
                None => new_form(businesses, owner),
            }}
        </Layout>
    }
    .into_any()
}

fn new_form(businesses: Vec<BusinessName>, owner: Option<Person>) -> AnyView {
    let locale = context::locale();
    let entry = Entry::of(ADD);
    let roles = [Role::Staff, Role::Business, Role::Operator, Role::Owner]
        .map(|role| (role.as_str().to_owned(), role_word(locale, role).to_owned()))
        .to_vec();
    let choices = std::iter::once((String::new(), td_string!(locale, operator.choose).to_owned()))
        .chain(businesses.into_iter().map(|name| (name.0.clone(), name.0)))
        .collect();
    let role = Role::parse(context::request().query("role")).unwrap_or(Role::Staff);
    view! {
        <form method="post" class="group flex flex-col gap-5" data-testid="person-form">
            <OnceKey/>
            {entry.refusal_beside(&["phone", "name", "role", "business", "password"]).map(|refusal| view! { <RefusalCard refusal/> })}
            <Field entry=entry.clone() name="phone" label=td_string!(locale, operator.phone) kind="tel" inputmode="tel" autocomplete="off" autofocus=true/>
            {owner.map(reassign_choice)}
            <Field entry=entry.clone() name="name" label=td_string!(locale, operator.name) autocomplete="off"/>
            <Select entry=entry.clone() name="role" label=td_string!(locale, operator.role) options=roles value=role.as_str()/>
            // Shown for business users only, where the browser can tell; the action ignores it for all others.
            <div class="group-has-[[name=role]_option:not([value=business]):checked]:hidden">
                <Select entry=entry.clone() name="business" label=td_string!(locale, operator.business) options=choices/>
            </div>
            {password_choice(entry)}
            <button class="btn btn-primary btn-lg">{td_string!(locale, operator.add_person)}</button>
        </form>
    }
    .into_any()
}

/// Shown only after the number was refused, so that nobody's account ends by a number mistyped.
fn reassign_choice(owner: Person) -> AnyView {
    let locale = context::locale();
    let question = td_string!(locale, operator.reassign, name = owner.name.as_str()).to_string();
    view! {
        <div class="alert alert-soft flex flex-col items-start gap-1" data-testid="reassign">
            <label class="flex min-h-12 items-center gap-3">
                <input type="checkbox" name=REASSIGN value="yes" class="checkbox"/> {question}
            </label>
            <p class="text-sm">{td_string!(locale, operator.reassign_hint)}</p>
        </div>
    }
    .into_any()
}

/// Made by the server, or typed.
fn password_choice(entry: Entry) -> AnyView {
    let locale = context::locale();
    let typed = entry.value("how") == TYPED;
    view! {
        <fieldset class="flex flex-col gap-1">
            <legend class="font-medium">{td_string!(locale, operator.first_password)}</legend>
            <label class="flex min-h-12 items-center gap-3">
                <input type="radio" name="how" value=GENERATED class="radio" checked=!typed/> {td_string!(locale, operator.make_password)}
            </label>
            <label class="flex min-h-12 items-center gap-3">
                <input type="radio" name="how" value=TYPED class="radio" checked=typed/> {td_string!(locale, operator.type_password)}
            </label>
        </fieldset>
        <div class="group-has-[[name=how][value=generated]:checked]:hidden">
            <Field entry=entry name="password" label=td_string!(locale, operator.password) kind="password" autocomplete="new-password"
                hint=td_string!(locale, operator.password_hint) optional=true/>
        </div>
    }
    .into_any()
}

fn shown(fresh: FreshPassword, new: bool) -> AnyView {
    let locale = context::locale();
    let href = format!("/operator/people/{}", fresh.person.phone);
    let title = if new {
        td_string!(locale, operator.person_added, name = fresh.person.name.as_str()).to_string()
    } else {
        td_string!(locale, operator.password_made, name = fresh.person.name.as_str()).to_string()
    };
    view! {
        <ShownOnce title=title value=fresh.password hint=td_string!(locale, operator.password_once) testid="password-once">
            <a href=href class="btn btn-primary">{td_string!(locale, operator.to_person)}</a>
            {new.then(|| view! { <a href="/operator/people/new" class="btn">{td_string!(locale, operator.add_another)}</a> })}
        </ShownOnce>
    }
    .into_any()
}

/// `POST /operator/people/new`
pub async fn add_person(form: Form) -> Response {
    let outcome = form
        .once(async move |context, fields| try_add(&context, &fields).await)
        .await;
    match outcome {
        Ok(fresh) if made_here(&form.fields) => form.page.show_done(form.context, fresh).await,
        outcome => {
            let outcome =
                outcome.map(|fresh| with_notice(&format!("/operator/people/{}", fresh.person.phone), "person-added"));
            form.answer(ADD, outcome).await
        }
    }
}

async fn try_add(context: &RequestContext, fields: &Fields) -> Result<FreshPassword, Refusal> {
    let who = context.require(Role::Operator)?;
    let role = Role::parse(fields.get("role")).ok_or_else(|| Refusal::field("role", Problem::Form))?;
    let password = chosen_password(&context.backend, fields)?;
    let new = NewPerson {
        phone: fields.get("phone").to_owned(),
        name: fields.get("name").to_owned(),
        role,
        business: (role == Role::Business).then(|| fields.get("business").to_owned()),
        password: password.clone(),
    };
    let person = if fields.get(REASSIGN) == "yes" {
        people::reassign(&context.backend, &who.into(), new).await?
    } else {
        people::add(&context.backend, &who.into(), new).await?
    };
    Ok(FreshPassword { person, password })
}

fn made_here(fields: &Fields) -> bool {
    fields.get("how") != TYPED
}

fn chosen_password(backend: &Backend, fields: &Fields) -> Result<String, Refusal> {
    if made_here(fields) {
        return Ok(password::suggest(backend).to_string());
    }
    let typed = fields.raw("password");
    if typed.is_empty() {
        return Err(Refusal::field("password", Problem::Required));
    }
    Ok(typed.to_owned())
}

/// The page about one person.
#[component]
pub fn PersonPage() -> impl IntoView {
    let request = context::request();
    let phone = part_of_address("phone");
    loaded(
        async move {
            let who = request.require(Role::Operator)?;
            let phone = Phone::parse(&phone).ok_or(Refusal::Unknown)?;
            let person = people::get(&request.backend, &phone).await?.ok_or(Refusal::Unknown)?;
            let themselves = person.phone == who.phone;
            let reassigned = people::reassigned(&request.backend, who, &phone).await?;
            Ok((person, themselves, reassigned))
        },
        |(person, themselves, reassigned)| show_person(person, themselves, reassigned),
    )
}

fn show_person(person: Person, themselves: bool, reassigned: Option<Reassigned>) -> AnyView {
    let locale = context::locale();
    let forms = if themselves {
        view! {
            <p>{td_string!(locale, operator.this_is_you)}</p>
            <a href="/account" class="btn btn-primary self-start">{td_string!(locale, operator.to_account)}</a>
        }
        .into_any()
    } else {
        view! { {password_form()} {state_form(&person)} }.into_any()
    };
    view! {
        <Layout title=person.name.clone()>
            <Up href="/operator/people" text=td_string!(locale, common.people)/>
            {done::<FreshPassword>().map(|fresh| shown(fresh, false))}
            <dl class="facts card-plain">
                <Fact label=td_string!(locale, operator.phone)><PhoneLink number=person.phone.clone()/></Fact>
                <Fact label=td_string!(locale, operator.role)>{role_word(locale, person.role)}</Fact>
                {person.business.clone().map(|name| view! { <Fact label=td_string!(locale, operator.business)>{name.0}</Fact> })}
                <Fact label=td_string!(locale, operator.state)>{state_badge(person.active)}</Fact>
                {reassigned.map(|reassigned| view! {
                    <Fact label=td_string!(locale, operator.reassigned)>
                        <Time at=reassigned.at/> {reassigned.by.map(|by| view! { " · " <PhoneLink number=by/> })}
                    </Fact>
                })}
            </dl>
            {forms}
        </Layout>
    }
    .into_any()
}

fn password_form() -> AnyView {
    let locale = context::locale();
    let entry = Entry::of(PASSWORD);
    view! {
        <Section title=td_string!(locale, operator.reset_password) testid="reset-password">
            <p>{td_string!(locale, operator.reset_password_hint)}</p>
            {entry.refusal_beside(&["password"]).map(|refusal| view! { <RefusalCard refusal/> })}
            <form method="post" class="group flex flex-col gap-3">
                <input type="hidden" name="do" value=PASSWORD/>
                <OnceKey/>
                {password_choice(entry)}
                <button class="btn self-start">{td_string!(locale, operator.set_password)}</button>
            </form>
        </Section>
    }
    .into_any()
}

fn state_form(person: &Person) -> AnyView {
    let locale = context::locale();
    let refused = Entry::of(STATE)
        .refusal_beside(&[])
        .map(|refusal| view! { <RefusalCard refusal/> });
    if !person.active {
        return view! {
            <Section title=td_string!(locale, operator.is_disabled) testid="state">
                {refused}
                <form method="post">
                    <input type="hidden" name="do" value="enable"/>
                    <button class="btn btn-primary">{td_string!(locale, operator.enable)}</button>
                </form>
            </Section>
        }
        .into_any();
    }
    let question = td_string!(locale, operator.disable_confirm, name = person.name.as_str()).to_string();
    view! {
        <Section title=td_string!(locale, operator.disable) testid="state">
            {refused}
            <p>{td_string!(locale, operator.disable_hint)}</p>
            <details class="flex flex-col gap-3">
                <summary class="btn self-start">{td_string!(locale, operator.disable_ask)}</summary>
                <form method="post" class="flex flex-col gap-3 pt-3">
                    <input type="hidden" name="do" value="disable"/>
                    <p>{question}</p>
                    <button class="btn btn-error self-start">{td_string!(locale, operator.disable_yes)}</button>
                </form>
            </details>
        </Section>
    }
    .into_any()
}

/// `POST /operator/people/{phone}`
pub async fn change_person(Path(phone): Path<String>, form: Form) -> Response {
    let name = if form.fields.get("do") == PASSWORD {
        PASSWORD
    } else {
        STATE
    };
    let outcome = form
        .once(async move |context, fields| try_change(&phone, &context, &fields).await)
        .await;
    match outcome {
        Ok(Changed::Shown(fresh)) => form.page.show_done(form.context, fresh).await,
        Ok(Changed::Noticed(address)) => form.answer(name, Ok(address)).await,
        Err(refusal) => form.answer(name, Err(refusal)).await,
    }
}

#[derive(Serialize, Deserialize)]
enum Changed {
    Shown(FreshPassword),
    Noticed(String),
}

async fn try_change(phone: &str, context: &RequestContext, fields: &Fields) -> Result<Changed, Refusal> {
    let backend = &context.backend;
    let who = context.require(Role::Operator)?;
    let phone = Phone::parse(phone).ok_or(Refusal::Unknown)?;
    let noticed = |key| Changed::Noticed(with_notice(&format!("/operator/people/{phone}"), key));
    match fields.get("do") {
        PASSWORD => {
            let person = people::get(backend, &phone).await?.ok_or(Refusal::Unknown)?;
            let password = chosen_password(backend, fields)?;
            people::set_password(backend, &who.into(), &phone, &password).await?;
            Ok(if made_here(fields) {
                Changed::Shown(FreshPassword { person, password })
            } else {
                noticed("password-set")
            })
        }
        "disable" => {
            people::set_active(backend, &who.into(), &phone, false).await?;
            Ok(noticed("person-blocked"))
        }
        "enable" => {
            people::set_active(backend, &who.into(), &phone, true).await?;
            Ok(noticed("person-unblocked"))
        }
        _ => Err(Refusal::malformed("do: password, disable or enable")),
    }
}

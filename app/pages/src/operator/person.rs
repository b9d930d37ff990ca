//! `/operator/people/new` and `/operator/people/{phone}`: one person.

use super::changes::history;
use super::parts::{Fact, Section, Select, Up};
use super::people::state_badge;
use super::secret::HandOver;
use crate::auth::role_name;
use crate::entry::{self, ActForm, Entry};
use crate::error::loaded;
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use domain::changes::About;
use domain::error::Refusal;
use domain::ids::{BusinessName, Phone};
use domain::people::{Person, Reassigned, Role};
use islands::addresses::{at, named};
use islands::context;
use islands::date::{PhoneLink, Time, phone};
use islands::functions::people::{self, AddPerson, CorrectPerson, DisablePerson, EnablePerson, How, NewPasswordFor};
use islands::functions::shown;
use islands::functions::{businesses, changes};
use islands::i18n::td_string;
use islands::ui::card::RefusedCard;
use leptos::prelude::*;

/// The page with the form for a new person.
#[component]
pub fn NewPersonPage() -> impl IntoView {
    let typed = refused_number(&entry::entry::<AddPerson>());
    loaded(
        async move {
            let holder = match typed {
                Some(phone) => people::get(&phone).await?,
                None => None,
            };
            let owner = holder.filter(|holder| holder.role == Role::Owner);
            Ok((businesses::all_names().await?, owner))
        },
        |(businesses, owner)| show_new(businesses, owner),
    )
}

/// The number that was typed, where it was refused though it is one: because somebody has it.
fn refused_number(entry: &Entry) -> Option<Phone> {
    entry.problem("phone")?;
    Phone::parse(&entry.value("phone"))
}

/// `owner` registered the number that was typed.
fn show_new(businesses: Vec<BusinessName>, owner: Option<Person>) -> AnyView {
    let locale = context::locale();
    view! {
        <Layout title=td_string!(locale, operator.add_person)>
            <Up href=at::operator_people() text=td_string!(locale, common.people)/>
            {new_form(businesses, owner)}
        </Layout>
    }
    .into_any()
}

fn new_form(businesses: Vec<BusinessName>, owner: Option<Person>) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<AddPerson>(), entry::entry::<AddPerson>());
    let roles = Role::ALL
        .map(|role| (role.as_str().to_owned(), role_name(locale, role).to_owned()))
        .to_vec();
    let choices = std::iter::once((String::new(), td_string!(locale, operator.choose).to_owned()))
        .chain(businesses.into_iter().map(|name| (name.0.clone(), name.0)))
        .collect();
    let role = Role::parse(context::request().query("role")).unwrap_or(Role::Staff);
    view! {
        <ActForm of class="group flex flex-col gap-4" testid="person-form">
            <Field entry=entry.clone() name="phone" label=td_string!(locale, operator.phone) kind="tel" inputmode="tel" autocomplete="off" autofocus=true/>
            {owner.map(reassign_choice)}
            <Field entry=entry.clone() name="name" label=td_string!(locale, operator.name) autocomplete="off"/>
            <Select entry=entry.clone() name="role" label=td_string!(locale, operator.role) options=roles value=role.as_str()/>
            // Shown for business users only, where the browser can tell; the function ignores it for all others.
            <div class="group-has-[[name=role]_option:not([value=business]):checked]:hidden">
                <Select entry=entry.clone() name="business" label=td_string!(locale, operator.business) options=choices/>
            </div>
            {password_choice(entry.clone())}
            <button class="btn btn-primary btn-lg">{td_string!(locale, operator.add_person)}</button>
        </ActForm>
    }
    .into_any()
}

/// Shown only after the number was refused, so that nobody's account ends by a number mistyped.
fn reassign_choice(owner: Person) -> AnyView {
    let locale = context::locale();
    let question = td_string!(locale, operator.reassign, name = owner.name.as_str()).to_string();
    view! {
        <div class="alert alert-soft flex flex-col items-start gap-1" data-testid="reassign">
            <label class="flex min-h-12 items-center gap-2">
                <input type="checkbox" name="reassign" value="true" class="checkbox"/> {question}
            </label>
            <p class="text-sm">{td_string!(locale, operator.reassign_hint)}</p>
        </div>
    }
    .into_any()
}

/// Made by the server, or typed.
fn password_choice(entry: Entry) -> AnyView {
    let locale = context::locale();
    let typed = entry.value("how") == How::Typed.as_str();
    view! {
        <fieldset class="flex flex-col gap-1">
            <legend class="font-medium">{td_string!(locale, operator.first_password)}</legend>
            <label class="flex min-h-12 items-center gap-2">
                <input type="radio" name="how" value=How::Generated.as_str() class="radio" checked=!typed/> {td_string!(locale, operator.make_password)}
            </label>
            <label class="flex min-h-12 items-center gap-2">
                <input type="radio" name="how" value=How::Typed.as_str() class="radio" checked=typed/> {td_string!(locale, operator.type_password)}
            </label>
        </fieldset>
        <div class="group-has-[[name=how][value=generated]:checked]:hidden">
            <Field entry=entry name="password" label=td_string!(locale, operator.password) kind="password" autocomplete="new-password"
                hint=td_string!(locale, operator.password_hint) optional=true/>
        </div>
    }
    .into_any()
}

/// A password the server made, to be handed to its person.
fn hand_over(person: &Person, password: String) -> AnyView {
    let (locale, site) = (context::locale(), context::request().site);
    let address = format!("{site}{}", at::sign_in());
    let name = person.name.as_str();
    let number = phone(&person.phone);
    let sentence = td_string!(
        locale,
        operator.password_sentence,
        name = name,
        address = address.as_str(),
        phone = number.as_str(),
        password = password.as_str()
    )
    .to_string();
    view! {
        <HandOver
            title=td_string!(locale, operator.password_of, name = name).to_string()
            value=password
            testid="password-once"
            sentence
            hint=td_string!(locale, operator.password_once).to_owned()
            address
            of=of_person(person)
        />
        <a href=at::operator_new_person() class="btn self-start" data-testid="add-another">{td_string!(locale, operator.add_another)}</a>
    }
    .into_any()
}

/// The page about one person.
#[component]
pub fn PersonPage() -> impl IntoView {
    let request = context::request();
    let named = named::operator_person();
    loaded(
        async move {
            let (phone,) = named?;
            let person = people::get(&phone).await?.ok_or(Refusal::Unknown)?;
            let themselves = person.phone == request.person()?.phone;
            let reassigned = people::reassigned(&phone).await?;
            let businesses = match person.role {
                Role::Business => businesses::all_names().await?,
                _ => Vec::new(),
            };
            let password = shown::password_of(&phone).await?;
            let changes = changes::list(&About::Person(phone)).await?;
            Ok((person, themselves, reassigned, businesses, password, changes))
        },
        |(person, themselves, reassigned, businesses, password, changes)| {
            show_person(person, themselves, reassigned, businesses, password, history(changes))
        },
    )
}

fn show_person(
    person: Person,
    themselves: bool,
    reassigned: Option<Reassigned>,
    businesses: Vec<BusinessName>,
    password: Option<String>,
    history: AnyView,
) -> AnyView {
    let locale = context::locale();
    let password = password.map(|password| hand_over(&person, password));
    let correct = correct_form(&person, businesses);
    let forms = if themselves {
        view! {
            <p>{td_string!(locale, operator.this_is_you)}</p>
            <a href=at::account() class="btn btn-primary self-start">{td_string!(locale, operator.to_account)}</a>
        }
        .into_any()
    } else {
        view! { {password_form(&person)} {state_form(&person)} }.into_any()
    };
    view! {
        <Layout title=person.name.clone() wide=true>
            <Up href=at::operator_people() text=td_string!(locale, common.people)/>
            {password}
            <div class="two">
            <div>
            <dl class="facts card-plain">
                <Fact label=td_string!(locale, operator.phone)><PhoneLink number=person.phone.clone()/></Fact>
                <Fact label=td_string!(locale, operator.role)>{role_name(locale, person.role)}</Fact>
                {person.business.clone().map(|name| view! { <Fact label=td_string!(locale, operator.business)>{name.0}</Fact> })}
                <Fact label=td_string!(locale, operator.state)>{state_badge(person.active)}</Fact>
                {reassigned.map(|reassigned| view! {
                    <Fact label=td_string!(locale, operator.reassigned)>
                        <Time at=reassigned.at/> {reassigned.by.map(|by| view! { " · " <PhoneLink number=by/> })}
                    </Fact>
                })}
            </dl>
            {correct}
            {history}
            </div>
            <div>{forms}</div>
            </div>
        </Layout>
    }
    .into_any()
}

/// Posted without a script: after somebody else changed the person, the page shows how they are now, and what was typed.
fn correct_form(person: &Person, businesses: Vec<BusinessName>) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<CorrectPerson>(), entry::entry::<CorrectPerson>());
    let business = person.business.as_ref().map(|name| name.0.clone());
    let mut names: Vec<_> = businesses.into_iter().map(|name| (name.0.clone(), name.0)).collect();
    // Where somebody is they may stay, also when the business is retired.
    if let Some(own) = business
        .as_ref()
        .filter(|own| names.iter().all(|(name, _)| name != *own))
    {
        names.push((own.clone(), own.clone()));
    }
    let was = business.clone().unwrap_or_default();
    let move_to = business.map(|name| {
        view! { <Select entry=entry.clone() name="business" label=td_string!(locale, operator.business) options=names value=name/> }
    });
    let (hidden, open) = (of_person(person), entry.is_refused());
    let name = person.name.clone();
    view! {
        <details class="fold" open=open data-testid="correct">
            <summary>{td_string!(locale, operator.correct_person)}</summary>
            <ActForm of hidden plain=true class="flex flex-col gap-4" testid="correct-form">
                <input type="hidden" name="was.name" value=name.clone()/>
                <input type="hidden" name="was.business" value=was/>
                <Field entry=entry.clone() name="name" label=td_string!(locale, operator.name) autocomplete="off" value=name/>
                {move_to}
                <button class="btn btn-primary self-start" data-testid="correct-save">{td_string!(locale, operator.save)}</button>
            </ActForm>
        </details>
    }
    .into_any()
}

fn password_form(person: &Person) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<NewPasswordFor>(), entry::entry::<NewPasswordFor>());
    let hidden = of_person(person);
    view! {
        <Section title=td_string!(locale, operator.reset_password) testid="reset-password">
            <p>{td_string!(locale, operator.reset_password_hint)}</p>
            <ActForm of hidden class="group flex flex-col gap-4" testid="password-form">
                {password_choice(entry.clone())}
                <button class="btn self-start">{td_string!(locale, operator.set_password)}</button>
            </ActForm>
        </Section>
    }
    .into_any()
}

fn of_person(person: &Person) -> Vec<(&'static str, String)> {
    vec![("phone", person.phone.to_string())]
}

fn state_form(person: &Person) -> AnyView {
    let locale = context::locale();
    // A form sent from a page that was out of date is not there any more, or is folded.
    let refused = entry::on_top(entry::of::<DisablePerson>()).or_else(|| entry::on_top(entry::of::<EnablePerson>()));
    let refused = refused.map(|refused| view! { <RefusedCard refused/> });
    let hidden = of_person(person);
    if !person.active {
        let of = entry::of::<EnablePerson>();
        return view! {
            <Section title=td_string!(locale, operator.is_disabled) testid="state">
                {refused}
                <ActForm of hidden>
                    <button class="btn btn-primary">{td_string!(locale, operator.enable)}</button>
                </ActForm>
            </Section>
        }
        .into_any();
    }
    let of = entry::of::<DisablePerson>();
    let question = td_string!(locale, operator.disable_confirm, name = person.name.as_str()).to_string();
    view! {
        <Section title=td_string!(locale, operator.disable) testid="state">
            {refused}
            <p>{td_string!(locale, operator.disable_hint)}</p>
            <details class="flex flex-col gap-4">
                <summary class="btn self-start">{td_string!(locale, operator.disable_ask)}</summary>
                <ActForm of hidden class="flex flex-col gap-4 pt-4">
                    <p>{question}</p>
                    <button class="btn btn-error self-start">{td_string!(locale, operator.disable_yes)}</button>
                </ActForm>
            </details>
        </Section>
    }
    .into_any()
}

//! `/owner/add-guard`: a new guard, by its bar code and verification code.

use crate::entry::{self, ActForm, Entry};
use crate::error::loaded;
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use crate::ui::parts::Up;
use domain::people::Role;
use islands::addresses::at;
use islands::context;
use islands::functions::guards::AddGuard;
use islands::i18n::td_string;
use islands::ui::textarea;
use leptos::prelude::*;

/// Fields that say what a guard is called and where it is.
const NAME: &str = "guard_name";
const LOCATION: &str = "guard_location";
const COMMENT: &str = "guard_comment";

/// The page.
#[component]
pub fn AddGuardPage() -> impl IntoView {
    let request = context::request();
    loaded(async move { request.require(Role::Owner).map(|_| ()) }, |()| show())
}

fn show() -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<AddGuard>(), entry::entry::<AddGuard>());
    view! {
        <Layout title=td_string!(locale, owner.add_guard)>
            <Up href=at::owner() text=td_string!(locale, owner.home)/>
            <p>{td_string!(locale, owner_guard.add_hint)}</p>
            <ActForm of class="card-plain flex flex-col gap-4" testid="add-guard-form">
                <Field entry=entry.clone() name="guard_id" label=td_string!(locale, owner_guard.id) autocomplete="off" hint=td_string!(locale, owner_guard.id_hint) autofocus=true/>
                <Field entry=entry.clone() name="op_code" label=td_string!(locale, owner_guard.code) autocomplete="off" hint=td_string!(locale, owner_guard.code_hint)/>
                <About entry=entry.clone() name="" location="" comment=""/>
                <button class="btn btn-primary btn-lg" data-testid="add">{td_string!(locale, owner.add_guard)}</button>
            </ActForm>
        </Layout>
    }
    .into_any()
}

/// The fields that say what a guard is called and where it is.
#[component]
pub fn About(
    /// The form they belong to.
    entry: Entry,
    /// What stands in them at first.
    #[prop(into)]
    name: String,
    /// See `name`.
    #[prop(into)]
    location: String,
    /// See `name`.
    #[prop(into)]
    comment: String,
) -> impl IntoView {
    let locale = context::locale();
    let problem = entry.problem(COMMENT);
    let text = textarea::content(entry.value_or(COMMENT, &comment));
    view! {
        <Field entry=entry.clone() name=NAME label=td_string!(locale, owner_guard.name) autocomplete="off" hint=td_string!(locale, owner_guard.name_hint) value=name/>
        <Field entry=entry name=LOCATION label=td_string!(locale, owner_guard.location_optional) autocomplete="off" value=location optional=true/>
        <div class="flex flex-col gap-1">
            <label for=COMMENT class="font-medium">{td_string!(locale, owner_guard.comment_optional)}</label>
            <textarea
                id=COMMENT
                name=COMMENT
                rows="2"
                class="textarea textarea-lg w-full"
                aria-invalid=problem.is_some().then_some("true")
                aria-describedby=problem.is_some().then_some("guardComment-problem")
            >{text}</textarea>
            {problem.map(|text| view! { <p id="guard_comment-problem" class="text-error text-sm" role="alert">{text}</p> })}
        </div>
    }
    .into_any()
}

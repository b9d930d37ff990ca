//! Pieces that pages of more than one role are made of.

use crate::entry::Entry;
use islands::context;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// A labelled choice with its error below it.
#[component]
pub fn Select(
    /// The form it belongs to.
    entry: Entry,
    /// Name in the form and of its problem.
    name: &'static str,
    /// What people read.
    #[prop(into)]
    label: String,
    /// Value and text of each choice.
    options: Vec<(String, String)>,
    /// What is chosen at first.
    #[prop(optional, into)]
    value: String,
) -> impl IntoView {
    let problem = entry.problem(name);
    let chosen = entry.value_or(name, &value);
    let problem_id = format!("{name}-problem");
    let options = choices(options, &chosen);
    view! {
        <div class="flex flex-col gap-1">
            <label for=name class="font-medium">{label}</label>
            <select
                id=name
                name=name
                class=if problem.is_some() { "select select-lg w-full select-error" } else { "select select-lg w-full" }
                aria-invalid=problem.is_some().then_some("true")
                aria-describedby=problem.is_some().then(|| problem_id.clone())
            >
                {options}
            </select>
            {problem.map(|text| view! { <p id=problem_id class="text-error text-sm" role="alert">{text}</p> })}
        </div>
    }
    .into_any()
}

/// Choices by value and text, this value chosen.
fn choices(options: Vec<(String, String)>, chosen: &str) -> Vec<AnyView> {
    options
        .into_iter()
        .map(|(value, text)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{text}</option> }.into_any()
        })
        .collect()
}

/// One filter of a list: a small labelled choice that keeps what the address says.
#[component]
pub fn Filter(
    /// The query parameter.
    name: &'static str,
    /// What people read.
    #[prop(into)]
    label: String,
    /// Value and text of each choice.
    options: Vec<(String, String)>,
) -> impl IntoView {
    let chosen = context::request().query(name).to_owned();
    let options = choices(options, &chosen);
    view! {
        <select name=name class="select filter" aria-label=label>{options}</select>
    }
    .into_any()
}

/// The way back to the list or page above.
#[component]
pub fn Up(
    /// Where.
    #[prop(into)]
    href: String,
    /// What is there.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! {
        <a href=href class="no-print link link-hover -mt-3 flex min-h-12 items-center gap-1 self-start">
            <Icon name="arrow-left" class="size-5 shrink-0"/> {text}
        </a>
    }
}

/// One line of what is known about a thing; inside a `dl` of class `facts`.
#[component]
pub fn Fact(
    /// What it is.
    #[prop(into)]
    label: String,
    /// Its value.
    children: Children,
) -> impl IntoView {
    view! { <div><dt>{label}</dt><dd>{children()}</dd></div> }
}

/// A part of a page under its own heading.
#[component]
pub fn Section(
    /// The heading.
    #[prop(into)]
    title: String,
    /// Names it in tests.
    #[prop(optional)]
    testid: &'static str,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="card-plain flex flex-col gap-4" data-testid=testid>
            <h2 class="text-lg font-semibold">{title}</h2>
            {children()}
        </section>
    }
    .into_any()
}

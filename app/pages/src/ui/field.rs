//! A labelled input with its error below it.

use crate::entry::Entry;
use domain::ids::Phone;
use leptos::prelude::*;

/// One line of a form: label, input, what is wrong with it.
#[component]
pub fn Field(
    /// The form it belongs to.
    entry: Entry,
    /// Name in the form and of its problem.
    name: &'static str,
    /// What people read.
    #[prop(into)]
    label: String,
    /// `type` of the input.
    #[prop(default = "text")]
    kind: &'static str,
    /// Which keyboard a phone shows.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// What the browser may fill in.
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// A line of help under the label.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: String,
    /// May it stay empty?
    #[prop(optional)]
    optional: bool,
    /// Does typing start here? Once something was refused, it starts where that is.
    #[prop(optional)]
    autofocus: bool,
    /// What is wrong with it, where the page says more than the general words.
    #[prop(optional_no_strip)]
    explained: Option<String>,
) -> impl IntoView {
    let shown = entry.value_or(name, &value);
    let shown = match Phone::parse(&shown) {
        // As it was understood, so that a slip of the fingers is seen.
        Some(phone) if kind == "tel" => phone.to_string(),
        _ => shown,
    };
    let problem = entry.problem(name).map(|general| explained.unwrap_or(general));
    let invalid = problem.is_some();
    let autofocus = entry.is_first_wrong(name) || (autofocus && !entry.is_refused());
    let (hint_id, problem_id) = (format!("{name}-hint"), format!("{name}-problem"));
    let described = match (hint.is_some(), invalid) {
        (true, true) => Some(format!("{hint_id} {problem_id}")),
        (true, false) => Some(hint_id.clone()),
        (false, true) => Some(problem_id.clone()),
        (false, false) => None,
    };
    view! {
        <div class="flex flex-col gap-1">
            <label for=name class="font-medium">{label}</label>
            {hint.map(|hint| view! { <p id=hint_id class="text-sm opacity-75">{hint}</p> })}
            <input
                id=name
                name=name
                type=kind
                inputmode=inputmode
                autocomplete=autocomplete
                value=shown
                required=!optional
                autofocus=autofocus
                aria-invalid=invalid.then_some("true")
                aria-describedby=described
                class=if invalid { "input input-lg w-full input-error" } else { "input input-lg w-full" }
            />
            {problem.map(|text| view! { <p id=problem_id class="text-error text-sm" role="alert">{text}</p> })}
        </div>
    }
    .into_any()
}

//! Forms that call server functions: what one shows at first, and after a refusal.

use islands::act::{self, Answered, Outcome, Shown};
use islands::context;
use islands::fields::{DO, ONCE};
use islands::refused::Refused;
use islands::ui::card::RefusedCard;
use islands::ui::wasm::page_acts;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

/// A server function, as forms name it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Function(&'static str);

impl Function {
    /// Its own address, for a form that stands on every page and therefore posts there.
    pub fn address(self) -> &'static str {
        self.0
    }
}

/// The function with these arguments: `of::<AddGuard>()`.
pub fn of<F: ServerFn>() -> Function {
    Function(F::PATH)
}

/// A form that is sent with a file, named by its page's address: see `upload.rs`.
pub(crate) fn of_file(page: &'static str) -> Function {
    Function(page)
}

/// What the form of this function shows on the page being rendered.
pub fn entry<F: ServerFn>() -> Entry {
    let answered = context::answered().filter(|answered| {
        let is_refused = matches!(answered.outcome, Outcome::Refused { .. });
        is_refused && answered.function == F::PATH
    });
    Entry { answered }
}

/// What this function just made, where the page being rendered answers a form that called it. It is shown this once.
pub fn done<F>() -> Option<F::Output>
where
    F: ServerFn,
    F::Output: DeserializeOwned,
{
    made(of::<F>())
}

/// The same for what a form made that calls no function.
pub(crate) fn made<T: DeserializeOwned>(by: Function) -> Option<T> {
    let answered = context::answered()?;
    match &answered.outcome {
        Outcome::Done(output) if answered.function == by.0 => serde_json::from_slice(output).ok(),
        _ => None,
    }
}

/// What one form of a page shows: empty at first, after a refusal what was typed and what was wrong. Cheap to clone, for each field.
#[derive(Clone, Default)]
pub struct Entry {
    /// The answer with the refusal.
    answered: Option<Arc<Answered>>,
}

impl Entry {
    fn refused(&self) -> Option<&Refused> {
        match &self.answered.as_deref()?.outcome {
            Outcome::Refused { refused, .. } => Some(refused),
            Outcome::Done(_) => None,
        }
    }

    /// What was typed into a field; empty at first and for passwords.
    pub fn value(&self, name: &str) -> String {
        let Some(Outcome::Refused { typed, .. }) = self.answered.as_deref().map(|answered| &answered.outcome) else {
            return String::new();
        };
        let typed = typed.iter().rfind(|(own, _)| own == name);
        typed.map(|(_, text)| text.clone()).unwrap_or_default()
    }

    /// What was typed into a field, or at first this.
    pub fn value_or(&self, name: &str, at_first: &str) -> String {
        if self.is_refused() {
            self.value(name)
        } else {
            at_first.to_owned()
        }
    }

    /// Was it refused?
    pub fn is_refused(&self) -> bool {
        self.answered.is_some()
    }

    /// What is wrong with a field, in the reader's language. The field asked about shows it.
    pub fn problem(&self, name: &str) -> Option<String> {
        let problem = self.refused()?.problem(name)?;
        lock(&self.answered.as_deref()?.shown).insert(name.to_owned());
        Some(problem.to_owned())
    }

    /// Are these the words of what is wrong with a field? To show something else of it; the field still shows them.
    pub fn says(&self, name: &str, words: &str) -> bool {
        let problem = self.refused().and_then(|refused| refused.problem(name));
        problem == Some(words)
    }

    /// Is this field the first that is wrong?
    pub fn is_first_wrong(&self, name: &str) -> bool {
        let first = self.refused().and_then(|refused| refused.fields.first());
        first.is_some_and(|first| first.field == name)
    }
}

fn lock(shown: &Shown) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The refusal that the page being rendered must show and that none of its fields has shown so far. The caller that takes it shows it.
pub(crate) fn unshown(answered: &Answered) -> Option<Refused> {
    let Outcome::Refused { refused, .. } = &answered.outcome else {
        return None;
    };
    let mut shown = lock(&answered.shown);
    let all_shown = !refused.fields.is_empty() && refused.fields.iter().all(|wrong| shown.contains(&wrong.field));
    // The refusal as a whole is shown once, under the name of no field.
    (!all_shown && shown.insert(String::new())).then(|| refused.clone())
}

/// A form that calls a server function: without JavaScript it posts to its page's own address.
///
/// The contract with the script in the browser: the hidden field `do` is the address to call, `once` the one-use key; each input has the
/// name of an argument, and `NAME-problem` is the id of the element with what is wrong with it.
#[component]
pub fn ActForm(
    /// What it calls.
    of: Function,
    /// Arguments that nobody types.
    #[prop(optional)]
    hidden: Vec<(&'static str, String)>,
    /// Its look.
    #[prop(optional, into)]
    class: String,
    /// Names it in tests.
    #[prop(optional)]
    testid: Option<&'static str>,
    /// Never sent by a script: for forms that lead into or out of a session.
    #[prop(optional)]
    plain: bool,
    /// Its fields and buttons.
    children: Children,
) -> impl IntoView {
    if !plain {
        page_acts();
    }
    // First, so that the fields have shown what concerns them.
    let content = children();
    let answered = context::answered();
    let refused = answered.filter(|answered| is_of(answered, of, &hidden));
    let refused = refused.and_then(|answered| unshown(&answered));
    view! {
        <form method="post" class=class data-testid=testid data-act=(!plain).then_some("")>
            {self::hidden(of, hidden)}
            {refused.map(|refused| view! { <RefusedCard refused/> })}
            {content}
        </form>
    }
    .into_any()
}

/// The hidden fields of a form that calls a function: for a form that is not an [`ActForm`].
pub fn hidden(of: Function, arguments: Vec<(&'static str, String)>) -> AnyView {
    let arguments: Vec<_> = arguments
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect();
    let key = act::fresh_key();
    view! {
        <input type="hidden" name=DO value=of.0/>
        <input type="hidden" name=ONCE value=key/>
        {arguments}
    }
    .into_any()
}

/// The refusal of this function that none of its fields has shown so far, for a form that is not an [`ActForm`]. The caller shows it.
pub fn on_top(of: Function) -> Option<Refused> {
    let answered = context::answered()?;
    is_of(&answered, of, &[]).then(|| unshown(&answered))?
}

/// Did this form get the answer? Of several forms of one function, the one with the same hidden fields did.
fn is_of(answered: &Answered, of: Function, hidden: &[(&'static str, String)]) -> bool {
    let Outcome::Refused { typed, .. } = &answered.outcome else {
        return false;
    };
    let has = |(name, value): &(&'static str, String)| typed.iter().any(|(own, text)| own == name && text == value);
    answered.function == of.0 && hidden.iter().all(has)
}

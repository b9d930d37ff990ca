//! `/owner/guards/{guard_id}/new-password`: a password for somebody, with one tap for the usual spans. The answer shows it.

use super::span::{self, SpanFields};
use super::{password, standing};
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use crate::ui::parts::Up;
use domain::guard::guards::GuardInfo;
use domain::guard::span::Span;
use islands::addresses::{at, named};
use islands::context;
use islands::functions::guards;
use islands::functions::passwords::AddPassword;
use islands::i18n::td_string;
use islands::span::{FROM, UNTIL};
use leptos::prelude::*;

const SPAN: &str = "span";
const DIGITS: &str = "digits";

/// The page.
#[component]
pub fn NewPasswordPage() -> impl IntoView {
    let named = named::owner_new_password();
    let made = entry::done::<AddPassword>();
    loaded(
        async move {
            let (guard_id,) = named?;
            let guard = guards::own(&guard_id).await?;
            let made = match made {
                Some(made) => Some((standing::password(&guard, &made.service_numb).await?, made)),
                None => None,
            };
            Ok((guard, made))
        },
        |(guard, made)| match made {
            Some((standing, made)) => password::show(guard, made.service_numb, standing, Some(made.digits)),
            None => show(guard),
        },
    )
}

fn show(guard: GuardInfo) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<AddPassword>(), entry::entry::<AddPassword>());
    let hidden = vec![("guard_id", guard.id.to_string())];
    let own = Span::Own.as_str();
    let presets: Vec<_> = Span::USUAL
        .into_iter()
        .map(|span| {
            view! {
                <button name=SPAN value=span.as_str() class="btn btn-primary btn-lg btn-tall px-2" data-testid=format!("preset-{}", span.as_str())>{span::word(locale, span)}</button>
            }
        })
        .collect();
    let own_span = entry.problem(FROM).is_some() || entry.problem(UNTIL).is_some();
    let own_digits = !entry.value(DIGITS).is_empty();
    view! {
        <Layout title=td_string!(locale, owner_grant.new_password)>
            <Up href=at::owner_guard(&guard.id) text=guard.name.to_string()/>
            <ActForm of hidden class="flex flex-col gap-4" testid="new-password-form">
                // A person who presses Enter in a field means what is in the fields.
                <button name=SPAN value=own class="sr-only" tabindex="-1" aria-hidden="true"></button>
                <Field entry=entry.clone() name="for_whom" label=td_string!(locale, owner_grant.for_whom) autocomplete="off" hint=td_string!(locale, owner_grant.for_whom_hint) optional=true/>
                <p>{td_string!(locale, owner_grant.how_long)}</p>
                <div class="grid grid-cols-2 gap-4">{presets}</div>
                <details class="fold" open=own_span>
                    <summary class="min-h-12 cursor-pointer content-center font-medium" data-testid="own-span">{td_string!(locale, owner_grant.own_span)}</summary>
                    <div class="flex flex-col gap-4 pt-2">
                        <SpanFields entry=entry.clone() days=1 optional=true/>
                        <button name=SPAN value=own class="btn btn-primary btn-lg" data-testid="make-own">{td_string!(locale, owner_grant.make_password)}</button>
                    </div>
                </details>
                <details class="fold" open=own_digits>
                    <summary class="min-h-12 cursor-pointer content-center font-medium" data-testid="own-digits">{td_string!(locale, owner_grant.own_digits)}</summary>
                    <div class="pt-2">
                        <Field entry=entry.clone() name=DIGITS label=td_string!(locale, owner_grant.digits) inputmode="numeric" autocomplete="off" hint=td_string!(locale, owner_grant.digits_hint) optional=true/>
                    </div>
                </details>
            </ActForm>
        </Layout>
    }
    .into_any()
}

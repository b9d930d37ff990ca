//! `/owner/guards/{guard_id}/passwords/{service_numb}`: one password, and whether the guard has it. Its digits are in the answer to the form that
//! made it or asks for them, and on no page.

use super::parts::{self, LivePage};
use super::span;
use super::standing::{self, Delivered, Standing, TimeLeft, What};
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::ui::empty::Empty;
use crate::ui::parts::Up;
use domain::guard::guards::GuardInfo;
use domain::guard::ids::{DoorPassword, ServiceNumb};
use islands::addresses::{at, named};
use islands::context;
use islands::functions::guards;
use islands::functions::passwords::{CancelPassword, RevealPassword};
use islands::i18n::td_string;
use islands::links;
use islands::ui::hand_over::{CopyButton, ShareButton};
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// The id of what is copied and shared.
const SENTENCE: &str = "sentence";

/// The page.
#[component]
pub fn PasswordPage() -> impl IntoView {
    let named = named::owner_password();
    loaded(
        async move {
            let (guard_id, number) = named?;
            let guard = guards::own(&guard_id).await?;
            let standing = standing::password(&guard, &number).await?;
            Ok((guard, number, standing))
        },
        |(guard, number, standing)| show(guard, number, standing, entry::done::<RevealPassword>()),
    )
}

/// A password, with its digits where they are to be shown.
pub(super) fn show(
    guard: GuardInfo,
    number: ServiceNumb,
    standing: Option<Standing>,
    digits: Option<DoorPassword>,
) -> AnyView {
    let locale = context::locale();
    let back = at::owner_guard(&guard.id);
    let content = match standing {
        Some(Standing {
            what: What::Password { for_whom },
            from,
            until,
            delivered,
            ..
        }) => {
            let range = span::in_words(locale, from, until);
            let for_whom = for_whom.map(|name| {
                let text = td_string!(locale, owner_grant.is_for, name = name.as_str()).to_string();
                view! { <p class="text-lg font-semibold break-all" data-testid="for-whom">{text}</p> }
            });
            let digits = match digits {
                Some(digits) => handed(&guard, &digits, &range),
                None => ask(&guard, &number),
            };
            view! {
                <section class="card-plain border-primary flex flex-col items-center gap-4 border-2 pt-6">
                    {for_whom}
                    {digits}
                </section>
                // It may be part of another page's answer: then it is renewed from here.
                <div data-address=at::owner_password(&guard.id, &number)>
                    <section id="state" data-live="" class="card-plain flex flex-col gap-2">
                        <TimeLeft from until/>
                        <Delivered delivered/>
                    </section>
                </div>
                {cancel(&guard, &number)}
            }
            .into_any()
        }
        Some(standing) if matches!(standing.what, What::Unreadable(_)) => view! {
            <p role="alert" class="alert alert-warning" data-testid="unreadable"><Icon name="warning"/> {standing::unreadable(&standing)}</p>
            {cancel(&guard, &number)}
        }
        .into_any(),
        _ => view! {
            <div id="state" data-live="">
                <Empty text=td_string!(locale, owner_grant.password_over) icon="key">
                    <a href=at::owner_new_password(&guard.id) class="btn btn-primary btn-lg"><Icon name="key"/> {td_string!(locale, owner_grant.new_password)}</a>
                </Empty>
            </div>
        }
        .into_any(),
    };
    view! {
        <LivePage title=td_string!(locale, owner_grant.password)>
            <Up href=back text=guard.name.to_string()/>
            {content}
        </LivePage>
    }
    .into_any()
}

fn handed(guard: &GuardInfo, digits: &DoorPassword, range: &str) -> AnyView {
    context::keep_nowhere();
    view! {
        <p class="font-mono text-5xl font-bold tracking-widest break-all select-all sm:text-6xl" data-testid="digits">{digits.as_str().to_owned()}</p>
        {hand_over(guard, digits, range)}
    }
    .into_any()
}

/// A way to see the digits again.
fn ask(guard: &GuardInfo, number: &ServiceNumb) -> AnyView {
    let locale = context::locale();
    let of = entry::of::<RevealPassword>();
    let hidden = vec![("guard_id", guard.id.to_string()), ("service_numb", number.to_string())];
    view! {
        <p class="font-mono text-5xl font-bold tracking-widest sm:text-6xl" aria-hidden="true">"••••••"</p>
        <ActForm of hidden>
            <button class="btn btn-primary btn-lg whitespace-nowrap" data-testid="reveal-password"><Icon name="eye"/> {td_string!(locale, owner_grant.reveal_password)}</button>
        </ActForm>
    }
    .into_any()
}

/// Ways to hand it to the person who is to use it. Without a script there is the text message, and the digits can be selected.
fn hand_over(guard: &GuardInfo, password: &DoorPassword, range: &str) -> AnyView {
    let locale = context::locale();
    let place = match guard.location.as_str() {
        "" => guard.name.to_string(),
        location => format!("{} ({location})", guard.name),
    };
    let digits = password.as_str();
    let text = td_string!(
        locale,
        owner_grant.share_text,
        place = place.as_str(),
        digits = digits,
        range = range
    )
    .to_string();
    let sms = format!("sms:?&body={}", links::encoded(&text));
    view! {
        // Islands take what they copy from the page: what they are given stands in it a second time.
        <p id=SENTENCE class="text-center select-all" data-testid="sentence">{text}</p>
        <div class="flex flex-wrap gap-2 self-stretch">
            <CopyButton of=SENTENCE.to_owned() copied=td_string!(locale, owner_grant.copied).to_owned()>
                <Icon name="copy"/> {td_string!(locale, owner_grant.copy)}
            </CopyButton>
            <ShareButton of=SENTENCE.to_owned()>
                <Icon name="share"/> {td_string!(locale, owner_grant.share)}
            </ShareButton>
            <a href=sms class="btn btn-outline btn-lg flex-1 whitespace-nowrap" data-testid="sms"><Icon name="message"/> {td_string!(locale, owner_grant.sms)}</a>
        </div>
    }
    .into_any()
}

fn cancel(guard: &GuardInfo, number: &ServiceNumb) -> AnyView {
    let hidden = vec![("guard_id", guard.id.to_string()), ("service_numb", number.to_string())];
    let asked = td_string!(context::locale(), owner_grant.cancel_password);
    parts::cancel(entry::of::<CancelPassword>(), hidden, asked)
}

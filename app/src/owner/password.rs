//! `/owner/guards/{guard_id}/passwords/{service_numb}`: one password, to be handed over, and whether the guard has it.

use super::parts::LivePage;
use super::span;
use super::standing::{self, Delivered, Kind, Standing, TimeLeft, What};
use crate::context;
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::functions::guards;
use crate::functions::passwords::{self, CancelPassword};
use crate::i18n::td_string;
use crate::links;
use crate::pages::{at, named};
use crate::ui::empty::Empty;
use crate::ui::hand_over::{CopyButton, ShareButton};
use crate::ui::icon::Icon;
use crate::ui::parts::Up;
use domain::guard::guards::GuardInfo;
use domain::guard::ids::{DoorPassword, ServiceNumb};
use leptos::prelude::*;

/// Ids of what is copied and shared.
const DIGITS: &str = "digits";
const SENTENCE: &str = "sentence";

/// The page.
#[component]
pub fn PasswordPage() -> impl IntoView {
    let named = named::owner_password();
    loaded(
        async move {
            let (guard_id, number) = named?;
            let guard = guards::own(&guard_id).await?;
            let listed = passwords::list(&guard).await?;
            let found = listed.passwords.into_iter().find(|one| one.service_numb == number);
            let damaged = listed.unreadable.into_iter().find(|row| row.service_numb == number);
            let standing = found.map(|one| Standing::from((one, guard.acked)));
            let standing = standing.or(damaged.map(|row| Standing::from((row, Kind::Password))));
            Ok((guard, number, standing))
        },
        show,
    )
}

fn show((guard, number, standing): (GuardInfo, ServiceNumb, Option<Standing>)) -> AnyView {
    let locale = context::locale();
    let back = at::owner_guard(&guard.id);
    let content = match standing {
        Some(Standing {
            what: What::Password(Some(password)),
            from,
            until,
            delivered,
            ..
        }) => {
            let range = span::in_words(locale, from, until);
            view! {
                <section class="card-plain border-primary flex flex-col items-center gap-4 border-2 pt-6" data-testid="password-made">
                    <p class="font-mono text-5xl font-bold tracking-widest break-all select-all sm:text-6xl" id=DIGITS data-testid="digits">{password.as_str().to_owned()}</p>
                    {hand_over(&guard, &password, &range)}
                </section>
                <section id="state" data-live="" class="card-plain flex flex-col gap-2">
                    <TimeLeft from until/>
                    <Delivered delivered/>
                </section>
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
        <span id=SENTENCE hidden=true>{text}</span>
        <div class="flex flex-wrap gap-2 self-stretch">
            <CopyButton of=DIGITS.to_owned() copied=td_string!(locale, owner_grant.copied).to_owned()>
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
    let locale = context::locale();
    let of = entry::of::<CancelPassword>();
    let hidden = vec![("guard_id", guard.id.to_string()), ("service_numb", number.to_string())];
    view! {
        <details class="fold">
            <summary class="min-h-12 cursor-pointer content-center font-medium" data-testid="cancel-ask">{td_string!(locale, owner_grant.cancel_password)}</summary>
            <ActForm of hidden class="flex flex-col gap-3 pt-2">
                <p>{td_string!(locale, owner_grant.cancel_hint)}</p>
                <button class="btn btn-error btn-lg self-start" data-testid="cancel-yes">{td_string!(locale, owner_grant.cancel_yes)}</button>
            </ActForm>
        </details>
    }
    .into_any()
}

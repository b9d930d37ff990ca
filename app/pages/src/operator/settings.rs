//! `/operator/settings`: what the whole deployment is called, and what kiosks and pages show of it; `/operator/settings/logo`: its picture.

use super::parts::{Section, Select, Up};
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use crate::upload::{self, FILE};
use axum::extract::Multipart;
use axum::extract::multipart::MultipartRejection;
use axum::response::{IntoResponse, Response};
use domain::error::{Problem, Refusal};
use domain::people::Role;
use domain::site::{LOGO_BYTES_MAX, Setting, SettingChange, Site};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use islands::act::Page;
use islands::addresses::at;
use islands::context::{self, RequestContext};
use islands::date::Time;
use islands::functions::site::{self, RemoveLogo, SaveSite};
use islands::i18n::{self, LANGUAGES, Locale, td_string};
use islands::links;
use islands::notice::with_notice;
use islands::refused::Refused;
use islands::ui::card::RefusedCard;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// Names the form of the picture.
const LOGO_FORM: &str = "logo";

/// The page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    loaded(site::changes(), show)
}

fn show(changes: Vec<SettingChange>) -> AnyView {
    let request = context::request();
    let locale = request.locale;
    let site = request.settings.clone();
    view! {
        <Layout title=td_string!(locale, operator_settings.settings) wide=true>
            <div class="two">
                <div>{form(locale, Site::clone(&site))}</div>
                <div>
                    {picture(locale, &site)}
                    {history(locale, changes)}
                </div>
            </div>
        </Layout>
    }
    .into_any()
}

fn form(locale: Locale, site: Site) -> AnyView {
    let (of, entry) = (entry::of::<SaveSite>(), entry::entry::<SaveSite>());
    let languages = LANGUAGES
        .iter()
        .map(|(_, code, name)| ((*code).to_owned(), (*name).to_owned()));
    let none = (
        String::new(),
        td_string!(locale, operator_settings.language_none).to_owned(),
    );
    let languages: Vec<_> = std::iter::once(none).chain(languages).collect();
    let was = [
        ("was.name", site.name.clone()),
        ("was.contact", site.contact.clone()),
        ("was.language", site.language.clone()),
        ("was.overdue_days", site.overdue_days.to_string()),
    ]
    .map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    // Posted without a script: after somebody else changed a setting, the page shows how they are now, and what was typed.
    view! {
        <Section title=td_string!(locale, operator_settings.shown) testid="settings">
            <ActForm of plain=true class="flex flex-col gap-4">
                {was}
                <Field entry=entry.clone() name="name" label=td_string!(locale, operator_settings.name) hint=td_string!(locale, operator_settings.name_hint)
                    value=site.name autocomplete="off" optional=true/>
                <Field entry=entry.clone() name="contact" label=td_string!(locale, operator_settings.contact) hint=td_string!(locale, operator_settings.contact_hint)
                    value=site.contact autocomplete="off" optional=true/>
                <Select entry=entry.clone() name="language" label=td_string!(locale, operator_settings.language) options=languages value=site.language/>
                <Field entry=entry.clone() name="overdue_days" label=td_string!(locale, operator_settings.overdue) hint=td_string!(locale, operator_settings.overdue_hint)
                    inputmode="numeric" value=site.overdue_days.to_string() autocomplete="off"/>
                <button class="btn btn-primary self-start" data-testid="save-settings">{td_string!(locale, operator_settings.save)}</button>
            </ActForm>
        </Section>
    }
    .into_any()
}

fn picture(locale: Locale, site: &Site) -> AnyView {
    let of = entry::of::<RemoveLogo>();
    let shown = (!site.logo.is_empty()).then(|| {
        view! {
            <img src=site.logo.clone() alt=td_string!(locale, operator_settings.logo) class="logo-shown" data-testid="logo"/>
            <ActForm of><button class="btn" data-testid="remove-logo">{td_string!(locale, operator_settings.logo_remove)}</button></ActForm>
        }
    });
    view! {
        <Section title=td_string!(locale, operator_settings.logo) testid="logo-section">
            {shown}
            {upload_form(locale, false)}
        </Section>
    }
    .into_any()
}

/// A plain form: a file cannot be kept in it, so a refusal has a page of its own.
fn upload_form(locale: Locale, main: bool) -> AnyView {
    view! {
        <form method="post" action=at::operator_logo() enctype="multipart/form-data" class="flex flex-col gap-4" data-testid="logo-form">
            <label for=FILE class="font-medium">{td_string!(locale, operator_settings.logo_file)}</label>
            <p id="file-hint" class="-mt-2 text-sm opacity-75">{logo_hint(locale)}</p>
            <input id=FILE name=FILE type="file" accept="image/png,image/jpeg,image/webp" required=true aria-describedby="file-hint" class="drop-file"/>
            <button class=if main { "btn btn-primary self-start" } else { "btn self-start" }><Icon name="upload"/> {td_string!(locale, operator_settings.logo_send)}</button>
        </form>
    }
    .into_any()
}

fn logo_hint(locale: Locale) -> String {
    td_string!(locale, operator_settings.logo_hint, size = LOGO_BYTES_MAX / 1024).to_string()
}

fn history(locale: Locale, changes: Vec<SettingChange>) -> AnyView {
    let none = changes.is_empty();
    let rows: Vec<_> = changes
        .into_iter()
        .map(|change| {
            let (before, after) = (
                worded(locale, change.setting, &change.before),
                worded(locale, change.setting, &change.after),
            );
            let who = change.who.unwrap_or_else(|| td_string!(locale, operator_settings.command_line).to_owned());
            view! {
                <li data-testid="setting-change">
                    <p class="font-medium">{setting_word(locale, change.setting)}</p>
                    <p class="break-words">{td_string!(locale, operator_settings.changed, before = before, after = after).to_string()}</p>
                    <p class="text-sm opacity-75"><Time at=change.at full=true/> " · " {who}</p>
                </li>
            }
        })
        .collect();
    view! {
        <Section title=td_string!(locale, operator_settings.changes) testid="setting-changes">
            {none.then(|| view! { <p>{td_string!(locale, operator_settings.no_changes)}</p> })}
            <ul class="timeline-plain">{rows}</ul>
        </Section>
    }
    .into_any()
}

fn setting_word(locale: Locale, setting: Setting) -> &'static str {
    match setting {
        Setting::Name => td_string!(locale, operator_settings.name),
        Setting::Contact => td_string!(locale, operator_settings.contact),
        Setting::Language => td_string!(locale, operator_settings.language),
        Setting::OverdueDays => td_string!(locale, operator_settings.overdue),
        Setting::Logo => td_string!(locale, operator_settings.logo),
    }
}

/// A value as people read it.
fn worded(locale: Locale, setting: Setting, value: &str) -> String {
    match setting {
        _ if value.is_empty() => td_string!(locale, operator_settings.nothing).to_owned(),
        Setting::Language => i18n::name_of(value).unwrap_or(value).to_owned(),
        // The address only says which picture it was.
        Setting::Logo => value.trim_start_matches("/logo/").to_owned(),
        Setting::Name | Setting::Contact | Setting::OverdueDays => value.to_owned(),
    }
}

/// The page of the picture alone: where a refused file leads.
#[component]
pub fn LogoPage() -> impl IntoView {
    let request = context::request();
    loaded(async move { request.require(Role::Operator).map(|_| ()) }, |()| {
        let locale = context::locale();
        let refused = entry::on_top(entry::of_file(LOGO_FORM)).map(|refused| view! { <RefusedCard refused/> });
        view! {
            <Layout title=td_string!(locale, operator_settings.logo)>
                <Up href=at::operator_settings() text=td_string!(locale, operator_settings.settings)/>
                {refused}
                {upload_form(locale, true)}
            </Layout>
        }
    })
}

/// `POST /operator/settings/logo`
pub async fn set_logo(
    context: RequestContext,
    page: Page,
    multipart: Result<Multipart, MultipartRejection>,
) -> Response {
    match take_logo(&context, multipart).await {
        Ok(()) => links::see_other(&with_notice(&at::operator_settings(), "saved")),
        Err(refusal) => page.refuse(LOGO_FORM, not_taken(context.locale, &refusal)).await,
    }
}

async fn take_logo(context: &RequestContext, multipart: Result<Multipart, MultipartRejection>) -> Result<(), Refusal> {
    context.require(Role::Operator)?;
    let file = upload::file(multipart, LOGO_BYTES_MAX).await?;
    site::set_logo(context, &file.content).await
}

/// Why a file is not taken as the picture.
fn not_taken(locale: Locale, refusal: &Refusal) -> Refused {
    let refused = Refused::of(locale, refusal);
    let words = match refusal {
        Refusal::TooLarge { .. } => {
            td_string!(locale, operator_settings.logo_too_large, size = LOGO_BYTES_MAX / 1024).to_string()
        }
        Refusal::Field {
            problem: Problem::Form, ..
        } => td_string!(locale, operator_settings.logo_no_picture).to_owned(),
        Refusal::Field {
            problem: Problem::Required,
            ..
        }
        | Refusal::Malformed { .. } => td_string!(locale, operator_settings.logo_missing).to_owned(),
        _ => return refused,
    };
    refused.in_words(&words)
}

/// `GET /logo/…`: the picture. What is at an address never changes. Browsers are told what it is and take it for nothing else.
pub async fn logo(context: RequestContext) -> Response {
    match site::logo(&context, &context.path).await {
        Ok((picture, bytes)) => {
            let headers = [
                (CONTENT_TYPE, picture.content_type()),
                (CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, bytes).into_response()
        }
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(CACHE_CONTROL, "no-store")]).into_response()
        }
    }
}

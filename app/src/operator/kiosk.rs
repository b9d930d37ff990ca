//! `/operator/kiosks/{yid}`: one kiosk.

use super::kiosk_new::whole_number;
use super::kiosks::{badges, heard_text};
use super::parts::{Fact, Section, ShownOnce, Up, part_of_address, yid_of};
use crate::context::{self, RequestContext};
use crate::error::{RefusalCard, loaded};
use crate::form::{Entry, Fields, Form, OnceKey, done};
use crate::i18n::{Locale, td_string};
use crate::links::with_query;
use crate::ui::cabinet::{Cabinet, Door};
use crate::ui::date::{Time, number};
use crate::ui::field::Field;
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use crate::ui::notice::with_notice;
use axum::extract::Path;
use axum::response::Response;
use backend::locker::kiosks::{self, EnrolmentCode, Settings};
use domain::error::{Problem, Refusal};
use domain::locker::compartments::Compartment;
use domain::locker::kiosks::Kiosk;
use domain::people::Role;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

const CODE: &str = "code";
const EDIT: &str = "edit";
const OVERDUE: &str = "overdue";
const PIN: &str = "pin";
const DAY_MS: i64 = 24 * 3_600_000;
/// A clock that is off by less needs no attention.
const CLOCK_TOLERANCE_MS: i64 = 60_000;

/// The page.
#[component]
pub fn KioskPage() -> impl IntoView {
    let request = context::request();
    let yid = part_of_address("yid");
    loaded(
        async move {
            let who = request.require(Role::Operator)?;
            let yid = yid_of(&yid)?;
            let (kiosk, doors) = kiosks::get(&request.backend, who, yid).await?;
            let settings = kiosks::settings(&request.backend, who, yid).await?;
            Ok::<_, Refusal>((kiosk, doors, settings))
        },
        |(kiosk, doors, settings)| show(kiosk, doors, settings),
    )
}

fn show(kiosk: Kiosk, compartments: Vec<Compartment>, settings: Settings) -> AnyView {
    let locale = context::locale();
    let title = format!("{} · {}", kiosk.yid, kiosk.name);
    view! {
        <Layout title=title wide=true>
            <Up href="/operator/kiosks" text=td_string!(locale, common.kiosks)/>
            {kiosk.legacy.then(|| view! {
                <div role="note" class="alert alert-warning items-start" data-testid="weak">
                    <Icon name="warning"/>
                    <p>{td_string!(locale, operator.weak_explained)}</p>
                </div>
            })}
            <div class="grid items-start gap-5 lg:grid-cols-2">
                <div class="flex flex-col gap-5">
                    {facts(&kiosk, settings)}
                    {enrolment(&kiosk, settings)}
                </div>
                <div class="flex flex-col gap-5">
                    {pin_form(settings)}
                    {overdue_form(settings)}
                    {edit_form(&kiosk)}
                </div>
            </div>
            {cabinet(&kiosk, &compartments, settings)}
        </Layout>
    }
    .into_any()
}

fn facts(kiosk: &Kiosk, settings: Settings) -> AnyView {
    let locale = context::locale();
    let enrolled = match kiosk.enrolled_at {
        Some(at) => view! { <Time at=at full=true/> }.into_any(),
        None => td_string!(locale, operator.never).into_any(),
    };
    let pin = if settings.has_pin {
        td_string!(locale, operator.pin_is_set)
    } else {
        td_string!(locale, operator.pin_is_missing)
    };
    let log = format!("/operator/kiosks/{}/log", kiosk.yid);
    let (state, address, heard) = (badges(kiosk), kiosk.address.clone(), heard_text(kiosk));
    let clock = clock_text(locale, kiosk.clock_offset_ms);
    let orders = with_query("/operator/orders", &[("yid", &kiosk.yid.to_string())]);
    view! {
        <section class="card-plain flex flex-col gap-4" data-testid="facts">
            <dl class="facts">
                <Fact label=td_string!(locale, operator.state)>{state}</Fact>
                <Fact label=td_string!(locale, operator.kiosk_address)>{address}</Fact>
                <Fact label=td_string!(locale, operator.enrolled)>{enrolled}</Fact>
                <Fact label=td_string!(locale, operator.last_heard)>{heard}</Fact>
                <Fact label=td_string!(locale, operator.clock)>{clock}</Fact>
                <Fact label=td_string!(locale, operator.pin)>{pin}</Fact>
            </dl>
            <div class="flex flex-wrap gap-2">
                <a href=log class="btn" data-testid="to-log"><Icon name="list" class="size-5 shrink-0"/> {td_string!(locale, operator.log)}</a>
                <a href=orders class="btn"><Icon name="box" class="size-5 shrink-0"/> {td_string!(locale, operator.orders_here)}</a>
            </div>
        </section>
    }
    .into_any()
}

/// How far a kiosk's clock is off, in words.
pub(super) fn clock_text(locale: Locale, offset_ms: i64) -> String {
    let away = offset_ms.unsigned_abs();
    if away < CLOCK_TOLERANCE_MS.unsigned_abs() {
        return td_string!(locale, operator.clock_right).to_string();
    }
    let minutes = number(i64::try_from(away / 60_000).unwrap_or(i64::MAX));
    if offset_ms > 0 {
        td_string!(locale, operator.clock_ahead, minutes = minutes).to_string()
    } else {
        td_string!(locale, operator.clock_behind, minutes = minutes).to_string()
    }
}

fn enrolment(kiosk: &Kiosk, settings: Settings) -> AnyView {
    let locale = context::locale();
    if let Some(code) = done::<EnrolmentCode>() {
        return code_shown(td_string!(locale, operator.enrolment_code).to_owned(), &code);
    }
    let hint = match (kiosk.enrolled_at, settings.code_expires) {
        (_, Some(_)) => td_string!(locale, operator.code_open),
        (Some(_), None) => td_string!(locale, operator.enrol_again),
        (None, None) => td_string!(locale, operator.enrol_first),
    };
    let class = if kiosk.enrolled_at.is_some() {
        "btn self-start"
    } else {
        "btn btn-primary self-start"
    };
    view! {
        <Section title=td_string!(locale, operator.enrolment) testid="enrolment">
            {Entry::of(CODE).refusal_beside(&[]).map(|refusal| view! { <RefusalCard refusal/> })}
            <p>{hint}</p>
            <form method="post">
                <input type="hidden" name="do" value=CODE/>
                <OnceKey/>
                <button class=class data-testid="make-code">{td_string!(locale, operator.make_code)}</button>
            </form>
        </Section>
    }
    .into_any()
}

/// A fresh enrolment code, large, with its end.
pub(super) fn code_shown(title: String, code: &EnrolmentCode) -> AnyView {
    let locale = context::locale();
    let zone = crate::ui::date::zone();
    let now = context::request().backend.now();
    let until = crate::ui::date::short(locale, code.expires, now, &zone);
    let hint = td_string!(locale, operator.code_hint, until = until).to_string();
    // In two groups, so that it is read and typed without losing the place.
    let value = match code.code.split_at_checked(4) {
        Some((first, second)) => format!("{first} {second}"),
        None => code.code.clone(),
    };
    view! { <ShownOnce title=title value=value hint=hint testid="enrolment-code"/> }.into_any()
}

fn pin_form(settings: Settings) -> AnyView {
    let locale = context::locale();
    let entry = Entry::of(PIN);
    let title = if settings.has_pin {
        td_string!(locale, operator.change_pin)
    } else {
        td_string!(locale, operator.set_pin)
    };
    view! {
        <Section title=title testid="pin">
            {entry.refusal_beside(&["pin"]).map(|refusal| view! { <RefusalCard refusal/> })}
            <form method="post" class="flex flex-col gap-3">
                <input type="hidden" name="do" value=PIN/>
                <Field entry=entry name="pin" label=td_string!(locale, operator.new_pin) hint=td_string!(locale, operator.pin_hint)
                    inputmode="numeric" autocomplete="off"/>
                <button class="btn self-start">{td_string!(locale, operator.save)}</button>
            </form>
        </Section>
    }
    .into_any()
}

fn overdue_form(settings: Settings) -> AnyView {
    let locale = context::locale();
    let entry = Entry::of(OVERDUE);
    view! {
        <Section title=td_string!(locale, operator.overdue_title) testid="overdue">
            {entry.refusal_beside(&["overdueDays"]).map(|refusal| view! { <RefusalCard refusal/> })}
            <form method="post" class="flex flex-col gap-3">
                <input type="hidden" name="do" value=OVERDUE/>
                <Field entry=entry name="overdueDays" label=td_string!(locale, operator.overdue_days) hint=td_string!(locale, operator.overdue_hint)
                    inputmode="numeric" autocomplete="off" value=settings.overdue_days.to_string()/>
                <button class="btn self-start">{td_string!(locale, operator.save)}</button>
            </form>
        </Section>
    }
    .into_any()
}

fn edit_form(kiosk: &Kiosk) -> AnyView {
    let locale = context::locale();
    let (name, address) = (kiosk.name.clone(), kiosk.address.clone());
    let entry = Entry::of(EDIT);
    view! {
        <Section title=td_string!(locale, operator.edit_kiosk) testid="edit">
            {entry.refusal_beside(&["name", "address"]).map(|refusal| view! { <RefusalCard refusal/> })}
            <form method="post" class="flex flex-col gap-3">
                <input type="hidden" name="do" value=EDIT/>
                <Field entry=entry.clone() name="name" label=td_string!(locale, operator.kiosk_name) autocomplete="off" value=name/>
                <Field entry=entry name="address" label=td_string!(locale, operator.kiosk_address) autocomplete="off" value=address optional=true/>
                <button class="btn self-start">{td_string!(locale, operator.save)}</button>
            </form>
        </Section>
    }
    .into_any()
}

fn cabinet(kiosk: &Kiosk, compartments: &[Compartment], settings: Settings) -> AnyView {
    let locale = context::locale();
    let now = context::request().backend.now();
    let overdue_before = now.plus(-i64::from(settings.overdue_days) * DAY_MS);
    let doors: Vec<_> = compartments
        .iter()
        .map(|compartment| Door {
            href: compartment
                .things_sq
                .as_ref()
                .map(|id| format!("/operator/orders/{}", crate::links::encoded(id.as_str()))),
            ..Door::of(compartment, Some(overdue_before))
        })
        .collect();
    let layout = format!("/operator/kiosks/{}/layout", kiosk.yid);
    view! {
        <Section title=td_string!(locale, operator.cabinet) testid="contents">
            <Cabinet locale=locale doors=doors/>
            <a href=layout class="btn self-start" data-testid="to-layout">{td_string!(locale, operator.edit_layout)}</a>
        </Section>
    }
    .into_any()
}

/// `POST /operator/kiosks/{yid}`
pub async fn change_kiosk(Path(yid): Path<String>, form: Form) -> Response {
    let name = [CODE, PIN, OVERDUE, EDIT]
        .into_iter()
        .find(|name| *name == form.fields.get("do"))
        .unwrap_or(EDIT);
    let outcome = form
        .once(async move |context, fields| try_change(&yid, name, &context, &fields).await)
        .await;
    match outcome {
        Ok(Changed::Code(code)) => form.page.show_done(form.context, code).await,
        Ok(Changed::Noticed(address)) => form.answer(name, Ok(address)).await,
        Err(refusal) => form.answer(name, Err(refusal)).await,
    }
}

#[derive(Serialize, Deserialize)]
enum Changed {
    Code(EnrolmentCode),
    Noticed(String),
}

async fn try_change(yid: &str, what: &str, context: &RequestContext, fields: &Fields) -> Result<Changed, Refusal> {
    let backend = &context.backend;
    let who = context.require(Role::Operator)?;
    let yid = yid_of(yid)?;
    let noticed = |key| Ok(Changed::Noticed(with_notice(&format!("/operator/kiosks/{yid}"), key)));
    match what {
        CODE => Ok(Changed::Code(kiosks::enrolment_code(backend, &who.into(), yid).await?)),
        PIN => {
            kiosks::set_pin(backend, who, yid, fields.get("pin")).await?;
            noticed("pin-set")
        }
        OVERDUE => {
            let days = u32::try_from(whole_number("overdueDays", fields.get("overdueDays"))?)
                .map_err(|_| Refusal::field("overdueDays", Problem::Range { min: 1, max: 365 }))?;
            kiosks::set_overdue_days(backend, who, yid, days).await?;
            noticed("saved")
        }
        _ => {
            kiosks::edit(backend, who, yid, fields.get("name"), fields.get("address")).await?;
            noticed("saved")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_less_than_a_minute_off_is_called_right() {
        assert_eq!(clock_text(Locale::en, 59_999), clock_text(Locale::en, 0));
        assert_ne!(clock_text(Locale::en, 1_200_000), clock_text(Locale::en, -1_200_000));
        assert!(clock_text(Locale::ko, -1_200_000).contains("20"));
    }
}

//! `/operator/kiosks/{yid}`: one kiosk.

use super::changes::history;
use super::kiosk_boards::boards_form;
use super::kiosk_log::{detail, kind_name, kind_word};
use super::kiosks::{badges, heard_text};
use super::parts::{Fact, LiveWork, Section, Up};
use super::secret::HandOver;
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use domain::boards::Wiring;
use domain::changes::About;
use domain::ids::{Millis, Yid};
use domain::locker::compartments::Compartment;
use domain::locker::events::{EventKind, KioskEvent};
use domain::locker::kiosks::{Kiosk, Settings};
use islands::addresses::{at, named};
use islands::context;
use islands::date::{Time, number};
use islands::functions::changes;
use islands::functions::kiosks::{
    self, EditKiosk, EnrolmentCode as MakeCode, RestoreKiosk, RetireKiosk, SetOverdue, SetPin,
};
use islands::functions::shown::{self, Code};
use islands::i18n::{Locale, td_string};
use islands::links::with_query;
use islands::ui::cabinet::{Cabinet, Door};
use islands::ui::icon::Icon;
use leptos::prelude::*;

const DAY_MS: i64 = 24 * 3_600_000;
/// An enrolment code is good for this long.
const CODE_VALID_MS: i64 = 10 * 60 * 1000;
/// How many of the newest events are looked at for what doors did.
const LOOKED_AT: u32 = 50;
/// A clock that is off by less needs no attention.
const CLOCK_TOLERANCE_MS: i64 = 60_000;

/// The page.
#[component]
pub fn KioskPage() -> impl IntoView {
    let named = named::operator_kiosk();
    loaded(
        async move {
            let (yid,) = named?;
            let (kiosk, doors) = kiosks::get(yid).await?;
            let settings = kiosks::settings(yid).await?;
            let wiring = kiosks::wiring(yid).await?;
            let newest = kiosks::events(yid, None, LOOKED_AT).await?;
            let code = shown::code_of(yid).await?;
            let changes = changes::list(&About::Kiosk(yid)).await?;
            Ok((kiosk, doors, settings, wiring, newest.rows, code, changes))
        },
        |(kiosk, doors, settings, wiring, newest, code, changes)| {
            let alarms = alarms(&newest, &doors);
            let changed_at = changes.first().map(|change| change.at);
            show(
                kiosk,
                doors,
                (settings, changed_at),
                wiring.as_ref(),
                (alarms, history(changes)),
                code,
            )
        },
    )
}

fn show(
    kiosk: Kiosk,
    compartments: Vec<Compartment>,
    (settings, changed_at): (Settings, Option<Millis>),
    wiring: Option<&Wiring>,
    (alarms, history): (AnyView, AnyView),
    code: Option<Code>,
) -> AnyView {
    let locale = context::locale();
    let title = format!("{} · {}", kiosk.yid, kiosk.name);
    let layout: Vec<_> = compartments.iter().map(|compartment| compartment.port).collect();
    let boards = boards_form(kiosk.yid, wiring, &layout);
    if kiosk.retired_at.is_some() {
        return retired(&kiosk, settings, title, history);
    }
    view! {
        <Layout title=title wide=true>
            <Up href=at::operator_kiosks() text=td_string!(locale, common.kiosks)/>
            {kiosk.legacy.then(|| view! {
                <div role="note" class="alert alert-warning items-start" data-testid="weak">
                    <Icon name="warning"/>
                    <p>{td_string!(locale, operator.weak_explained)}</p>
                </div>
            })}
            <LiveWork/>
            {code.map(|code| code_shown(&kiosk, settings, &code))}
            {alarms}
            <div class="grid items-start gap-4 lg:grid-cols-2">
                <div class="flex flex-col gap-4">
                    {facts(&kiosk, settings)}
                    {enrolment(&kiosk, settings)}
                    {history}
                </div>
                <div class="flex flex-col gap-4">
                    {pin_form(kiosk.yid, settings, changed_at)}
                    {overdue_form(kiosk.yid, settings)}
                    {edit_form(&kiosk)}
                    {boards}
                    {retire_form(kiosk.yid)}
                </div>
            </div>
            {cabinet(&kiosk, &compartments, settings)}
        </Layout>
    }
    .into_any()
}

/// A retired kiosk has its facts, its history and the form that restores it.
fn retired(kiosk: &Kiosk, settings: Settings, title: String, history: AnyView) -> AnyView {
    let locale = context::locale();
    let (of, hidden) = (entry::of::<RestoreKiosk>(), about(kiosk.yid));
    let since = kiosk.retired_at.map(|at| view! { <Time at=at full=true/> });
    let facts = facts(kiosk, settings);
    view! {
        <Layout title=title wide=true>
            <Up href=at::operator_kiosks() text=td_string!(locale, common.kiosks)/>
            <div class="two">
                <div>
                    <Section title=td_string!(locale, operator.retired) testid="retired">
                        <p>{since}</p>
                        <p>{td_string!(locale, operator.kiosk_retired_hint)}</p>
                        <ActForm of hidden><button class="btn btn-primary" data-testid="restore">{td_string!(locale, operator.restore)}</button></ActForm>
                    </Section>
                    {facts}
                </div>
                <div>{history}</div>
            </div>
        </Layout>
    }
    .into_any()
}

fn retire_form(yid: Yid) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<RetireKiosk>(), entry::entry::<RetireKiosk>());
    let (hidden, open) = (about(yid), entry.is_refused());
    view! {
        <details class="fold" open=open data-testid="retire">
            <summary>{td_string!(locale, operator.retire_kiosk)}</summary>
            <ActForm of hidden class="flex flex-col gap-4">
                <p class="text-sm">{td_string!(locale, operator.retire_kiosk_hint)}</p>
                <button class="btn btn-error self-start" data-testid="retire-yes">{td_string!(locale, operator.retire_yes)}</button>
            </ActForm>
        </details>
    }
    .into_any()
}

/// What doors did that somebody has to look into, among the newest events.
fn alarms(newest: &[KioskEvent], doors: &[Compartment]) -> AnyView {
    let locale = context::locale();
    let lines: Vec<_> = newest
        .iter()
        .filter(|event| {
            matches!(
                event.kind,
                EventKind::DoorForced
                    | EventKind::DoorLeftOpen
                    | EventKind::DoorNotOpened
                    | EventKind::DoorUnsure
                    | EventKind::BoardFailed
            )
        })
        .map(|event| {
            let label = doors.iter().find(|door| Some(door.port) == event.port);
            let label = match event.kind {
                // Which board, and how it answers.
                EventKind::BoardFailed => detail(locale, event),
                _ => label.map(|door| door.label.clone()),
            };
            let label = label.unwrap_or_default();
            view! {
                <li data-testid=kind_name(event.kind)><b>{label}</b> " · " {kind_word(locale, event.kind)} " · " <Time at=event.at full=true/></li>
            }
        })
        .collect();
    if lines.is_empty() {
        return ().into_any();
    }
    view! {
        <div role="note" class="alert alert-warning items-start" data-testid="alarms">
            <Icon name="warning"/>
            <ul>{lines}</ul>
        </div>
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
    let log = at::operator_kiosk_log(&kiosk.yid);
    let (state, address, heard) = (badges(kiosk), kiosk.address.clone(), heard_text(kiosk));
    let clock = clock_text(locale, kiosk.clock_offset_ms);
    let orders = with_query(&at::operator_orders(), &[("yid", &kiosk.yid.to_string())]);
    view! {
        <section id="facts" data-live="" class="card-plain flex flex-col gap-4" data-testid="facts">
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

/// What a form says of the kiosk it is about.
fn about(yid: Yid) -> Vec<(&'static str, String)> {
    vec![("yid", yid.to_string())]
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
    let (of, hidden) = (entry::of::<MakeCode>(), about(kiosk.yid));
    view! {
        <Section title=td_string!(locale, operator.enrolment) testid="enrolment">
            <p>{hint}</p>
            <ActForm of hidden>
                <button class=class data-testid="make-code">{td_string!(locale, operator.make_code)}</button>
            </ActForm>
        </Section>
    }
    .into_any()
}

/// A code for a device, with where it is typed, and whether a device has used it.
fn code_shown(kiosk: &Kiosk, settings: Settings, code: &Code) -> AnyView {
    let (locale, request) = (context::locale(), context::request());
    let made = code.expires.plus(-CODE_VALID_MS);
    let enrolled = kiosk.enrolled_at.filter(|at| *at >= made);
    let standing = match enrolled {
        Some(at) => view! {
            <p class="alert alert-success" data-testid="enrolled-now"><Icon name="check"/> <span>{td_string!(locale, operator.enrolled_now)} " " <Time at=at/></span></p>
        }
        .into_any(),
        None => view! { <p class="alert alert-soft" data-testid="waiting-for-device"><Icon name="clock"/> {td_string!(locale, operator.waiting_for_device)}</p> }.into_any(),
    };
    // Renewed while the operator looks at it: the device is somewhere else.
    let standing = view! { <div id="enrolling" data-live="" role="status">{standing}</div> };
    if enrolled.is_some() || settings.code_expires.is_none() {
        return standing.into_any();
    }
    let zone = islands::date::zone();
    let until = islands::date::short(locale, code.expires, context::now(), &zone);
    // In two groups, so that it is read and typed without losing the place.
    let value = match code.digits.split_at_checked(4) {
        Some((first, second)) => format!("{first} {second}"),
        None => code.digits.clone(),
    };
    let address = format!("{}{}", request.site, at::kiosk());
    let sentence = td_string!(
        locale,
        operator.code_sentence,
        name = kiosk.name.as_str(),
        address = address.as_str(),
        code = value.as_str(),
        until = until.as_str()
    )
    .to_string();
    view! {
        {standing}
        <HandOver
            title=td_string!(locale, operator.enrolment_code)
            value
            testid="enrolment-code"
            sentence
            hint=td_string!(locale, operator.code_hint, until = until).to_string()
            address
            of=about(kiosk.yid)
        />
    }
    .into_any()
}

/// Posted without a script, like the other settings. `changed_at`: when the newest change that the page shows was made.
fn pin_form(yid: Yid, settings: Settings, changed_at: Option<Millis>) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<SetPin>(), entry::entry::<SetPin>());
    let hidden = about(yid);
    let seen = changed_at.unwrap_or_default().0.to_string();
    let title = if settings.has_pin {
        td_string!(locale, operator.change_pin)
    } else {
        td_string!(locale, operator.set_pin)
    };
    view! {
        <Section title=title testid="pin">
            <ActForm of hidden plain=true class="flex flex-col gap-4">
                <input type="hidden" name="was.pin" value=seen/>
                <Field entry=entry.clone() name="pin" label=td_string!(locale, operator.new_pin) hint=td_string!(locale, operator.pin_hint)
                    inputmode="numeric" autocomplete="off"/>
                <button class="btn self-start">{td_string!(locale, operator.save)}</button>
            </ActForm>
        </Section>
    }
    .into_any()
}

fn overdue_form(yid: Yid, settings: Settings) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<SetOverdue>(), entry::entry::<SetOverdue>());
    let hidden = about(yid);
    view! {
        <Section title=td_string!(locale, operator.overdue_title) testid="overdue">
            <ActForm of hidden plain=true class="flex flex-col gap-4">
                <input type="hidden" name="was.overdue_days" value=settings.overdue_days.to_string()/>
                <Field entry=entry.clone() name="overdue_days" label=td_string!(locale, operator.overdue_days) hint=td_string!(locale, operator.overdue_hint)
                    inputmode="numeric" autocomplete="off" value=settings.overdue_days.to_string()/>
                <button class="btn self-start">{td_string!(locale, operator.save)}</button>
            </ActForm>
        </Section>
    }
    .into_any()
}

/// Posted without a script: after somebody else changed the kiosk, the page shows how it is now, and what was typed.
fn edit_form(kiosk: &Kiosk) -> AnyView {
    let locale = context::locale();
    let (name, address) = (kiosk.name.clone(), kiosk.address.clone());
    let (of, entry) = (entry::of::<EditKiosk>(), entry::entry::<EditKiosk>());
    let hidden = about(kiosk.yid);
    view! {
        <Section title=td_string!(locale, operator.edit_kiosk) testid="edit">
            <ActForm of hidden plain=true class="flex flex-col gap-4">
                <input type="hidden" name="was.name" value=name.clone()/>
                <input type="hidden" name="was.address" value=address.clone()/>
                <Field entry=entry.clone() name="name" label=td_string!(locale, operator.kiosk_name) autocomplete="off" value=name/>
                <Field entry=entry.clone() name="address" label=td_string!(locale, operator.kiosk_address) autocomplete="off" value=address optional=true/>
                <button class="btn self-start">{td_string!(locale, operator.save)}</button>
            </ActForm>
        </Section>
    }
    .into_any()
}

fn cabinet(kiosk: &Kiosk, compartments: &[Compartment], settings: Settings) -> AnyView {
    let locale = context::locale();
    let now = context::now();
    let overdue_before = now.plus(-i64::from(settings.overdue_days) * DAY_MS);
    let doors: Vec<_> = compartments
        .iter()
        .map(|compartment| Door {
            href: compartment.things_sq.as_ref().map(at::operator_order),
            ..Door::of(compartment, Some(overdue_before))
        })
        .collect();
    let layout = at::operator_kiosk_layout(&kiosk.yid);
    view! {
        <Section title=td_string!(locale, operator.cabinet) testid="contents">
            <Cabinet locale=locale doors=doors/>
            <a href=layout class="btn self-start" data-testid="to-layout">{td_string!(locale, operator.edit_layout)}</a>
        </Section>
    }
    .into_any()
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

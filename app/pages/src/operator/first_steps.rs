//! What a new deployment still needs, step by step, on the operator's first page until everything is there.

use crate::entry::{self, ActForm};
use domain::locker::kiosks::Kiosk;
use domain::locker::orders::OrderStatus;
use domain::locker::overview::FirstSteps;
use domain::people::Role;
use islands::addresses::at;
use islands::context;
use islands::functions::overview::HideFirstSteps;
use islands::i18n::td_string;
use islands::links::with_query;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// The list; nothing once all steps are done, or where it was hidden.
pub(super) fn first_steps(steps: FirstSteps, kiosks: &[Kiosk]) -> Option<AnyView> {
    if steps.is_hidden || steps.are_done() {
        return None;
    }
    let locale = context::locale();
    let all = steps.all();
    let next = all.iter().position(|done| !done);
    let count = all.iter().filter(|done| **done).count();
    let items: Vec<_> = ways(kiosks)
        .into_iter()
        .zip(all)
        .enumerate()
        .map(|(place, ((text, hint, href, testid), done))| {
            step(place, text, hint, href, testid, done, next == Some(place))
        })
        .collect();
    let so_far = td_string!(locale, operator.steps_so_far, done = count, all = all.len()).to_string();
    let of = entry::of::<HideFirstSteps>();
    Some(
        view! {
            <section class="card-plain border-primary flex flex-col gap-4 border-2" aria-labelledby="first-steps" data-testid="first-steps">
                <div class="flex flex-wrap items-baseline justify-between gap-2">
                    <h2 id="first-steps" class="text-lg font-semibold">{td_string!(locale, operator.first_steps)}</h2>
                    <span class="text-sm tabular-nums" data-testid="steps-so-far">{so_far}</span>
                </div>
                <ol class="grid gap-1 lg:grid-cols-2">{items}</ol>
                <ActForm of><button class="btn btn-ghost btn-sm min-h-11" data-testid="hide-steps">{td_string!(locale, operator.hide_steps)}</button></ActForm>
            </section>
        }
        .into_any(),
    )
}

/// What a step is called, what it is for, where it is done, and the name for tests.
type Way = (&'static str, &'static str, String, &'static str);

/// In the order of [`FirstSteps::all`].
fn ways(kiosks: &[Kiosk]) -> [Way; 8] {
    let locale = context::locale();
    let person = |role: Role| with_query(&at::operator_new_person(), &[("role", role.as_str())]);
    let not_enrolled = kiosks.iter().find(|kiosk| kiosk.enrolled_at.is_none());
    let kiosk = not_enrolled.map_or_else(at::operator_kiosks, |kiosk| at::operator_kiosk(&kiosk.yid));
    let received = with_query(&at::operator_orders(), &[("status", OrderStatus::Received.letter())]);
    [
        (
            td_string!(locale, operator.step_business),
            td_string!(locale, operator.step_business_hint),
            at::operator_businesses(),
            "step-business",
        ),
        (
            td_string!(locale, operator.step_business_user),
            td_string!(locale, operator.step_business_user_hint),
            person(Role::Business),
            "step-business-user",
        ),
        (
            td_string!(locale, operator.step_staff),
            td_string!(locale, operator.step_staff_hint),
            person(Role::Staff),
            "step-staff",
        ),
        (
            td_string!(locale, operator.step_kiosk),
            td_string!(locale, operator.step_kiosk_hint),
            at::operator_new_kiosk(),
            "step-kiosk",
        ),
        (
            td_string!(locale, operator.step_enrol),
            td_string!(locale, operator.step_enrol_hint),
            kiosk,
            "step-enrol",
        ),
        (
            td_string!(locale, operator.step_orders),
            td_string!(locale, operator.step_orders_hint),
            at::operator_import(),
            "step-orders",
        ),
        (
            td_string!(locale, operator.step_ready),
            td_string!(locale, operator.step_ready_hint),
            received,
            "step-ready",
        ),
        (
            td_string!(locale, operator.step_deposit),
            td_string!(locale, operator.step_deposit_hint),
            at::operator_orders(),
            "step-deposit",
        ),
    ]
}

fn step(
    place: usize,
    text: &'static str,
    hint: &'static str,
    href: String,
    testid: &'static str,
    done: bool,
    is_next: bool,
) -> AnyView {
    let locale = context::locale();
    if done {
        return view! {
            <li class="flex min-h-12 items-center gap-2 px-2 py-1" data-testid=testid data-done="">
                <span class="bg-success text-success-content flex size-8 shrink-0 items-center justify-center rounded-full"><Icon name="check" class="size-5 shrink-0"/></span>
                <span>{text} <span class="sr-only">{td_string!(locale, operator.step_done)}</span></span>
            </li>
        }
        .into_any();
    }
    let class = if is_next {
        "bg-primary text-primary-content"
    } else {
        "border-base-content/40 border"
    };
    let class = format!("flex size-8 shrink-0 items-center justify-center rounded-full tabular-nums {class}");
    view! {
        <li data-testid=testid>
            <a href=href class="hover:bg-base-200 flex min-h-12 items-center gap-2 rounded px-2 py-1" aria-current=is_next.then_some("step")>
                <span class=class aria-hidden="true">{place + 1}</span>
                <span class="min-w-0 flex-1"><span class="block font-medium">{text}</span> <span class="block text-sm opacity-75">{hint}</span></span>
                <Icon name="arrow-right" class="size-5 shrink-0 opacity-60"/>
            </a>
        </li>
    }
    .into_any()
}

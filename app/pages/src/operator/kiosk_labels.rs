//! `/operator/kiosks/{yid}/labels`: what is stuck on the doors of a kiosk, to be printed.

use super::parts::Up;
use crate::error::loaded;
use crate::ui::layout::Layout;
use domain::locker::compartments::{Compartment, CompartmentStatus};
use domain::locker::kiosks::Kiosk;
use islands::addresses::{at, named};
use islands::context;
use islands::functions::kiosks;
use islands::i18n::td_string;
use leptos::prelude::*;

/// The page.
#[component]
pub fn KioskLabels() -> impl IntoView {
    let named = named::operator_kiosk_labels();
    loaded(
        async move {
            let (yid,) = named?;
            kiosks::get(yid).await
        },
        |(kiosk, doors)| show(kiosk, doors),
    )
}

fn show(kiosk: Kiosk, doors: Vec<Compartment>) -> AnyView {
    let locale = context::locale();
    let title = td_string!(locale, operator_settings.labels_of, yid = kiosk.yid.0).to_string();
    let name = kiosk.name.clone();
    // A door that is joined to another has none of its own.
    let doors = doors
        .into_iter()
        .filter(|door| door.status != CompartmentStatus::Joined);
    let labels: Vec<_> = doors
        .map(|door| {
            view! { <li class="slip"><span class="slip-label">{door.label}</span><span>{name.clone()}</span></li> }
        })
        .collect();
    view! {
        <Layout title=title wide=true>
            <Up href=at::operator_kiosk_layout(&kiosk.yid) text=kiosk.name/>
            <p class="no-print">{td_string!(locale, operator_settings.labels_hint)}</p>
            <button type="button" hidden=true class="btn btn-primary self-start" data-print="" data-testid="print">{td_string!(locale, operator_settings.labels_print)}</button>
            <ul class="slips" data-testid="labels">{labels}</ul>
        </Layout>
    }
    .into_any()
}

//! After a form did its work it leads to a page with `?notice=KEY` in its address, and that page says what was done.

use crate::entry::{self, ActForm};
use crate::ui::pager::changed;
use domain::ids::ThingsSq;
use domain::locker::orders::OrderStatus;
use domain::people::Role;
use islands::context::{self, RequestContext};
use islands::date::number;
use islands::functions::corrections::SetOrderBack;
use islands::i18n::{Locale, td_string};
use islands::notice::{LEFT, MADE, NOTICE, UNDO};
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// What the notice of the address says. Of the numbers in it, only numbers are shown.
fn said(request: &RequestContext) -> Option<String> {
    let (locale, key) = (request.locale, request.query(NOTICE));
    let count = |name: &str| request.query(name).parse::<u32>().ok();
    match (key, count(MADE), count(LEFT).unwrap_or(0)) {
        ("orders-ready", Some(1), 0) => Some(td_string!(locale, common.notice_made_ready_one).to_owned()),
        ("orders-ready", Some(made), 0) => {
            Some(td_string!(locale, common.notice_made_ready, made = number(made)).to_string())
        }
        ("orders-ready", Some(made), left) => {
            let (made, left) = (number(made), number(left));
            Some(td_string!(locale, common.notice_made_ready_but, made = made, left = left).to_string())
        }
        _ => text(locale, key).map(str::to_owned),
    }
}

/// An action of one tap can be undone while its notice is shown. The address names the order, so the page offers the undo for that order.
fn undo(request: &RequestContext) -> Option<AnyView> {
    let order = ThingsSq::parse(request.query(UNDO))?;
    request.require(Role::Operator).ok()?;
    let hidden = vec![
        ("things_sq", order.0),
        ("from", OrderStatus::Ready.letter().to_owned()),
        ("why", td_string!(request.locale, operator.undone_at_once).to_owned()),
        ("back", changed(&[])),
    ];
    let (of, text) = (entry::of::<SetOrderBack>(), td_string!(request.locale, common.undo));
    Some(
        view! { <ActForm of hidden><button class="btn btn-sm" data-testid="undo-ready">{text}</button></ActForm> }
            .into_any(),
    )
}

/// What the key says; nothing for an unknown one, so that no link can put words on a page.
fn text(locale: Locale, key: &str) -> Option<&'static str> {
    Some(match key {
        "saved" => td_string!(locale, common.notice_saved),
        "added" => td_string!(locale, common.notice_added),
        "session-ended" => td_string!(locale, common.notice_session_ended),
        "person-added" => td_string!(locale, common.notice_person_added),
        "person-blocked" => td_string!(locale, common.notice_person_blocked),
        "person-unblocked" => td_string!(locale, common.notice_person_unblocked),
        "password-set" => td_string!(locale, common.notice_password_set),
        "password-changed" => td_string!(locale, common.notice_password_changed),
        "business-added" => td_string!(locale, common.notice_business_added),
        "businesses-added" => td_string!(locale, common.notice_businesses_added),
        "business-retired" => td_string!(locale, common.notice_business_retired),
        "kiosk-retired" => td_string!(locale, common.notice_kiosk_retired),
        "upload-discarded" => td_string!(locale, common.notice_upload_discarded),
        "kiosk-added" => td_string!(locale, common.notice_kiosk_added),
        "layout-saved" => td_string!(locale, common.notice_layout_saved),
        "pin-set" => td_string!(locale, common.notice_pin_set),
        "order-added" => td_string!(locale, common.notice_order_added),
        "orders-ready" => td_string!(locale, common.notice_orders_ready),
        "order-corrected" => td_string!(locale, common.notice_order_corrected),
        "order-cancelled" => td_string!(locale, common.notice_order_cancelled),
        "order-set-back" => td_string!(locale, common.notice_order_set_back),
        "deposited" => td_string!(locale, common.notice_deposited),
        "deposit-undone" => td_string!(locale, common.notice_deposit_undone),
        "synced" => td_string!(locale, common.notice_synced),
        "registered" => td_string!(locale, common.notice_registered),
        "password-reset" => td_string!(locale, common.notice_password_reset),
        "guard-added" => td_string!(locale, common.notice_guard_added),
        "guard-deleted" => td_string!(locale, common.notice_guard_deleted),
        "password-cancelled" => td_string!(locale, common.notice_password_cancelled),
        "card-cancelled" => td_string!(locale, common.notice_card_cancelled),
        "junior-added" => td_string!(locale, common.notice_junior_added),
        "junior-asked" => td_string!(locale, common.notice_junior_asked),
        "superior-agreed" => td_string!(locale, common.notice_superior_agreed),
        "superior-left" => td_string!(locale, common.notice_superior_left),
        "junior-cancelled" => td_string!(locale, common.notice_junior_cancelled),
        "node-drained" => td_string!(locale, common.notice_node_drained),
        "node-undrained" => td_string!(locale, common.notice_node_undrained),
        "node-removed" => td_string!(locale, common.notice_node_removed),
        "push-off" => td_string!(locale, common.notice_push_off),
        "signed-out-others" => td_string!(locale, common.notice_signed_out_others),
        "voucher-withdrawn" => td_string!(locale, business.voucher_withdrawn),
        "signed-out" => td_string!(locale, common.notice_signed_out),
        _ => return None,
    })
}

/// Says what was done, above the bottom of the window, wherever the page is scrolled to. Every [`super::layout::Layout`] has it.
#[component]
pub fn Notice() -> impl IntoView {
    let request = context::request();
    said(&request).map(|text| {
        view! {
            <div role="status" class="alert alert-success notice" data-testid="notice">
                <Icon name="check"/>
                <p>{text}</p>
                {undo(&request)}
            </div>
        }
    })
}

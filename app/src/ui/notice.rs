//! After a form did its work it leads to a page with `?notice=KEY` in its address, and that page says what was done.

use crate::context;
use crate::i18n::{Locale, td_string};
use crate::ui::icon::Icon;
use leptos::prelude::*;

/// The query parameter.
pub const NOTICE: &str = "notice";

/// `address` with this notice; `address` may have a query already.
pub fn with_notice(address: &str, key: &str) -> String {
    let sign = if address.contains('?') { '&' } else { '?' };
    format!("{address}{sign}{NOTICE}={key}")
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
        "kiosk-added" => td_string!(locale, common.notice_kiosk_added),
        "layout-saved" => td_string!(locale, common.notice_layout_saved),
        "pin-set" => td_string!(locale, common.notice_pin_set),
        "order-added" => td_string!(locale, common.notice_order_added),
        "orders-ready" => td_string!(locale, common.notice_orders_ready),
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
        "signed-out-others" => td_string!(locale, common.notice_signed_out_others),
        "signed-out" => td_string!(locale, common.notice_signed_out),
        _ => return None,
    })
}

/// Says what was done. Every [`super::layout::Layout`] has it on top.
#[component]
pub fn Notice() -> impl IntoView {
    let request = context::request();
    text(request.locale, request.query(NOTICE)).map(|text| {
        view! {
            <div role="status" class="alert alert-success alert-soft" data-testid="notice">
                <Icon name="check"/>
                <p>{text}</p>
            </div>
        }
    })
}

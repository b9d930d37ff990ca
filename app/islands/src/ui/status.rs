//! Where an order stands, as a badge: word, icon and colour.

use crate::context;
use crate::i18n::{Locale, td_string};
use crate::ui::icon::Icon;
use domain::locker::orders::OrderStatus;
use leptos::prelude::*;

/// The word for a status.
pub fn word(locale: Locale, status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Received => td_string!(locale, common.status_received),
        OrderStatus::Ready => td_string!(locale, common.status_ready),
        OrderStatus::Stored => td_string!(locale, common.status_stored),
        OrderStatus::Done => td_string!(locale, common.status_done),
        OrderStatus::Cancelled => td_string!(locale, common.status_cancelled),
    }
}

/// A badge for lists and details.
#[component]
pub fn StatusBadge(
    /// Of which order.
    status: OrderStatus,
) -> impl IntoView {
    let (icon, class) = match status {
        OrderStatus::Received => ("inbox", "badge badge-outline"),
        OrderStatus::Ready => ("truck", "badge badge-soft badge-info"),
        OrderStatus::Stored => ("box", "badge badge-primary"),
        OrderStatus::Done => ("check", "badge badge-soft badge-success"),
        OrderStatus::Cancelled => ("ban", "badge badge-soft"),
    };
    view! {
        <span class=format!("{class} gap-1 whitespace-nowrap") data-status=status.letter()>
            <Icon name=icon class="size-4 shrink-0"/>
            {word(context::locale(), status)}
        </span>
    }
}

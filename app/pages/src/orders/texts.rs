//! What the texts of an order are called.

use domain::locker::orders::OrderText;
use islands::i18n::{Locale, td_string};

/// Where it is shown or typed.
pub fn text_name(locale: Locale, text: OrderText) -> &'static str {
    match text {
        OrderText::CustomerNo => td_string!(locale, orders.customer_no),
        OrderText::CustomerName => td_string!(locale, orders.customer_name),
        OrderText::Address => td_string!(locale, orders.address),
        OrderText::MeterKind => td_string!(locale, orders.meter_kind),
        OrderText::Business => td_string!(locale, orders.business),
    }
}

/// What belongs into its column of a file.
pub fn in_file(locale: Locale, text: OrderText) -> &'static str {
    match text {
        OrderText::CustomerName => td_string!(locale, operator.column_customer_name),
        OrderText::Address => td_string!(locale, operator.column_address),
        OrderText::MeterKind => td_string!(locale, operator.column_meter_kind),
        OrderText::Business => td_string!(locale, operator.column_business),
        text => text_name(locale, text),
    }
}

/// What may stand there.
pub fn example(locale: Locale, text: OrderText) -> &'static str {
    match text {
        OrderText::CustomerNo => "0123456789",
        OrderText::CustomerName => td_string!(locale, operator.example_customer),
        OrderText::Address => td_string!(locale, operator.example_address),
        OrderText::MeterKind => td_string!(locale, operator.example_meter),
        OrderText::Business => td_string!(locale, operator.example_business),
    }
}

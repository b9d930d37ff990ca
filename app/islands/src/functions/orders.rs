//! Orders.

#![expect(
    clippy::too_many_arguments,
    reason = "each is a field of the form, and what a script may leave out"
)]

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::{BusinessName, CustomerNo, ThingsSq, Yid};
#[cfg(feature = "ssr")]
use domain::locker::orders::OrderText;
use domain::locker::orders::{Order, OrderStatus, OrderTexts, ReadySoFar};
use domain::search::Hits;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Rows of an answer at most.
#[cfg(feature = "ssr")]
pub const ROWS: u32 = 50;

/// Orders that hold `text` in any part, for staff ([`domain::search`]), those added last first. Without a text, all of them by customer number;
/// `customer_no`, of addresses from before, says then how that begins.
#[server(prefix = "/do/staff", endpoint = "search-orders", protocol = Call)]
pub async fn search_orders(
    text: Option<String>,
    customer_no: Option<CustomerNo>,
    status: Option<OrderStatus>,
    cursor: Option<String>,
) -> Result<Hits<Order>, Refused> {
    body::search(domain::people::Role::Staff, (text, customer_no), status, cursor).await
}

/// The same among the orders of the caller's business.
#[server(prefix = "/do/business", endpoint = "search-orders", protocol = Call)]
pub async fn search_own_orders(
    text: Option<String>,
    customer_no: Option<CustomerNo>,
    status: Option<OrderStatus>,
    cursor: Option<String>,
) -> Result<Hits<Order>, Refused> {
    body::search(domain::people::Role::Business, (text, customer_no), status, cursor).await
}

/// Adds an order by hand. Leads to it.
#[server(prefix = "/do/operator", endpoint = "add-order", protocol = Call)]
pub async fn add_order(things_sq: ThingsSq, texts: OrderTexts, status: Option<OrderStatus>) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::locker::orders::{self, NewOrder};
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let new = NewOrder {
        things_sq: things_sq.0,
        texts,
        status: status.map_or("", OrderStatus::letter).to_owned(),
    };
    let added = orders::add(&request.backend, &who.into(), new).await;
    let order = added.map_err(|refusal| text_refused(request.locale, &refusal))?;
    go_to(&with_notice(&at::operator_order(&order.things_sq), "order-added"));
    Ok(())
}

/// A refusal of a form with the texts of an order, at the field of its text.
#[cfg(feature = "ssr")]
pub(super) fn text_refused(locale: crate::i18n::Locale, refusal: &domain::error::Refusal) -> Refused {
    let mut refused = Refused::of(locale, refusal);
    for wrong in &mut refused.fields {
        if let Some(text) = OrderText::of_column(&wrong.field) {
            text.field().clone_into(&mut wrong.field);
        }
    }
    refused
}

/// Moves orders from received to ready: the one whose button it was, or those picked in a list. Leads `back` to the list, filters included, or
/// to the one order. Those that somebody else changed meanwhile are left as they are and counted.
#[server(prefix = "/do/operator", endpoint = "make-ready", protocol = Call)]
pub async fn make_ready(
    one: Option<ThingsSq>,
    pick: BTreeMap<ThingsSq, String>,
    back: Option<String>,
) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::i18n::td_string;
    use crate::notice::{ready_notice, ready_notice_of, with_notice};
    use backend::locker::orders;
    use domain::error::{Problem, Refusal};
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let chosen: Vec<ThingsSq> = match one {
        Some(one) => vec![one],
        None => pick.into_keys().collect(),
    };
    if chosen.is_empty() {
        let refused = Refused::of(request.locale, &Refusal::field("pick", Problem::Required));
        return Err(refused.in_words(td_string!(request.locale, operator.choose_first)));
    }
    let made = orders::make_ready(&request.backend, who, &chosen).await?;
    if let ([one], 0) = (chosen.as_slice(), made) {
        let status = orders::get(&request.backend, who, one).await?.status;
        let status = status.letter().to_owned();
        return Err(Refusal::OrderStatus { status }.into());
    }
    let left = u32::try_from(chosen.len()).unwrap_or(u32::MAX).saturating_sub(made);
    go_to(&match (back, chosen.as_slice()) {
        (None, [one]) => with_notice(&at::operator_order(one), "saved"),
        (Some(back), [one]) => ready_notice_of(&back, one),
        (back, _) => ready_notice(&back.unwrap_or_else(at::operator_orders), made, left),
    });
    Ok(())
}

/// Moves all received orders of a list to ready, in batches. `expected`: how many the list showed; those that somebody else changed since are
/// counted. `brief`: a script shows how far it is, so the answer comes after a few batches; it goes on with the `next` of the answer as
/// `cursor`. Otherwise it does what it can in one request. Leads `back` to the list once nothing is left.
#[server(prefix = "/do/operator", endpoint = "make-all-ready", protocol = Call)]
pub async fn make_all_ready(
    q: Option<String>,
    business: Option<BusinessName>,
    yid: Option<Yid>,
    expected: Option<u32>,
    made: Option<u32>,
    cursor: Option<String>,
    brief: bool,
    back: Option<String>,
) -> Result<ReadySoFar, Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::ready_notice;
    use backend::locker::orders::table;
    use domain::locker::orders::OrderSearch;
    use domain::people::Role;

    /// Batches of an answer to a script, which then shows how far it is, and of one to a person.
    const BRIEF: u32 = 5;
    const LONG: u32 = 150;
    let request = context::request();
    let who = request.require(Role::Operator)?;
    let asked = OrderSearch {
        text: q.unwrap_or_default(),
        business,
        yid,
        cursor,
        ..OrderSearch::default()
    };
    let batches = if brief { BRIEF } else { LONG };
    let mut so_far = table::make_ready(&request.backend, who, &asked, batches).await?;
    so_far.made = so_far.made.saturating_add(made.unwrap_or(0));
    if so_far.next.is_none() {
        let left = expected.map_or(so_far.left, |expected| expected.saturating_sub(so_far.made));
        so_far.left = left;
        if !brief {
            go_to(&ready_notice(
                &back.unwrap_or_else(at::operator_orders),
                so_far.made,
                left,
            ));
        }
    }
    Ok(so_far)
}

#[cfg(feature = "ssr")]
pub use reads::{Counted, Listed, count, counts, find, get, overdue, place, search, table};

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::locker::{kiosks, orders, overdue as late, search as finding};
    use domain::error::Refusal;
    use domain::ids::ThingsSq;
    use domain::locker::kiosks::Whereabouts;
    use domain::locker::orders::{Count, Order, OrderFilter, OrderSearch, OrderStatus, OrderTable, Page, Sort};
    use domain::locker::overdue::Overdue;
    use domain::search::Hits;

    /// Orders as a list shows them.
    pub struct Listed {
        /// The rows, and what was found in them.
        pub hits: Hits<Order>,
        /// What is known of a list that is a table; nothing of what a search found, which comes in an order of its own and is not counted.
        pub counted: Option<Counted>,
    }

    /// What is known of a table.
    #[derive(Clone, Copy)]
    pub struct Counted {
        /// How many rows all its pages have.
        pub count: Count,
        /// How it is sorted.
        pub sort: Sort,
    }

    impl From<Hits<Order>> for Listed {
        fn from(hits: Hits<Order>) -> Self {
            Self { hits, counted: None }
        }
    }

    /// A page of a table of orders.
    pub async fn table(asked: &OrderTable) -> Result<Listed, Refusal> {
        let (backend, who) = asker()?;
        let page = orders::table::page(&backend, &who, asked).await?;
        let (count, sort) = (page.count, page.sort);
        Ok(Listed {
            hits: Hits::unsearched(page.rows, None),
            counted: Some(Counted { count, sort }),
        })
    }

    /// How many rows such a table has.
    pub async fn count(asked: &OrderTable) -> Result<Count, Refusal> {
        let (backend, who) = asker()?;
        orders::table::count(&backend, &who, asked).await
    }

    /// An order that the reader may see.
    pub async fn get(things_sq: &ThingsSq) -> Result<Order, Refusal> {
        let (backend, who) = asker()?;
        orders::get(&backend, &who, things_sq).await
    }

    /// The kiosk an order lies in, if it lies in one.
    pub async fn place(order: &Order) -> Result<Option<Whereabouts>, Refusal> {
        let (backend, who) = asker()?;
        match &order.place {
            Some(place) => kiosks::whereabouts(&backend, &who, place.yid).await.map(Some),
            None => Ok(None),
        }
    }

    /// Orders found by a text, a status and the like.
    pub async fn find(asked: &OrderSearch) -> Result<Hits<Order>, Refusal> {
        let (backend, who) = asker()?;
        finding::find(&backend, &who, asked).await
    }

    /// Orders in the order of their customers' numbers.
    pub async fn search(filter: &OrderFilter) -> Result<Page<Order>, Refusal> {
        let (backend, who) = asker()?;
        orders::search(&backend, &who, filter).await
    }

    /// How many orders there are of each status.
    pub async fn counts() -> Result<Vec<(OrderStatus, u32)>, Refusal> {
        let (backend, who) = asker()?;
        orders::counts(&backend, &who).await
    }

    /// Deposits that nobody fetched in time.
    pub async fn overdue(limit: u32) -> Result<Vec<Overdue>, Refusal> {
        let (backend, who) = asker()?;
        late::list(&backend, &who, limit).await
    }
}

#[cfg(feature = "ssr")]
mod body {
    use super::{CustomerNo, Hits, Order, OrderStatus, ROWS, Refused};
    use crate::context;
    use backend::locker::{orders, search as finding};
    use domain::locker::orders::{OrderFilter, OrderSearch};
    use domain::people::Role;

    pub(super) async fn search(
        role: Role,
        (text, customer_no): (Option<String>, Option<CustomerNo>),
        status: Option<OrderStatus>,
        cursor: Option<String>,
    ) -> Result<Hits<Order>, Refused> {
        let request = context::request();
        let who = request.require(role)?;
        let text = text.unwrap_or_default();
        let asked = match customer_no {
            Some(number) if text.trim().is_empty() => {
                let filter = OrderFilter {
                    customer_no: number.0,
                    status,
                    cursor,
                    limit: ROWS,
                    ..OrderFilter::default()
                };
                let page = orders::search(&request.backend, who, &filter).await?;
                return Ok(Hits::unsearched(page.rows, page.next));
            }
            _ => OrderSearch {
                text,
                status,
                cursor,
                limit: ROWS,
                ..OrderSearch::default()
            },
        };
        Ok(finding::find(&request.backend, who, &asked).await?)
    }
}

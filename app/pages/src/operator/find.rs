//! `/operator/find`: one field for everything there is: pages, orders, people, kiosks, guards, businesses. Ctrl+K leads here from every page
//! (`style/public/page.js`).

use super::kiosks::sifted;
use super::parts::SearchBar;
use crate::error::loaded;
use crate::ui::empty::Empty;
use crate::ui::found::{TEXT, by_form};
use crate::ui::layout::Layout;
use domain::locker::orders::OrderSearch;
use domain::people::Role;
use domain::search::{Needle, Part};
use islands::addresses::{at, menu};
use islands::context;
use islands::date::phone;
use islands::functions::{businesses, inventory, kiosks, orders, people};
use islands::i18n::{Locale, td_string};
use islands::links::{redirect, with_query};
use islands::ui::icon::Icon;
use islands::ui::status::word;
use leptos::prelude::*;

/// Rows of each kind; the list of the kind has the others.
const EACH: u32 = 5;

/// What was found of one kind.
struct Group {
    title: &'static str,
    icon: &'static str,
    hits: Vec<Found>,
    /// The list with all of them, where there are more.
    all: Option<String>,
}

/// A way to what was found.
struct Found {
    href: String,
    text: String,
    /// What else tells it from others.
    more: String,
}

impl Found {
    fn new(href: String, text: impl Into<String>, more: impl Into<String>) -> Self {
        Self {
            href,
            text: text.into(),
            more: more.into(),
        }
    }
}

/// The page.
#[component]
pub fn FindPage() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let locale = request.locale;
            request.require(Role::Operator)?;
            let text = request.query(TEXT).trim().to_owned();
            let mut groups = vec![pages(locale, &text)];
            if !text.is_empty() {
                groups.push(orders_like(locale, &text).await?);
                groups.push(people_like(locale, &text).await?);
                let all = kiosks::list().await?;
                groups.push(kiosks_like(locale, &text, sifted(all, &request, context::now())));
                groups.push(guards_like(locale, &text).await?);
                groups.push(businesses_like(locale, &text).await?);
            }
            groups.retain(|group| !group.hits.is_empty());
            let mut all = groups.iter().flat_map(|group| &group.hits);
            if let (Some(only), None, true) = (all.next(), all.next(), by_form(&request)) {
                redirect(&only.href);
            }
            Ok(groups)
        },
        show,
    )
}

fn pages(locale: Locale, text: &str) -> Group {
    let wanted = Needle::parse(text);
    let listed = menu(Role::Operator).filter_map(|page| Some((page.path.to_owned(), page.menu?(locale))));
    let others = [
        (at::operator(), td_string!(locale, operator.overview)),
        (at::operator_import(), td_string!(locale, operator.import_orders)),
        (at::operator_new_order(), td_string!(locale, operator.add_order)),
        (at::operator_new_person(), td_string!(locale, operator.add_person)),
        (at::operator_new_kiosk(), td_string!(locale, operator.add_kiosk)),
        (at::operator_import_guards(), td_string!(locale, operator_guards.import)),
        (at::account(), td_string!(locale, operator.to_account)),
    ];
    let hits = others
        .into_iter()
        .chain(listed)
        .filter(|(_, title)| wanted.find(&[(Part::Name, title)]).is_some())
        .map(|(href, title)| Found::new(href, title, ""));
    Group {
        title: td_string!(locale, operator.found_pages),
        icon: "arrow-right",
        hits: hits.collect(),
        all: None,
    }
}

/// Where there are more than are shown, the list that has them.
fn all(more: bool, list: String, text: &str) -> Option<String> {
    more.then(|| with_query(&list, &[(TEXT, text)]))
}

async fn orders_like(locale: Locale, text: &str) -> Result<Group, domain::error::Refusal> {
    let asked = OrderSearch {
        text: text.to_owned(),
        limit: EACH,
        ..OrderSearch::default()
    };
    let found = orders::find(&asked).await?;
    let hits = found.rows.into_iter().map(|hit| {
        let order = hit.of;
        let more = [order.customer_no.as_str(), &order.address, word(locale, order.status)].join(" · ");
        let text = format!("{} {}", order.things_sq, order.customer_name);
        Found::new(at::operator_order(&order.things_sq), text, more)
    });
    Ok(Group {
        title: td_string!(locale, common.orders),
        icon: "box",
        hits: hits.collect(),
        all: all(found.next.is_some(), at::operator_orders(), text),
    })
}

async fn people_like(locale: Locale, text: &str) -> Result<Group, domain::error::Refusal> {
    let found = people::list(text, None, None, EACH).await?;
    let hits = found.rows.into_iter().map(|hit| {
        let more = [Some(phone(&hit.of.phone)), hit.of.business.map(|name| name.0)];
        let more: Vec<String> = more.into_iter().flatten().collect();
        Found::new(at::operator_person(&hit.of.phone), hit.of.name, more.join(" · "))
    });
    Ok(Group {
        title: td_string!(locale, common.people),
        icon: "users",
        hits: hits.collect(),
        all: all(found.next.is_some(), at::operator_people(), text),
    })
}

fn kiosks_like(locale: Locale, text: &str, found: Vec<domain::search::Hit<domain::locker::kiosks::Kiosk>>) -> Group {
    let more = found.len() > EACH as usize;
    let hits = found.into_iter().take(EACH as usize).map(|hit| {
        let title = format!("{} {}", hit.of.yid, hit.of.name);
        Found::new(at::operator_kiosk(&hit.of.yid), title, hit.of.address)
    });
    Group {
        title: td_string!(locale, common.kiosks),
        icon: "cabinet",
        hits: hits.collect(),
        all: all(more, at::operator_kiosks(), text),
    }
}

async fn guards_like(locale: Locale, text: &str) -> Result<Group, domain::error::Refusal> {
    let found = inventory::list(text, None, EACH).await?;
    let hits = found.rows.into_iter().map(|hit| {
        let id = hit.of.guard_id.to_string();
        let more = hit.of.owner.as_ref().map(phone).unwrap_or_default();
        // A guard has no page here; the list says what is known of it.
        Found::new(with_query(&at::operator_guards(), &[(TEXT, &id)]), id, more)
    });
    Ok(Group {
        title: td_string!(locale, operator_guards.guards),
        icon: "door",
        hits: hits.collect(),
        all: all(found.next.is_some(), at::operator_guards(), text),
    })
}

async fn businesses_like(locale: Locale, text: &str) -> Result<Group, domain::error::Refusal> {
    let found = businesses::list(text, None, EACH).await?;
    let hits = found
        .rows
        .into_iter()
        .map(|business| Found::new(at::operator_business(&business.name), business.name.0, ""));
    Ok(Group {
        title: td_string!(locale, common.businesses),
        icon: "briefcase",
        hits: hits.collect(),
        all: all(found.next.is_some(), at::operator_businesses(), text),
    })
}

fn show(groups: Vec<Group>) -> AnyView {
    let locale = context::locale();
    let found = if groups.is_empty() {
        view! { <Empty text=td_string!(locale, operator.found_nothing) icon="search"/> }.into_any()
    } else {
        groups
            .into_iter()
            .map(|group| shown(locale, group))
            .collect_view()
            .into_any()
    };
    view! {
        <Layout title=td_string!(locale, operator.find)>
            <SearchBar name=TEXT label=td_string!(locale, operator.find_hint) opens=true autofocus=true/>
            <p class="text-sm opacity-75 max-sm:hidden">{td_string!(locale, operator.find_keys)}</p>
            <div id="results" class="flex flex-col gap-4">{found}</div>
        </Layout>
    }
    .into_any()
}

fn shown(locale: Locale, group: Group) -> AnyView {
    let Group { title, icon, hits, all } = group;
    let rows: Vec<_> = hits
        .into_iter()
        .map(|found| {
            let more = (!found.more.is_empty()).then(|| view! { <span class="block truncate text-sm opacity-75" dir="auto">{found.more}</span> });
            view! {
                <li>
                    <a href=found.href class="row-go hover:bg-base-200 flex min-h-12 items-center gap-2 rounded px-2 py-1" data-hit="" data-testid="found">
                        <Icon name=icon class="size-5 shrink-0 opacity-60"/>
                        <span class="min-w-0 flex-1"><span class="block truncate font-medium" dir="auto">{found.text}</span> {more}</span>
                    </a>
                </li>
            }
        })
        .collect();
    let all = all.map(|href| view! { <a href=href class="link flex min-h-11 items-center px-2">{td_string!(locale, operator.found_more)}</a> });
    view! {
        <section class="flex flex-col gap-1">
            <h2 class="px-2 text-sm font-semibold opacity-75">{title}</h2>
            <ul>{rows}</ul>
            {all}
        </section>
    }
    .into_any()
}

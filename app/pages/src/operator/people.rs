//! `/operator/people`: everybody who may sign in.

use super::parts::{FileLink, Filter, NoRows, ROWS, SearchBar, numbered_page};
use crate::auth::role_name;
use crate::error::loaded;
use crate::ui::found::{TEXT, marked, matched, only, unfinished};
use crate::ui::layout::Layout;
use crate::ui::pager::{CURSOR, Pager};
use domain::locker::orders::Count;
use domain::people::{Person, Role};
use domain::search::{Found, Hit, Hits, Part};
use islands::addresses::{PEOPLE_CSV, at};
use islands::context;
use islands::date::phone;
use islands::functions::people;
use islands::i18n::td_string;
use islands::links;
use islands::ui::html::Html;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// The list.
#[component]
pub fn People() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let role = Role::parse(request.query("role"));
            if let Some(page) = numbered_page(&request) {
                let place = people::page(role, page, ROWS).await?;
                let hits = match place.after {
                    Some(after) => people::list("", role, Some(&after), ROWS).await?,
                    None => Hits::default(),
                };
                return Ok((Hits { next: None, ..hits }, Some(place.count)));
            }
            let hits = people::list(request.query(TEXT), role, request.query_if_any(CURSOR), ROWS).await?;
            if let Some(person) = only(&hits) {
                links::redirect(&at::operator_person(&person.phone));
            }
            Ok((hits, None))
        },
        |(page, count)| show(page, count),
    )
}

fn show(page: Hits<Person>, count: Option<Count>) -> AnyView {
    let locale = context::locale();
    let roles = std::iter::once((String::new(), td_string!(locale, operator.any_role).to_owned()))
        .chain(
            Role::ALL
                .into_iter()
                .map(|role| (role.as_str().to_owned(), role_name(locale, role).to_owned())),
        )
        .collect();
    let unfinished = unfinished(&page, ROWS as usize);
    let list = if page.rows.is_empty() && unfinished.is_some() {
        ().into_any()
    } else if page.rows.is_empty() {
        view! { <NoRows none_found=td_string!(locale, operator.no_people) none_yet=td_string!(locale, operator.no_people_yet) icon="users" count first=None/> }.into_any()
    } else {
        table(page.rows)
    };
    let add = view! {
        <a href=at::operator_new_person() class="btn btn-primary" data-testid="add-person">
            <Icon name="plus" class="size-5 shrink-0"/> {td_string!(locale, operator.add_person)}
        </a>
    };
    view! {
        <Layout title=td_string!(locale, common.people) wide=true actions=add.into_any()>
            <SearchBar name=TEXT label=td_string!(locale, operator.search_people) opens=true>
                <Filter name="role" label=td_string!(locale, operator.role) options=roles/>
            </SearchBar>
            <div id="results" class="flex flex-col gap-2">
                {unfinished}
                <FileLink path=PEOPLE_CSV count/>
                {list}
                <Pager next=page.next/>
            </div>
        </Layout>
    }
    .into_any()
}

/// In groups, or as digits where some of them are marked.
fn number_of(person: &Person, found: &[Found]) -> Html {
    if found.iter().any(|found| found.part == Part::Phone) {
        marked(person.phone.as_str(), Part::Phone, found)
    } else {
        Html::text(&phone(&person.phone))
    }
}

fn table(people: Vec<Hit<Person>>) -> AnyView {
    let locale = context::locale();
    let (name, number) = (td_string!(locale, operator.name), td_string!(locale, operator.phone));
    let (role, business) = (td_string!(locale, operator.role), td_string!(locale, operator.business));
    let state = td_string!(locale, operator.state);
    let rows: Vec<_> = people
        .into_iter()
        .map(|Hit { of: person, found }| {
            let href = at::operator_person(&person.phone);
            let without = if person.business.is_none() { "none" } else { "" };
            view! {
                <tr data-testid="person-row">
                    <td class="lead"><a href=href class="row-go" data-hit="">{marked(&person.name, Part::Name, &found)}</a> {matched(locale, &found)}</td>
                    <td class="tabular-nums">{number_of(&person, &found)}</td>
                    <td>{role_name(locale, person.role)}</td>
                    <td class=without>{person.business.map_or_else(|| Html::literal("–"), |name| marked(name.as_str(), Part::Business, &found))}</td>
                    <td class="mark">{state_badge(person.active)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <div class="work-frame">
            <table class="work">
                <thead><tr><th scope="col">{name}</th><th scope="col">{number}</th><th scope="col">{role}</th><th scope="col">{business}</th><th scope="col">{state}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// May this person sign in?
pub(super) fn state_badge(active: bool) -> AnyView {
    let locale = context::locale();
    if active {
        view! { <span class="flex items-center gap-1"><Icon name="check" class="size-4 shrink-0"/> {td_string!(locale, operator.active)}</span> }
            .into_any()
    } else {
        view! { <span class="badge badge-error badge-soft">{td_string!(locale, operator.disabled)}</span> }.into_any()
    }
}

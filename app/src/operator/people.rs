//! `/operator/people`: everybody who may sign in.

use super::parts::{Filter, ROWS, SearchBar, role_word};
use crate::context;
use crate::error::loaded;
use crate::i18n::td_string;
use crate::ui::date::phone;
use crate::ui::empty::Empty;
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use crate::ui::pager::{CURSOR, Pager};
use backend::people;
use domain::locker::orders::Page;
use domain::people::{Person, Role};
use leptos::prelude::*;

/// The list.
#[component]
pub fn People() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let who = request.require(Role::Operator)?;
            let role = Role::parse(request.query("role"));
            let cursor = Some(request.query(CURSOR)).filter(|cursor| !cursor.is_empty());
            people::list(&request.backend, who, request.query("q"), role, cursor, ROWS).await
        },
        show,
    )
}

fn show(page: Page<Person>) -> AnyView {
    let locale = context::locale();
    let roles = std::iter::once((String::new(), td_string!(locale, operator.any_role).to_owned()))
        .chain(
            Role::ALL
                .into_iter()
                .map(|role| (role.as_str().to_owned(), role_word(locale, role).to_owned())),
        )
        .collect();
    let list = if page.rows.is_empty() {
        view! { <Empty text=td_string!(locale, operator.no_people) icon="users"/> }.into_any()
    } else {
        table(page.rows)
    };
    view! {
        <Layout title=td_string!(locale, common.people) wide=true>
            <a href="/operator/people/new" class="btn btn-primary self-start" data-testid="add-person">
                <Icon name="plus" class="size-5 shrink-0"/> {td_string!(locale, operator.add_person)}
            </a>
            <SearchBar name="q" label=td_string!(locale, operator.search_people)>
                <Filter name="role" label=td_string!(locale, operator.role) options=roles/>
            </SearchBar>
            {list}
            <Pager next=page.next/>
        </Layout>
    }
    .into_any()
}

fn table(people: Vec<Person>) -> AnyView {
    let locale = context::locale();
    let (name, number) = (td_string!(locale, operator.name), td_string!(locale, operator.phone));
    let (role, business) = (td_string!(locale, operator.role), td_string!(locale, operator.business));
    let state = td_string!(locale, operator.state);
    let rows: Vec<_> = people
        .into_iter()
        .map(|person| {
            let href = format!("/operator/people/{}", person.phone);
            let without = if person.business.is_none() { "none" } else { "" };
            view! {
                <tr data-testid="person-row">
                    <td data-label=name><a href=href class="row-link">{person.name}</a></td>
                    <td data-label=number class="tabular-nums">{phone(&person.phone)}</td>
                    <td data-label=role>{role_word(locale, person.role)}</td>
                    <td data-label=business class=without>{person.business.map_or_else(|| "–".to_owned(), |name| name.0)}</td>
                    <td data-label=state>{state_badge(person.active)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <div class="table-frame">
            <table class="table rows">
                <thead><tr><th>{name}</th><th>{number}</th><th>{role}</th><th>{business}</th><th>{state}</th></tr></thead>
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

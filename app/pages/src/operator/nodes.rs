//! `/operator/nodes`: the processes that share the database, and what is to be done about them.

use super::parts::Fact;
use crate::entry::{self, ActForm, Function, of};
use crate::error::loaded;
use crate::ui::empty::Empty;
use crate::ui::layout::Layout;
use domain::nodes::{Condition, NodeInfo};
use islands::context;
use islands::date::{Time, number};
use islands::functions::nodes::{self, DrainNode, RemoveNode, UndrainNode};
use islands::i18n::{Locale, td_string};
use islands::ui::card::RefusedCard;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// The list.
#[component]
pub fn Nodes() -> impl IntoView {
    loaded(nodes::list(), show)
}

fn show(all: Vec<NodeInfo>) -> AnyView {
    let locale = context::locale();
    // The form it belongs to is folded, or not there any more.
    let functions = [of::<DrainNode>(), of::<UndrainNode>(), of::<RemoveNode>()];
    let refused = functions.into_iter().find_map(entry::on_top);
    let refused = refused.map(|refused| view! { <RefusedCard refused/> });
    let content = match all.as_slice() {
        [] => view! { <Empty text=td_string!(locale, operator_nodes.none) icon="globe"/> }.into_any(),
        [only] if only.condition == Condition::Live => single(locale, only),
        _ => view! {
            <p>{td_string!(locale, operator_nodes.hint)}</p>
            {cards(locale, all)}
        }
        .into_any(),
    };
    view! {
        <Layout title=td_string!(locale, operator_nodes.nodes) wide=true>
            {refused}
            {content}
        </Layout>
    }
    .into_any()
}

/// There is nothing to choose between, so nothing to decide.
fn single(locale: Locale, node: &NodeInfo) -> AnyView {
    let (name, host) = (node.name.to_string(), host(locale, node));
    let (started, linked) = (node.started_at, count(node.linked));
    view! {
        <p data-testid="single-node">{td_string!(locale, operator_nodes.single)}</p>
        <dl class="facts card-plain">
            <Fact label=td_string!(locale, operator_nodes.name)><span class="break-all">{name}</span></Fact>
            <Fact label=td_string!(locale, operator_nodes.host)><span class="break-all">{host}</span></Fact>
            <Fact label=td_string!(locale, operator_nodes.started)><Time at=started full=true/></Fact>
            <Fact label=td_string!(locale, operator_nodes.linked)>{linked}</Fact>
        </dl>
    }
    .into_any()
}

fn count(guards_or_owners: u64) -> String {
    number(i64::try_from(guards_or_owners).unwrap_or(i64::MAX))
}

fn host(locale: Locale, node: &NodeInfo) -> String {
    let unset = || td_string!(locale, operator_nodes.host_unset).to_owned();
    node.host.as_ref().map_or_else(unset, |host| host.as_str().to_owned())
}

/// One card each: a table would be too wide for names of hosts and for what may be done.
fn cards(locale: Locale, all: Vec<NodeInfo>) -> AnyView {
    let live = all.iter().filter(|node| node.condition == Condition::Live).count();
    let cards: Vec<_> = all
        .into_iter()
        .map(|node| card(locale, &node, live == 1 && node.condition == Condition::Live))
        .collect();
    view! { <ul class="grid items-start gap-4 lg:grid-cols-2">{cards}</ul> }.into_any()
}

fn card(locale: Locale, node: &NodeInfo, alone: bool) -> AnyView {
    let here = node.here.then(|| {
        badge(
            "badge badge-outline whitespace-nowrap",
            td_string!(locale, operator_nodes.here),
        )
    });
    let (name, host, seen) = (node.name.to_string(), host(locale, node), node.seen_at);
    let (weight, owners) = (number(node.weight), count(node.owners));
    let (guards, linked) = (count(node.guards), count(node.linked));
    view! {
        <li class="card-plain flex flex-col gap-4" data-testid="node-row">
            <div class="flex flex-wrap items-center gap-2">
                <h2 class="text-lg font-semibold break-all">{name}</h2>
                {badges(locale, node)} {here}
            </div>
            <dl class="facts">
                <Fact label=td_string!(locale, operator_nodes.host)><span class="break-all">{host}</span></Fact>
                <Fact label=td_string!(locale, operator_nodes.weight)>{weight}</Fact>
                <Fact label=td_string!(locale, operator_nodes.seen)><Time at=seen/></Fact>
                <Fact label=td_string!(locale, operator_nodes.owners)>{owners}</Fact>
                <Fact label=td_string!(locale, operator_nodes.guards)>{guards}</Fact>
                <Fact label=td_string!(locale, operator_nodes.linked)>{linked}</Fact>
            </dl>
            {choices(locale, node, alone)}
        </li>
    }
    .into_any()
}

fn badges(locale: Locale, node: &NodeInfo) -> AnyView {
    let condition = match node.condition {
        Condition::Live => {
            let text = td_string!(locale, operator_nodes.live);
            view! { <span class="flex items-center gap-1"><Icon name="check" class="size-4 shrink-0"/> {text}</span> }
                .into_any()
        }
        Condition::Draining => badge(
            "badge badge-info whitespace-nowrap",
            td_string!(locale, operator_nodes.draining),
        ),
        Condition::Dead => {
            let text = td_string!(locale, operator_nodes.dead);
            view! { <span class="badge badge-warning gap-1 whitespace-nowrap"><Icon name="warning" class="size-4 shrink-0"/> {text}</span> }.into_any()
        }
        Condition::Stopped => badge(
            "badge badge-outline whitespace-nowrap",
            td_string!(locale, operator_nodes.stopped),
        ),
    };
    let drained = (node.drained && !node.condition.is_alive()).then(|| {
        badge(
            "badge badge-info whitespace-nowrap",
            td_string!(locale, operator_nodes.drained),
        )
    });
    view! { <span class="flex flex-wrap gap-1">{condition} {drained}</span> }.into_any()
}

fn badge(class: &'static str, text: &'static str) -> AnyView {
    view! { <span class=class>{text}</span> }.into_any()
}

/// What may be done about it: whatever changes something asks once more.
fn choices(locale: Locale, node: &NodeInfo, alone: bool) -> AnyView {
    let name = node.name.to_string();
    let undrain = node.drained.then(|| {
        let button = td_string!(locale, operator_nodes.undrain);
        let (of, hidden) = (of::<UndrainNode>(), vec![("name", name.clone())]);
        view! {
            <ActForm of hidden>
                <button class="btn">{button}</button>
            </ActForm>
        }
    });
    let asked = match node.condition {
        Condition::Live => {
            let mut question = td_string!(locale, operator_nodes.drain_question, name = name.as_str()).to_string();
            if alone {
                question = format!("{question} {}", td_string!(locale, operator_nodes.drain_alone));
            }
            let (ask, yes) = (
                td_string!(locale, operator_nodes.drain_ask),
                td_string!(locale, operator_nodes.drain_yes),
            );
            Some(asking(of::<DrainNode>(), &name, ask, question, yes))
        }
        Condition::Draining => None,
        Condition::Dead | Condition::Stopped => {
            let question = td_string!(locale, operator_nodes.remove_question, name = name.as_str()).to_string();
            let (ask, yes) = (
                td_string!(locale, operator_nodes.remove_ask),
                td_string!(locale, operator_nodes.remove_yes),
            );
            Some(asking(of::<RemoveNode>(), &name, ask, question, yes))
        }
    };
    view! { <div class="flex flex-col gap-2">{undrain} {asked}</div> }.into_any()
}

fn asking(of: Function, name: &str, ask: &'static str, question: String, yes: &'static str) -> AnyView {
    let hidden = vec![("name", name.to_owned())];
    view! {
        <details class="flex flex-col gap-4">
            <summary class="btn self-start">{ask} <span class="sr-only">{name.to_owned()}</span></summary>
            <ActForm of hidden class="flex flex-col gap-4 pt-4">
                <p>{question}</p>
                <button class="btn btn-error self-start">{yes}</button>
            </ActForm>
        </details>
    }
    .into_any()
}

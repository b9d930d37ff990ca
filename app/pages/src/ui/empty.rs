//! A list with nothing in it: says so, and what to do next.

use islands::ui::icon::Icon;
use leptos::prelude::*;

/// In place of the rows. The children are the way on, such as a link.
#[component]
pub fn Empty(
    /// What is not there, and why perhaps.
    #[prop(into)]
    text: String,
    /// An icon for it.
    #[prop(default = "search")]
    icon: &'static str,
    /// The way on.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="card-plain flex flex-col items-center gap-4 py-10 text-center" data-testid="empty">
            <Icon name=icon class="size-10 shrink-0 opacity-60"/>
            <p class="max-w-prose">{text}</p>
            {children.map(|children| children())}
        </div>
    }
}

//! What was refused, as a card.

use crate::refused::Refused;
use crate::ui::icon::Icon;
use leptos::prelude::*;

/// A refusal in the words of a function as a card on top of what it concerns, read out at once by screen readers; where there are several lines, the first one is a heading.
#[component]
pub fn RefusedCard(
    /// Why.
    refused: Refused,
) -> impl IntoView {
    let (first, more) = match refused.words.split_once('\n') {
        Some((first, more)) => (first.to_owned(), Some(more.to_owned())),
        None => (refused.words, None),
    };
    view! {
        <div role="alert" class="alert alert-error alert-soft items-start" data-testid="refusal">
            <Icon name="warning"/>
            {match more {
                None => view! { <p>{first}</p> }.into_any(),
                Some(more) => view! {
                    <div class="flex flex-col gap-1">
                        <p class="font-semibold">{first}</p>
                        <p>{more}</p>
                    </div>
                }
                .into_any(),
            }}
        </div>
    }
    .into_any()
}

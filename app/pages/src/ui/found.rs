//! What a search found: marked where it stands, and named.

use domain::search::{Found, Hits, Part};
use islands::context::{self, RequestContext};
use islands::html;
use islands::i18n::{Locale, td_string};
use islands::ui::html::Html;
use leptos::prelude::*;

/// The query parameter of what is searched for.
pub const TEXT: &str = "q";
/// Sent with a search's form: where one thing alone is found, it is opened.
pub use islands::ui::typing::OPEN;

/// A text of a hit, with what was found in it marked.
pub fn marked(text: &str, part: Part, found: &[Found]) -> Html {
    if !found.iter().any(|found| found.part == part) {
        return Html::text(text);
    }
    let pieces = pieces(text, part, found).into_iter().map(|(piece, marked)| {
        if marked {
            html!("<mark>{piece}</mark>", piece = piece)
        } else {
            Html::text(&piece)
        }
    });
    pieces.collect()
}

/// The text in pieces that are marked as a whole or not at all.
fn pieces(text: &str, part: Part, found: &[Found]) -> Vec<(String, bool)> {
    let mut pieces: Vec<(String, bool)> = Vec::new();
    for (at, c) in (0_u32..).zip(text.chars()) {
        let marked = found
            .iter()
            .any(|found| found.part == part && (found.start..found.end).contains(&at));
        match pieces.last_mut() {
            Some((piece, same)) if *same == marked => piece.push(c),
            _ => pieces.push((c.to_string(), marked)),
        }
    }
    pieces
}

/// What a part is called.
fn part_word(locale: Locale, part: Part) -> &'static str {
    match part {
        Part::CustomerNo => td_string!(locale, common.part_customer_no),
        Part::OrderNo => td_string!(locale, common.part_order_no),
        Part::Name => td_string!(locale, common.part_name),
        Part::Address => td_string!(locale, common.part_address),
        Part::Business => td_string!(locale, common.part_business),
        Part::Phone => td_string!(locale, common.part_phone),
        Part::Number => td_string!(locale, common.part_number),
        Part::Comment => td_string!(locale, common.part_comment),
    }
}

/// Which parts matched, in words; nothing where nothing was looked for.
pub fn matched(locale: Locale, found: &[Found]) -> Html {
    let mut parts: Vec<Part> = found.iter().map(|found| found.part).collect();
    parts.sort_unstable();
    parts.dedup();
    if parts.is_empty() {
        return Html::default();
    }
    let words: Vec<&str> = parts.into_iter().map(|part| part_word(locale, part)).collect();
    let text = td_string!(locale, common.matched, parts = words.join(" · ")).to_string();
    html!(
        r#"<span class="matched" data-testid="matched">{text}</span>"#,
        text = text
    )
}

/// What the reader must know of an answer that does not show everything.
pub fn unfinished<T>(hits: &Hits<T>, limit: usize) -> Option<AnyView> {
    let locale = context::locale();
    let text = if hits.incomplete {
        td_string!(locale, common.search_incomplete)
    } else if hits.next.is_some() && hits.rows.len() < limit {
        td_string!(locale, common.search_unfinished)
    } else {
        return None;
    };
    Some(
        view! { <p role="status" class="alert alert-info alert-soft" data-testid="search-unfinished">{text}</p> }
            .into_any(),
    )
}

/// Was a search sent by its form? Then what is found alone is opened.
pub fn by_form(request: &RequestContext) -> bool {
    let first = request.query(crate::ui::pager::CURSOR).is_empty();
    first && request.query(OPEN) == "1" && !request.query(TEXT).trim().is_empty()
}

/// The only hit, where the search was sent by its form and there is no other.
pub fn only<T>(hits: &Hits<T>) -> Option<&T> {
    match hits.rows.as_slice() {
        [hit] if by_form(&context::request()) && hits.next.is_none() && !hits.incomplete => Some(&hit.of),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_in_a_part_is_marked_there_alone() {
        let found = |part, start, end| Found { part, start, end };
        let found = [
            found(Part::Name, 1, 3),
            found(Part::Name, 2, 4),
            found(Part::Address, 0, 1),
        ];
        let shown = |text, part| {
            let pieces = pieces(text, part, &found);
            let pieces: Vec<String> = pieces
                .into_iter()
                .map(|(piece, marked)| if marked { format!("[{piece}]") } else { piece })
                .collect();
            pieces.concat()
        };
        assert_eq!(shown("남궁민준 님", Part::Name), "남[궁민준] 님");
        assert_eq!(shown("서울", Part::Address), "[서]울");
        assert_eq!(shown("한빛", Part::Business), "한빛");
        assert_eq!(shown("", Part::Name), "");
    }

    #[test]
    fn marks_are_the_only_markup_of_a_text_that_was_found() {
        let found = [Found {
            part: Part::Name,
            start: 1,
            end: 3,
        }];
        let shown = |part| marked("a<b>&", part, &found);
        assert_eq!(shown(Part::Name).as_str(), "a<mark>&lt;b</mark>&gt;&amp;");
        assert_eq!(shown(Part::Address).as_str(), "a&lt;b&gt;&amp;");
    }

    #[test]
    fn what_matched_is_named_once() {
        let found = |start| Found {
            part: Part::Name,
            start,
            end: start + 1,
        };
        assert_eq!(matched(Locale::en, &[]), Html::default());
        let named = matched(Locale::en, &[found(0), found(4)]);
        assert_eq!(named.as_str().matches(part_word(Locale::en, Part::Name)).count(), 1);
    }
}

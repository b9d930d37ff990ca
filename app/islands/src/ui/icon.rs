//! Icons by name, for pages rendered on the server; what they look like is in [`super::glyph`].

use crate::html;
use crate::ui::glyph;
use crate::ui::html::Html;
use leptos::prelude::*;

/// An icon by name; an unknown name draws nothing.
#[component]
pub fn Icon(
    /// Its name here.
    name: &'static str,
    /// Tailwind size and colour.
    #[prop(default = "size-6 shrink-0")]
    class: &'static str,
) -> impl IntoView {
    svg(name, class).into_render()
}

/// The same for what is put together as text.
pub fn svg(name: &str, class: &str) -> Html {
    html!(
        r#"<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" class="{class}">{paths}</svg>"#,
        class = class,
        paths = Html::literal(paths(name))
    )
}

/// Every name, for the page that shows all of them.
pub const NAMES: [&str; 33] = [
    "warning",
    "check",
    "scan",
    "eye",
    "search",
    "cabinet",
    "clock",
    "user",
    "users",
    "briefcase",
    "list",
    "badge",
    "key",
    "home",
    "arrow-left",
    "arrow-right",
    "upload",
    "plus",
    "globe",
    "sign-out",
    "sync",
    "box",
    "inbox",
    "truck",
    "pin",
    "qr",
    "door",
    "door-open",
    "ban",
    "copy",
    "share",
    "message",
    "download",
];

fn paths(name: &str) -> &'static str {
    match name {
        "warning" => glyph::WARNING,
        "check" => glyph::CHECK,
        "scan" => glyph::SCANNED,
        "eye" => glyph::EYE,
        "search" => glyph::SEARCH,
        "cabinet" => glyph::CABINET,
        "clock" => glyph::CLOCK,
        "user" => glyph::USER,
        "users" => glyph::USERS,
        "briefcase" => glyph::BRIEFCASE,
        "list" => glyph::LIST,
        "badge" => glyph::BADGE,
        "key" => glyph::KEY,
        "home" => glyph::HOME,
        "arrow-left" => glyph::ARROW_LEFT,
        "arrow-right" => glyph::ARROW_RIGHT,
        "upload" => glyph::UPLOAD,
        "plus" => glyph::PLUS,
        "globe" => glyph::GLOBE,
        "sign-out" => glyph::SIGN_OUT,
        "sync" => glyph::SYNC,
        "box" => glyph::BOX,
        "inbox" => glyph::INBOX,
        "truck" => glyph::TRUCK,
        "pin" => glyph::PIN,
        "qr" => glyph::QR,
        "door" => glyph::DOOR,
        "door-open" => glyph::DOOR_OPEN,
        "ban" => glyph::BLOCKED,
        "copy" => glyph::COPY,
        "share" => glyph::SHARE,
        "message" => glyph::MESSAGE,
        "download" => glyph::DOWNLOAD,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::{Icon, NAMES, paths};
    use crate::ui::glyph::Glyph;
    use leptos::prelude::*;

    #[test]
    fn an_icon_on_a_page_is_that_of_the_browser() {
        let page = view! { <Icon name="check" class="size-5"/> }.to_html();
        let browser = view! { <Glyph paths=paths("check") class="size-5"/> }.to_html();
        assert_eq!(page, browser);
    }

    #[test]
    fn every_name_draws_something() {
        assert!(NAMES.iter().all(|name| !paths(name).is_empty()));
        assert_eq!(paths("nothing"), "");
    }

    #[test]
    fn an_icon_is_drawn_in_one_place() {
        let drawing = ["<", "path"].concat();
        assert!(!include_str!("icon.rs").contains(&drawing));
        let mut drawings: Vec<&str> = include_str!("glyph.rs").split("r#\"").skip(1).collect();
        let all = drawings.len();
        assert!(all > 40 && drawings.iter().all(|paths| paths.starts_with('<')));
        drawings
            .iter_mut()
            .for_each(|paths| *paths = paths.split("\"#").next().unwrap_or_default());
        drawings.sort_unstable();
        drawings.dedup();
        assert_eq!(drawings.len(), all, "two constants draw the same");
    }
}

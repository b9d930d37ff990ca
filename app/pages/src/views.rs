//! What draws each page, made from [`islands::every_page`].

use crate::{auth, business, components, home, kiosk, offline, operator, owner, staff};
use islands::addresses::page_at;
use leptos::prelude::*;

/// Draws a page, for the request in the context.
type View = fn() -> AnyView;

macro_rules! views {
    ($($name:ident($($argument:ident: $kind:ty),*) $path:literal $view:path, $door:expr $(, $menu:expr)?;)*) => {
        const VIEWS: &[(&str, View)] = &[$(($path, || $view().into_any())),*];
    };
}

islands::every_page!(views);

/// What draws the page that this path names; `None` where it names no page.
pub(crate) fn view_at(path: &str) -> Option<View> {
    let page = page_at(path)?;
    VIEWS.iter().find(|(own, _)| *own == page.path).map(|(_, view)| *view)
}

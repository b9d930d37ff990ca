//! Is the page to be seen, and when does it come back?

use leptos::prelude::*;

/// Is the page out of sight?
pub fn hidden() -> bool {
    document().hidden()
}

/// Does something whenever the page comes back: shown again, fetched out of the browser's memory, online again. As long as the page lives.
pub fn on_return(act: impl Fn() + Clone + 'static) {
    for name in ["visibilitychange", "pageshow", "online"] {
        let act = act.clone();
        window_event_listener_untyped(name, move |_| act());
    }
}

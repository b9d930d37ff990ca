//! Which wasm file a page has, and asking for it in the head of the page: without that the browser hears of it only from `page.js`.

use crate::addresses::at;
use crate::context;
use crate::html;
use crate::i18n::td_string;
use crate::ui::act::Act;
use crate::ui::head;
use crate::ui::icon::Icon;
use domain::people::Role;
use leptos::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The wasm file of the page being rendered. Put into the context by the shell.
#[derive(Clone)]
pub struct WasmFile {
    /// Where the site's files are, this version's.
    directory: Arc<str>,
    /// Its name without an ending.
    name: &'static str,
    /// Is it asked for already?
    asked: Arc<AtomicBool>,
    /// Is there a form that can be sent without leaving the page?
    acts: Arc<AtomicBool>,
}

impl WasmFile {
    /// The file for the page at this path, of somebody with this role, or of nobody; `directory` as in addresses, without slashes around it.
    pub fn of(role: Option<Role>, path: &str, directory: &str) -> Self {
        Self::named(name(role, path), directory)
    }

    /// The kiosk's, which works without a network.
    pub fn of_kiosk(directory: &str) -> Self {
        Self::named("kiosk", directory)
    }

    fn named(name: &'static str, directory: &str) -> Self {
        Self {
            directory: Arc::from(directory),
            name,
            asked: Arc::default(),
            acts: Arc::default(),
        }
    }

    /// Its name, for `page.js`.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

fn name(role: Option<Role>, path: &str) -> &'static str {
    match role {
        _ if path.trim_end_matches('/') == at::offline_scan() => "scan",
        Some(Role::Staff) if path.trim_end_matches('/') == at::staff_scan() => "scan",
        Some(Role::Staff | Role::Business) => "staff",
        _ => "owner",
    }
}

/// Stands beside everything that moves. The first one of a page tells the browser, in the page's head, to fetch the wasm file and its script
/// while it is still reading the page. A page without one loads no wasm.
#[component]
pub fn Preload() -> impl IntoView {
    let file = use_context::<WasmFile>().filter(|file| !file.asked.swap(true, Ordering::Relaxed));
    if let Some(file) = file {
        // The second as `page.js` fetches it: browsers fetch it twice where the two differ.
        head::add(html!(
            r#"<link rel="modulepreload" href="/{directory}/{name}.js">"#
            r#"<link rel="preload" as="fetch" crossorigin="anonymous" href="/{directory}/{name}_bg.wasm">"#,
            directory = &*file.directory,
            name = file.name
        ));
    }
}

/// Says that the page has a form for [`Act`].
pub fn page_acts() {
    if let Some(file) = use_context::<WasmFile>() {
        file.acts.store(true, Ordering::Relaxed);
    }
}

/// Stands once at the end of a page: the island that sends the page's forms, where it has any and somebody is signed in. To sign in nobody waits
/// for a wasm file.
#[component]
pub fn Acts() -> impl IntoView {
    let request = context::request();
    let locale = request.locale;
    let acts = use_context::<WasmFile>().is_some_and(|file| file.acts.load(Ordering::Relaxed));
    (acts && request.person.is_some()).then(|| {
        view! {
            <Preload/>
            <Act>
                <Icon name="warning"/>
                <p data-case="offline">{td_string!(locale, common.act_offline)}</p>
                <p data-case="signed-out">
                    {td_string!(locale, common.act_signed_out)} " "
                    <a href=at::sign_in() target="_blank" class="link">{td_string!(locale, common.act_sign_in)}</a>
                </p>
                <p data-case="updated">
                    {td_string!(locale, common.act_updated)} " "
                    <a href="" target="_blank" class="link">{td_string!(locale, common.act_open_again)}</a>
                </p>
            </Act>
        }
    })
}

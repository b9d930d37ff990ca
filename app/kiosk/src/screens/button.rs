//! The one button, the one alert and the one line of text of all screens. Every view of a shape of its own costs the wasm file
//! kilobytes; these are one shape each.

use islands::ui::glyph::Glyph;
use leptos::prelude::*;

/// As large as gloves need it.
const LARGE: &str = "btn btn-xl min-h-18 h-auto py-3 text-xl whitespace-normal";
/// A screen's main action.
const MAIN: &str = "btn btn-primary btn-xl min-h-18 h-auto py-3 text-2xl whitespace-normal";
/// One of several that exclude each other.
const CHOICE: &str = "join-item btn btn-xl min-h-18 px-4 text-lg";
/// A key of a pad.
const KEY: &str = "btn btn-xl kiosk-key tabular-nums";

/// A button being described; [`Button::view`] draws it.
pub struct Button {
    class: &'static str,
    testid: String,
    text: String,
    icon: Option<&'static str>,
    inside: Option<AnyView>,
    spoken: Option<&'static str>,
    label: Option<String>,
    lang: Option<&'static str>,
    pressed: Option<Signal<bool>>,
    disabled: Option<Signal<bool>>,
    wide: bool,
}

impl Button {
    fn new(class: &'static str, testid: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            class,
            testid: testid.into(),
            text: text.into(),
            icon: None,
            inside: None,
            spoken: None,
            label: None,
            lang: None,
            pressed: None,
            disabled: None,
            wide: false,
        }
    }

    /// An ordinary one.
    pub fn large(testid: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(LARGE, testid, text)
    }

    /// The screen's main action.
    pub fn main(testid: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(MAIN, testid, text)
    }

    /// One of several that exclude each other.
    pub fn choice(testid: impl Into<String>, text: impl Into<String>, chosen: Signal<bool>) -> Self {
        let mut button = Self::new(CHOICE, testid, text);
        button.pressed = Some(chosen);
        button
    }

    /// A key of a pad.
    pub fn key(testid: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(KEY, testid, text)
    }

    /// One that looks like nothing but itself, with its own content.
    pub fn free(class: &'static str, testid: impl Into<String>, inside: AnyView) -> Self {
        let mut button = Self::new(class, testid, "");
        button.inside = Some(inside);
        button
    }

    /// With an icon before the words.
    pub fn icon(mut self, paths: &'static str) -> Self {
        self.icon = Some(paths);
        self
    }

    /// Spoken instead of a sign that is no word.
    pub fn spoken(mut self, text: &'static str) -> Self {
        self.spoken = Some(text);
        self
    }

    /// The door it is about.
    pub fn about(mut self, label: String) -> Self {
        self.label = Some(label);
        self
    }

    /// The language of its words, where it is not the page's.
    pub fn lang(mut self, code: &'static str) -> Self {
        self.lang = Some(code);
        self
    }

    /// Not to be used while this holds.
    pub fn disabled(mut self, when: Signal<bool>) -> Self {
        self.disabled = Some(when);
        self
    }

    /// As wide as there is room.
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// Draws it.
    pub fn view(self, tap: impl Fn() + Send + Sync + 'static) -> AnyView {
        self.draw(Box::new(tap))
    }

    fn draw(self, tap: Box<dyn Fn() + Send + Sync>) -> AnyView {
        let (pressed, disabled) = (self.pressed, self.disabled);
        let is_pressed = move || pressed.is_some_and(|pressed| pressed.get());
        let says_pressed = move || pressed.map(|pressed| if pressed.get() { "true" } else { "false" });
        let is_disabled = move || disabled.is_some_and(|disabled| disabled.get());
        let icon = self.icon.map(|paths| view! { <Glyph paths=paths/> }.into_any());
        view! {
            <button
                type="button"
                class=self.class
                class:grow=self.wide
                class:btn-neutral=is_pressed
                lang=self.lang
                disabled=is_disabled
                aria-pressed=says_pressed
                aria-label=self.spoken
                data-testid=self.testid
                data-label=self.label
                on:click=move |_| tap()
            >
                {icon}
                {self.text}
                {self.inside}
            </button>
        }
        .into_any()
    }
}

/// Something people have to notice; `what` says in a word what it is about.
pub fn alert(
    tone: &'static str,
    icon: &'static str,
    text: impl Into<String>,
    testid: &'static str,
    what: Option<&'static str>,
) -> AnyView {
    let text: String = text.into();
    view! {
        <p class=format!("alert {tone} text-2xl") data-testid=testid data-notice=what>
            <Glyph paths=icon class="size-9 shrink-0"/>
            <span>{text}</span>
        </p>
    }
    .into_any()
}

/// A line of text.
pub fn text(class: &'static str, text: impl Into<String>) -> AnyView {
    let text: String = text.into();
    view! { <p class=class>{text}</p> }.into_any()
}

/// A part that is drawn again when what it reads changes.
pub fn live(part: impl Fn() -> Option<AnyView> + Send + Sync + 'static) -> AnyView {
    live_part(Box::new(part))
}

fn live_part(part: Box<dyn Fn() -> Option<AnyView> + Send + Sync>) -> AnyView {
    (move || part()).into_any()
}

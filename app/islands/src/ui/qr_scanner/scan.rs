//! The island that brings the scanner which the server drew to life.

use super::camera::{CameraProblem, Facing};
use super::lens::{Lens, ReaderState, Report};
use crate::ui::{act, sheet};
use domain::token::frames::{Decoder, Reading};
use leptos::html::Div;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    CustomEvent, Element, Event, EventTarget, HtmlDetailsElement, HtmlElement, HtmlFormElement, HtmlInputElement,
    HtmlTextAreaElement, HtmlVideoElement,
};

/// How long something that is no code of ours is spoken of.
const FOREIGN_SHOWN: Duration = Duration::from_millis(2_500);
/// How long what was read stands before the form is sent.
const READ_SHOWN: Duration = Duration::from_millis(250);
/// How long a code that could not be sent waits before it is sent again.
const UNSENT_RESTS: Duration = Duration::from_secs(3);
/// How long a phone shakes when a code was read.
const SHAKE_MS: u32 = 60;
/// Bytes of a one-use key.
const KEY_BYTES: usize = 16;

struct Scanner {
    says: Element,
    frame: Element,
    fill: Element,
    typing: HtmlDetailsElement,
    form: HtmlFormElement,
    field: HtmlTextAreaElement,
    buttons: [HtmlElement; 3],
    /// What was sent and refused, or is done: not sent again by itself.
    sent: RefCell<String>,
    /// What the form's one-use key was used for.
    keyed: RefCell<String>,
    pieces: RefCell<Decoder>,
    /// A code came in pieces.
    moving: Cell<bool>,
    done: Cell<bool>,
}

/// Starts the camera for the markup of `ScannerForm`, which is its children. Lives as long as the page.
#[island]
pub fn Scanner(
    /// The markup.
    children: Children,
) -> impl IntoView {
    let root = NodeRef::<Div>::new();
    Effect::new(move |_| {
        if let Some(root) = root.get() {
            // Where the markup is another one, typing is left.
            let _started = scan(&root);
        }
    });
    view! { <div node_ref=root>{children()}</div> }
}

/// The first element inside `root` that matches; an error where the markup is not as expected.
fn find<T: JsCast>(root: &Element, selector: &str) -> Result<T, JsValue> {
    root.query_selector(selector)?
        .map(JsCast::unchecked_into)
        .ok_or_else(|| selector.into())
}

fn set(element: &Element, name: &str, value: &str) {
    // Fails only for an invalid name.
    let _set = element.set_attribute(name, value);
}

/// Does something with the camera at every click.
fn on_click(button: &HtmlElement, lens: &Rc<Lens>, act: fn(&Rc<Lens>)) {
    let lens = lens.clone();
    let listener = Closure::<dyn Fn()>::new(move || act(&lens));
    button.set_onclick(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
}

fn scan(root: &Element) -> Result<(), JsValue> {
    let button = |name: &str| find::<HtmlElement>(root, &["[data-do=", name, "]"].concat());
    let field: HtmlTextAreaElement = find(root, "textarea")?;
    let scanner = Rc::new(Scanner {
        says: find(root, ".scanner-says")?,
        frame: find(root, ".scanner-frame")?,
        fill: find(root, ".scanner-frame-fill")?,
        typing: find(root, "details")?,
        form: find(root, "form")?,
        sent: RefCell::new(field.value()),
        keyed: RefCell::default(),
        field,
        buttons: [button("torch")?, button("other")?, button("again")?],
        pieces: RefCell::default(),
        moving: Cell::new(false),
        done: Cell::new(false),
    });
    scanner.typing.set_open(scanner.typing.has_attribute("data-problem"));
    let (reading, showing) = (scanner.clone(), scanner.clone());
    let lens = Lens::new(
        find::<HtmlVideoElement>(root, "video")?,
        Facing::Away,
        move |text| reading.receive(&text),
        move |report| showing.show(report),
    );
    let [torch, other, again] = &scanner.buttons;
    on_click(torch, &lens, Lens::toggle_torch);
    on_click(other, &lens, Lens::other_camera);
    on_click(again, &lens, Lens::retry);
    lens.start();
    let sending = scanner.clone();
    listen(&scanner.form, "submit", move |_| sending.renew_key());
    let refused = scanner.clone();
    listen(&document(), act::REFUSED, move |event| {
        refused.look_again();
        let status = event.unchecked_ref::<CustomEvent>().detail().as_f64();
        if status.is_none_or(|status| status == 0.0 || status >= 500.0) {
            refused.clone().send_again_later();
        }
    });
    let opened = lens.clone();
    listen(&document(), sheet::OPENED, move |_| opened.stop());
    listen(&document(), sheet::CLOSED, move |_| {
        scanner.look_again();
        scanner.field.set_value("");
        lens.start();
    });
    Ok(())
}

/// As long as the page lives.
fn listen(target: &EventTarget, name: &str, act: impl Fn(Event) + 'static) {
    let listener = Closure::<dyn Fn(Event)>::new(act);
    // Cannot fail with a function.
    let _added = target.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    listener.forget();
}

/// A key that nobody can guess.
fn fresh_key() -> Option<String> {
    let mut bytes = [0_u8; KEY_BYTES];
    let crypto = window().crypto().ok()?;
    crypto.get_random_values_with_u8_array(&mut bytes).ok()?;
    let letter = |half: u8| char::from_digit(u32::from(half), 16);
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(letter)
        .collect()
}

impl Scanner {
    fn say(&self, what: &str) {
        let text = self.says.get_attribute(&["data-", what].concat());
        self.says.set_text_content(text.as_deref());
    }

    /// What was read is dealt with: the next code, please.
    fn look_again(&self) {
        self.done.set(false);
        self.pieces.take();
        set(&self.fill, "stroke-dasharray", "0 100");
        // Fails only for an invalid name.
        let _removed = self.frame.remove_attribute("data-read");
        self.say("prompt");
    }

    /// The form stays while one code after the other is sent with it, and a key is for one.
    fn renew_key(&self) {
        let hidden = |name: &str| {
            let found = self.form.query_selector(&["[name=", name, "]"].concat());
            found.ok().flatten().map(JsCast::unchecked_into::<HtmlInputElement>)
        };
        let order = hidden("order").map(|order| order.value()).unwrap_or_default();
        let what = [order.as_str(), " ", &self.field.value()].concat();
        let before = self.keyed.replace(what.clone());
        if !before.is_empty()
            && before != what
            && let (Some(key), Some(once)) = (fresh_key(), hidden("once"))
        {
            once.set_value(&key);
        }
    }

    /// What the camera read waits for the network, unless somebody does something else meanwhile.
    fn send_again_later(self: Rc<Self>) {
        let unsent = self.sent.borrow().clone();
        let send_again = move || {
            let same = !unsent.is_empty() && *self.sent.borrow() == unsent && self.field.value() == unsent;
            let over = document().query_selector("dialog[open]");
            if same && !self.done.get() && matches!(over, Ok(None)) {
                self.done.set(true);
                // Fails only where the form is no longer in the page.
                let _sent = self.form.request_submit();
            }
        };
        set_timeout(send_again, UNSENT_RESTS);
    }

    fn show(&self, report: Report) {
        let failed = matches!(report.state, ReaderState::Failed(_));
        let [torch, other, again] = &self.buttons;
        torch.set_hidden(report.torch.is_none());
        set(
            torch,
            "aria-pressed",
            if report.torch == Some(true) { "true" } else { "false" },
        );
        other.set_hidden(report.cameras < 2);
        again.set_hidden(!failed);
        match report.state {
            _ if self.done.get() => {}
            ReaderState::Looking => self.say("prompt"),
            ReaderState::Failed(problem) => {
                self.say(name(problem));
                self.typing.set_open(true);
            }
            ReaderState::Off | ReaderState::Starting => {}
        }
    }

    fn receive(self: &Rc<Self>, text: &str) {
        if self.done.get() {
            return;
        }
        let reading = self.pieces.borrow_mut().receive(text);
        match reading {
            Reading::Whole(token) if token != *self.sent.borrow() => self.send(&token),
            Reading::Whole(_) => {}
            Reading::Partial { progress } => self.show_part(progress),
            Reading::Foreign => {
                self.say("foreign");
                let scanner = self.clone();
                let again = move || {
                    if !scanner.done.get() {
                        scanner.say("prompt");
                    }
                };
                set_timeout(again, FOREIGN_SHOWN);
            }
        }
    }

    fn show_part(&self, progress: f64) {
        self.moving.set(true);
        // 0 to 100.
        let percent = ((progress.clamp(0.0, 1.0) * 100.0) as u32).to_string();
        let text = self.says.get_attribute("data-part").unwrap_or_default();
        self.says.set_text_content(Some(&text.replace("{}", &percent)));
        set(&self.fill, "stroke-dasharray", &[&percent, " 100"].concat());
    }

    fn send(self: &Rc<Self>, token: &str) {
        self.done.set(true);
        self.say(match command(token).as_deref() {
            Some("OpenToSave") => "read-deposit",
            Some("SaveToData") => "read-sync",
            _ => "read",
        });
        set(&self.fill, "stroke-dasharray", "100 100");
        set(&self.frame, "data-read", "");
        window().navigator().vibrate_with_duration(SHAKE_MS);
        self.field.set_value(token);
        token.clone_into(&mut self.sent.borrow_mut());
        let scanner = self.clone();
        let send = move || {
            // Fails only where the form is no longer in the page.
            let _sent = scanner.form.request_submit();
        };
        set_timeout(send, READ_SHOWN);
    }
}

fn name(problem: CameraProblem) -> &'static str {
    match problem {
        CameraProblem::Insecure => "insecure",
        CameraProblem::Denied => "denied",
        CameraProblem::Missing => "missing",
        CameraProblem::InUse => "in-use",
        CameraProblem::Failed => "failed",
    }
}

/// What a token says it is for, unverified; read by the browser's own means, which cost no bytes.
fn command(token: &str) -> Option<String> {
    let claims = token.split('.').nth(1)?.replace('-', "+").replace('_', "/");
    let json = window().atob(&claims).ok()?;
    let claims = js_sys::JSON::parse(&json).ok()?;
    js_sys::Reflect::get(claims.dyn_ref::<js_sys::Object>()?, &"cmd".into())
        .ok()?
        .as_string()
}

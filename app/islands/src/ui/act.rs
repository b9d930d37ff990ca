//! Forms without leaving the page: the island `Act` sends every form marked `data-act` to its function and shows in place what was refused.
//! Without it, or before it runs, the same form is posted to its page, which answers with the same words in the same places.
//!
//! What such a form looks like: the hidden field `do` is the function's address, `once` the one-use key, inputs have the names of arguments, and
//! what is wrong with one stands in the element `NAME-problem`. Everything else that was refused stands on top of the form, or in the element whose
//! id the form's `data-says` names.

use crate::refused::{CHANGED, Refused};
use crate::ui::again;
use js_sys::Reflect;
use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CustomEvent, CustomEventInit, Element, FormData, Headers, HtmlElement, HtmlFormElement, RequestInit, Response,
    SubmitEvent, UrlSearchParams,
};

/// On the form while it is being sent; the style locks its buttons and shows the progress.
const BUSY: &str = "data-busy";
/// Told on a form whose function leads to the address in `detail`; a listener that prevents the default shows that page in its own way.
pub const LEADS: &str = "act-leads";
/// Told on a form after what was refused is shown; `detail` is the status, 0 where the server was not reached.
pub const REFUSED: &str = "act-refused";
/// Told on a form in a sheet whose function made something: `detail` is the page that shows it. A listener that prevents the default shows it.
pub const MADE: &str = "act-made";

/// What there is to say that the server did not say; `data-case` of the words among the island's children.
const OFFLINE: &str = "offline";
const SIGNED_OUT: &str = "signed-out";
const UPDATED: &str = "updated";

/// A browser sends no more than 64 KiB after the page is left, of all requests together.
const MOST_KEPT_ALIVE: usize = 60_000;

/// Serves all forms of the page.
#[island]
pub fn Act(
    /// The sign on the card in which a refusal is shown, and the words for each case in which the server did not say any.
    children: Children,
) -> impl IntoView {
    let sign = NodeRef::<Div>::new();
    Effect::new(move |_| {
        let listener = Closure::<dyn Fn(SubmitEvent)>::new(move |event: SubmitEvent| {
            let form = event
                .target()
                .and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
            if let Some(form) = form.filter(|form| form.has_attribute("data-act")) {
                event.prevent_default();
                Acting { form, sign }.submit(event.submitter());
            }
        });
        // Cannot fail with a function.
        let _added = document().add_event_listener_with_callback("submit", listener.as_ref().unchecked_ref());
        listener.forget();
    });
    view! { <div hidden=true node_ref=sign>{children()}</div> }
}

/// A form being sent.
#[derive(Clone)]
struct Acting {
    form: HtmlFormElement,
    sign: NodeRef<Div>,
}

enum Answer {
    /// What was done leads to this address.
    Leads(String),
    /// What was made is shown by the page.
    Made,
    SignedOut,
    Refused(Refused),
    /// Not from our function: it is no longer there, or something stands between us.
    Foreign,
}

/// What is said on the card.
enum Card<'a> {
    Words(&'a str),
    Case(&'static str),
}

impl Acting {
    fn submit(self, button: Option<HtmlElement>) {
        // A second tap changes nothing.
        if self.form.has_attribute(BUSY) {
            return;
        }
        let _marked = self.form.set_attribute(BUSY, "");
        if let Some(button) = &button {
            let _marked = button.set_attribute("aria-busy", "true");
        }
        spawn_local(async move {
            let answer = self.send(button.as_ref()).await;
            let shown = match answer {
                Ok(Answer::Leads(address)) => self.lead(button.as_ref(), &address),
                Ok(Answer::Made) => self.made(button.as_ref()).await,
                // `drafts.js` asks to sign in over the page, and sends the form once more.
                Ok(Answer::SignedOut) => self.refuse_in(button.as_ref(), SIGNED_OUT, 401),
                Ok(Answer::Foreign) => self.refuse_in(button.as_ref(), UPDATED, 404),
                // How it is now stands on the page that the server draws; nothing is changed by asking for it in this way.
                Ok(Answer::Refused(refused)) if refused.code == CHANGED => self.post(button.as_ref()),
                Ok(Answer::Refused(refused)) => self.refuse(button.as_ref(), &refused),
                Err(_) => self.refuse_in(button.as_ref(), OFFLINE, 0),
            };
            // Fails only where the form is no longer in the page.
            drop(shown);
        });
    }

    /// What is sent, with what the button adds.
    fn fields(&self, button: Option<&HtmlElement>) -> Result<UrlSearchParams, JsValue> {
        let fields = UrlSearchParams::new_with_str_sequence_sequence(&FormData::new_with_form(&self.form)?.into())?;
        if let Some((name, value)) = button.and_then(named) {
            fields.append(&name, &value);
        }
        Ok(fields)
    }

    async fn send(&self, button: Option<&HtmlElement>) -> Result<Answer, JsValue> {
        let fields = self.fields(button)?;
        let headers = Headers::new()?;
        headers.set("accept", "application/json")?;
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&headers);
        init.set_body(&fields);
        // Sent to its end, also when the page is left meanwhile.
        if String::from(fields.to_string()).len() <= MOST_KEPT_ALIVE {
            Reflect::set(&init, &"keepalive".into(), &true.into())?;
        }
        let function = fields.get("do").unwrap_or_default();
        let answer: Response = JsFuture::from(window().fetch_with_str_and_init(&function, &init))
            .await?
            .unchecked_into();
        let text = JsFuture::from(answer.text()?).await?.as_string().unwrap_or_default();
        let leads = answer.headers().get("location")?;
        Ok(match (answer.status(), leads) {
            (200..300, Some(address)) => Answer::Leads(address),
            (200..300, None) => Answer::Made,
            (401, _) => Answer::SignedOut,
            (status, _) => match serde_json::from_str(&text) {
                Ok(refused) => Answer::Refused(refused),
                // The network's own word, or the server's that it is starting.
                Err(_) if status >= 500 => return Err(JsValue::NULL),
                Err(_) => Answer::Foreign,
            },
        })
    }

    fn lead(&self, button: Option<&HtmlElement>, address: &str) -> Result<(), JsValue> {
        if self.is_left_to_us(LEADS, &address.into()) {
            location().assign(address)
        } else {
            // The form stays, and what was refused before is done now.
            self.unlock(button);
            self.forget()
        }
    }

    /// Sent once more with the same key, it gets the same answer: as a page this time.
    async fn made(&self, button: Option<&HtmlElement>) -> Result<(), JsValue> {
        if self.form.closest("dialog")?.is_none() {
            return self.post(button);
        }
        let fields = String::from(self.fields(button)?.to_string());
        match again::posted(&self.form.action(), &fields).await {
            Ok(Some(page)) if !self.is_left_to_us(MADE, &page) => Ok(()),
            Ok(_) => self.post(button),
            Err(_) => self.refuse_in(button, OFFLINE, 0),
        }
    }

    fn refuse(&self, button: Option<&HtmlElement>, refused: &Refused) -> Result<(), JsValue> {
        self.unlock(button);
        self.show(refused)?;
        self.is_left_to_us(REFUSED, &refused.status.into());
        Ok(())
    }

    fn refuse_in(&self, button: Option<&HtmlElement>, case: &'static str, status: u16) -> Result<(), JsValue> {
        self.unlock(button);
        self.forget()?;
        self.show_card(Card::Case(case))?.focus()?;
        self.is_left_to_us(REFUSED, &status.into());
        Ok(())
    }

    /// Tells the rest of the page.
    fn is_left_to_us(&self, name: &str, detail: &JsValue) -> bool {
        let init = CustomEventInit::new();
        init.set_bubbles(true);
        init.set_cancelable(true);
        init.set_detail(detail);
        let event = CustomEvent::new_with_event_init_dict(name, &init);
        event.is_ok_and(|event| self.form.dispatch_event(&event).unwrap_or(true))
    }

    /// As without this script.
    fn post(&self, button: Option<&HtmlElement>) -> Result<(), JsValue> {
        if let Some((name, value)) = button.and_then(named) {
            let field = document().create_element("input")?;
            for (attribute, value) in [("type", "hidden"), ("name", &name), ("value", &value)] {
                field.set_attribute(attribute, value)?;
            }
            self.form.append_child(&field)?;
        }
        self.form.submit()
    }

    fn unlock(&self, button: Option<&HtmlElement>) {
        let _removed = self.form.remove_attribute(BUSY);
        if let Some(button) = button {
            let _removed = button.remove_attribute("aria-busy");
        }
    }

    /// Puts every word where it belongs, in place of those of the answer before, and the focus on the first wrong field.
    fn show(&self, refused: &Refused) -> Result<(), JsValue> {
        self.forget()?;
        let mut first: Option<HtmlElement> = None;
        let mut rest = String::new();
        // No field of this page is wrong where the server is another version.
        let other_version = refused.code == "page-outdated";
        for wrong in refused.fields.iter().filter(|_| !other_version) {
            let field = self
                .form
                .query_selector(&["[name=\"", &wrong.field, "\"]:not([type=hidden])"].concat())?;
            match field {
                Some(field) => {
                    mark(&field, &wrong.field, &wrong.words)?;
                    first.get_or_insert_with(|| field.unchecked_into());
                }
                None => {
                    rest.push_str(&wrong.words);
                    rest.push('\n');
                }
            }
        }
        if refused.fields.is_empty() {
            rest.push_str(&refused.words);
        }
        // A field that this form does not have is one of a newer page.
        let mut fields = refused.fields.iter();
        let is_old = other_version || fields.any(|wrong| wrong.absent && self.is_unknown(&wrong.field));
        let card = match (rest.trim_end(), is_old) {
            (_, true) => Some(Card::Case(UPDATED)),
            ("", false) if refused.fields.is_empty() => Some(Card::Case(OFFLINE)),
            ("", false) => None,
            (words, false) => Some(Card::Words(words)),
        };
        if let Some(card) = card {
            let card = self.show_card(card)?;
            first.get_or_insert(card);
        }
        first.map_or(Ok(()), |first| {
            open_around(&first)?;
            first.focus()
        })
    }

    /// Takes away what an answer before had put in, this script's or the server's.
    fn forget(&self) -> Result<(), JsValue> {
        each(&self.form, "[aria-invalid]", |field| {
            field.remove_attribute("aria-invalid")?;
            for class in ["input-error", "select-error", "textarea-error"] {
                field.class_list().remove_1(class)?;
            }
            Ok(())
        })?;
        each(&self.form, "[id$=-problem], [data-testid=refusal]", remove)?;
        each(&self.place(), "[data-testid=refusal]", remove)
    }

    /// Is there no such field?
    fn is_unknown(&self, name: &str) -> bool {
        let field = self.form.query_selector(&["[name=\"", name, "\"]"].concat());
        // A field with several entries has a name for each.
        let entry = self.form.query_selector(&["[name^=\"", name, ".\"]"].concat());
        [field, entry].iter().all(|found| matches!(found, Ok(None)))
    }

    /// Where the card stands.
    fn place(&self) -> Element {
        let named = self.form.get_attribute("data-says");
        let named = named.and_then(|id| document().get_element_by_id(&id));
        named.unwrap_or_else(|| self.form.clone().unchecked_into())
    }

    fn show_card(&self, card: Card<'_>) -> Result<HtmlElement, JsValue> {
        let (card, place) = (self.card(card)?, self.place());
        place.insert_before(&card, place.first_child().as_ref())?;
        Ok(card.unchecked_into())
    }

    fn card(&self, said: Card<'_>) -> Result<Element, JsValue> {
        let card = document().create_element("div")?;
        for (name, value) in [
            ("role", "alert"),
            ("class", "alert alert-error alert-soft items-start"),
            ("data-testid", "refusal"),
            ("tabindex", "-1"),
        ] {
            card.set_attribute(name, value)?;
        }
        if let Some(sign) = self.kept("svg")? {
            card.append_child(&sign)?;
        }
        let text = match said {
            Card::Words(words) => {
                let text = document().create_element("p")?;
                text.set_attribute("class", "whitespace-pre-line")?;
                text.set_text_content(Some(words));
                text
            }
            Card::Case(case) => {
                let text = self.kept(&["[data-case=", case, "]"].concat())?.ok_or(JsValue::NULL)?;
                if case == SIGNED_OUT
                    && let Some(link) = text.query_selector("a")?
                {
                    link.set_attribute("href", &sign_in())?;
                }
                text
            }
        };
        card.append_child(&text)?;
        Ok(card)
    }

    /// A copy of what came along with the island.
    fn kept(&self, selector: &str) -> Result<Option<Element>, JsValue> {
        let Some(kept) = self.sign.get_untracked() else {
            return Ok(None);
        };
        let found = kept.query_selector(selector)?;
        found
            .map(|found| found.clone_node_with_deep(true).map(JsCast::unchecked_into))
            .transpose()
    }
}

fn remove(element: &Element) -> Result<(), JsValue> {
    element.remove();
    Ok(())
}

/// What a button adds to the fields.
fn named(button: &HtmlElement) -> Option<(String, String)> {
    let name = button.get_attribute("name")?;
    Some((name, button.get_attribute("value").unwrap_or_default()))
}

/// Says what is wrong with a field, below it.
fn mark(field: &Element, name: &str, words: &str) -> Result<(), JsValue> {
    let id = [name, "-problem"].concat();
    field.set_attribute("aria-invalid", "true")?;
    let described = field.get_attribute("aria-describedby").unwrap_or_default();
    if !described.split(' ').any(|part| part == id) {
        let described = [described.as_str(), " ", &id].concat();
        field.set_attribute("aria-describedby", described.trim_start())?;
    }
    field
        .class_list()
        .add_1(&[field.local_name().as_str(), "-error"].concat())?;
    let text = document().create_element("p")?;
    for (name, value) in [("id", id.as_str()), ("class", "text-error text-sm"), ("role", "alert")] {
        text.set_attribute(name, value)?;
    }
    text.set_text_content(Some(words));
    field.after_with_node_1(&text)
}

/// Unfolds what a field is folded into, so that it can be seen.
fn open_around(field: &HtmlElement) -> Result<(), JsValue> {
    let mut around = field.closest("details:not([open])")?;
    while let Some(details) = around {
        details.set_attribute("open", "")?;
        around = details.closest("details:not([open])")?;
    }
    Ok(())
}

fn each(root: &Element, selector: &str, act: impl Fn(&Element) -> Result<(), JsValue>) -> Result<(), JsValue> {
    let found = root.query_selector_all(selector)?;
    for at in 0..found.length() {
        if let Some(node) = found.get(at) {
            act(node.unchecked_ref())?;
        }
    }
    Ok(())
}

/// The sign-in that leads back here.
fn sign_in() -> String {
    let location = location();
    let here = [location.pathname(), location.search()]
        .map(Result::unwrap_or_default)
        .concat();
    ["/sign-in?next=", &String::from(js_sys::encode_uri_component(&here))].concat()
}

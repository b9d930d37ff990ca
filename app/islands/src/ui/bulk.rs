//! Long work on a list, with how far it is: the island `Bulk` sends a form marked `data-bulk` to its function again and again, each time from where
//! the answer before said, until nothing is left or somebody cancels. Without it the same form is posted, and does what it can in one request.
//!
//! What such a form looks like: as other forms that call a function; the function takes `brief`, `cursor`, `made` and `expected`, answers
//! [`ReadySoFar`], and `back` is where to go at the end. With `data-bulk="plain"` the page itself says what was done: `made` and `expected` are the
//! form's `data-bulk-from` and `data-bulk-of` then, and the function does not take them.

#![expect(missing_docs, reason = "the structs that the macro `island` makes of the arguments")]

use domain::locker::orders::ReadySoFar;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{FormData, Headers, HtmlFormElement, RequestInit, Response, SubmitEvent, UrlSearchParams};

/// What stands in the words in place of the orders that are ready, and of all.
pub const MADE: &str = "#made";
/// See [`MADE`].
pub const ALL: &str = "#all";

/// On a form of this kind. Its value is `plain` where the page that follows says by itself what was done.
const FORM: &str = "data-bulk";

/// The work under way.
#[derive(Clone, Default)]
struct Work {
    /// The fields of the form.
    fields: String,
    made: u32,
    cursor: Option<String>,
    expected: Option<u32>,
    is_cancelled: bool,
    has_failed: bool,
    /// What `back` leads to says by itself what was done, and the function does not take what only this island counts.
    is_plain: bool,
}

/// Serves all such forms of the page.
#[island]
pub fn Bulk(
    /// How far it is, with [`MADE`].
    progress: String,
    /// The same where it is known how many there are, with [`ALL`].
    progress_of: String,
    /// On the button that stops.
    cancel: String,
    /// The server was not reached.
    failed: String,
    /// On the button that goes on then.
    go_on: String,
) -> impl IntoView {
    let work = RwSignal::new(None::<Work>);
    Effect::new(move |_| listen(work));
    let words = move || {
        work.with(|work| {
            let work = work.as_ref()?;
            let made = grouped(work.made);
            Some(match work.expected {
                Some(all) => progress_of.replace(MADE, &made).replace(ALL, &grouped(all)),
                None => progress.replace(MADE, &made),
            })
        })
    };
    let has_failed = move || work.with(|work| work.as_ref().is_some_and(|work| work.has_failed));
    let share = move || {
        work.with(|work| {
            let work = work.as_ref()?;
            Some((work.made, work.expected?))
        })
    };
    let stop = move |_| {
        let idle = has_failed();
        work.update(|work| {
            if let Some(work) = work {
                work.is_cancelled = true;
            }
        });
        if idle {
            work.with_untracked(|work| finish(work.as_ref(), 0));
        }
    };
    let again = move |_| go(work);
    view! {
        <div class="bulk-progress" role="status" hidden=move || work.with(Option::is_none) data-testid="ready-progress">
            <p class="tabular-nums">{words}</p>
            <progress class="progress progress-primary" max=move || share().map(|(_, all)| all.to_string()) value=move || share().map(|(made, _)| made.to_string())></progress>
            <p hidden=move || !has_failed() class="text-error">{failed}</p>
            <div class="flex gap-2">
                <button type="button" class="btn btn-primary" hidden=move || !has_failed() on:click=again data-testid="ready-again">{go_on}</button>
                <button type="button" class="btn" on:click=stop data-testid="ready-cancel">{cancel}</button>
            </div>
        </div>
    }
}

fn listen(work: RwSignal<Option<Work>>) {
    let listener = Closure::<dyn Fn(SubmitEvent)>::new(move |event: SubmitEvent| {
        let form = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        if let Some(form) = form.filter(|form| form.has_attribute(FORM)) {
            event.prevent_default();
            // One at a time.
            if work.with_untracked(Option::is_none)
                && let Ok(begun) = begin(&form)
            {
                work.set(Some(begun));
                go(work);
            }
        }
    });
    // Cannot fail with a function.
    let _added = document().add_event_listener_with_callback("submit", listener.as_ref().unchecked_ref());
    listener.forget();
}

fn begin(form: &HtmlFormElement) -> Result<Work, JsValue> {
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&FormData::new_with_form(form)?.into())?;
    let number = |text: Option<String>| text.and_then(|text| text.parse().ok());
    let is_plain = form.get_attribute(FORM).as_deref() == Some("plain");
    let (made, expected) = if is_plain {
        (form.get_attribute("data-bulk-from"), form.get_attribute("data-bulk-of"))
    } else {
        (fields.get("made"), fields.get("expected"))
    };
    let work = Work {
        made: number(made).unwrap_or_default(),
        expected: number(expected),
        cursor: fields.get("cursor"),
        is_plain,
        ..Work::default()
    };
    // Each call counts: what is done already is not done twice.
    for name in ["once", "made", "cursor"] {
        fields.delete(name);
    }
    fields.set("brief", "true");
    Ok(Work {
        fields: fields.to_string().into(),
        ..work
    })
}

fn go(work: RwSignal<Option<Work>>) {
    work.update(|work| {
        if let Some(work) = work {
            work.has_failed = false;
        }
    });
    spawn_local(async move {
        while let Some(now) = work.get_untracked() {
            if now.is_cancelled {
                return finish(Some(&now), 0);
            }
            let answer = ask(&now).await;
            let Ok(so_far) = answer else {
                work.update(|work| {
                    if let Some(work) = work {
                        work.has_failed = true;
                    }
                });
                return;
            };
            work.update(|work| {
                if let Some(work) = work {
                    work.made = so_far.made;
                    work.cursor.clone_from(&so_far.next);
                }
            });
            if so_far.next.is_none() {
                return work.with_untracked(|work| finish(work.as_ref(), so_far.left));
            }
        }
    });
}

async fn ask(work: &Work) -> Result<ReadySoFar, JsValue> {
    let fields = UrlSearchParams::new_with_str(&work.fields)?;
    if !work.is_plain {
        fields.set("made", &work.made.to_string());
    }
    if let Some(cursor) = &work.cursor {
        fields.set("cursor", cursor);
    }
    let headers = Headers::new()?;
    headers.set("accept", "application/json")?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&fields);
    let function = fields.get("do").unwrap_or_default();
    let answer: Response = JsFuture::from(window().fetch_with_str_and_init(&function, &init))
        .await?
        .unchecked_into();
    let text = JsFuture::from(answer.text()?).await?.as_string().unwrap_or_default();
    if !answer.ok() {
        return Err(JsValue::NULL);
    }
    serde_json::from_str(&text).map_err(|_| JsValue::NULL)
}

/// Back to the list, which says what was done.
fn finish(work: Option<&Work>, left: u32) {
    let Some(work) = work else { return };
    let back = UrlSearchParams::new_with_str(&work.fields)
        .ok()
        .and_then(|fields| fields.get("back"));
    let back = back.unwrap_or_default();
    let address = if work.is_plain {
        back
    } else {
        let sign = if back.contains('?') { "&" } else { "?" };
        let (made, left) = (work.made.to_string(), left.to_string());
        [&back, sign, "notice=orders-ready&made=", &made, "&left=", &left].concat()
    };
    // Fails only where the page is gone.
    let _gone = location().assign(&address);
}

/// With a comma between thousands, as the server writes numbers.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

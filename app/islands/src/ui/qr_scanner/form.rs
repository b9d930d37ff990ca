//! The scanner of phones: the whole screen is the camera. What it reads goes into the text field of a plain form and is sent;
//! without JavaScript, camera or patience the code is typed or pasted into the same field.

use super::camera::CameraProblem;
use super::scan::Scanner;
use crate::context;
use crate::i18n::td_string;
use crate::refused::Refused;
use crate::ui::card::RefusedCard;
use crate::ui::glyph::{self, Glyph};
use crate::ui::textarea;
use crate::ui::wasm::{Preload, page_acts};
use leptos::prelude::*;

/// The element where it stands why a code was refused.
const SAYS: &str = "scan-says";

/// Without JavaScript there is no camera, and the field is a part of the page.
const WITHOUT_SCRIPT: &str = "<style>.scanner-stage,.scanner-back,.scanner-typing>summary{display:none!important}\
    .scanner-top,.scanner-typing{position:static!important;animation:none!important;padding:0!important}</style>";

/// Reads a code with the camera and sends it as the field `code`, without leaving the page; what it leads to is shown in a sheet where there is one.
#[component]
pub fn ScannerForm(
    /// What to hold before the camera.
    prompt: &'static str,
    /// Where the way back leads.
    #[prop(into)]
    back: String,
    /// The hidden fields of the form.
    fields: AnyView,
    /// What was sent before and refused, not sent again by itself; empty at first.
    #[prop(optional)]
    typed: String,
    /// What is wrong with that.
    #[prop(optional_no_strip)]
    problem: Option<String>,
    /// Why it was refused, where nothing is wrong with its form.
    #[prop(optional_no_strip)]
    refused: Option<Refused>,
    /// What lies over the picture.
    children: Children,
) -> impl IntoView {
    page_acts();
    let locale = context::locale();
    let invalid = problem.is_some();
    view! {
        <Preload/>
        <noscript inner_html=WITHOUT_SCRIPT></noscript>
        <Scanner>
            <div class="scanner-stage" data-testid="camera">
                <video class="size-full object-cover" muted autoplay playsinline aria-label=td_string!(locale, common.scanner_picture)></video>
                <Frame/>
                <div class="scanner-bottom">
                    <Says prompt/>
                    <Buttons/>
                </div>
            </div>
            <div class="scanner-top">
                <a href=back class="btn btn-circle scanner-button scanner-back" aria-label=td_string!(locale, common.scanner_back) data-testid="scanner-back">
                    <Glyph paths=glyph::CLOSE/>
                </a>
                <div class="flex min-w-0 flex-1 flex-col gap-3">
                    {children()}
                    <div id=SAYS class="contents">{refused.map(|refused| view! { <RefusedCard refused/> })}</div>
                </div>
            </div>
            // Closed by the scanner once it runs: a browser without it finds the field open.
            <details class="scanner-typing" open=true data-problem=invalid.then_some("")>
                <summary class="btn scanner-button w-full"><Glyph paths=glyph::KEYBOARD/> {td_string!(locale, common.scanner_type)}</summary>
                <form method="post" class="flex flex-col gap-2 pt-3" data-testid="typed-form" data-act="" data-sheet="" data-says=SAYS>
                    // They may change while the camera goes on.
                    <div id="scan-fields" data-over="">{fields}</div>
                    <label for="code" class="font-medium">{td_string!(locale, common.scanner_typed)}</label>
                    <textarea
                        id="code" name="code" rows="3" autocomplete="off" spellcheck="false"
                        class="textarea w-full font-mono text-base"
                        aria-invalid=invalid.then_some("true")
                        aria-describedby=invalid.then_some("code-problem")
                    >{textarea::content(typed)}</textarea>
                    {problem.map(|text| view! { <p id="code-problem" class="text-error text-sm" role="alert">{text}</p> })}
                    <button class="btn btn-primary btn-lg">{td_string!(locale, common.scanner_use)}</button>
                </form>
            </details>
        </Scanner>
    }
    .into_any()
}

/// The frame to hold a code in; fills up while a code comes in pieces, and closes when one was read.
#[component]
fn Frame() -> impl IntoView {
    view! {
        <svg class="scanner-frame" viewBox="0 0 100 100" aria-hidden="true">
            <rect x="2" y="2" width="96" height="96" rx="10" class="scanner-frame-ground"/>
            <rect x="2" y="2" width="96" height="96" rx="10" class="scanner-frame-fill" pathLength="100" stroke-dasharray="0 100"/>
            <path d="M34 52 46 64 68 38" class="scanner-frame-tick"/>
        </svg>
    }
}

/// Where the scanner says what it does; everything it may say comes along.
#[component]
fn Says(prompt: &'static str) -> impl IntoView {
    let locale = context::locale();
    view! {
        <p
            class="scanner-says" role="status" data-testid="scanner-says"
            data-prompt=prompt
            data-part=td_string!(locale, common.scanner_part, percent = "{}").to_string()
            data-foreign=td_string!(locale, common.scanner_foreign)
            data-read=td_string!(locale, common.scanner_read)
            data-read-deposit=td_string!(locale, common.scanner_read_deposit)
            data-read-sync=td_string!(locale, common.scanner_read_sync)
            data-insecure=CameraProblem::Insecure.text(locale)
            data-denied=CameraProblem::Denied.text(locale)
            data-missing=CameraProblem::Missing.text(locale)
            data-in-use=CameraProblem::InUse.text(locale)
            data-failed=CameraProblem::Failed.text(locale)
        >{td_string!(locale, common.scanner_starting)}</p>
    }
    .into_any()
}

#[component]
fn Buttons() -> impl IntoView {
    let locale = context::locale();
    view! {
        <div class="flex justify-center gap-4">
            <button type="button" hidden data-do="torch" class="btn btn-circle scanner-button" aria-pressed="false" aria-label=td_string!(locale, common.scanner_torch)>
                <Glyph paths=glyph::TORCH/>
            </button>
            <button type="button" hidden data-do="other" class="btn btn-circle scanner-button" aria-label=td_string!(locale, common.scanner_other)>
                <Glyph paths=glyph::CAMERA_SWITCH/>
            </button>
            <button type="button" hidden data-do="again" class="btn scanner-button">
                <Glyph paths=glyph::CAMERA/> {td_string!(locale, common.scanner_again)}
            </button>
        </div>
    }
    .into_any()
}

//! What a phone has where it has no network: `/offline` and `/offline/scan`, which stand in place of the browser's own error page (`sw.js`), and
//! `/unsent`, the same for somebody who is signed in. The scripts `kept.js` and `unsent.js` fill them with what is kept on the phone.

use crate::auth::push::words;
use crate::entry;
use crate::ui::layout::Layout;
use domain::token::voucher::NAME_MAX;
use islands::addresses::at;
use islands::context;
use islands::functions::deposits::ReadCode;
use islands::i18n::{Locale, td_string};
use islands::ui::icon::Icon;
use islands::ui::qr_scanner::ScannerForm;
use leptos::prelude::*;

/// What stands in the words in place of the time.
pub(crate) const TIME: &str = "#time";
/// In place of a number.
pub(crate) const COUNT: &str = "#count";

/// In place of any page. It is the same for everybody, and names nobody. The worker reads the words of notifications from it as well.
#[component]
pub fn OfflinePage() -> impl IntoView {
    let locale = context::locale();
    view! {
        <Layout title=td_string!(locale, common.offline_title)>
            <div data-offline-page="" data-push-words=words(locale) class="flex flex-col gap-4">
                <p role="status" class="alert alert-warning" data-banner="" data-testid="offline"><Icon name="warning"/> <span>{td_string!(locale, common.offline_title)}</span></p>
                <p data-nothing="">{td_string!(locale, common.offline_what)}</p>
                {on_this_device(locale)}
                // To the page that was asked for, at whose address this one stands.
                <a href="" class="btn btn-outline btn-lg" data-testid="offline-again"><Icon name="sync"/> {td_string!(locale, common.offline_again)}</a>
            </div>
        </Layout>
    }
    .into_any()
}

/// In place of the page with the scanner: what it reads stays on the phone.
#[component]
pub fn OfflineScan() -> impl IntoView {
    let locale = context::locale();
    let fields = entry::hidden(entry::of::<ReadCode>(), Vec::new());
    view! {
        <Layout title=td_string!(locale, staff.scan)>
            <div data-scan-page="" data-foreign=td_string!(locale, common.told_foreign)>
                <ScannerForm prompt=td_string!(locale, staff.scan_prompt) back=at::unsent() fields>
                    <p role="status" class="alert alert-warning" data-banner="" data-testid="offline"><Icon name="warning"/> <span>{td_string!(locale, common.offline_title)}</span></p>
                </ScannerForm>
            </div>
        </Layout>
    }
    .into_any()
}

/// `/unsent`, for who is signed in.
#[component]
pub fn Unsent() -> impl IntoView {
    let locale = context::locale();
    view! {
        <Layout title=td_string!(locale, common.on_this_device)>
            <p data-nothing="" data-testid="unsent-none">{td_string!(locale, common.unsent_none)}</p>
            {on_this_device(locale)}
        </Layout>
    }
    .into_any()
}

/// The parts that the scripts fill. Each is hidden while there is nothing in it.
fn on_this_device(locale: Locale) -> AnyView {
    view! {
        <div data-on-this-device="" class="flex flex-col gap-6"
            data-kept=td_string!(locale, common.told_kept)
            data-scanned=td_string!(locale, common.told_scanned)
            data-full=td_string!(locale, common.told_full)
            data-newer=td_string!(locale, common.told_newer)
            data-damaged=td_string!(locale, common.told_damaged)
            data-signed-out=td_string!(locale, common.told_signed_out)
            data-failed=td_string!(locale, common.told_failed)
            data-again=td_string!(locale, common.told_again)
            data-foreign=td_string!(locale, common.told_foreign)
            data-scan-too-old=td_string!(locale, common.told_too_old)
            data-deposit=td_string!(locale, common.work_deposit)
            data-sync=td_string!(locale, common.work_sync, yid = COUNT).to_string()
            data-as-of=td_string!(locale, common.as_of, time = TIME).to_string()
        >
            <p role="status" hidden data-told="" class="alert" data-testid="told"></p>
            <a href=at::staff_scan() hidden data-for-staff="" class="btn btn-primary btn-lg" data-testid="offline-scan"><Icon name="scan"/> {td_string!(locale, staff.scan)}</a>
            {scans(locale)}
            {conflicts(locale)}
            {waiting(locale)}
            <section data-codes="" hidden class="flex flex-col gap-4" aria-labelledby="kept-codes" data-testid="offline-codes">
                <h2 id="kept-codes" class="text-lg font-semibold">{td_string!(locale, common.offline_codes)}</h2>
            </section>
            {passing_on(locale)}
            <section data-page="" hidden class="flex flex-col gap-4" aria-labelledby="kept-page" data-testid="kept-page">
                <h2 id="kept-page" class="text-xl font-bold"></h2>
                <p class="badge badge-outline" data-kept-at="" data-testid="kept-at"></p>
                <div class="flex flex-col gap-4"></div>
            </section>
            <section data-pages="" hidden class="flex flex-col gap-2" aria-labelledby="kept-pages" data-testid="kept-pages">
                <h2 id="kept-pages" class="text-lg font-semibold">{td_string!(locale, common.kept_pages)}</h2>
                <ul class="flex flex-col gap-2"></ul>
            </section>
        </div>
    }
    .into_any()
}

/// The form that makes a narrower code out of a kept one (`pass-on.js`).
fn passing_on(locale: Locale) -> AnyView {
    let wrong_name = td_string!(locale, business.voucher_name_wrong);
    let too_long = td_string!(locale, business.voucher_too_long);
    view! {
        <template data-pass-on=""
            data-for-name=td_string!(locale, business.voucher_for, name = "#name").to_string()
            data-good-until=td_string!(locale, business.voucher_good_until, time = TIME).to_string()
            data-wrong-end=td_string!(locale, business.voucher_end_wrong) data-wrong-name=wrong_name
            data-not-narrower=td_string!(locale, business.voucher_not_narrower) data-too-long=too_long
        >
            <details class="card-plain" data-testid="pass-on">
                <summary class="flex min-h-12 cursor-pointer items-center gap-2 font-medium"><Icon name="share"/> {td_string!(locale, business.voucher_pass_on)}</summary>
                <form class="flex flex-col gap-4 pt-2">
                    <p>{td_string!(locale, business.voucher_pass_on_what)}</p>
                    <label class="flex flex-col gap-1">
                        <span class="font-medium">{td_string!(locale, business.voucher_name)}</span>
                        <input name="name" class="input input-lg w-full" autocomplete="off" required maxlength=NAME_MAX.to_string()/>
                    </label>
                    <fieldset class="flex flex-col">
                        <legend class="font-medium">{td_string!(locale, business.voucher_only)}</legend>
                        <template><label class="flex min-h-12 items-center gap-3"><input type="checkbox" name="pick" class="checkbox"/> <span></span></label></template>
                    </fieldset>
                    <label class="flex flex-col gap-1">
                        <span class="font-medium">{td_string!(locale, business.voucher_until)}</span>
                        <input type="datetime-local" name="end_time" class="input input-lg w-full"/>
                    </label>
                    <p role="alert" hidden data-problem="" class="text-error"></p>
                    <button class="btn btn-primary btn-lg">{td_string!(locale, business.voucher_make)}</button>
                </form>
            </details>
        </template>
    }
    .into_any()
}

/// Codes that were read and wait for their order.
fn scans(locale: Locale) -> AnyView {
    let what = td_string!(locale, common.scans_what, time = TIME, until = "#until").to_string();
    view! {
        <section data-scans="" hidden class="flex flex-col gap-2" aria-labelledby="scans" data-what=what data-old=td_string!(locale, common.scans_old, time = TIME).to_string() data-testid="scans">
            <h2 id="scans" class="text-lg font-semibold">{td_string!(locale, common.scans_title)}</h2>
            <ul class="flex flex-col gap-2"></ul>
            <template>
                <li class="needs-you flex-col items-stretch">
                    <span class="flex flex-col"><b data-part="title"></b> <span data-part="text"></span></span>
                    <button type="button" class="btn btn-outline self-start" data-do="forget">{td_string!(locale, common.scans_forget)}</button>
                </li>
            </template>
        </section>
    }
    .into_any()
}

/// What came back: both truths, and what to do.
fn conflicts(locale: Locale) -> AnyView {
    let changed = td_string!(locale, common.conflict_changed);
    let unavailable = td_string!(locale, common.conflict_unavailable);
    let unfounded = td_string!(locale, common.conflict_unfounded);
    view! {
        <section data-conflicts="" hidden class="flex flex-col gap-2" aria-labelledby="conflicts" data-changed=changed data-unavailable=unavailable data-unfounded=unfounded data-testid="conflicts">
            <h2 id="conflicts" class="text-lg font-semibold">{td_string!(locale, common.conflicts_title)}</h2>
            <ul class="flex flex-col gap-4"></ul>
            <template>
                <li class="needs-you flex-col items-stretch">
                    <dl class="facts">
                        <div><dt>{td_string!(locale, common.conflict_mine)}</dt> <dd><b data-part="title"></b> <span class="block whitespace-pre-line" data-part="text"></span> <span class="block text-sm" data-part="at"></span></dd></div>
                        <div><dt>{td_string!(locale, common.conflict_theirs)}</dt> <dd class="whitespace-pre-line" data-part="theirs"></dd></div>
                    </dl>
                    <div class="flex flex-col gap-2" data-choices=""></div>
                    {choice(locale)}
                    <button type="button" class="btn btn-primary btn-lg" data-do="again"><Icon name="sync"/> {td_string!(locale, common.conflict_again)}</button>
                    <details>
                        <summary class="min-h-12 cursor-pointer content-center font-medium">{td_string!(locale, common.conflict_discard)}</summary>
                        <button type="button" class="btn btn-error btn-lg w-full" data-do="discard">{td_string!(locale, common.conflict_discard_yes)}</button>
                    </details>
                </li>
            </template>
        </section>
    }
    .into_any()
}

/// A value of a correction that two people changed: which one stays.
fn choice(locale: Locale) -> AnyView {
    let value = |of: &'static str, word: &'static str, checked: bool| {
        view! {
            <label class="flex min-h-12 items-center gap-3">
                <input type="radio" class="radio" value=of checked=checked/>
                <span class="flex flex-col"><span class="text-sm">{word}</span> <b class="break-all" data-value=of></b></span>
            </label>
        }
    };
    view! {
        <template data-choice="">
            <fieldset class="flex flex-col">
                <legend class="font-medium"></legend>
                {value("mine", td_string!(locale, common.conflict_mine), true)}
                {value("theirs", td_string!(locale, common.conflict_theirs), false)}
            </fieldset>
        </template>
    }
    .into_any()
}

/// What waits to be sent.
fn waiting(locale: Locale) -> AnyView {
    let sign_in = td_string!(locale, common.unsent_sign_in);
    view! {
        <section data-waiting="" hidden class="flex flex-col gap-2" aria-labelledby="waiting"
            data-waits=td_string!(locale, common.unsent_waiting) data-sent=td_string!(locale, common.unsent_sending)
            data-not-yet=td_string!(locale, common.unsent_not_yet) data-sign-in=sign_in
            data-at=td_string!(locale, common.unsent_at, time = TIME).to_string() data-testid="unsent"
        >
            <h2 id="waiting" class="text-lg font-semibold">{td_string!(locale, common.unsent_title)}</h2>
            <ul class="flex flex-col gap-2"></ul>
            <template>
                <li class="card-plain flex flex-col">
                    <b data-part="title"></b> <span class="whitespace-pre-line" data-part="text"></span> <span class="text-sm" data-part="at"></span>
                    <span class="text-sm" data-part="state"></span>
                </li>
            </template>
        </section>
    }
    .into_any()
}

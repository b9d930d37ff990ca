//! A password or code that the server made, to be handed over: copied, shared, printed, read from the screen. The page shows it for a while, also
//! when it is loaded again, until the operator says that it was passed on.

use crate::entry::{self, ActForm};
use islands::context;
use islands::functions::shown::HideSecret;
use islands::i18n::td_string;
use islands::ui::hand_over::{CopyButton, ShareButton};
use islands::ui::icon::Icon;
use islands::ui::qr_view::svg;
use islands::ui::wasm::Preload;
use leptos::prelude::*;

/// The id of what is copied and shared.
const SENTENCE: &str = "sentence";

/// The card.
#[component]
pub fn HandOver(
    /// What was made.
    #[prop(into)]
    title: String,
    /// The secret, as it is read.
    value: String,
    /// Names it in tests.
    testid: &'static str,
    /// Everything that is needed, to be copied and shared.
    sentence: String,
    /// What to do with it.
    hint: String,
    /// Where it is used; also a QR code.
    address: String,
    /// Whose it is, as the form that hides it says.
    of: Vec<(&'static str, String)>,
) -> impl IntoView {
    let locale = context::locale();
    let hide = entry::of::<HideSecret>();
    context::keep_nowhere();
    let code = svg(&address);
    view! {
        <Preload/>
        <section class="hand-over card-plain border-primary border-2" aria-labelledby="secret" data-testid="hand-over">
            <div class="flex min-w-0 flex-1 basis-72 flex-col gap-4">
                <h2 id="secret" class="flex items-center gap-2 text-lg font-semibold"><Icon name="check"/> {title}</h2>
                <p class="font-mono text-3xl font-bold tracking-wider break-all select-all sm:text-4xl" data-testid=testid>{value}</p>
                // Islands copy from the page: their arguments would put the secret into it a second time.
                <p id=SENTENCE class="select-all" data-testid="sentence">{sentence}</p>
                <p class="text-sm opacity-75">{hint}</p>
            </div>
            <div class="flex flex-col items-center gap-1">
                <div class="size-40 bg-white p-1" role="img" aria-label=td_string!(locale, operator.qr_of_address) inner_html=code></div>
                <p class="text-sm break-all" data-testid="address">{address}</p>
            </div>
            <div class="no-print flex basis-full flex-wrap gap-2">
                <CopyButton of=SENTENCE.to_owned() copied=td_string!(locale, operator.secret_copied).to_owned()>
                    <Icon name="copy"/> {td_string!(locale, operator.secret_copy)}
                </CopyButton>
                <ShareButton of=SENTENCE.to_owned()>
                    <Icon name="share"/> {td_string!(locale, operator.secret_share)}
                </ShareButton>
                <button type="button" hidden=true class="btn btn-outline btn-lg flex-1 whitespace-nowrap" data-print="" data-testid="print">{td_string!(locale, operator.secret_print)}</button>
                <ActForm of=hide hidden=of class="contents"><button class="btn btn-ghost btn-lg flex-1 whitespace-nowrap" data-testid="hide-secret">{td_string!(locale, operator.secret_hide)}</button></ActForm>
            </div>
        </section>
    }
    .into_any()
}

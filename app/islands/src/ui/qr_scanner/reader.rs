//! A camera that reads codes, as a piece for the kiosk's island: the handle [`Reader`] and the picture [`ReaderView`].

use super::camera::Facing;
use super::lens::{Lens, ReaderState};
use crate::i18n::{Locale, td_string};
use leptos::html::Video;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use std::rc::Rc;

/// Handle of a camera that reads codes. Make it in an island with [`Reader::new`], show it with [`ReaderView`].
#[derive(Clone, Copy)]
pub struct Reader {
    /// What it is doing.
    pub state: RwSignal<ReaderState>,
    /// `None`: this camera has no torch. Else whether it is on.
    pub torch: RwSignal<Option<bool>>,
    /// How many cameras there are.
    pub cameras: RwSignal<usize>,
    wanted: RwSignal<bool>,
    video: NodeRef<Video>,
    // Empty on the server, so that nothing bound to a thread is ever dropped there.
    lens: StoredValue<Option<SendWrapper<Rc<Lens>>>>,
}

impl Reader {
    /// Off until [`Reader::start`]. `on_text` gets every code read: one held still once, and again after it was out of sight.
    pub fn new(facing: Facing, on_text: Callback<String>) -> Self {
        let reader = Self {
            state: RwSignal::new(ReaderState::Off),
            torch: RwSignal::new(None),
            cameras: RwSignal::new(0),
            wanted: RwSignal::new(false),
            video: NodeRef::new(),
            lens: StoredValue::new(None),
        };
        Effect::new(move |_| {
            let lens = reader.video.get().map(|video| {
                let changed = move |report: super::lens::Report| {
                    reader.state.try_set(report.state);
                    reader.torch.try_set(report.torch);
                    reader.cameras.try_set(report.cameras);
                };
                let lens = Lens::new(
                    video,
                    facing,
                    move |text| {
                        on_text.try_run(text);
                    },
                    changed,
                );
                SendWrapper::new(lens)
            });
            reader.lens.set_value(lens);
            on_cleanup(move || drop(reader.lens.try_update_value(Option::take)));
        });
        Effect::new(move |_| {
            let wanted = reader.wanted.get() && reader.video.get().is_some();
            reader.with_lens(|lens| if wanted { lens.start() } else { lens.stop() });
        });
        reader
    }

    /// Turns the camera on, and keeps it on while the page is visible.
    pub fn start(self) {
        self.wanted.set(true);
    }

    /// Turns it off.
    pub fn stop(self) {
        self.wanted.set(false);
    }

    /// Asks for the camera once more, after it failed.
    pub fn retry(self) {
        self.wanted.set(true);
        self.with_lens(Lens::retry);
    }

    /// Turns the torch on or off.
    pub fn toggle_torch(self) {
        self.with_lens(Lens::toggle_torch);
    }

    /// Takes the next camera.
    pub fn other_camera(self) {
        self.with_lens(Lens::other_camera);
    }

    fn with_lens(self, act: impl FnOnce(&Rc<Lens>)) {
        if let Some(lens) = self.lens.get_value() {
            act(&lens);
        }
    }
}

/// The camera's picture. Lay frames and words over it as children.
#[component]
pub fn ReaderView(
    /// Whose.
    reader: Reader,
    /// The language of its words.
    locale: Locale,
    /// Seen from the front: mirrored, as people expect of a screen that shows them.
    #[prop(optional)]
    mirrored: bool,
    /// What lies over it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let class = if mirrored {
        "size-full -scale-x-100 object-cover"
    } else {
        "size-full object-cover"
    };
    view! {
        <div class="relative size-full overflow-hidden bg-black" data-testid="camera">
            <video node_ref=reader.video class=class muted autoplay playsinline aria-label=td_string!(locale, common.scanner_picture)></video>
            {children.map(|children| children())}
        </div>
    }
    .into_any()
}

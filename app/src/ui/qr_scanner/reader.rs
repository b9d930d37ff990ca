//! A camera that reads codes, as a piece for islands: the handle [`Reader`] and the picture [`ReaderView`].

use super::camera::{self, Camera, CameraProblem, Facing};
use super::worker::Decoder;
use crate::i18n::{Locale, td_string};
use leptos::html::Video;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlVideoElement};

/// A picture is decoded with at most this many pixels, as many as 640×480 has.
const PIXELS: f64 = 640.0 * 480.0;
/// Longest side of a picture that is decoded.
const LONGEST: f64 = 1024.0;
/// A code is reported again after it was out of sight for so long.
const FORGET_AFTER_MS: f64 = 2_000.0;

/// What the camera is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReaderState {
    /// Off.
    Off,
    /// Asking for a camera.
    Starting,
    /// Looking.
    Looking,
    /// There is no picture.
    Failed(CameraProblem),
}

/// Handle of a camera that reads codes. Make it in an island with [`Reader::new`], show it with [`ReaderView`].
#[derive(Clone, Copy)]
pub struct Reader {
    /// What it is doing.
    pub state: RwSignal<ReaderState>,
    /// `None`: this camera has no torch. Else whether it is on.
    pub torch: RwSignal<Option<bool>>,
    /// The cameras there are.
    pub cameras: RwSignal<Vec<String>>,
    wanted: RwSignal<bool>,
    device: RwSignal<Option<String>>,
    facing: Facing,
    on_text: Callback<String>,
    video: NodeRef<Video>,
    // Empty on the server, so that nothing bound to a thread is ever dropped there.
    session: StoredValue<Option<SendWrapper<Rc<Session>>>>,
    /// Counts starts, so that a camera granted too late is let go.
    start: StoredValue<u32>,
}

impl Reader {
    /// Off until [`Reader::start`]. `on_text` gets every code read: one held still once, and again after it was out of sight.
    pub fn new(facing: Facing, on_text: Callback<String>) -> Self {
        let reader = Self {
            state: RwSignal::new(ReaderState::Off),
            torch: RwSignal::new(None),
            cameras: RwSignal::new(Vec::new()),
            wanted: RwSignal::new(false),
            device: RwSignal::new(None),
            facing,
            on_text,
            video: NodeRef::new(),
            session: StoredValue::new(None),
            start: StoredValue::new(0),
        };
        Effect::new(move |_| reader.follow());
        Effect::new(move |_| {
            let heard = ["visibilitychange", "pageshow", "pagehide"].map(|name| {
                window_event_listener_untyped(name, move |event| reader.page_changed(event.type_() == "pagehide"))
            });
            on_cleanup(move || {
                heard.into_iter().for_each(|listener| listener.remove());
                reader.close();
            });
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
        self.close();
        self.wanted.set(true);
        self.open();
    }

    /// Turns the torch on or off.
    pub fn toggle_torch(self) {
        let on = !self.torch.get_untracked().unwrap_or(false);
        let Some(session) = self.session.get_value() else {
            return;
        };
        leptos::task::spawn_local(async move {
            if session.camera.set_torch(on).await.is_ok() {
                self.torch.try_set(Some(on));
            }
        });
    }

    /// Takes the next camera.
    pub fn other_camera(self) {
        let cameras = self.cameras.get_untracked();
        let current = self.device.get_untracked();
        let at = cameras.iter().position(|id| Some(id) == current.as_ref());
        let next = at.map_or(0, |at| (at + 1) % cameras.len().max(1));
        if let Some(next) = cameras.get(next) {
            self.device.set(Some(next.clone()));
            self.close();
            self.open();
        }
    }

    fn follow(self) {
        let ready = self.video.get().is_some();
        if self.wanted.get() && ready {
            self.open();
        } else {
            self.close();
        }
    }

    fn page_changed(self, leaving: bool) {
        if leaving || document().hidden() {
            self.close();
        } else if self.wanted.get_untracked() && self.state.get_untracked() == ReaderState::Off {
            self.open();
        }
    }

    fn open(self) {
        let Some(video) = self.video.get_untracked() else {
            return;
        };
        let start = self.start.get_value() + 1;
        self.start.set_value(start);
        self.state.set(ReaderState::Starting);
        leptos::task::spawn_local(async move {
            let device = self.device.get_untracked();
            let opened = Camera::open(self.facing, device.as_deref()).await;
            if self.start.try_get_value() != Some(start) {
                return;
            }
            let outcome = opened.and_then(|camera| self.begin(camera, video));
            match outcome {
                Ok(()) => self.state.set(ReaderState::Looking),
                Err(problem) => self.state.set(ReaderState::Failed(problem)),
            }
            let cameras = camera::list().await;
            self.cameras.try_set(cameras);
        });
    }

    fn begin(self, camera: Camera, video: HtmlVideoElement) -> Result<(), CameraProblem> {
        self.torch.set(camera.has_torch().then_some(false));
        if let Some(device) = camera.device() {
            self.device.set(Some(device));
        }
        video.set_src_object(Some(camera.stream()));
        // Plays by itself; what play() promises only says when.
        let _playing = video.play();
        let session = Session::begin(camera, video, self.on_text).map_err(|_| CameraProblem::Failed)?;
        self.session.set_value(Some(SendWrapper::new(session)));
        Ok(())
    }

    fn close(self) {
        self.start.try_update_value(|start| *start += 1);
        self.session.try_set_value(None);
        self.torch.try_set(None);
        self.state.try_set(ReaderState::Off);
    }
}

/// One camera being looked through. Dropping it ends everything.
struct Session {
    camera: Camera,
    video: HtmlVideoElement,
    context: CanvasRenderingContext2d,
    decoder: RefCell<Option<Decoder>>,
    on_frame: RefCell<Option<Closure<dyn FnMut()>>>,
    turn: Cell<u32>,
    seen: Rc<Seen>,
}

#[wasm_bindgen]
extern "C" {
    /// A video whose frames can be waited for; not every browser has that.
    type FrameVideo;
    #[wasm_bindgen(method, js_name = requestVideoFrameCallback)]
    fn request_video_frame_callback(this: &FrameVideo, callback: &JsValue);
}

impl Session {
    fn begin(camera: Camera, video: HtmlVideoElement, on_text: Callback<String>) -> Result<Rc<Self>, JsValue> {
        let session = Rc::new(Self {
            camera,
            video,
            context: drawing_context()?,
            decoder: RefCell::new(None),
            on_frame: RefCell::new(None),
            turn: Cell::new(0),
            seen: Rc::new(Seen {
                on_text,
                last: RefCell::new(None),
            }),
        });
        session.start_decoder()?;
        let weak = Rc::downgrade(&session);
        *session.on_frame.borrow_mut() = Some(Closure::new(move || {
            if let Some(session) = Weak::upgrade(&weak) {
                session.look();
                session.await_frame();
            }
        }));
        session.await_frame();
        Ok(session)
    }

    fn start_decoder(&self) -> Result<(), JsValue> {
        let seen = self.seen.clone();
        let decoder = Decoder::start(move |text| seen.report(text))?;
        *self.decoder.borrow_mut() = Some(decoder);
        Ok(())
    }

    fn await_frame(&self) {
        let on_frame = self.on_frame.borrow();
        let Some(callback) = on_frame.as_ref().map(Closure::as_ref) else {
            return;
        };
        let name = JsValue::from_str("requestVideoFrameCallback");
        if js_sys::Reflect::has(&self.video, &name).unwrap_or(false) {
            self.video
                .unchecked_ref::<FrameVideo>()
                .request_video_frame_callback(callback);
        } else {
            // Fails only where there is no window.
            let _handle = window().request_animation_frame(callback.unchecked_ref());
        }
    }

    /// Hands the present picture to the decoder, unless it is still busy with an earlier one.
    fn look(&self) {
        let now = now();
        let (free, lost) = match self.decoder.borrow().as_ref() {
            Some(decoder) => (decoder.is_free(), decoder.is_lost(now)),
            None => (false, true),
        };
        if lost {
            // Tried again at the next picture.
            let _started = self.start_decoder();
        } else if free {
            // A picture that cannot be taken is followed by another.
            let _sent = self.send(now);
        }
    }

    fn send(&self, now: f64) -> Result<(), JsValue> {
        let (width, height) = (
            f64::from(self.video.video_width()),
            f64::from(self.video.video_height()),
        );
        if width < 1.0 || height < 1.0 {
            return Ok(());
        }
        let turn = self.turn.get();
        self.turn.set(turn.wrapping_add(1));
        let Cut {
            from: [x, y],
            size: [w, h],
            to: [to_w, to_h],
        } = cut(width, height, turn % 2 == 1);
        self.context
            .draw_image_with_html_video_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                &self.video,
                x,
                y,
                w,
                h,
                0.0,
                0.0,
                to_w,
                to_h,
            )?;
        let picture = self.context.get_image_data(0.0, 0.0, to_w, to_h)?;
        match self.decoder.borrow().as_ref() {
            Some(decoder) => decoder.decode(&picture, picture.width(), picture.height(), now),
            None => Ok(()),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.video.set_src_object(None);
    }
}

/// Which part of a picture is decoded, and how large.
#[derive(Debug, PartialEq)]
struct Cut {
    from: [f64; 2],
    size: [f64; 2],
    to: [f64; 2],
}

/// The whole picture, made small enough; of a large one every other time the middle alone, which shows a dense code finer.
fn cut(width: f64, height: f64, middle: bool) -> Cut {
    let (w, h) = if middle && width * height > PIXELS {
        let side = width.min(height) * 0.8;
        (side, side)
    } else {
        (width, height)
    };
    let scale = (PIXELS / (w * h)).sqrt().min(LONGEST / w.max(h)).min(1.0);
    Cut {
        from: [(width - w) / 2.0, (height - h) / 2.0],
        size: [w, h],
        to: [(w * scale).floor(), (h * scale).floor()],
    }
}

/// Keeps a code that is held still from being reported with every picture.
struct Seen {
    on_text: Callback<String>,
    last: RefCell<Option<(String, f64)>>,
}

impl Seen {
    fn report(&self, text: Option<String>) {
        let Some(text) = text else { return };
        let now = now();
        let before = self.last.replace(Some((text.clone(), now)));
        let is_new = before.is_none_or(|(last, at)| last != text || now - at > FORGET_AFTER_MS);
        if is_new {
            self.on_text.try_run(text);
        }
    }
}

fn drawing_context() -> Result<CanvasRenderingContext2d, JsValue> {
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    let longest = LONGEST as u32;
    canvas.set_width(longest);
    canvas.set_height(longest);
    // Its pixels are read back every time: they had better stay where the processor can see them.
    let options = js_sys::Object::new();
    js_sys::Reflect::set(&options, &"willReadFrequently".into(), &true.into())?;
    js_sys::Reflect::set(&options, &"alpha".into(), &false.into())?;
    canvas
        .get_context_with_context_options("2d", &options)?
        .map(JsCast::unchecked_into)
        .ok_or(JsValue::NULL)
}

/// Milliseconds since the page was opened.
fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_picture_is_decoded_as_it_is() {
        let whole = Cut {
            from: [0.0, 0.0],
            size: [640.0, 480.0],
            to: [640.0, 480.0],
        };
        assert_eq!(cut(640.0, 480.0, false), whole);
        assert_eq!(cut(640.0, 480.0, true), whole);
    }

    #[test]
    fn a_large_picture_is_decoded_whole_and_in_the_middle_by_turns() {
        let whole = cut(1280.0, 720.0, false);
        assert_eq!((whole.size, whole.to), ([1280.0, 720.0], [739.0, 415.0]));
        let middle = cut(720.0, 1280.0, true);
        assert_eq!((middle.from, middle.size), ([72.0, 352.0], [576.0, 576.0]));
        assert_eq!(middle.to, [554.0, 554.0]);
    }
}

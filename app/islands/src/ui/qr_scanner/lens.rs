//! A camera that reads codes: turned on and off, and off while the page is hidden.

use super::camera::{self, Camera, CameraProblem, Facing};
use super::worker::Decoder;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{CanvasRenderingContext2d, Event, HtmlCanvasElement, HtmlVideoElement, window};

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

/// A camera's state, told whenever it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it is doing.
    pub state: ReaderState,
    /// `None`: it has no torch. Else whether that is on.
    pub torch: Option<bool>,
    /// How many cameras there are to choose from.
    pub cameras: usize,
}

/// Owns the camera, and whatever reads its pictures. Dropping it ends all of it.
pub struct Lens {
    video: HtmlVideoElement,
    facing: Facing,
    on_text: Rc<dyn Fn(String)>,
    on_change: Box<dyn Fn(Report)>,
    wanted: Cell<bool>,
    report: Cell<Report>,
    device: RefCell<Option<String>>,
    cameras: RefCell<Vec<String>>,
    session: RefCell<Option<Rc<Session>>>,
    /// Counts starts, so that a camera granted too late is let go.
    starts: Cell<u32>,
    page_listener: RefCell<Option<PageListener>>,
}

type PageListener = Closure<dyn Fn(Event)>;

/// What is heard of the page being hidden, left and shown again.
const PAGE_EVENTS: [&str; 3] = ["visibilitychange", "pageshow", "pagehide"];

impl Lens {
    /// Off until [`Lens::start`]. `on_text` gets every code read: one held still once, and again after it was out of sight.
    pub fn new(
        video: HtmlVideoElement,
        facing: Facing,
        on_text: impl Fn(String) + 'static,
        on_change: impl Fn(Report) + 'static,
    ) -> Rc<Self> {
        let lens = Rc::new(Self {
            video,
            facing,
            on_text: Rc::new(on_text),
            on_change: Box::new(on_change),
            wanted: Cell::new(false),
            report: Cell::new(Report {
                state: ReaderState::Off,
                torch: None,
                cameras: 0,
            }),
            device: RefCell::new(None),
            cameras: RefCell::new(Vec::new()),
            session: RefCell::new(None),
            starts: Cell::new(0),
            page_listener: RefCell::new(None),
        });
        let weak = Rc::downgrade(&lens);
        let listener = Closure::new(move |event: Event| {
            if let Some(lens) = Weak::upgrade(&weak) {
                lens.page_changed(event.type_() == "pagehide");
            }
        });
        for (window, name) in window()
            .into_iter()
            .flat_map(|w| PAGE_EVENTS.map(|name| (w.clone(), name)))
        {
            // Cannot fail with a function.
            let _added = window.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        }
        *lens.page_listener.borrow_mut() = Some(listener);
        lens
    }

    /// Turns the camera on, and keeps it on while the page is visible.
    pub fn start(self: &Rc<Self>) {
        if !self.wanted.replace(true) {
            self.open();
        }
    }

    /// Turns it off.
    pub fn stop(&self) {
        self.wanted.set(false);
        self.close();
    }

    /// Asks once more, after it failed.
    pub fn retry(self: &Rc<Self>) {
        self.wanted.set(true);
        self.close();
        self.open();
    }

    /// Takes the next camera.
    pub fn other_camera(self: &Rc<Self>) {
        let cameras = self.cameras.borrow().clone();
        let current = self.device.borrow().clone();
        let at = cameras.iter().position(|id| Some(id) == current.as_ref());
        let next = at.map_or(0, |at| (at + 1) % cameras.len().max(1));
        if let Some(next) = cameras.get(next) {
            *self.device.borrow_mut() = Some(next.clone());
            self.retry();
        }
    }

    /// Turns the torch on or off.
    pub fn toggle_torch(self: &Rc<Self>) {
        let on = !self.report.get().torch.unwrap_or(false);
        let Some(session) = self.session.borrow().clone() else {
            return;
        };
        let lens = self.clone();
        spawn_local(async move {
            if session.camera.set_torch(on).await.is_ok() {
                lens.tell(|report| report.torch = Some(on));
            }
        });
    }

    fn tell(&self, change: impl FnOnce(&mut Report)) {
        let mut report = self.report.get();
        change(&mut report);
        if self.report.replace(report) != report {
            (self.on_change)(report);
        }
    }

    fn page_changed(self: &Rc<Self>, leaving: bool) {
        let hidden = window().and_then(|w| w.document()).is_some_and(|d| d.hidden());
        if leaving || hidden {
            self.close();
        } else if self.wanted.get() && self.report.get().state == ReaderState::Off {
            self.open();
        }
    }

    fn open(self: &Rc<Self>) {
        let start = self.starts.get().wrapping_add(1);
        self.starts.set(start);
        self.tell(|report| report.state = ReaderState::Starting);
        let lens = self.clone();
        spawn_local(async move {
            let device = lens.device.borrow().clone();
            let opened = Camera::open(lens.facing, device.as_deref()).await;
            if lens.starts.get() != start {
                return;
            }
            match opened.and_then(|camera| lens.begin(camera)) {
                Ok(torch) => lens.tell(|report| {
                    report.state = ReaderState::Looking;
                    report.torch = torch;
                }),
                Err(problem) => lens.tell(|report| report.state = ReaderState::Failed(problem)),
            }
            let cameras = camera::list().await;
            lens.tell(|report| report.cameras = cameras.len());
            *lens.cameras.borrow_mut() = cameras;
        });
    }

    fn begin(&self, camera: Camera) -> Result<Option<bool>, CameraProblem> {
        let torch = camera.has_torch().then_some(false);
        if let Some(device) = camera.device() {
            *self.device.borrow_mut() = Some(device);
        }
        self.video.set_src_object(Some(camera.stream()));
        // Plays by itself; what play() promises only says when.
        let _playing = self.video.play();
        let session = Session::begin(camera, self.video.clone(), self.on_text.clone(), self.facing.worker())
            .map_err(|_| CameraProblem::Failed)?;
        *self.session.borrow_mut() = Some(session);
        Ok(torch)
    }

    fn close(&self) {
        self.starts.set(self.starts.get().wrapping_add(1));
        *self.session.borrow_mut() = None;
        self.tell(|report| {
            report.state = ReaderState::Off;
            report.torch = None;
        });
    }
}

impl Drop for Lens {
    fn drop(&mut self) {
        if let (Some(window), Some(listener)) = (window(), self.page_listener.borrow().as_ref()) {
            for name in PAGE_EVENTS {
                // Cannot fail with a function.
                let _removed = window.remove_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
            }
        }
    }
}

/// One camera being looked through. Dropping it ends everything.
struct Session {
    camera: Camera,
    video: HtmlVideoElement,
    context: CanvasRenderingContext2d,
    decoder: RefCell<Option<Decoder>>,
    on_frame: RefCell<Option<Closure<dyn FnMut()>>>,
    turn: Cell<usize>,
    seen: Rc<Seen>,
    /// Of the decoder.
    name: &'static str,
}

#[wasm_bindgen]
extern "C" {
    /// A video whose frames can be waited for; not every browser has that.
    type FrameVideo;
    #[wasm_bindgen(method, js_name = requestVideoFrameCallback)]
    fn request_video_frame_callback(this: &FrameVideo, callback: &JsValue);
}

impl Session {
    fn begin(
        camera: Camera,
        video: HtmlVideoElement,
        on_text: Rc<dyn Fn(String)>,
        name: &'static str,
    ) -> Result<Rc<Self>, JsValue> {
        let session = Rc::new(Self {
            camera,
            video,
            context: drawing_context()?,
            decoder: RefCell::new(None),
            on_frame: RefCell::new(None),
            turn: Cell::new(0),
            name,
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
        let decoder = Decoder::start(self.name, move |text| seen.report(text))?;
        *self.decoder.borrow_mut() = Some(decoder);
        Ok(())
    }

    fn await_frame(&self) -> Option<()> {
        let on_frame = self.on_frame.borrow();
        let callback = on_frame.as_ref().map(Closure::as_ref)?;
        let name = JsValue::from_str("requestVideoFrameCallback");
        if js_sys::Reflect::has(&self.video, &name).unwrap_or(false) {
            self.video
                .unchecked_ref::<FrameVideo>()
                .request_video_frame_callback(callback);
        } else {
            window()?.request_animation_frame(callback.unchecked_ref()).ok()?;
        }
        Some(())
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
        } = cut(width, height, turn);
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

/// Pictures differ in size by turns. Whether the corner marks of a dense code are found depends on how its modules fall on the
/// pixels, and a phone held still shows the same picture again and again: what one size misses, the next one finds.
const TURNS: [Turn; 8] = [
    whole(1.0),
    middle(1.2),
    whole(0.9),
    middle(1.0),
    whole(0.95),
    middle(1.1),
    whole(0.85),
    middle(1.3),
];

struct Turn {
    /// The middle alone, which shows a dense code finer.
    middle: bool,
    scale: f64,
}

const fn whole(scale: f64) -> Turn {
    Turn { middle: false, scale }
}

const fn middle(scale: f64) -> Turn {
    Turn { middle: true, scale }
}

/// The part and size for a turn, small enough to be decoded fast.
fn cut(width: f64, height: f64, turn: usize) -> Cut {
    let Turn { middle, scale } = TURNS[turn % TURNS.len()];
    let (w, h) = if middle {
        let part = if width * height > PIXELS { 0.8 } else { 0.96 };
        let side = width.min(height) * part;
        (side, side)
    } else {
        (width, height)
    };
    let fits = (PIXELS / (w * h)).sqrt().min(LONGEST / w.max(h));
    let scale = scale * fits.min(1.0);
    Cut {
        from: [(width - w) / 2.0, (height - h) / 2.0],
        size: [w, h],
        to: [(w * scale).floor(), (h * scale).floor()],
    }
}

/// Keeps a code that is held still from being reported with every picture.
struct Seen {
    on_text: Rc<dyn Fn(String)>,
    last: RefCell<Option<(String, f64)>>,
}

impl Seen {
    fn report(&self, text: Option<String>) {
        let Some(text) = text else { return };
        let now = now();
        let before = self.last.replace(Some((text.clone(), now)));
        let is_new = before.is_none_or(|(last, at)| last != text || now - at > FORGET_AFTER_MS);
        if is_new {
            (self.on_text)(text);
        }
    }
}

fn drawing_context() -> Result<CanvasRenderingContext2d, JsValue> {
    let canvas: HtmlCanvasElement = window()
        .and_then(|w| w.document())
        .ok_or(JsValue::NULL)?
        .create_element("canvas")?
        .unchecked_into();
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
    window()
        .and_then(|w| w.performance())
        .map_or(0.0, |performance| performance.now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_picture_is_decoded_as_it_is_and_in_other_sizes_by_turns() {
        let sizes: Vec<_> = (0..4).map(|turn| cut(640.0, 480.0, turn).to).collect();
        assert_eq!(sizes, [[640.0, 480.0], [552.0, 552.0], [576.0, 432.0], [460.0, 460.0]]);
        assert_eq!(cut(640.0, 480.0, 1).from.map(f64::round), [90.0, 10.0]);
    }

    #[test]
    fn a_large_picture_is_made_small_whole_or_its_middle() {
        let whole = cut(1280.0, 720.0, 0);
        assert_eq!((whole.size, whole.to), ([1280.0, 720.0], [739.0, 415.0]));
        let middle = cut(720.0, 1280.0, 3);
        assert_eq!((middle.from, middle.size), ([72.0, 352.0], [576.0, 576.0]));
        assert_eq!(middle.to, [554.0, 554.0]);
    }
}

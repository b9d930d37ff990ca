//! Web Serial: the page itself holds the adapters. Browsers have it behind names that `web_sys` does not bind without an unstable setting, so they are
//! called by name here.

use crate::browser::{self, call, get};
use crate::doors::{DoorDriver, Link, NoDoors, Told, jumpers, unreachable};
use crate::shell::Shell;
use domain::boards::Wiring;
use domain::boards::cabinet::{Cabinet, Input, Output, Wish};
use domain::boards::driver::Seen;
use domain::ids::Port;
use js_sys::{Array, Object, Reflect, Uint8Array};
use leptos::prelude::window;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

/// How often ports are looked for that were permitted meanwhile.
const LOOK_MS: i32 = 2_000;
/// The pause before a port is tried again that could not be opened; each further pause is twice as long, up to [`LOOK_MS`].
const FIRST_PAUSE_MS: i32 = 125;

/// One port of the browser.
struct Line {
    port: JsValue,
    reader: Option<JsValue>,
    writer: Option<JsValue>,
}

struct Inner {
    shell: Shell,
    serial: JsValue,
    cabinet: RefCell<Cabinet>,
    jumpers: Vec<i64>,
    lines: RefCell<Vec<Line>>,
    gone: Cell<bool>,
    timer: Cell<Option<i32>>,
    /// What the timer calls; made once, because a closure that is never called is never freed.
    tick: RefCell<Option<Closure<dyn FnMut()>>>,
}

/// Doors on lock boards that the page itself speaks to.
pub struct Serial(Rc<Inner>);

impl Serial {
    /// Opens every port that this page may use, and goes on looking for others.
    pub fn start(shell: Shell, wiring: &Wiring, layout: &[Port]) -> Rc<dyn DoorDriver> {
        let serial = get(&window().navigator(), "serial");
        let jumpers = jumpers(wiring, layout);
        let Ok(cabinet) = Cabinet::new(wiring, layout, false) else {
            unreachable(shell, &jumpers, Link::Faulty);
            return Rc::new(NoDoors(shell));
        };
        if !serial.is_object() {
            unreachable(shell, &jumpers, Link::Unsupported);
            return Rc::new(NoDoors(shell));
        }
        let inner = Rc::new(Inner {
            shell,
            serial,
            cabinet: RefCell::new(cabinet),
            jumpers,
            lines: RefCell::default(),
            gone: Cell::new(false),
            timer: Cell::new(None),
            tick: RefCell::new(None),
        });
        let ticking = Rc::downgrade(&inner);
        let tick = Closure::<dyn FnMut()>::new(move || {
            if let Some(inner) = ticking.upgrade() {
                inner.timer.set(None);
                inner.step(Input::Tick);
            }
        });
        *inner.tick.borrow_mut() = Some(tick);
        shell.told(Told::Link(Link::Connecting));
        spawn_local(look(inner.clone()));
        Rc::new(Self(inner))
    }
}

impl DoorDriver for Serial {
    fn wish(&self, wish: Wish) {
        self.0.step(Input::Wish(&wish));
    }

    fn opening_waits(&self) -> bool {
        self.0.cabinet.borrow().opening_waits()
    }

    fn permit(&self) {
        let asked = call(&self.0.serial, "requestPort", &[]);
        let inner = self.0.clone();
        spawn_local(async move {
            if let Ok(asked) = asked
                && browser::wait(asked).await.is_ok()
            {
                find(&inner).await;
            }
        });
    }

    fn leave(&self) {
        self.0.step(Input::Leaving);
        self.0.gone.set(true);
        for line in &*self.0.lines.borrow() {
            stop_reading(line);
        }
    }
}

impl Inner {
    /// One step of the machine, and what follows from it.
    fn step(&self, input: Input<'_>) {
        if self.gone.get() {
            return;
        }
        let outputs = self.cabinet.borrow_mut().step(input, browser::passed());
        for output in outputs {
            match output {
                Output::Write(line, frame) => self.write(line, frame.bytes()),
                Output::Report(report) => self.shell.told(Told::Report(report)),
                Output::Found(found) => self.shell.told(Told::Found(found)),
                Output::Reopen(line) => {
                    if let Some(line) = self.lines.borrow().get(line) {
                        stop_reading(line);
                    }
                }
            }
        }
        self.wake();
    }

    fn write(&self, line: usize, bytes: &[u8]) {
        let writer = self.lines.borrow().get(line).and_then(|line| line.writer.clone());
        let written = writer.and_then(|writer| call(&writer, "write", &[Uint8Array::from(bytes).into()]).ok());
        self.saw(line, true, bytes);
        if let Some(written) = written {
            // That it failed shows at the reader.
            spawn_local(async move {
                let _ = browser::wait(written).await;
            });
        }
    }

    fn saw(&self, line: usize, sent: bool, bytes: &[u8]) {
        self.shell.told(Told::Seen(Seen {
            at: browser::now(),
            line,
            sent,
            bytes: bytes.to_vec(),
        }));
    }

    fn wake(&self) {
        if let Some(timer) = self.timer.take() {
            window().clear_timeout_with_handle(timer);
        }
        let Some(at) = self.cabinet.borrow().wakes_at() else {
            return;
        };
        let after = at.since(browser::passed()).clamp(1, 60_000);
        if let Some(tick) = &*self.tick.borrow() {
            let timer = window().set_timeout_with_callback_and_timeout_and_arguments_0(
                tick.as_ref().unchecked_ref(),
                i32::try_from(after).unwrap_or(1_000),
            );
            self.timer.set(timer.ok());
        }
    }

    fn count(&self) {
        let open = self.lines.borrow().iter().filter(|line| line.reader.is_some()).count();
        if open > 0 {
            self.shell.told(Told::Link(Link::Connected(open)));
        }
    }
}

/// Ends the reading of a port; its loop then closes it, and opens it again unless all is over.
fn stop_reading(line: &Line) {
    if let Some(reader) = &line.reader
        && let Ok(cancelled) = call(reader, "cancel", &[])
    {
        spawn_local(async move {
            let _ = browser::wait(cancelled).await;
        });
    }
}

/// Looks for ports for as long as the driver lives: one may be permitted by a policy, or plugged in.
async fn look(inner: Rc<Inner>) {
    while !inner.gone.get() {
        find(&inner).await;
        browser::sleep(LOOK_MS).await;
    }
}

async fn find(inner: &Rc<Inner>) {
    let Ok(asked) = call(&inner.serial, "getPorts", &[]) else {
        return;
    };
    let Ok(ports) = browser::wait(asked).await else {
        return;
    };
    for port in Array::from(&ports).iter() {
        let known = inner.lines.borrow().iter().any(|line| line.port == port);
        if known || inner.gone.get() {
            continue;
        }
        let number = inner.lines.borrow().len();
        inner.lines.borrow_mut().push(Line {
            port,
            reader: None,
            writer: None,
        });
        spawn_local(serve(inner.clone(), number));
    }
    if inner.lines.borrow().is_empty() && !inner.gone.get() {
        unreachable(inner.shell, &inner.jumpers, Link::NoAdapter);
    }
}

/// One port: opened, read until it is gone, closed, and opened again. Only reading tells that a port is gone.
async fn serve(inner: Rc<Inner>, number: usize) {
    let Some(port) = inner.lines.borrow().get(number).map(|line| line.port.clone()) else {
        return;
    };
    let mut pause = FIRST_PAUSE_MS;
    while !inner.gone.get() {
        if open(&inner, number, &port).await.is_err() {
            let _ = close(&inner, number, &port).await;
            browser::sleep(pause).await;
            pause = (pause * 2).min(LOOK_MS);
            // After new settings, the driver before this one needs a moment to close it.
            let is_taken = pause == LOOK_MS && inner.lines.borrow().iter().all(|line| line.reader.is_none());
            if is_taken && !inner.gone.get() {
                unreachable(inner.shell, &inner.jumpers, Link::Taken);
            }
            continue;
        }
        pause = FIRST_PAUSE_MS;
        let began = browser::passed();
        // New settings may have ended this driver while the port was being opened.
        if !inner.gone.get() {
            inner.count();
            inner.step(Input::Up(number));
            read(&inner, number).await;
            inner.step(Input::Lost(number));
        }
        let _ = close(&inner, number, &port).await;
        if browser::passed().since(began) < 500 {
            browser::sleep(500).await;
        }
    }
}

async fn open(inner: &Rc<Inner>, number: usize, port: &JsValue) -> Result<(), JsValue> {
    let options = Object::new();
    let baud = inner.cabinet.borrow().baud(number);
    Reflect::set(&options, &"baudRate".into(), &baud.into())?;
    browser::wait(call(port, "open", &[options.into()])?).await?;
    let reader = call(&get(port, "readable"), "getReader", &[])?;
    let writer = call(&get(port, "writable"), "getWriter", &[])?;
    if let Some(line) = inner.lines.borrow_mut().get_mut(number) {
        (line.reader, line.writer) = (Some(reader), Some(writer));
    }
    Ok(())
}

async fn read(inner: &Rc<Inner>, number: usize) {
    let Some(reader) = inner.lines.borrow().get(number).and_then(|line| line.reader.clone()) else {
        return;
    };
    while let Ok(asked) = call(&reader, "read", &[]) {
        let Ok(came) = browser::wait(asked).await else {
            return;
        };
        if get(&came, "done").is_truthy() {
            return;
        }
        if let Ok(bytes) = get(&came, "value").dyn_into::<Uint8Array>() {
            let bytes = bytes.to_vec();
            inner.saw(number, false, &bytes);
            inner.step(Input::Bytes(number, &bytes));
        }
    }
}

/// What was written leaves before the port is closed.
async fn close(inner: &Rc<Inner>, number: usize, port: &JsValue) -> Result<(), JsValue> {
    let (reader, writer) = match inner.lines.borrow_mut().get_mut(number) {
        Some(line) => (line.reader.take(), line.writer.take()),
        None => (None, None),
    };
    if let Some(writer) = writer
        && let Ok(closed) = call(&writer, "close", &[])
    {
        let _ = browser::wait(closed).await;
    }
    if let Some(reader) = reader {
        let _ = call(&reader, "releaseLock", &[]);
    }
    browser::wait(call(port, "close", &[])?).await?;
    Ok(())
}

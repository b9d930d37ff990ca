//! `latchkey door-bridge kiosk`, a process on the kiosk's machine that holds the adapters and is not killed with the page.

use crate::browser::{self, call, get};
use crate::doors::{DoorDriver, Link, Told, jumpers, not_sent, unreachable};
use crate::shell::Shell;
use domain::boards::Wiring;
use domain::boards::cabinet::Wish;
use domain::boards::driver::{BRIDGE_PORT, FromBridge, ToBridge};
use domain::ids::Port;
use js_sys::{Array, Function, Reflect};
use leptos::prelude::window;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

/// The pause before a bridge is tried again that did not answer, or refused.
const AGAIN_MS: i32 = 2_000;
/// With this code the bridge closes where it does not know the token, or another page has it.
const REFUSED: f64 = 4_403.0;

struct Inner {
    shell: Shell,
    wiring: Wiring,
    layout: Vec<Port>,
    jumpers: Vec<i64>,
    socket: RefCell<Option<JsValue>>,
    /// The bridge answered the greeting.
    ready: Cell<bool>,
    gone: Cell<bool>,
}

/// Doors on lock boards that the bridge speaks to.
pub struct Bridge(Rc<Inner>);

impl Bridge {
    /// Connects, and connects again whenever the bridge went away.
    pub fn start(shell: Shell, wiring: &Wiring, layout: &[Port]) -> Rc<dyn DoorDriver> {
        let inner = Rc::new(Inner {
            shell,
            wiring: wiring.clone(),
            layout: layout.to_vec(),
            jumpers: jumpers(wiring, layout),
            socket: RefCell::new(None),
            ready: Cell::new(false),
            gone: Cell::new(false),
        });
        shell.told(Told::Link(Link::Connecting));
        spawn_local(keep(inner.clone()));
        Rc::new(Self(inner))
    }
}

impl DoorDriver for Bridge {
    fn wish(&self, mut wish: Wish) {
        if !self.0.ready.get() {
            return not_sent(self.0.shell, wish);
        }
        if let Wish::Open { asked, .. } = &mut wish {
            // By the clock of the machine, which the bridge has too.
            *asked = browser::now().plus(asked.since(browser::passed()));
        }
        self.0.say(&ToBridge::Wish(wish));
    }

    fn leave(&self) {
        self.0.gone.set(true);
        if let Some(socket) = self.0.socket.borrow_mut().take() {
            let _ = call(&socket, "close", &[]);
        }
    }
}

impl Inner {
    fn say(&self, message: &ToBridge) {
        if let Some(socket) = &*self.socket.borrow()
            && let Ok(text) = serde_json::to_string(message)
        {
            let _ = call(socket, "send", &[text.into()]);
        }
    }

    fn heard(&self, text: &str) {
        let Ok(message) = serde_json::from_slice(text.as_bytes()) else {
            return;
        };
        self.ready.set(true);
        self.shell.told(match message {
            FromBridge::Lines(0) => Told::Link(Link::NoAdapter),
            FromBridge::Lines(lines) => Told::Link(Link::Connected(lines)),
            FromBridge::Report(report) => Told::Report(report),
            FromBridge::Seen(seen) => Told::Seen(seen),
            FromBridge::Found(found) => Told::Found(found),
        });
    }
}

async fn keep(inner: Rc<Inner>) {
    while !inner.gone.get() {
        let code = connected(&inner).await;
        inner.ready.set(false);
        *inner.socket.borrow_mut() = None;
        if inner.gone.get() {
            return;
        }
        let link = if code == Some(REFUSED) {
            Link::BridgeRefused
        } else {
            Link::NoBridge
        };
        unreachable(inner.shell, &inner.jumpers, link);
        browser::sleep(AGAIN_MS).await;
    }
}

/// One connection from beginning to end; answers with what code it was closed.
async fn connected(inner: &Rc<Inner>) -> Option<f64> {
    let token = inner.shell.bridge_token().await.unwrap_or_default();
    let make = get(&window(), "WebSocket").dyn_into::<Function>().ok()?;
    let url = format!("ws://127.0.0.1:{BRIDGE_PORT}/");
    let socket = Reflect::construct(&make, &Array::of1(&url.into())).ok()?;
    *inner.socket.borrow_mut() = Some(socket.clone());
    let (closed, over) = futures::channel::oneshot::channel();
    let closed = Cell::new(Some(closed));
    let opening = inner.clone();
    let opened = Closure::<dyn Fn()>::new(move || {
        opening.say(&ToBridge::Hello {
            token: token.clone(),
            wiring: Box::new(opening.wiring.clone()),
            layout: opening.layout.clone(),
        });
    });
    let hearing = inner.clone();
    let heard = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        if let Some(text) = get(&event, "data").as_string() {
            hearing.heard(&text);
        }
    });
    let ended = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        if let Some(closed) = closed.take() {
            let _ = closed.send(get(&event, "code").as_f64());
        }
    });
    let listeners: [(&str, &JsValue); 3] = [
        ("onopen", opened.as_ref()),
        ("onmessage", heard.as_ref()),
        ("onclose", ended.as_ref()),
    ];
    for (name, listener) in listeners {
        let _ = Reflect::set(&socket, &name.into(), listener);
    }
    over.await.ok().flatten()
}

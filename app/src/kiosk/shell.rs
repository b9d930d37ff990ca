//! Between the state machine and the world: one input after another, each stored before its effects are carried out.

use super::browser;
use super::doors::{self, DoorDriver, Link, Told};
use super::keys::{self, Pressed};
use super::net::{self, EnrolProblem, Net};
use super::store::{BRIDGE, NotWritten, SECRETS, STATE, Store, UNREADABLE};
use crate::i18n::Locale;
use domain::boards::cabinet::Wish;
use domain::boards::driver::Seen;
use domain::boards::{Found, Wiring};
use domain::ids::{Millis, Port};
use domain::locker::kiosk::{Effect as Command, Env, Input, Kiosk, Scan, Screen};
use domain::token::TokenKey;
use futures::channel::oneshot;
use leptos::ev;
use leptos::leptos_dom::helpers::set_interval;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

/// How often the server is asked while nothing happens.
const SYNC_MS: i64 = 30_000;
/// How often the lease is renewed, or asked for, where the browser has no locks: well within [`domain::locker::kiosk::LEASE_MS`].
const RENEW_MS: i32 = 2_000;
/// How often a newer page is looked for.
const UPDATE_MS: i64 = 600_000;
/// So long nobody may have touched the start page before a newer page replaces it.
const UPDATE_IDLE_MS: i64 = 10_000;

/// How many frames are kept for the technician.
const SEEN: usize = 200;

/// Where the page is in its own life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Looking into the storage.
    Loading,
    /// Another window runs the kiosk.
    OtherWindow,
    /// Nothing can be stored here.
    Broken,
    /// Not a kiosk yet.
    Enrolling,
    /// A kiosk.
    Running,
}

/// What is kept apart from the state.
#[derive(Clone, Serialize, Deserialize)]
struct Secrets {
    secret: String,
    token: String,
}

/// What the loop works on.
#[derive(Default)]
struct Work {
    store: Option<Store>,
    key: Option<TokenKey>,
    bearer: String,
    waiting: VecDeque<(Input, Option<oneshot::Sender<()>>)>,
    busy: bool,
    syncing: bool,
    synced_at: Millis,
    updated_at: Millis,
    /// What speaks to the doors, and by which settings for which doors it was made.
    driver: Option<Rc<dyn DoorDriver>>,
    made_for: Option<(Option<Wiring>, Vec<Port>)>,
}

/// A handle to all of it; cheap to copy.
#[derive(Clone, Copy)]
pub struct Shell {
    /// Where the page is in its own life.
    pub stage: RwSignal<Stage>,
    /// The state as it was last stored.
    pub kiosk: RwSignal<Option<Kiosk>>,
    /// The language chosen.
    pub locale: RwSignal<Locale>,
    /// How the server was last found.
    pub net: RwSignal<Net>,
    /// The device's clock, about once a second.
    pub now: RwSignal<Millis>,
    /// Whether the browser keeps what is stored when space runs out. `None`: not known yet.
    pub kept: RwSignal<Option<bool>>,
    /// The last step could not be stored and was not done.
    pub not_stored: RwSignal<bool>,
    /// What stands on the pad.
    pub pad: RwSignal<String>,
    /// Enter was pressed for the pad, so often.
    pub pad_enter: RwSignal<u32>,
    /// How the lock boards can be reached.
    pub link: RwSignal<Link>,
    /// The last frames, newest first.
    pub seen: RwSignal<VecDeque<Seen>>,
    /// What a search for boards found.
    pub found: RwSignal<Vec<Found>>,
    /// Sample data?
    pub demo: bool,
    update_ready: RwSignal<bool>,
    work: StoredValue<Work, LocalStorage>,
}

impl Shell {
    /// Before anything is known. The same on the server and in the browser.
    pub fn new(locale: Locale, demo: bool) -> Self {
        let work = StoredValue::new_local(Work::default());
        let kiosk = RwSignal::new(None);
        Self {
            stage: RwSignal::new(Stage::Loading),
            kiosk,
            locale: RwSignal::new(locale),
            net: RwSignal::new(Net::Offline),
            now: RwSignal::new(Millis::default()),
            kept: RwSignal::new(None),
            not_stored: RwSignal::new(false),
            pad: RwSignal::new(String::new()),
            pad_enter: RwSignal::new(0),
            link: RwSignal::new(Link::Drawn),
            seen: RwSignal::new(VecDeque::new()),
            found: RwSignal::new(Vec::new()),
            demo,
            update_ready: RwSignal::new(false),
            work,
        }
    }

    /// A driver tells something.
    pub fn told(self, told: Told) {
        match told {
            Told::Report(report) => self.send(Input::Reported(report)),
            Told::Link(link) => self.link.set(link),
            Told::Seen(seen) => self.seen.update(|all| {
                // Bytes come in pieces, and belong to one frame.
                match all.front_mut() {
                    Some(last) if !last.sent && !seen.sent && last.line == seen.line => last.bytes.extend(seen.bytes),
                    _ => all.push_front(seen),
                }
                all.truncate(SEEN);
            }),
            Told::Found(found) => self.found.update(|all| {
                all.retain(|one| !matches!(one, Found::Progress { .. }));
                all.push(found);
            }),
        }
    }

    /// Tells the driver what is wanted of the doors.
    pub fn wish(self, wish: Wish) {
        match self.driver() {
            Some(driver) => driver.wish(wish),
            None => doors::not_sent(self, wish),
        }
    }

    /// What speaks to the doors.
    pub fn driver(self) -> Option<Rc<dyn DoorDriver>> {
        self.work.with_value(|work| work.driver.clone())
    }

    /// Makes the driver for the settings as they are, unless it is there already or somebody stands at an open door.
    fn wire(self) {
        let wanted = self.with_kiosk(|kiosk| {
            let at_a_door = matches!(kiosk.screen, Screen::DoorOpen { .. });
            (kiosk.wiring.clone(), kiosk.layout(), at_a_door)
        });
        let Some((wiring, layout, at_a_door)) = wanted else {
            return;
        };
        let made_for = Some((wiring.clone(), layout.clone()));
        let (same, before) = self
            .work
            .with_value(|work| (work.made_for == made_for, work.driver.clone()));
        if same || (at_a_door && before.is_some()) {
            return;
        }
        if let Some(before) = before {
            before.leave();
        }
        self.work.update_value(|work| work.made_for = made_for);
        let driver = doors::driver(self, wiring.as_ref(), &layout);
        self.work.update_value(|work| work.driver = Some(driver));
    }

    /// The number of the door bridge on this machine, as it was typed.
    pub async fn bridge_token(self) -> Option<String> {
        let store = self.work.with_value(|work| work.store.clone())?;
        store.get(BRIDGE).await.ok().flatten()
    }

    /// Keeps that number; the driver tries it at its next connection.
    pub fn keep_bridge_token(self, token: String) {
        let store = self.work.with_value(|work| work.store.clone());
        spawn_local(async move {
            if let Some(store) = store {
                let kept = store.put(&[(BRIDGE, &token)]).await;
                self.not_stored.set(kept.is_err());
            }
        });
    }

    /// In the browser, once the page has come to life.
    pub fn start(self) {
        if let Some(kept) = browser::kept_language() {
            self.locale.set(kept);
            browser::say_language(kept);
        }
        self.now.set(browser::now());
        let update_ready = self.update_ready;
        browser::keep_page_offline(move || update_ready.set(true));
        keys::listen(move |pressed| self.pressed(pressed));
        let touched = window_event_listener(ev::pointerdown, move |_| self.touched());
        let online = window_event_listener(ev::online, move |_| self.sync());
        let offline = window_event_listener(ev::offline, move |_| self.net.set(Net::Offline));
        // A coil that stays powered must not outlive its page, where that can be helped.
        let leaving = window_event_listener(ev::pagehide, move |_| {
            if let Some(driver) = self.driver() {
                driver.leave();
            }
        });
        on_cleanup(move || {
            leaving.remove();
            touched.remove();
            online.remove();
            offline.remove();
        });
        set_interval(move || self.tick(), Duration::from_secs(1));
        spawn_local(async move {
            let locked = browser::be_the_only_one(move || self.stage.set(Stage::OtherWindow)).await;
            let Ok(store) = Store::open((!locked).then(browser::window_name)).await else {
                self.stage.set(Stage::Broken);
                return;
            };
            if !locked {
                self.await_lease(&store).await;
                self.keep_lease(store.clone());
            }
            self.load(store).await;
        });
    }

    /// Without locks: until no other window has the lease.
    async fn await_lease(self, store: &Store) {
        loop {
            match store.take_lease(browser::now()).await {
                Ok(true) => return,
                Ok(false) => self.stage.set(Stage::OtherWindow),
                Err(_) => self.stage.set(Stage::Broken),
            }
            browser::sleep(RENEW_MS).await;
        }
    }

    /// Renews the lease until another window has taken it.
    fn keep_lease(self, store: Store) {
        spawn_local(async move {
            loop {
                browser::sleep(RENEW_MS).await;
                if store.renew_lease(browser::now()).await == Ok(false) {
                    return self.lost(&store).await;
                }
            }
        });
    }

    /// Another window took over. Once that is gone, this one begins from what it left.
    async fn lost(self, store: &Store) {
        if self.stage.get_untracked() == Stage::OtherWindow {
            return;
        }
        self.stage.set(Stage::OtherWindow);
        self.await_lease(store).await;
        let _ = window().location().reload();
    }

    async fn load(self, store: Store) {
        let (state, secrets) = (store.get(STATE).await, store.get(SECRETS).await);
        let (Ok(state), Ok(secrets)) = (state, secrets) else {
            self.stage.set(Stage::Broken);
            return;
        };
        self.work.update_value(|work| work.store = Some(store.clone()));
        browser::stay_awake();
        spawn_local(async move { self.kept.set(Some(browser::keep_stored().await)) });
        let secrets: Option<Secrets> = secrets.and_then(|text| serde_json::from_slice(text.as_bytes()).ok());
        let kiosk: Option<Kiosk> = state
            .as_ref()
            .and_then(|text| serde_json::from_slice(text.as_bytes()).ok());
        match (kiosk, secrets) {
            (Some(kiosk), Some(secrets)) => self.run(kiosk, &secrets),
            _ => {
                if let Some(text) = state {
                    let _ = store.put(&[(UNREADABLE, &text)]).await;
                }
                self.stage.set(Stage::Enrolling);
            }
        }
    }

    fn run(self, kiosk: Kiosk, secrets: &Secrets) {
        self.work.update_value(|work| {
            work.key = Some(TokenKey::new(secrets.secret.as_bytes()));
            work.bearer.clone_from(&secrets.token);
        });
        self.kiosk.set(Some(kiosk));
        self.send(Input::Started);
        self.wire();
        self.stage.set(Stage::Running);
        self.sync();
    }

    /// Makes this device a kiosk, or once more the kiosk it was.
    pub async fn enrol(self, code: &str) -> Result<(), EnrolProblem> {
        let from = net::enrol(code).await?;
        let known = self.kiosk.get_untracked().filter(|kiosk| kiosk.yid == from.yid);
        let kiosk = match known {
            Some(mut kiosk) => {
                kiosk.enrolled_again(&from, browser::now());
                kiosk
            }
            None => Kiosk::enrolled(&from, browser::now()),
        };
        let secrets = Secrets {
            secret: from.secret.clone(),
            token: from.token.clone(),
        };
        let store = self.work.with_value(|work| work.store.clone());
        let texts = (serde_json::to_string(&kiosk), serde_json::to_string(&secrets));
        let (Some(store), (Ok(state), Ok(kept))) = (store, texts) else {
            return Err(EnrolProblem::Other);
        };
        match store.put(&[(STATE, &state), (SECRETS, &kept)]).await {
            Ok(()) => {}
            Err(NotWritten::Lost) => {
                self.lost(&store).await;
                return Ok(());
            }
            Err(NotWritten::Failed) => {
                self.stage.set(Stage::Broken);
                return Ok(());
            }
        }
        self.pad.set(String::new());
        self.run(kiosk, &secrets);
        Ok(())
    }

    /// Reads the state without following it.
    pub fn with_kiosk<T>(self, read: impl FnOnce(&Kiosk) -> T) -> Option<T> {
        self.kiosk.with_untracked(|kiosk| kiosk.as_ref().map(read))
    }

    /// The kiosk's number and its bearer token.
    pub fn credentials(self) -> Option<(i64, String)> {
        let yid = self.with_kiosk(|kiosk| kiosk.yid.0)?;
        Some((yid, self.work.with_value(|work| work.bearer.clone())))
    }

    /// Gives an input to the state machine, after those that wait already.
    pub fn send(self, input: Input) {
        self.enqueue(input, None);
    }

    /// The same, and waits until it is done.
    pub async fn send_and_wait(self, input: Input) {
        let (done, wait) = oneshot::channel();
        self.enqueue(input, Some(done));
        let _ = wait.await;
    }

    fn enqueue(self, input: Input, done: Option<oneshot::Sender<()>>) {
        let idle = self
            .work
            .try_update_value(|work| {
                work.waiting.push_back((input, done));
                !std::mem::replace(&mut work.busy, true)
            })
            .unwrap_or(false);
        if idle {
            spawn_local(self.drain_queue());
        }
    }

    async fn drain_queue(self) {
        loop {
            let next = self.work.try_update_value(|work| {
                let next = work.waiting.pop_front();
                work.busy = next.is_some();
                next
            });
            let Some((input, done)) = next.flatten() else {
                return;
            };
            self.handle(input).await;
            drop(done);
        }
    }

    /// The heart of it: decide, store, show, act, in this order.
    async fn handle(self, input: Input) {
        let (store, key) = self.work.with_value(|work| (work.store.clone(), work.key.clone()));
        let (Some(before), Some(store), Some(key)) = (self.kiosk.get_untracked(), store, key) else {
            return;
        };
        let asked = browser::passed();
        let mut after = before.clone();
        let mut random = browser::random;
        let commands = after.step(
            input,
            &mut Env {
                now: browser::now(),
                rng: &mut random,
                key: &key,
            },
        );
        if after == before && commands.is_empty() {
            return;
        }
        // Seconds of idleness are not worth it: after a restart nobody is there anyway.
        if !before.is_the_same_but_for_time(&after) {
            let stored = match serde_json::to_string(&after) {
                Ok(text) => store.put(&[(STATE, &text)]).await,
                Err(_) => Err(NotWritten::Failed),
            };
            self.not_stored.set(stored == Err(NotWritten::Failed));
            match stored {
                Ok(()) => {}
                Err(NotWritten::Lost) => return spawn_local(async move { self.lost(&store).await }),
                Err(NotWritten::Failed) => return,
            }
        }
        if before.screen != after.screen {
            self.pad.set(String::new());
        }
        let opening = after.test.clone().or_else(|| after.opening.clone());
        self.kiosk.set(Some(after));
        for command in commands {
            match command {
                Command::OpenDoor(_) => {
                    if let Some(opening) = &opening {
                        self.wish(Wish::Open {
                            attempt: opening.attempt,
                            doors: opening.locks.iter().map(|(door, _)| *door).collect(),
                            asked,
                        });
                    }
                }
                Command::ForgetOpening(attempt) => self.wish(Wish::Forget { attempt }),
                Command::Sound(sound) => browser::beep(sound),
                Command::Sync => self.sync(),
            }
        }
    }

    /// Talks to the server, unless it is being talked to.
    pub fn sync(self) {
        let stage = self.stage.get_untracked();
        let unknown = stage != Stage::Running && self.kiosk.with_untracked(Option::is_none);
        if unknown || stage == Stage::OtherWindow {
            return;
        }
        let begin = self.work.try_update_value(|work| {
            work.synced_at = browser::now();
            !std::mem::replace(&mut work.syncing, true)
        });
        if begin == Some(true) {
            spawn_local(async move {
                net::sync(self).await;
                self.work.update_value(|work| work.syncing = false);
            });
        }
    }

    fn tick(self) {
        let now = browser::now();
        self.now.set(now);
        if self.stage.get_untracked() != Stage::Running {
            return;
        }
        self.send(Input::Tick);
        self.wire();
        let (sync_due, update_due) = self.work.with_value(|work| {
            (
                !(0..SYNC_MS).contains(&now.since(work.synced_at)),
                !(0..UPDATE_MS).contains(&now.since(work.updated_at)),
            )
        });
        if sync_due {
            self.sync();
        }
        if update_due && self.net.get_untracked() == Net::Online {
            self.work.update_value(|work| work.updated_at = now);
            browser::look_for_update();
        }
        let nobody =
            self.with_kiosk(|kiosk| kiosk.screen == Screen::Home && now.since(kiosk.idle.since) >= UPDATE_IDLE_MS);
        if self.update_ready.get_untracked() && nobody == Some(true) {
            self.update_ready.set(false);
            let _ = window().location().reload();
        }
    }

    fn touched(self) {
        // Every touch counts for the way home, but not every one is worth a step.
        let worth = self
            .with_kiosk(|kiosk| kiosk.idle.seconds_left.is_some() || browser::now().since(kiosk.idle.since) > 2_000);
        if worth == Some(true) {
            self.send(Input::Touched);
        }
    }

    fn pressed(self, pressed: Pressed) {
        match pressed {
            Pressed::Scan(scan) => {
                self.pad.set(String::new());
                self.send(match scan {
                    Scan::Text(text) => Input::Scanned(text),
                    Scan::Failed(trouble) => Input::ScanFailed(trouble),
                });
            }
            Pressed::Digit(digit) => {
                self.type_digit(digit);
                self.touched();
            }
            Pressed::Erase => self.erase_digit(),
            Pressed::Enter => self.pad_enter.update(|count| *count += 1),
            Pressed::Other => self.touched(),
        }
    }

    /// One digit more on the pad.
    pub fn type_digit(self, digit: char) {
        self.pad.update(|pad| {
            if pad.len() < 12 {
                pad.push(digit);
            }
        });
    }

    /// One digit less.
    pub fn erase_digit(self) {
        self.pad.update(|pad| {
            pad.pop();
        });
    }

    /// Chooses the language and keeps it.
    pub fn choose_language(self, locale: Locale) {
        browser::keep_language(locale);
        self.locale.set(locale);
    }
}
